"""A layout -> a Pillow image, for GIF and PNG. The same cells at the same places as in the SVG."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

from .boxes import Box, Label, Layout, Outline
from .marks import INSET, segments
from .svg import CORNER, factors_baseline, has_number, number_baseline, number_size
from .theme import COLORS, FACTORS_SIZE, LABELS, OUTLINES, Look, color, look

GIF_COLORS = 96
NEAR = 8  # steps of 255
ANCHORS = {"start": "ls", "middle": "ms", "end": "rs"}


def paint(layout: Layout, dark: bool = False, scale: float = 1.0) -> Any:
    """An RGB image, `scale` image pixels for each pixel of the layout."""
    from PIL import Image, ImageDraw

    size = round(layout.width * scale), round(layout.height * scale)
    image = Image.new("RGB", size, color("paper", dark))
    brush = Brush(ImageDraw.Draw(image), dark, scale)
    for label in layout.labels:
        brush.label(label)
    for box in layout.boxes:
        brush.box(box)
    for outline in layout.outlines:
        brush.outline(outline)
    return image


def gif_palette(image: Any, dark: bool) -> Any:
    """A palette for `quantize`: the theme's own exactly, and those of the letters' soft edges."""
    from PIL import Image

    own = [tuple(bytes.fromhex(pair[dark][1:])) for pair in COLORS.values()]
    found = image.quantize(GIF_COLORS).getpalette()
    others = [tuple(found[n : n + 3]) for n in range(0, len(found), 3)]
    # Pillow looks colors up in steps of 4: one too near to a color of the theme would take its place.
    apart = [other for other in others if all(_distance(other, mine) > NEAR for mine in own)]
    palette = Image.new("P", (1, 1))
    palette.putpalette([channel for entry in (own + apart)[:GIF_COLORS] for channel in entry])
    return palette


def _distance(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


class Brush:
    """Draws items of a layout on a Pillow canvas."""

    def __init__(self, canvas: Any, dark: bool, scale: float) -> None:
        self.canvas, self.dark, self.scale = canvas, dark, scale

    def box(self, box: Box) -> None:
        """A cell: ground, marks, border, number."""
        style = look(box.role, box.states)
        corners = box.x + INSET, box.y + INSET, box.x + box.width - INSET, box.y + box.height - INSET
        self._rectangle(corners, style.fill, None, 0)
        for x1, y1, x2, y2 in segments(style.mark, box.width, box.height):
            self._line(box.x + x1, box.y + y1, box.x + x2, box.y + y2, "muted" if style.mark == "cross" else "mark", 1)
        self._border(corners, style.line, style.width, style.dash)
        self._numbers(box, style)

    def _numbers(self, box: Box, style: Look) -> None:
        if not has_number(box):
            return
        middle = box.x + box.width / 2
        if box.note:
            self._text(middle, box.y + factors_baseline(box), box.note, FACTORS_SIZE, "ink", False, "ms")
        self._text(middle, box.y + number_baseline(box), box.text, number_size(box), style.ink, style.bold, "ms")

    def label(self, label: Label) -> None:
        """Words next to the cells."""
        ink, size, bold = LABELS[label.kind]
        self._text(label.x, label.y, label.text, size, ink, bold, ANCHORS[label.anchor])

    def outline(self, outline: Outline) -> None:
        """A frame on top of the cells."""
        line, width, dash = OUTLINES[outline.kind]
        corners = outline.x, outline.y, outline.x + outline.width, outline.y + outline.height
        self._border(corners, line, width, dash)

    def _border(self, corners: tuple[float, ...], line: str, width: float, dash: tuple[float, ...]) -> None:
        if not dash:
            self._rectangle(corners, None, line, width)
            return
        left, top, right, bottom = corners
        for ends in ((left, top, right, top), (right, top, right, bottom), (left, bottom, right, bottom)):
            self._dashes(*ends, line, width, dash)
        self._dashes(left, top, left, bottom, line, width, dash)

    def _dashes(
        self, x1: float, y1: float, x2: float, y2: float, line: str, width: float, dash: tuple[float, ...]
    ) -> None:
        length = max(x2 - x1, y2 - y1)
        along = (1, 0) if x2 > x1 else (0, 1)
        start = 0.0
        while start < length:
            stop = min(start + dash[0], length)
            self._line(
                x1 + along[0] * start, y1 + along[1] * start, x1 + along[0] * stop, y1 + along[1] * stop, line, width
            )
            start += sum(dash)

    def _rectangle(self, corners: tuple[float, ...], fill: str | None, line: str | None, width: float) -> None:
        self.canvas.rounded_rectangle(
            [corner * self.scale for corner in corners],
            radius=CORNER * self.scale,
            fill=color(fill, self.dark) if fill else None,
            outline=color(line, self.dark) if line else None,
            width=max(1, round(width * self.scale)) if line else 0,
        )

    def _line(self, x1: float, y1: float, x2: float, y2: float, line: str, width: float) -> None:
        ends = [value * self.scale for value in (x1, y1, x2, y2)]
        self.canvas.line(ends, fill=color(line, self.dark), width=max(1, round(width * self.scale)))

    def _text(self, x: float, y: float, text: str, size: float, ink: str, bold: bool, anchor: str) -> None:
        place = x * self.scale, y * self.scale
        self.canvas.text(place, text, fill=color(ink, self.dark), font=_font(size * self.scale, bold), anchor=anchor)


@cache
def _font(size: float, bold: bool) -> Any:
    """DejaVu Sans, which Matplotlib brings; otherwise the font inside Pillow."""
    from PIL import ImageFont

    path = _dejavu("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf")
    return ImageFont.truetype(str(path), size * 0.94) if path else ImageFont.load_default(size)


def _dejavu(name: str) -> Path | None:
    """The font's file; Matplotlib is found without being imported, which would take long."""
    found = importlib.util.find_spec("matplotlib")
    for folder in (found.submodule_search_locations or []) if found else []:
        path = Path(folder) / "mpl-data" / "fonts" / "ttf" / name
        if path.exists():
            return path
    return None
