"""An explorer as HTML that plays by itself: scripts, the answers of `known` as tables, and controls."""

from __future__ import annotations

import base64
import json
import zlib
from functools import cache
from html import escape
from importlib import resources

from ..picture.browser.translate import translate
from ..picture.theme import Theme, css, variables
from . import known
from .kept import kept
from .knobs import Settings
from .topic import Topic

DARK = ":root{--cvx-paper:#15181b;--cvx-ink:#f0f2f4;--cvx-line:#8b95a0;--cvx-quiet:#262b31;--cvx-focus:#56b4e9}"
EXPLORERS = (
    "parameters",
    "padding",
    "stride",
    "pointwise",
    "filters",
    "transposed",
    "pooling",
    "dilated",
    "receptive_field",
    "groups",
)
TOPICS = (*EXPLORERS, "moving")  # modules of `topics`
OWN_FILES = ("drawn.js", "photo.js", "stage.js")


def fragment(topic: Topic, settings: Settings, still: str, trouble: str = "") -> str:
    """A part of a page: the picture, which its script replaces by controls; where no script runs, it stays."""
    host = f'<div class="convkit-explorer convkit-{topic.name}"><div class="convkit-fallback">{still}</div></div>'
    return f"{host}<script>{_loader(topic, settings, trouble)}</script>"


def page(topic: Topic, settings: Settings, still: str, theme: Theme = "auto") -> str:
    """A whole page, light or dark as its reader likes it, or as `theme` says."""
    dark = f"{DARK}.convkit-page .cv-picture{{{variables(dark=True)}}}"
    chosen = {"auto": f"@media (prefers-color-scheme:dark){{{dark}}}", "dark": dark}.get(theme, "")
    style = f"{_read('page.css')}:root{{color-scheme:{'light dark' if theme == 'auto' else theme}}}{chosen}"
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(topic.title)}</title><style>{style}</style></head>"
        f'<body class="convkit-page"><main>{fragment(topic, settings, still)}</main></body></html>'
    )


def _loader(topic: Topic, settings: Settings, trouble: str) -> str:
    """Unpacks the engine once a page, and starts the stage in the element before it."""
    engine = kept("engine", lambda: _packed(f"{script()}\nreturn openStage;"))
    tables = kept(f"tables-{topic.name}", lambda: _packed(json.dumps(known.tables(topic.lookups()))))
    data = {
        "module": type(topic).__module__,
        "topic": type(topic).__name__,
        "settings": settings,
        "css": css("auto") + _read("stage.css"),
        "trouble": trouble,
        "photo": _photo(topic),
    }
    return (
        "(async (host) => {"
        "const engines = (window.convkitEngines ??= new Map());"  # a notebook may have outputs of two versions
        "const unpack = async (text) => { const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));"
        " const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));"
        " return new Response(stream).text(); };"
        f"const engine = '{engine}', parts = ['{tables}', '{_packed(json.dumps(data))}'].map(unpack);"
        "if (!engines.has(engine)) engines.set(engine, unpack(engine).then((code) => new Function(code)()));"
        "const [tables, data] = (await Promise.all(parts)).map((text) => JSON.parse(text));"
        "(await engines.get(engine))(host, data, tables);"
        "})(document.currentScript.previousElementSibling);"
    )


@cache
def script() -> str:
    """The translated renderer and all explorers, and the stage around them: one script, translated once."""
    own = __package__ or ""
    topics = (f"{own}.topics.{name}" for name in TOPICS)
    entries = (f"{own}.session", f"{own}.knobs", "convkit.picture.svg", *topics)
    engine = translate(entries, looked_up=f"{own}.known")
    runtime = resources.files("convkit.picture.browser").joinpath("runtime.js").read_text(encoding="utf-8")
    return "\n".join([runtime, engine, *map(_read, OWN_FILES)])


def _packed(text: str) -> str:
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode("ascii")


def _photo(topic: Topic) -> str:
    """The photograph's bytes, for the explorers that show it."""
    if topic.name not in ("pointwise", "filters"):
        return ""
    from .photo import encoded

    return encoded()


@cache
def _read(name: str) -> str:
    return resources.files(__package__ or "").joinpath(name).read_text(encoding="utf-8")
