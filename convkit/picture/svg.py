"""A layout -> SVG text, with ids and data attributes by which a script finds every cell."""

from __future__ import annotations

from functools import cache, lru_cache
from xml.sax.saxutils import escape

from .boxes import Box, Label, Layout, Outline
from .marks import INSET, segments
from .numerals import exact
from .theme import FACTORS_SIZE, NUMBER_SIZE, SMALL_SCALE, Theme, css, look

Item = Box | Label | Outline
CORNER = 3  # radius of a cell's corners


def render(layout: Layout, uid: str, theme: Theme) -> str:
    """The picture as one SVG element. `uid` starts every id in it, so that pictures on one page don't clash.

    Theme 'page' leaves the style sheet out, for a page with one style sheet for all its pictures.
    """
    style = "" if theme == "page" else f"<style>{escape(css(theme))}</style>"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" id="{uid}" class="cv-picture" role="img" '
        f'aria-labelledby="{uid}-name" aria-describedby="{uid}-desc" '
        f'viewBox="0 0 {layout.width:g} {layout.height:g}" width="{layout.width:g}" height="{layout.height:g}" '
        f'data-theme="{theme}" style="max-width:100%;height:auto">'
        f'<title id="{uid}-name">{escape(layout.title)}</title><desc id="{uid}-desc">{escape(layout.text)}</desc>'
        f"{style}"
        f'<rect class="cv-paper" width="{layout.width:g}" height="{layout.height:g}"/>'
    )
    parts = [head]
    parts += [_label(label, uid) for label in layout.labels]
    parts += [f'<g id="{uid}-{_box(box)}' for box in layout.boxes]
    parts += [_outline(outline, uid) for outline in layout.outlines]
    return "".join([*parts, "</svg>"])


def attributes(item: Item) -> dict[str, str]:
    """The attributes of an item's element that may change while the focus moves."""
    if isinstance(item, Label):
        return {}
    if isinstance(item, Outline):
        return {"class": f"cv-{item.kind}"}
    found = {"class": _classes(item.role, item.states)}
    if "swatch" in item.states:
        return found
    found["data-role"] = item.role
    for name, value in item.data:
        found[f"data-{name}"] = exact(value)
    if item.value is not None:
        found["data-value"] = exact(item.value)
    return found


@cache
def _classes(role: str, states: tuple[str, ...]) -> str:
    return " ".join(f"cv-{name}" for name in (role, *states))


def _box(box: Box) -> str:
    """A cell, from its key on. Its parts have places of their own: a transform for each cell slows a browser down."""
    shape = _shape(box.x, box.y, box.width, box.height, box.slant, INSET)
    inside = f"<{shape}/>{_mark(look(box.role, box.states).mark, box)}"
    if box.role != "pad" and "swatch" not in box.states:
        inside += _texts(box)
    return f'{box.key}"{_written(box)}>{inside}</g>'


@lru_cache(maxsize=8192)  # most cells stand where others stood
def _shape(x: float, y: float, width: float, height: float, slant: float, inset: float) -> str:
    """The name and the attributes of a rectangle, or of a parallelogram whose right edge is higher."""
    x, y, width, height = x + inset, y + inset, width - 2 * inset, height - 2 * inset
    if slant:
        return f'path d="M{x:g} {y:g}l{width:g} {-slant:g}v{height:g}l{-width:g} {slant:g}z" stroke-linejoin="round"'
    return f'rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{CORNER}"'


def _mark(mark: str, box: Box) -> str:
    if not mark:
        return ""
    (x, y), strokes = _strokes(mark, box.width, box.height, box.slant)
    return f'<path class="cv-mark" d="M{box.x + x:g} {box.y + y:g}{strokes}"/>'


@cache
def _strokes(mark: str, width: float, height: float, slant: float) -> tuple[tuple[float, float], str]:
    """Where the first line of a mark starts inside its cell, and all lines, each from where the one before ended."""
    rise = slant / width
    lines = [(x1, y1 - rise * x1, x2, y2 - rise * x2) for x1, y1, x2, y2 in segments(mark, width, height)]
    path, (x, y) = "", lines[0][:2]
    for x1, y1, x2, y2 in lines:
        path += f"m{x1 - x:g} {y1 - y:g}l{x2 - x1:g} {y2 - y1:g}"
        x, y = x2, y2
    return lines[0][:2], path.removeprefix("m0 0")


def _texts(box: Box) -> str:
    middle = box.x + box.width / 2
    number = f'<text class="cv-number" x="{middle:g}" y="{box.y + number_baseline(box):g}">{box.text}</text>'
    if not box.note:
        return number
    return f'<text class="cv-factors" x="{middle:g}" y="{box.y + factors_baseline(box):g}">{box.note}</text>{number}'


def number_baseline(box: Box) -> float:
    """Baseline of the number in its cell: in the middle, or in the lower half below its factors."""
    center = box.height * (0.7 if box.note else 0.5) - box.slant / 2
    return round(center + 0.36 * number_size(box), 1)


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
    name, _, shape = _shape(outline.x, outline.y, outline.width, outline.height, outline.slant, 0).partition(" ")
    return f'<{name} id="{uid}-{outline.key}"{_written(outline)} {shape}/>'


def _written(item: Item) -> str:
    """Classes and numbers only: nothing that would need escaping, which takes more time than all the rest."""
    return "".join([f' {name}="{value}"' for name, value in attributes(item).items()])
