"""A layout -> SVG text, with ids and data attributes by which a script finds every cell."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple
from xml.sax.saxutils import escape

from .boxes import Box, Label, Layout, Outline
from .marks import INSET, segments
from .numerals import exact
from .theme import FACTORS_SIZE, NUMBER_SIZE, SMALL_SCALE, Theme, css, look

CORNER = 3  # radius of a cell's corners
TOGETHER = 64  # cells of a path at most: browsers paint in tiles, and each has to go through the paths that it touches
# Pixels from character to character of a number: between the widths that common fonts have.
DIGIT_STEP, OTHER_STEPS, BOLD = 7.5, {"\u2212": 9.0, ".": 4.0, ",": 4.0}, 1.1
DIGITS = "0123456789"


class Number(NamedTuple):
    """A number's text and its place."""

    text: str
    middle: float
    baseline: float
    offsets: tuple[float, ...]  # of the middle of each character


def render(layout: Layout, uid: str, theme: Theme) -> str:
    """The picture as one SVG element. `uid` starts every id in it, so that pictures on one page don't clash.

    Theme 'page' leaves the style sheet out, for a page with one style sheet for all its pictures.
    """
    head, items = pieces(layout, uid, theme)
    return "".join([head, *items, "</svg>"])


def pieces(layout: Layout, uid: str, theme: Theme) -> tuple[str, list[str]]:
    """The same in parts: the opening tag with title, description and ground; then an element for each item.

    A page replaces the elements that differ from one picture to the next. A browser takes its time for each element,
    above all for texts: cells that look the same are one path, the numbers of a plane of cells are one text for each
    style, and its marks are one path.
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
    items = [_label(label, uid) for label in layout.labels if not _is_index(label)]
    items += _cells(layout.boxes, uid)
    items += _marks(layout.boxes, uid)
    items += _numbers(layout, uid)
    items += [_factors(box, uid) for box in layout.boxes if box.note]
    items += [_outline(outline, uid) for outline in layout.outlines]
    return head, items


@cache
def _classes(role: str, states: tuple[str, ...]) -> str:
    return " ".join(f"cv-{name}" for name in (role, *states))


def _cells(boxes: tuple[Box, ...], uid: str) -> list[str]:
    """Paths for the cells that look the same, with what each of them is as lists in the order of the path."""
    looks: dict[str, list[list[Box]]] = {}
    for box in boxes:
        parts = looks.setdefault(f"{_classes(box.role, box.states)}|{len(box.data)}", [[]])
        if len(parts[-1]) == TOGETHER:
            parts.append([])
        parts[-1].append(box)
    return [_cell_path(look, n, part, uid) for look, parts in looks.items() for n, part in enumerate(parts)]


def _cell_path(look: str, n: int, cells: list[Box], uid: str) -> str:
    name = f"{uid}-{look.replace('cv-', '').replace(' ', '.').replace('|', '.')}.{n}"
    listed = "" if "swatch" in cells[0].states else _listed(cells)
    path = "".join([outline_path(box) for box in cells])
    return f'<path id="{name}" class="{look.partition("|")[0]}"{listed} d="{path}"/>'


def _listed(cells: list[Box]) -> str:
    """Role, keys and exact values of the cells, and their data: numbers only, nothing that would need escaping."""
    keys = ",".join([box.key for box in cells])
    values = ",".join(["" if box.value is None else exact(box.value) for box in cells])
    data = [
        f' data-{name}="{",".join([exact(box.data[n][1]) for box in cells])}"'
        for n, (name, _) in enumerate(cells[0].data)
    ]
    return f' data-role="{cells[0].role}" data-key="{keys}" data-value="{values}"{"".join(data)}'


def outline_path(item: Box | Outline, inset: float = INSET) -> str:
    """The border of a cell: a rectangle with round corners, or a parallelogram whose right edge is higher."""
    x, y, width, height = item.x + inset, item.y + inset, item.width - 2 * inset, item.height - 2 * inset
    if item.slant:
        return f"M{x:g} {y:g}l{width:g} {-item.slant:g}v{height:g}l{-width:g} {item.slant:g}z"
    return f"M{x + CORNER:g} {y:g}{_round_rectangle(width, height)}"


@cache
def _round_rectangle(width: float, height: float) -> str:
    """The border of a rectangle from where its upper edge begins."""
    across, down, turn = width - 2 * CORNER, height - 2 * CORNER, f"a{CORNER} {CORNER} 0 0 1 "
    return (
        f"h{across:g}{turn}{CORNER} {CORNER}v{down:g}{turn}-{CORNER} {CORNER}"
        f"h{-across:g}{turn}-{CORNER} -{CORNER}v{-down:g}{turn}{CORNER} -{CORNER}z"
    )


def _marks(boxes: tuple[Box, ...], uid: str) -> list[str]:
    """The marks of each plane of cells."""
    planes: dict[str, list[str]] = {}
    for box in boxes:
        mark = look(box.role, box.states).mark
        if mark:
            classes = "cv-mark cv-cross" if mark == "cross" else "cv-mark"
            (x, y), strokes = _strokes(mark, box.width, box.height, box.slant)
            path = f"M{box.x + x:g} {box.y + y:g}{strokes}"
            planes.setdefault(f'{mark}.{_plane(box)}" class="{classes}"', []).append(path)
    return [f'<path id="{uid}-{plane} d="{"".join(paths)}"/>' for plane, paths in planes.items()]


def _plane(box: Box) -> str:
    """What the keys of a plane of cells have in common: i0 of i0.3.4."""
    return box.key.partition(".")[0]


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


def _numbers(layout: Layout, uid: str) -> list[str]:
    """The numbers of each plane of cells, and of each row or column of indices, as one text for each style in it."""
    groups: dict[str, list[Number]] = {}
    for label in layout.labels:
        if _is_index(label):
            group = f"{label.key.rstrip(DIGITS)}|cv-number cv-index"
            end = sum(_steps(label.text, 1.0)) / 2 if label.anchor == "end" else 0.0
            groups.setdefault(group, []).append(Number(label.text, label.x - end, label.y, _offsets(label.text, 1.0)))
    for box in layout.boxes:
        if has_number(box):
            offsets = _offsets(box.text, _scale(box.role, box.states))
            number = Number(box.text, box.x + box.width / 2, box.y + number_baseline(box), offsets)
            groups.setdefault(f"{_plane(box)}|{_number_class(box.role, box.states)}", []).append(number)
    return [_number_text(group, numbers, uid) for group, numbers in groups.items()]


def _is_index(label: Label) -> bool:
    return label.kind == "index" and label.text.replace(",", "").isdigit()


def has_number(box: Box) -> bool:
    """Whether a cell's number is shown."""
    return box.text != "" and box.role != "pad" and "waiting" not in box.states and "swatch" not in box.states


@cache
def _number_class(role: str, states: tuple[str, ...]) -> str:
    style = look(role, states)
    names = [("small", "small" in states), ("quiet", style.ink == "muted"), ("bold", style.bold)]
    return " ".join(["cv-number", *(f"cv-{name}" for name, has in names if has)])


@cache
def _scale(role: str, states: tuple[str, ...]) -> float:
    """The width of a cell's digits, compared with those of an ordinary number."""
    return (BOLD if look(role, states).bold else 1.0) * (SMALL_SCALE if "small" in states else 1.0)


def _number_text(group: str, numbers: list[Number], uid: str) -> str:
    """One text with a position for each character."""
    key, _, classes = group.partition("|")
    x = " ".join([f"{number.middle + offset:g}" for number in numbers for offset in number.offsets])
    y = f"{numbers[0].baseline:g}"
    if any(number.baseline != numbers[0].baseline for number in numbers):
        y = " ".join([f"{number.baseline:g}" for number in numbers for offset in number.offsets])
    name, text = classes.replace("cv-", "").replace(" ", "."), "".join([number.text for number in numbers])
    return f'<text id="{uid}-{name}.{key}" class="{classes}" x="{x}" y="{y}">{text}</text>'


@cache
def _steps(text: str, scale: float) -> tuple[float, ...]:
    """The width that each character of a number has, in pixels."""
    return tuple(OTHER_STEPS.get(character, DIGIT_STEP) * scale for character in text)


@cache
def _offsets(text: str, scale: float) -> tuple[float, ...]:
    """Where the middle of each character is, in pixels from the middle of its number."""
    steps = _steps(text, scale)
    return tuple(sum(steps[:n]) + (step - sum(steps)) / 2 for n, step in enumerate(steps))


def _factors(box: Box, uid: str) -> str:
    x, y = box.x + box.width / 2, box.y + factors_baseline(box)
    return f'<text id="{uid}-f.{box.key}" class="cv-factors" x="{x:g}" y="{y:g}">{box.note}</text>'


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
    return f'<path id="{uid}-{outline.key}" class="cv-{outline.kind}" d="{outline_path(outline, 0)}"/>'
