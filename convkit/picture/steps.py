"""What changes in a picture while the kernel moves, as plain data for a script in the page.

The script sets attributes and texts that were computed here; it computes nothing. See `steps.js`.
"""

from __future__ import annotations

from typing import Any

from .arrays import clean_filter, make_scene
from .boxes import Box, Label
from .crop import crop_around, is_whole
from .frame import PARTS, Focus, Frame, make_frame
from .layout import lay_out, moving_items
from .scene import Scene, positions
from .svg import Item, attributes
from .words import around, saying

Change = dict[str, Any]
MOVING_STATES = ("tap", "gap", "here")


def steps(
    x: Any,
    kernel: Any,
    strides: Any = 1,
    padding: Any = "VALID",
    dilations: Any = 1,
    bias: Any = None,
    *,
    filter: int = 0,
    show: tuple[str, ...] = PARTS,
) -> dict[str, Any] | None:
    """For each output position, row by row, what differs from the picture at rest; arguments as for `draw`.

    rest : {key: change} for every cell that ever changes: how it is without a focus
    frames : a list of {"position": [row, column], "say": sentences, "changes": {key: change}}
    columns : output positions in a row
    before, after : the parts of the description around the sentences of a frame
    A change holds attributes "a", the number "t", and the factors "n" above it, and of these only what differs from
    the rest: go back to the rest before each step. The element's id is uid-key. `steps.js` does that.
    Returns None for a picture that is cropped: there the whole picture is drawn anew.

    >>> found = steps([[1, 2, 3]], [[1, 1]])
    >>> [frame["position"] for frame in found["frames"]]
    [[0, 0], [0, 1]]
    >>> found["frames"][1]["changes"]["o0.0.1"]["a"]["class"]
    'cv-output cv-here'
    """
    scene = make_scene(x, kernel, strides, padding, dilations, bias)
    return scene_steps(scene, clean_filter(scene, filter), show)


def scene_steps(scene: Scene, filter: int, show: tuple[str, ...] = PARTS) -> dict[str, Any] | None:
    """The same from a scene."""
    home = Focus((0, 0), filter)
    crop = crop_around(scene, home.position, filter)
    if not is_whole(scene, crop):
        return None
    base = lay_out(scene, crop, home, show)
    items: tuple[Item, ...] = (*base.boxes, *base.labels, *base.outlines)
    rest = {item.key: change_of(_at_rest(item)) for item in items}
    frame = make_frame(scene, crop, home, show)
    frames = [_step(frame.at(Focus(position, filter)), rest) for position in positions(scene)]
    moved = {key for step in frames for key in step["changes"]}
    before, after = around(scene, crop, filter)
    return {
        "filter": filter,
        "columns": scene.columns.length,
        "before": before,
        "after": after,
        "rest": {key: rest[key] for key in rest if key in moved},
        "frames": frames,
    }


def _step(frame: Frame, rest: dict[str, Change]) -> dict[str, Any]:
    """One position: what is said, and what differs from the rest."""
    position, filter = frame.focus.position, frame.focus.filter
    changes = {item.key: difference(change_of(item), rest[item.key]) for item in moving_items(frame)}
    return {
        "position": list(position),
        "say": saying(frame.scene, position, filter),
        "changes": {key: change for key, change in changes.items() if change},
    }


def change_of(item: Item) -> Change:
    """What a script has to set so that an item's element shows it."""
    change: Change = {}
    if found := attributes(item):
        change["a"] = found
    if isinstance(item, Label) or (isinstance(item, Box) and item.role != "pad"):
        change["t"] = item.text
    if isinstance(item, Box) and item.note:
        change["n"] = item.note
    return change


def difference(change: Change, rest: Change) -> Change:
    """The parts of a change that are not as they are at rest."""
    found = {name: value for name, value in change.items() if name != "a" and value != rest.get(name)}
    moved = {name: value for name, value in change.get("a", {}).items() if value != rest["a"].get(name)}
    return found | ({"a": moved} if moved else {})


def _at_rest(item: Item) -> Item:
    if not isinstance(item, Box):
        return item
    return item._replace(states=tuple(state for state in item.states if state not in MOVING_STATES))
