"""Clean HTML that a student wrote: tables, pictures and styles stay; what runs or loads goes.

nh3 (the Rust library ammonia) parses as a browser does, keeps what the tables below list, and writes valid HTML.
Styles are read by tinycss2. Class names and ids get a prefix, so that they meet neither the page's own styles nor its
scripts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import nh3
import tinycss2  # type: ignore[import-untyped]
from pygments.token import STANDARD_TYPES  # type: ignore[import-untyped]

PREFIX = "student-"
WRAPPER = f"{PREFIX}html"
# The parser can't be interrupted, and takes a time that grows with the square of what is open at once.
MOST_HTML = 2_000_000  # characters
MOST_TAGS = 50_000
MOST_OPEN = 300
MOST_FORMATS = 30  # open at once: a browser repeats them in each paragraph


def _words(text: str) -> set[str]:
    return set(text.split())


HTML = _words(
    "a abbr b bdi bdo blockquote br caption center cite code col colgroup dd del details dfn div dl dt em figcaption "
    "figure font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp section small span strike "
    "strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr"
)
MATHML = _words(
    "math mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace msqrt mstyle msub "
    "msubsup msup mtable mtd mtext mtr munder munderover none menclose"
)
SVG = _words(
    "svg g path rect circle ellipse line polyline polygon text tspan title desc defs linearGradient radialGradient "
    "stop clipPath marker symbol"
)
FORMATS = _words("a b big code em font i nobr s small strike strong tt u")
LEFT_OPEN = _words(
    "area base br col embed hr img input link meta source track wbr p li dt dd tr td th tbody thead tfoot"
)
ANYWHERE = _words(
    "class id style title lang dir role align valign width height bgcolor color border cellpadding cellspacing "
    "aria-label aria-labelledby aria-describedby aria-hidden"
)
OF_MATHML = _words(
    "display displaystyle scriptlevel mathvariant mathsize mathcolor mathbackground stretchy fence form separator "
    "lspace rspace minsize maxsize symmetric largeop movablelimits accent accentunder linethickness rowspacing "
    "columnspacing columnalign rowalign rowlines columnlines columnspan rowspan notation depth voffset"
)
OF_SVG = _words(
    "d x y x1 y1 x2 y2 cx cy r rx ry dx dy fx fy points viewBox preserveAspectRatio transform fill fill-opacity "
    "fill-rule stroke stroke-width stroke-dasharray stroke-linecap stroke-linejoin stroke-opacity opacity offset "
    "stop-color stop-opacity text-anchor dominant-baseline font-size font-family font-weight font-style clip-path "
    "gradientUnits gradientTransform markerWidth markerHeight refX refY orient"
)
ATTRIBUTES = {
    "*": ANYWHERE,
    "a": {"href"},
    "img": {"src", "alt"},
    "details": {"open"},
    "ol": {"start", "type", "reversed"},
    "li": {"value"},
    "td": {"colspan", "rowspan", "scope"},
    "th": {"colspan", "rowspan", "scope"},
    "col": {"span"},
    "colgroup": {"span"},
    "font": {"face", "size"},
    "time": {"datetime"},
    **dict.fromkeys(MATHML, OF_MATHML),
    **dict.fromkeys(SVG, OF_SVG),
}
OURS = {"highlight", "anchor-link", *STANDARD_TYPES.values()}  # classes of highlighted code and of headings
REFERENCES = {"aria-labelledby", "aria-describedby"}  # to ids, which get the prefix
LINK = re.compile(r"(?:https?://|mailto:)[^\\]+", re.IGNORECASE)
FILE = re.compile(r"(?!/)(?!(?:.*/)?(?:\.|%2e){2}(?:/|$))[^\\:?#]+", re.IGNORECASE)  # of the same folder or below it
NOT_IN_ADDRESSES = "".join(map(chr, range(33)))  # a browser ignores them around one, and line ends and tabs inside
PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp|bmp|avif|svg\+xml);base64,[A-Za-z0-9+/=\s]*")

PROPERTIES = _words(
    "background background-color border border-bottom border-collapse border-color border-left border-radius "
    "border-right border-spacing border-style border-top border-width border-bottom-color border-bottom-style "
    "border-bottom-width border-left-color border-left-style border-left-width border-right-color border-right-style "
    "border-right-width border-top-color border-top-style border-top-width box-sizing caption-side clear color "
    "column-gap display dominant-baseline empty-cells fill fill-opacity fill-rule flex flex-direction flex-wrap float "
    "font font-family font-size font-style font-variant font-variant-numeric font-weight gap grid-template-columns "
    "height letter-spacing line-height list-style-type margin margin-bottom margin-left margin-right margin-top "
    "max-height max-width min-height min-width opacity overflow overflow-wrap overflow-x overflow-y padding "
    "padding-bottom padding-left padding-right padding-top paint-order row-gap stop-color stop-opacity stroke "
    "stroke-dasharray stroke-linecap stroke-linejoin stroke-opacity stroke-width table-layout text-align text-anchor "
    "text-decoration text-indent text-transform transform vertical-align visibility white-space width word-break "
    "word-wrap"
)
FUNCTIONS = _words("rgb rgba hsl hsla light-dark var calc min max repeat minmax translate rotate scale")
PSEUDO = _words(
    "root hover first-child last-child only-child only-of-type first-of-type last-of-type nth-child nth-of-type"
)
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*+)([^<>]*+)")
STYLE = re.compile(r"<style\b[^<>]*+>([^<]*+)</style", re.IGNORECASE)


def clean_html(source: str) -> str:
    """Return HTML that runs nothing, loads nothing from elsewhere, and can't be taken for a part of the page.

    >>> clean_html('<b onclick="f()">bold</b><script>f()</script> <img src="//example.org/a.png">')
    '<b>bold</b> <img>'
    """
    if len(source) > MOST_HTML or _too_deep(source):
        return f"<p>({len(source)} characters of HTML are not shown.)</p>"
    body = nh3.clean(
        source,
        tags=HTML | MATHML | SVG,
        clean_content_tags={"script", "style", "iframe", "noscript", "noembed", "noframes", "template", "xmp"},
        attributes=ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto", "data"},
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    styles = "".join(map(_style_sheet, STYLE.findall(source)))
    return f'<div class="{WRAPPER}"><style>.{WRAPPER}{{{styles}}}</style>{body}</div>' if styles else body


def _too_deep(source: str) -> bool:
    """Whether there are more tags, or more open at once, than in any honest output."""
    open_now: Counter[str] = Counter()
    tags = TAG.findall(source)
    for slash, tag, rest in tags[:MOST_TAGS]:
        name = tag.lower()
        if slash:
            open_now[name] -= open_now[name] > 0
        elif name not in LEFT_OPEN and not rest.endswith("/"):
            open_now[name] += 1
            if open_now.total() > MOST_OPEN or sum(open_now[one] for one in FORMATS) > MOST_FORMATS:
                return True
    return len(tags) > MOST_TAGS


def _attribute(tag: str, name: str, value: str) -> str | None:
    """The value of an attribute as it may stay, or None."""
    if name == "class":
        return " ".join(one if one in OURS else PREFIX + one for one in value.split())
    if name == "id":
        return PREFIX + value
    if name in REFERENCES:
        return " ".join(PREFIX + one for one in value.split())
    if name == "style":
        return _declarations(value)
    if name in {"src", "href"}:
        value = re.sub(r"[\t\n\r]", "", value).strip(NOT_IN_ADDRESSES)
    if name == "src":
        return value if PICTURE.fullmatch(value) or FILE.fullmatch(value) else None
    if name == "href":
        if value.startswith("#"):
            return f"#{PREFIX}{value[1:]}"
        return value if LINK.fullmatch(value) or FILE.fullmatch(value) else None
    if tag in SVG | MATHML and "(" in value and name not in {"transform", "gradientTransform", "d"}:
        return _local_paint(value)
    return value


def _local_paint(value: str) -> str | None:
    """A color, or a gradient or clip path of the same picture."""
    found = re.fullmatch(r"url\(#([\w-]+)\)", value)
    if found:
        return f"url(#{PREFIX}{found[1]})"
    return value if re.fullmatch(r"(?:rgb|rgba|hsl|hsla|var)\([^()]*\)", value) else None


# --- styles


@lru_cache(maxsize=2000)
def _declarations(text: str) -> str:
    """The declarations of a style attribute that may stay."""
    return "".join(_kept(tinycss2.parse_declaration_list(text, skip_comments=True, skip_whitespace=True)))


def _kept(declarations: Iterable[Any]) -> Iterator[str]:
    for one in declarations:
        if one.type == "declaration" and (one.lower_name in PROPERTIES or one.name.startswith("--")):
            value = tinycss2.serialize(one.value).strip()
            if _harmless(one.value) and not re.search(r"[<>\\{}]", value):
                yield f"{one.name}:{value}{' !important' if one.important else ''};"


def _harmless(tokens: Iterable[Any]) -> bool:
    """Whether a value names no address and calls no function that could."""
    for token in tokens:
        if token.type in {"url", "error", "bad-string", "bad-url", "at-keyword"} or token.type.endswith("block"):
            return False
        if token.type == "function" and not (token.lower_name in FUNCTIONS and _harmless(token.arguments)):
            return False
    return True


@lru_cache(maxsize=200)  # pictures of one renderer have one style sheet
def _style_sheet(text: str) -> str:
    """The rules of a style sheet that may stay, with the prefix on their classes and ids."""
    return "".join(_rules(text))


def _rules(text: str) -> Iterator[str]:
    for rule in tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True):
        if rule.type == "qualified-rule":
            selectors = _selectors(rule.prelude)
            kept = "".join(_kept(tinycss2.parse_declaration_list(rule.content)))
            if selectors and kept:
                yield f"{selectors}{{{kept}}}"


def _selectors(tokens: list[Any]) -> str:
    """Selectors of simple parts; none that could reach out of the student's own HTML."""
    parts, before = [], ","
    for token in tokens:
        if token.type == "whitespace":
            parts.append(" ")
            continue
        kept = _selector_part(token, before)
        if kept is None:
            return ""
        parts.append(kept)
        before = token.value if token.type == "literal" else token.type
    return "".join(parts).strip()


def _selector_part(token: Any, before: str) -> str | None:
    if token.type == "ident":
        name = PREFIX + token.value if before == "." else token.value
        if before == ":" and token.lower_value not in PSEUDO:
            return None
        return name if re.fullmatch(r"[\w-]+", name) else None
    if token.type == "hash":
        return f"#{PREFIX}{token.value}" if re.fullmatch(r"[\w-]+", token.value) else None
    if token.type == "function":
        inner = tinycss2.serialize(token.arguments)
        return f"{token.name}({inner})" if token.lower_name in PSEUDO and re.fullmatch(r"[\w+\- ]+", inner) else None
    if token.type == "literal" and token.value in {".", ":", ",", "*", ">"}:
        return None if token.value == ">" and before == "," else token.value
    return None
