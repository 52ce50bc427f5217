"""The picture of one convolution: arrays or a layer in, SVG and text out."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from ..arguments import ArgumentError
from .arrays import clean_filter, clean_position, make_scene
from .boxes import Layout
from .frame import PARTS, Focus
from .layout import lay_out
from .svg import render
from .theme import THEMES, Theme

_drawn = itertools.count()


@dataclass(frozen=True)
class Picture:
    """A picture and its text. Shown by a notebook as it is; `save` writes a file.

    `svg` is one SVG element, `text` says what it shows, `layout` is the same as data.
    """

    layout: Layout
    theme: Theme = "auto"
    uid: str = field(default="", compare=False)

    @property
    def text(self) -> str:
        """What the picture says."""
        return self.layout.text

    @property
    def title(self) -> str:
        """The same in one line."""
        return self.layout.title

    @cached_property
    def svg(self) -> str:
        """The picture as one SVG element with a title and a description."""
        return render(self.layout, self.uid or _new_uid(self.layout), self.theme)

    def image(self, scale: float = 1.0) -> Any:
        """The picture as a Pillow image, painted from the same layout. Theme 'auto' is painted light."""
        from .paint import paint

        return paint(self.layout, dark=self.theme == "dark", scale=scale)

    def save(self, path: str | Path) -> Path:
        """Write the picture: `.svg` as text, `.png` and `.gif` painted."""
        path = Path(path)
        if path.suffix == ".svg":
            path.write_text(self.svg, encoding="utf-8")
        elif path.suffix in (".png", ".gif"):
            self.image(scale=2.0).save(path)
        else:
            raise ArgumentError(f"path is {str(path)!r}, and has to end in .svg, .png or .gif.")
        return path

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self.svg, "text/plain": self.text}

    def __repr__(self) -> str:
        return f"<Picture: {self.title}>"


def draw(
    x: Any,
    kernel: Any,
    strides: Any = 1,
    padding: Any = "VALID",
    dilations: Any = 1,
    bias: Any = None,
    *,
    position: Any = (0, 0),
    filter: int = 0,
    theme: Theme = "auto",
    show: Iterable[str] = PARTS,
    revealed: int | None = None,
    uid: str = "",
) -> Picture:
    """A convolution, drawn: input, kernel, products and output, with the kernel at one output position.

    x : (height, width), (height, width, channels) or a batch of one image; or a mere shape (height, width, channels)
    kernel : (height, width), (height, width, channels / groups, filters), or a Conv2D of ours or of Keras, which
        then brings its own strides, padding, dilation_rate and bias. It is not flipped.
    padding : 'valid', 'same' or ((top, bottom), (left, right)) in pixels
    position : row and column of the output in focus; filter : the filter in focus; both are indices
    theme : 'auto' follows the page, 'light', 'dark'
    show : which of 'input', 'kernel', 'products', 'output'
    revealed : how many outputs are known, row by row; None shows all
    uid : starts the ids in the SVG; chosen so that pictures don't clash when left empty

    Small images are drawn whole, larger ones around the position in focus.
    Raises ShapeError where kernel and image do not fit, ArgumentError for a position or filter that is not there.

    >>> picture = draw([[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[1, 0], [0, -1]])
    >>> print(picture.title)
    2×2 kernel, padding='valid', strides=1: 3×3×1 becomes 2×2×1
    >>> picture.svg[:4]
    '<svg'
    """  # noqa: RUF002
    scene = make_scene(x, kernel, strides, padding, dilations, bias)
    focus = Focus(clean_position(scene, position), clean_filter(scene, filter), revealed)
    return Picture(lay_out(scene, focus, clean_parts(show)), clean_theme(theme), uid)


def clean_theme(theme: str) -> Theme:
    """'auto', 'light' or 'dark'."""
    for known in THEMES:
        if theme == known:
            return known
    raise ArgumentError(f"theme is {theme!r}, and has to be 'auto', 'light' or 'dark'.")


def clean_parts(show: Iterable[str]) -> tuple[str, ...]:
    """Names of parts, in the order in which they stand."""
    wanted = (show,) if isinstance(show, str) else tuple(show)
    unknown = [part for part in wanted if part not in PARTS]
    if unknown or not wanted:
        raise ArgumentError(f"show is {show!r}, and has to name some of {', '.join(map(repr, PARTS))}.")
    return tuple(part for part in PARTS if part in wanted)


def _new_uid(layout: Layout) -> str:
    """Short, the same from run to run, and different for each picture of a run."""
    digest = hashlib.blake2s(repr((layout.title, layout.text)).encode(), digest_size=3).hexdigest()
    return f"cv{digest}-{next(_drawn)}"
