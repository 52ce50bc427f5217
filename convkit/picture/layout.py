"""A scene and a crop -> the whole picture as data: boxes, labels and outlines, in pixels.

Parts stand side by side: input, kernel, products, output. There is a row for each input channel, so that a channel,
its part of the kernel and its products stand beside each other.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from . import words
from .boxes import Box, Label, Layout, make_layout
from .crop import crop_around
from .frame import LINE, MARGIN, PARTS, Focus, Frame, Items, heading_of, make_frame, right_edge
from .legend import entries_of, swatches
from .planes import input_items, kernel_items, output_items, product_items
from .scene import Scene

PARTS_ITEMS: dict[str, Callable[[Frame], Items]] = {
    "input": input_items,
    "kernel": kernel_items,
    "products": product_items,
    "output": output_items,
}
LEAST_WIDTH = 560
NOTE_CHARACTER = 6.9  # pixels


def lay_out(
    scene: Scene,
    focus: Focus,
    show: tuple[str, ...] = PARTS,
    room: float | None = None,
    cell: float | None = None,
) -> Layout:
    """The whole picture, or the part of a large one around the focus.

    room: pixels that it may be wide on a page that has its title and sentences elsewhere; None draws them too;
    cell: height of a cell in pixels, for a picture beside another one.
    """
    crop = crop_around(scene, focus.position, focus.filter)
    frame = make_frame(scene, crop, focus, show, room, cell)
    items = _headings(frame)
    for part in frame.show:
        items += PARTS_ITEMS[part](frame)
    title, entries = words.title(scene), entries_of(scene, crop, frame.show)
    if room is not None:
        margin = frame.space.margin
        width = _right(items) + margin
        marks, bottom = swatches(entries, margin, _bottom(items) + 10, room - 2 * margin)
        items += marks
        width, bottom = max(width, _right(items) + margin), bottom - MARGIN - 2
    else:
        items.append(Label("title", "title", MARGIN, MARGIN + 13, title))
        longest = Label("moment", "moment", MARGIN, 0, words.longest_moment(scene))  # one width for all positions
        width = max(_right([*items, longest]), LEAST_WIDTH) + MARGIN
        marks, top = swatches(entries, MARGIN, _bottom(items) + 16, width - 2 * MARGIN)
        items += [*marks, Label("moment", "moment", MARGIN, top + LINE, words.moment(scene, focus.position))]
        lines = [line for fact in words.facts(scene, crop) for line in _wrapped(fact, width - 2 * MARGIN)]
        items += [Label(f"s{n}", "note", MARGIN, top + n * LINE, line) for n, line in enumerate(lines, start=2)]
        bottom = top + (len(lines) + 1) * LINE
    text = words.description(scene, crop, focus.position, focus.filter, focus.revealed)
    return make_layout(title, text, items, math.ceil(width), math.ceil(bottom + MARGIN))


def _headings(frame: Frame) -> Items:
    return [
        Label(
            f"h-{part}",
            "heading",
            frame.left[part] + (frame.space.index if part in ("input", "output") else 0),
            frame.heading + frame.down[part],
            heading_of(frame.scene, part, frame.focus.filter),
        )
        for part in frame.show
    ]


def _wrapped(sentence: str, width: float) -> list[str]:
    lines, limit = [""], width / NOTE_CHARACTER
    for word in sentence.split(" "):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > limit:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _right(items: Items) -> float:
    """Where cells and words end. Row and column numbers and the signs of a sum are next to cells that reach further."""
    words = [right_edge(item) for item in items if isinstance(item, Label) and item.anchor == "start"]
    return max(*words, *(item.x + item.width for item in items if isinstance(item, Box)))


def _bottom(items: Items) -> float:
    return max(item.y + item.height for item in items if isinstance(item, Box))
