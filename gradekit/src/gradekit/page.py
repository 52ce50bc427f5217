"""A notebook of a student as an HTML page: the base of feedback pages and of formgrader's submission view.

Three layers. The notebook is reduced to what a page may show (`showable`). Templates escape every value; only the
filters here return HTML, and they sanitize what they return. The page's Content-Security-Policy stands behind both.
"""

from __future__ import annotations

import re
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, ClassVar
from urllib.parse import unquote

from jinja2 import BaseLoader, Environment, pass_context
from markupsafe import Markup
from nbconvert.exporters import HTMLExporter
from nbconvert.filters import ansi2html
from nbconvert.filters.highlight import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from traitlets import Float, Integer
from traitlets.config import Config

from gradekit.formulas import mathml
from gradekit.judge.records import is_record
from gradekit.limits import OutOfTime, time_limit
from gradekit.notebook import InPlace
from gradekit.sanitize import PICTURE, clean_html

NONCE: ContextVar[str] = ContextVar("nonce", default="")  # of the page that is being made
MOST_KEPT = 20_000_000  # characters of texts and their HTML that are kept for other pages
NO_ALT = "No description has been provided for this image"
NOT_SHOWN = "(An output of a kind that a page doesn't show.)"
MISSING = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="160" height="24">'
    '<text x="4" y="17" font-size="14">(missing picture)</text></svg>'
)
INSIDE = ".rendered_html,.output_subarea{contain:paint}"  # nothing of a student's covers the rest of the page
PICTURES = {"image/png", "image/jpeg", "image/svg+xml"}
TEXTS = {"text/plain", "text/html", "text/markdown", "text/latex"}
LANGUAGES = {"python", "ipython", "ipython3", "r", "julia", "octave", "scala", "c", "cpp", "java", "javascript", "sql"}


# --- what of a notebook may be shown


def showable(nb: NotebookNode) -> NotebookNode:
    """A copy of a notebook with only what a page may show."""
    language = str(nb.metadata.get("language_info", {}).get("name", "python")).lower()
    kept = NotebookNode(nbformat=4, nbformat_minor=5, metadata=NotebookNode(), cells=[])  # type: ignore[no-untyped-call]
    kept.metadata.language_info = {"name": "ipython3" if language not in LANGUAGES - {"python"} else language}
    kept.cells = [_showable_cell(cell) for cell in nb.cells if cell.cell_type in {"code", "markdown"}]
    return kept


def _showable_cell(cell: NotebookNode) -> NotebookNode:
    marks = {"nbgrader": NotebookNode(cell.metadata.nbgrader)} if "nbgrader" in cell.metadata else {}  # type: ignore[no-untyped-call]
    kept = {"cell_type": cell.cell_type, "source": cell.source, "metadata": marks, "id": cell.get("id", "")}
    if cell.cell_type == "code":
        count = cell.get("execution_count")
        kept["execution_count"] = count if isinstance(count, int) else None
        kept["outputs"] = [_showable_output(output) for output in cell.get("outputs", []) if not is_record(output)]
    elif "attachments" in cell:
        kept["attachments"] = {name: found for name, data in cell.attachments.items() if (found := _pictures(data))}
    return NotebookNode(kept)  # type: ignore[no-untyped-call]


def _showable_output(output: NotebookNode) -> NotebookNode:
    if "data" not in output:
        return NotebookNode(output)  # type: ignore[no-untyped-call]
    data = {kind: text for kind, text in output.data.items() if kind in TEXTS} | _pictures(output.data)
    if "text/latex" in data:  # formulas, with their dollars
        data["text/markdown"] = data.pop("text/latex")
    data = data or {"text/plain": NOT_SHOWN}
    sizes = {kind: _sizes(output.get("metadata", {}).get(kind, {})) for kind in _pictures(data)}
    return NotebookNode({**output, "data": data, "metadata": sizes})  # type: ignore[no-untyped-call]


def _pictures(data: Any) -> dict[str, str]:
    """Pictures as base64, SVG also as text: in an `img` it runs nothing and loads nothing."""
    return {
        kind: text
        for kind, text in data.items()
        if kind in PICTURES
        and isinstance(text, str)
        and (PICTURE.fullmatch(f"data:{kind};base64,{text}") or kind == "image/svg+xml")
    }


def _sizes(metadata: Any) -> dict[str, float]:
    return {
        name: metadata[name]
        for name in ("width", "height")
        if isinstance(metadata, dict) and isinstance(metadata.get(name), (int, float))
    }


def _shortened(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    return f"{text[:longest]}\n... (the first {longest} of {len(text)} characters)"


# --- how it is shown


class Renderer(IPythonRenderer):
    """Markdown with formulas as MathML; a picture that is not attached is drawn as missing."""

    def block_math(self, body: str) -> str:
        return mathml(body, display=True)

    def inline_math(self, body: str) -> str:
        return mathml(body)

    def latex_environment(self, name: str, body: str) -> str:
        return mathml(f"\\begin{{{name}}}{body}\\end{{{name}}}", display=True)

    def _embed_image_or_attachment(self, src: str) -> str:
        name = src.removeprefix("attachment:")
        if name != src and name not in self.attachments:  # it may be escaped in the text
            found = next((one for one in self.attachments if unquote(one) == unquote(name)), None)
            if found is None:
                return f"data:image/svg+xml;base64,{b64encode(MISSING.encode()).decode()}"
            src = f"attachment:{found}"
        return str(super()._embed_image_or_attachment(src))


class StudentPage(InPlace, HTMLExporter):
    """nbconvert's HTML page of a notebook that is not trusted.

    It doesn't run nbconvert's last step, which parses the sanitized page with another parser and writes it again.
    """

    longest_text = Integer(50_000, help="Characters of a cell, or of a text that a cell put out").tag(config=True)
    text_timeout = Float(3.0, help="Seconds to show one text; after that it is shown as written").tag(config=True)
    page_timeout = Float(15.0, help="Seconds for all texts of a page").tag(config=True)

    # What is written instead in nbgrader's and nbconvert's templates. Formulas are MathML and need no MathJax.
    changes: ClassVar[dict[str, str]] = {
        "{{ mathjax() }}": "",
        "<img src=": f'<img alt="{NO_ALT}" src=',
        '|replace(None, "&nbsp;")': ' or ""',  # the only HTML in a value
        "</head>": f"<style>{INSIDE}</style></head>",
    }

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        self._rendered: dict[tuple[str, str], Markup] = {}  # most texts and outputs are alike for every student
        self._kept = 0  # characters in it
        super().__init__(*arguments, **settings)  # type: ignore[no-untyped-call]
        self.sanitize_html, self._left = True, self.page_timeout

    @property
    def default_config(self) -> Config:
        """nbconvert's, with the order of outputs where it is used: nbgrader's preprocessors would warn about it."""
        made: Config = super().default_config
        made["DataTypeFilter"] = made.pop("NbConvertBase")
        return made

    def from_notebook_node(self, nb: NotebookNode, resources: Any = None, **kwargs: Any) -> Any:
        self._left = self.page_timeout
        nb = showable(nb)
        self.register_filter(  # type: ignore[no-untyped-call]
            "highlight_code", self._highlighter(nb.metadata.language_info.name)
        )
        resources = self._init_resources(resources)  # type: ignore[no-untyped-call]
        return super(HTMLExporter, self).from_notebook_node(nb, resources, **kwargs)

    def default_filters(self) -> Iterator[tuple[str, Any]]:
        yield from super().default_filters()  # type: ignore[no-untyped-call]
        yield "markdown2html", self.markdown2html
        yield "clean_html", lambda text: self._once("HTML", clean_html, str(text), whole=True)
        yield "ansi2html", lambda text: self._once("text", ansi2html, str(text), whole=True)
        yield "strip_files_prefix", lambda text: text

    @pass_context
    def markdown2html(self, context: Any, source: str) -> Markup:
        """Sanitized HTML of a Markdown text; one that has pictures with it is never taken for another."""
        attachments = context.get("cell", {}).get("attachments")
        if attachments:
            return self._shown(lambda text: _markdown(text, attachments), source)
        return self._once("a Markdown cell", _markdown, source)

    def _highlighter(self, language: str) -> Callable[..., Markup]:
        pygments = Highlight2HTML(pygments_lexer=language, parent=self)  # type: ignore[no-untyped-call]
        return lambda source, metadata=None: self._once(language, pygments, source)

    def _once(self, kind: str, render: Callable[[str], str], text: str, whole: bool = False) -> Markup:
        """A text as HTML, kept for the next page unless the time of this one is up."""
        if (kind, text) in self._rendered:
            return self._rendered[kind, text]
        made = self._shown(render, text, whole)
        if self._left > 0:
            self._kept += len(text) + len(made)
            if self._kept > MOST_KEPT:
                self._rendered.clear()
                self._kept = 0
            else:
                self._rendered[kind, text] = made
        return made

    def _shown(self, render: Callable[[str], str], text: str, whole: bool = False) -> Markup:
        """A text as HTML, cut unless `whole`; cut and as it was written where that takes too long or fails."""
        short = _shortened(str(text), self.longest_text)
        begun = time.monotonic()
        try:
            if self._left <= 0:
                raise OutOfTime
            with time_limit(min(self.text_timeout, self._left), "rendering a text"):
                return Markup(render(text if whole else short))  # every render function sanitizes or escapes
        except Exception:  # of a parser, on a text that may be crafted to break it
            return Markup("<pre>{}</pre>").format(short)
        finally:
            self._left -= time.monotonic() - begun

    def _create_environment(self) -> Environment:
        environment: Environment = super()._create_environment()  # type: ignore[no-untyped-call]
        return protected(environment, self.changes)


def _markdown(text: str, attachments: Any = None) -> str:
    renderer = Renderer(escape=False, attachments=attachments or {})
    return clean_html(MarkdownWithMath(renderer=renderer).render(text))


# --- templates


SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.DOTALL)
VALUE = re.compile(r"\{\{(.+?)\}\}")
HANDLER = re.compile(r'\bon\w+="([^"{]*)"', re.IGNORECASE)


def protected(environment: Environment, changes: dict[str, str] | None = None) -> Environment:
    """Let an environment escape every value, as HTML or in a script as JavaScript, and mark its own scripts."""
    assert environment.loader
    environment.autoescape = True
    environment.loader = OwnScripts(environment.loader, changes or {})
    environment.globals["nonce"] = NONCE.get
    environment.filters["in_script"] = in_script
    return environment


class OwnScripts(BaseLoader):
    """Templates whose own scripts, and no others, carry the nonce of the page's Content-Security-Policy."""

    def __init__(self, loader: BaseLoader, changes: dict[str, str]) -> None:
        self.loader, self.changes = loader, changes

    def get_source(self, environment: Environment, template: str) -> Any:
        source, *rest = self.loader.get_source(environment, template)
        source = SCRIPT.sub(_marked, source)
        for old, new in self.changes.items():
            source = source.replace(old, new)
        return source, *rest


def _marked(script: re.Match[str]) -> str:
    body = VALUE.sub(r"{{ (\1) | in_script }}", script[2])
    return f'<script nonce="{{{{ nonce() }}}}"{script[1]}>{body}</script>'


def in_script(value: Any) -> Markup:
    r"""A value inside a string of JavaScript.

    >>> str(in_script('a"</script>'))
    'a\\u0022\\u003c\\u002fscript\\u003e'
    """
    return Markup(re.sub(r"[^\w .,:+@-]", lambda one: _escaped(one[0]), str(value)))


def _escaped(letter: str) -> str:
    units = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[n : n + 2].hex()}" for n in range(0, len(units), 2))
