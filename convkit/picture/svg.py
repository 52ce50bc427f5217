"""A layout -> SVG text, with ids and data attributes by which a script finds every cell."""

from __future__ import annotations

from functools import cache
from xml.sax.saxutils import escape

from .boxes import Box, Label, Layout, Outline
from .marks import INSET, segments
from .theme import FACTORS_SIZE, NUMBER_SIZE, SMALL_SCALE, Theme, css, look

Item = Box | Label | Outline
CORNER = 3  # radius of a cell's corners


def render(layout: Layout, uid: str, theme: Theme) -> str:
    """The picture as one SVG element. `uid` starts every id in it, so that pictures on one page don't clash."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" id="{uid}" class="cv-picture" role="img" '
        f'aria-labelledby="{uid}-name" aria-describedby="{uid}-desc" '
        f'viewBox="0 0 {layout.width:g} {layout.height:g}" width="{layout.width:g}" height="{layout.height:g}" '
        f'data-theme="{theme}" style="max-width:100%;height:auto">'
        f'<title id="{uid}-name">{escape(layout.title)}</title><desc id="{uid}-desc">{escape(layout.text)}</desc>'
        f"<style>{escape(css(theme))}</style>"
        f'<rect class="cv-paper" width="{layout.width:g}" height="{layout.height:g}"/>'
    )
    parts = [head]
    parts += [_label(label, uid) for label in layout.labels]
    parts += [_box(box, uid) for box in layout.boxes]
    parts += [_outline(outline, uid) for outline in layout.outlines]
    return "".join([*parts, "</svg>"])


def attributes(item: Item) -> dict[str, str]:
    """The attributes of an item's element that may change while the focus moves."""
    if isinstance(item, Label):
        return {}
    if isinstance(item, Outline):
        places = {name: f"{getattr(item, name):g}" for name in ("x", "y", "width", "height")}
        return {"class": f"cv-{item.kind}", **places}
    found = {"class": " ".join(f"cv-{name}" for name in (item.role, *item.states))}
    if "swatch" in item.states:
        return found
    found["data-role"] = item.role
    for name, value in item.data:
        found[f"data-{name}"] = str(value)
    if item.value is not None:
        found["data-value"] = repr(item.value)
    return found


def _box(box: Box, uid: str) -> str:
    inside = _frame(box.width, box.height) + _mark(look(box.role, box.states).mark, box.width, box.height)
    if box.role != "pad" and "swatch" not in box.states:
        inside += _texts(box)
    return f'<g id="{uid}-{box.key}" transform="translate({box.x:g},{box.y:g})"{_written(box)}>{inside}</g>'


@cache
def _frame(width: float, height: float) -> str:
    size = f'width="{width - 2 * INSET:g}" height="{height - 2 * INSET:g}"'
    return f'<rect x="{INSET}" y="{INSET}" {size} rx="{CORNER}"/>'


@cache
def _mark(mark: str, width: float, height: float) -> str:
    lines = segments(mark, width, height)
    path = "".join(f"M{x1:g} {y1:g}L{x2:g} {y2:g}" for x1, y1, x2, y2 in lines)
    return f'<path class="cv-mark" d="{path}"/>' if path else ""


def _texts(box: Box) -> str:
    middle = box.width / 2
    if not box.note:
        return f'<text class="cv-number" x="{middle:g}" y="{number_baseline(box):g}">{box.text}</text>'
    return (
        f'<text class="cv-factors" x="{middle:g}" y="{factors_baseline(box):g}">{box.note}</text>'
        f'<text class="cv-number" x="{middle:g}" y="{number_baseline(box):g}">{box.text}</text>'
    )


def number_baseline(box: Box) -> float:
    """Where the number stands in its cell: in the middle, or in the lower half below its factors."""
    centre = box.height * (0.7 if box.note else 0.5)
    return round(centre + 0.36 * number_size(box), 1)


def number_size(box: Box) -> float:
    """Height of a number's letters, in pixels."""
    return NUMBER_SIZE * (SMALL_SCALE if "small" in box.states else 1)


def factors_baseline(box: Box) -> float:
    """Where the factors stand: in the upper half."""
    return round(box.height * 0.3 + 0.36 * FACTORS_SIZE, 1)


def _label(label: Label, uid: str) -> str:
    anchor = "" if label.anchor == "start" else f' text-anchor="{label.anchor}"'
    place = f'x="{label.x:g}" y="{label.y:g}"'
    return f'<text id="{uid}-{label.key}" class="cv-{label.kind}" {place}{anchor}>{escape(label.text)}</text>'


def _outline(outline: Outline, uid: str) -> str:
    return f'<rect id="{uid}-{outline.key}"{_written(outline)} rx="{CORNER}"/>'


def _written(item: Item) -> str:
    """Classes and numbers only: nothing that would need escaping, which takes more time than all the rest."""
    return "".join([f' {name}="{value}"' for name, value in attributes(item).items()])
