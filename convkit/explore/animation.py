"""The kernel on its way over the image: a player with controls, a GIF, and its frames."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ..arguments import ArgumentError
from ..picture.arrays import clean_filter, make_scene
from ..picture.boxes import Layout
from ..picture.drawing import Picture, clean_parts, clean_theme
from ..picture.frame import PARTS, Focus
from ..picture.layout import lay_out
from ..picture.scene import Scene, positions
from ..picture.theme import Theme
from .explorer import someone_is_there
from .knobs import Settings
from .page import fragment, page
from .topics.moving import Moving, scene_settings

MOST_POSITIONS = 400  # more make a file that takes minutes to watch


@dataclass(frozen=True, eq=False)
class Animation:
    """One picture for each output position, row by row.

    `frames` are the pictures, `gif()` the bytes of a GIF, `html()` a page with controls; `text` says what is shown.
    """

    scene: Scene
    filter: int
    theme: Theme
    seconds: float  # per position
    reveal: bool
    show: tuple[str, ...]

    @cached_property
    def frames(self) -> tuple[Picture, ...]:
        """A picture for each output position."""
        return tuple(Picture(layout, self.theme) for layout in self._layouts)

    @property
    def title(self) -> str:
        """Kernel, settings and sizes in one line."""
        return self._full.title

    @property
    def text(self) -> str:
        """What the animation shows, for those who can't see it move: the whole picture, and how it moves."""
        return f"Animation, {self._count} positions, row by row. {self._full.text}"

    @property
    def _count(self) -> int:
        return self.scene.rows.length * self.scene.columns.length

    @cached_property
    def _layouts(self) -> tuple[Layout, ...]:
        return tuple(
            self._layout(position, n + 1 if self.reveal else None) for n, position in enumerate(positions(self.scene))
        )

    @cached_property
    def _full(self) -> Layout:
        return self._layout((0, 0), None)

    def _layout(self, position: tuple[int, int], revealed: int | None) -> Layout:
        return lay_out(self.scene, Focus(position, self.filter, revealed), self.show)

    def gif(self, path: str | Path | None = None, scale: float = 1.0) -> bytes:
        """The animation as a GIF that repeats; written to `path` too when one is given."""
        from ..picture.paint import gif_palette, paint

        images = [paint(layout, self.theme == "dark", scale) for layout in self._layouts]
        palette = gif_palette(images[-1], self.theme == "dark")  # the last frame has all that the others have
        first, *others = (image.quantize(palette=palette, dither=0) for image in images)
        durations = [round(1000 * self.seconds)] * len(images)
        durations[-1] += 1000  # a moment to see the result before it starts again
        file = io.BytesIO()
        first.save(
            file, "GIF", save_all=True, append_images=others, duration=durations, loop=0, optimize=True, disposal=1
        )
        if path is not None:
            Path(path).write_bytes(file.getvalue())
        return file.getvalue()

    def html(self, path: str | Path | None = None, autoplay: bool = False) -> str:
        """One page that works offline: play, pause, step, home, by mouse and keyboard; written to `path` if given."""
        made = page(Moving(), self._settings(autoplay), self._still(), self.theme)
        if path is not None:
            Path(path).write_text(made, encoding="utf-8")
        return made

    def fragment(self) -> str:
        """A part of a page: the player where scripts run, one picture elsewhere."""
        return fragment(Moving(), self._settings(), self._still())

    def _settings(self, autoplay: bool = False) -> Settings:
        return {**scene_settings(self.scene, self.show, self.reveal), "autoplay": autoplay, "filter": self.filter}

    def _still(self) -> str:
        return Picture(self._full, self.theme).svg

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """The player for a person; one picture elsewhere, such as in graded work. The text for all."""
        still = self._still()
        shown = self.fragment() if someone_is_there() else still
        return {"text/html": shown, "text/plain": self.text}

    def __repr__(self) -> str:
        return f"<Animation: {self.title}, {self._count} positions>"


def animate(
    x: Any,
    kernel: Any,
    strides: Any = 1,
    padding: Any = "VALID",
    dilations: Any = 1,
    bias: Any = None,
    *,
    filter: int = 0,
    theme: Theme = "auto",
    seconds: float = 0.8,
    reveal: bool = True,
    show: Any = PARTS,
) -> Animation:
    """The kernel moving over every output position; arguments as for `convkit.picture.draw`.

    seconds : how long the GIF shows each position; reveal : outputs appear as they are computed
    theme : the player follows the page with 'auto'; a GIF can't, and is painted light
    Raises ShapeError where kernel and image do not fit, ArgumentError for more than 400 positions.

    >>> moving = animate([[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[1, 0], [0, -1]])
    >>> moving
    <Animation: 2×2 kernel, padding='valid', strides=1: 3×3×1 becomes 2×2×1, 4 positions>
    >>> moving.gif()[:6]
    b'GIF89a'
    """  # noqa: RUF002
    scene = make_scene(x, kernel, strides, padding, dilations, bias)
    count = scene.rows.length * scene.columns.length
    if count > MOST_POSITIONS:
        height, width = (min(axis.n, max(axis.span, 10 * axis.strides)) for axis in (scene.rows, scene.columns))
        raise ArgumentError(
            f"the output has {count} positions, and an animation shows at most {MOST_POSITIONS}. Animate a part of the "
            f"image, such as x[:{height}, :{width}], or draw single positions with convkit.picture.draw."
        )
    if not 0.02 <= seconds <= 60:
        raise ArgumentError(f"seconds is {seconds!r}, and has to be between 0.02 and 60, such as seconds=0.8.")
    return Animation(
        scene, clean_filter(scene, filter), clean_theme(theme), float(seconds), bool(reveal), clean_parts(show)
    )
