"""How does a graded kernel show figures in less time? It draws each of them once.

Matplotlib draws a figure twice for the tight frame that a notebook shows: once to see where it ends, and once more
inside that frame. Here it is drawn once and cut out. The frame may be a pixel wider, and nothing else differs.
"""

from __future__ import annotations

import math
from typing import Any, cast

QUICKLY = 1  # zlib's level: the same pixels in a file that is a little larger
CLEAR = (255, 255, 255, 0)  # what Agg begins with


def draw_once() -> None:
    """From now on, for all figures that are shown as PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    usual = FigureCanvasAgg.print_figure

    def print_figure(canvas: Any, filename: Any, *arguments: Any, **named: Any) -> Any:
        picture = None if arguments else _cut_out(canvas, **named)
        if picture is None:
            return usual(canvas, filename, *arguments, **named)
        return picture.save(filename, "png", compress_level=QUICKLY, dpi=(canvas.figure.dpi,) * 2)

    cast(Any, FigureCanvasAgg).print_figure = print_figure


def _cut_out(
    canvas: Any,
    format: str = "",
    bbox_inches: Any = None,
    dpi: Any = None,
    facecolor: Any = None,
    edgecolor: Any = None,
    **others: Any,
) -> Any:
    """The figure in its tight frame; None where that is not what is asked for, or where something stands outside."""
    figure = canvas.figure
    asked = (format, bbox_inches, dpi, facecolor, edgecolor)
    if others or asked != ("png", "tight", figure.dpi, figure.get_facecolor(), figure.get_edgecolor()):
        return None
    canvas._is_saving = True  # what is animated is drawn then
    try:
        canvas.draw()
        extents = figure.get_tightbbox(canvas.get_renderer()).extents
    finally:
        canvas._is_saving = False
    return _framed(canvas, [edge * figure.dpi for edge in extents], facecolor)


def _framed(canvas: Any, extents: list[float], facecolor: Any) -> Any:
    from matplotlib import rcParams
    from PIL import Image

    (left, bottom, right, top), (width, height) = extents, canvas.get_width_height()
    if left < 0 or bottom < 0 or right > width or top > height:
        return None
    pad = rcParams["savefig.pad_inches"] * canvas.figure.dpi
    x, y = math.floor(left - pad), math.floor(height - top - pad)
    size = math.ceil(right + pad) - x, math.ceil(height - bottom + pad) - y
    colour = tuple(round(255 * part) for part in facecolor) if facecolor[3] else CLEAR
    paper = Image.new("RGBA", size, colour)
    paper.paste(Image.frombytes("RGBA", (width, height), bytes(canvas.buffer_rgba())), (-x, -y))
    return paper
