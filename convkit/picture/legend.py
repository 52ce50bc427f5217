"""What the marks in a picture mean: only those that occur in it."""

from __future__ import annotations

from ..arithmetic import Axis
from .boxes import Box, Label
from .crop import Crop
from .frame import Items, right_edge
from .planes import is_extra
from .scene import Scene

SWATCH = 20
STEP = 26  # from line to line
CHARACTER = 6.9

Entry = tuple[str, str, tuple[str, ...], str]  # key, role and states of a swatch, and its words


def swatches(entries: list[Entry], x: float, top: float, width: float) -> tuple[Items, float]:
    """Swatches with words, in as many lines as they need, and where they end."""
    items: Items = []
    left = x
    for key, role, states, text in entries:
        name = Label(f"l-{key}-name", "note", left + SWATCH + 6, top + 14.5, text)
        if left > x and right_edge(name) > x + width:
            left, top = x, top + STEP
            name = name._replace(x=left + SWATCH + 6, y=top + 14.5)
        items += [Box(f"l-{key}", role, left, top, SWATCH, SWATCH, states=(*states, "swatch")), name]
        left += SWATCH + 6 + CHARACTER * len(text) + 18
    return items, top + STEP


def entries_of(scene: Scene, crop: Crop, show: tuple[str, ...]) -> list[Entry]:
    """What a legend explains: the marks that occur in these parts."""
    entries = _of_the_image(scene, crop) if "input" in show else []
    return [*entries, ("here", "output", ("here",), "this output")] if "output" in show else entries


def _of_the_image(scene: Scene, crop: Crop) -> list[Entry]:
    axes = scene.rows, scene.columns
    entries: list[Entry] = [("tap", "pixel", ("tap",), "read for this output")]
    if any(axis.dilation_rate > 1 and axis.kernel_size > 1 for axis in axes):
        entries.append(("gap", "pixel", ("gap",), "skipped by the dilation"))
    if any(_has_plain_padding(scene, axis, part) for axis, part in zip(axes, (crop.rows, crop.columns), strict=True)):
        entries.append(("pad", "pad", (), "padding (a zero that was added)"))
    if scene.padding == "same" and any(axis.after > axis.before for axis in axes):
        entries.append(("extra", "pad", ("extra",), "the extra row or column that SAME adds"))
    if any(axis.unseen for axis in axes):
        entries.append(("unseen", "unseen", (), "never read"))
    return entries


def _has_plain_padding(scene: Scene, axis: Axis, part: range) -> bool:
    """Whether some row (or column) of padding is drawn that is not the extra one."""
    return any(not 0 <= place < axis.n and not is_extra(scene, axis, place) for place in part)
