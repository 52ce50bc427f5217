"""How each kind of cell looks, light and dark. One table serves the SVG and the GIF.

Hues are those of Okabe and Ito, which color-blind people tell apart; the tints behind numbers keep the contrast
with them that WCAG asks of text, level AA. No meaning rests on color alone: padding is hatched and dashed, pixels
that are never read are crossed out, the kernel's window has a thick frame, the weights' pixels are bold.
"""

from __future__ import annotations

from functools import cache
from typing import Literal, NamedTuple

Theme = Literal["auto", "light", "dark", "page"]
THEMES: tuple[Theme, ...] = ("auto", "light", "dark")

#          name         light      dark
COLORS = {
    "paper": ("#ffffff", "#15181b"),
    "ink": ("#16191d", "#f0f2f4"),
    "muted": ("#545c65", "#b3bbc4"),
    "grid": ("#a3abb4", "#59626c"),
    "cell": ("#ffffff", "#1e2226"),
    "pad": ("#f1f3f5", "#22272c"),
    "mark": ("#a3abb4", "#6b7681"),
    "tap": ("#fde0ac", "#5f3c00"),
    "window": ("#d55e00", "#ff9147"),
    "weight": ("#d4e8f6", "#0d3b5c"),
    "weight-line": ("#0072b2", "#56b4e9"),
    "product": ("#faf3c0", "#464000"),
    "product-line": ("#857500", "#d9cd3a"),
    "output": ("#dcf3ea", "#123d31"),
    "output-line": ("#009e73", "#2cc79b"),
    "here": ("#8fe0c3", "#006b4e"),
    "focus": ("#00523b", "#7df3cf"),
}


class Look(NamedTuple):
    """Color names of a cell, and the marks that say the same without color."""

    fill: str
    line: str
    width: float = 1.0
    dash: tuple[float, ...] = ()
    ink: str = "ink"
    bold: bool = False
    mark: str = ""  # hatch, crosshatch, cross


ROLES = {
    "pixel": Look("cell", "grid"),
    "pad": Look("pad", "muted", dash=(3, 2), ink="muted", mark="hatch"),
    "unseen": Look("cell", "grid", ink="muted", mark="cross"),
    "weight": Look("weight", "weight-line"),
    "product": Look("product", "product-line"),
    "sum": Look("product", "product-line"),
    "bias": Look("weight", "weight-line"),
    "result": Look("here", "focus", bold=True),
    "output": Look("output", "output-line"),
}

# Later ones win. Only what a state changes is given.
STATES: dict[str, dict[str, object]] = {
    "extra": {"mark": "crosshatch"},
    "gap": {"dash": (1.0, 2.0), "line": "window", "ink": "muted"},
    "tap": {"fill": "tap", "line": "window", "ink": "ink", "bold": True},
    "waiting": {"fill": "paper", "dash": (2.0, 2.0)},
    "here": {"fill": "here", "line": "focus", "ink": "ink", "bold": True},
}

#            kind      (color, width, dash)
OUTLINES = {
    "window": ("window", 3.0, ()),
    "focus": ("focus", 3.0, ()),
    "echo": ("focus", 1.6, (3.0, 2.0)),
}

#          kind       (color, size in pixels, bold)
LABELS = {
    "title": ("ink", 15.0, True),
    "heading": ("ink", 13.0, True),
    "index": ("muted", 12.0, False),
    "note": ("muted", 12.0, False),
    "moment": ("ink", 12.0, True),
    "sign": ("ink", 12.5, False),
}
NUMBER_SIZE = 12.5  # pixels
FACTORS_SIZE = 10.5
SMALL_SCALE = 0.9  # of the numbers in large planes


@cache
def look(role: str, states: tuple[str, ...]) -> Look:
    """How a cell looks with all its states.

    >>> look("pad", ("tap",))
    Look(fill='tap', line='window', width=1.0, dash=(3, 2), ink='ink', bold=True, mark='hatch')
    """
    found = ROLES[role]
    for state, change in STATES.items():
        if state in states:
            found = found._replace(**change)  # type: ignore[arg-type]
    return found


def color(name: str, dark: bool) -> str:
    """#rrggbb."""
    return COLORS[name][dark]


@cache
def css(theme: Theme) -> str:
    """The style sheet of a picture. A fixed theme names its colors outright, for programs without CSS variables."""
    rules = [_text_rules(), *_item_rules()]
    if theme == "auto":
        return "".join([*_variables(), *rules])
    sheet = "".join(rules)
    for name in COLORS:
        sheet = sheet.replace(f"var(--cv-{name})", color(name, theme == "dark"))
    return sheet


ROOT = ".cv-picture"


def variables(dark: bool) -> str:
    """All colors, as a page can set them for the pictures in it."""
    return ";".join(f"--cv-{name}:{pair[dark]}" for name, pair in COLORS.items())


def _variables() -> list[str]:
    """Light unless JupyterLab or VS Code says dark, or the system where the picture is the whole page.

    Inside other pages the system's wish says nothing: many of them, such as nbgrader's feedback, are always white.
    """
    light, dark = variables(dark=False), variables(dark=True)
    return [
        f"{ROOT}{{{light}}}",
        f"@media (prefers-color-scheme:dark){{{ROOT}:root{{{dark}}}}}",
        f'body[data-jp-theme-light="true"] {ROOT},body.vscode-light {ROOT}{{{light}}}',
        f'body[data-jp-theme-light="false"] {ROOT},body.vscode-dark {ROOT}{{{dark}}}',
    ]


def _text_rules() -> str:
    return (
        f'{ROOT}{{font-family:system-ui,-apple-system,"Segoe UI","Noto Sans","DejaVu Sans",sans-serif;'
        "font-variant-numeric:tabular-nums;stroke-linejoin:round}"
        f"{ROOT} .cv-number,{ROOT} .cv-factors{{text-anchor:middle;fill:var(--cv-ink);font-size:{NUMBER_SIZE}px}}"
        f"{ROOT} .cv-number,{ROOT} .cv-factors,{ROOT} .cv-mark{{pointer-events:none}}"
        f"{ROOT} .cv-number.cv-small{{font-size:{SMALL_SCALE * NUMBER_SIZE:g}px}}"
        f"{ROOT} .cv-quiet{{fill:var(--cv-muted)}}"
        f"{ROOT} .cv-bold{{font-weight:700}}"
        f"{ROOT} .cv-factors{{font-size:{FACTORS_SIZE}px}}"
        f"{ROOT} .cv-paper{{fill:var(--cv-paper)}}"
        f"{ROOT} .cv-mark{{fill:none;stroke:var(--cv-mark)}}"
        f"{ROOT} .cv-cross{{stroke:var(--cv-muted);stroke-width:1.5}}"
    )


def _item_rules() -> list[str]:
    """The styles of cells, outlines and labels."""
    changes = [(state, change) for state, change in STATES.items() if any(name != "mark" for name in change)]
    cells = [*((role, cell._asdict()) for role, cell in ROLES.items()), *changes]
    outlines = [
        f"{ROOT} .cv-{kind}{{fill:none;stroke:var(--cv-{name});stroke-width:{width};"
        f"stroke-dasharray:{' '.join(map(str, dash)) or 'none'}}}"
        for kind, (name, width, dash) in OUTLINES.items()
    ]
    labels = [
        f"{ROOT} .cv-{kind}{{fill:var(--cv-{name});font-size:{size}px;font-weight:{700 if bold else 400}}}"
        for kind, (name, size, bold) in LABELS.items()
    ]
    return [*(_rule(name, change) for name, change in cells), *outlines, *labels]


def _rule(name: str, change: dict[str, object]) -> str:
    """The style of a cell, from what a role has or what a state changes."""
    style = {
        "fill": _variable(change.get("fill")),
        "stroke": _variable(change.get("line")),
        "stroke-width": change.get("width"),
        "stroke-dasharray": " ".join(map(str, change["dash"])) if change.get("dash") else None,  # type: ignore[call-overload]
    }
    return f"{ROOT} .cv-{name}{{{';'.join(f'{key}:{value}' for key, value in style.items() if value)}}}"


def _variable(name: object) -> str | None:
    return f"var(--cv-{name})" if name else None
