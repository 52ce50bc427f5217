"""What moves in a picture without asking the kernel: the renderer's steps, for pictures that were arranged anew."""

from __future__ import annotations

from typing import Any

from ..picture.steps import steps as picture_steps

Steps = dict[str, Any]
Changes = dict[str, dict[str, Any]]
Shift = tuple[float, float]


def conv_steps(*args: Any, shift: Shift = (0, 0), nowhere: str = "", **kwargs: Any) -> Steps | None:
    """`convkit.picture.steps`, arguments as there.

    shift: how far the output was moved from where the renderer put it; nowhere: said of a place that is not there.
    """
    found = picture_steps(*args, **kwargs)
    if found is None:
        return None
    moved = _shifted(found, shift) if shift != (0, 0) else found
    return _with_nowhere(moved, nowhere) if nowhere else moved


def _shifted(steps: Steps, shift: Shift) -> Steps:
    """Frames around outputs are placed by coordinates; everything else that moves has classes and texts alone."""
    frames = [{**frame, "changes": _move(frame["changes"], shift)} for frame in steps["frames"]]
    return {**steps, "rest": _move(steps["rest"], shift), "frames": frames}


def _move(changes: Changes, shift: Shift) -> Changes:
    found = dict(changes)
    for key, change in changes.items():
        if key[0] == "f" and key[1:].isdigit():
            places = change["a"]
            moved = {
                name: f"{float(places[name]) + by:g}" for name, by in zip("xy", shift, strict=True) if name in places
            }
            found[key] = {**change, "a": {**places, **moved}}
    return found


def _with_nowhere(steps: Steps, words: str) -> Steps:
    """A last frame without a position: no cell is lit, no frame is drawn, and the words say why."""
    hidden = {key: {"a": {"class": "cvx-none"}} for key in steps["rest"] if key[0] in "wf" and key[1:].isdigit()}
    return {**steps, "frames": [*steps["frames"], {"position": None, "say": words, "changes": hidden}]}
