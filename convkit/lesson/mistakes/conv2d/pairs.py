"""Every mistake with a slip of its own, and which of them are made together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations
from typing import Any

from gradekit.exercise.mistake import Mistake, together

from ..slots import Array, Conv
from .kernel import CHANNELS, KERNEL
from .padding import PADDING
from .positions import BORDER, POSITIONS
from .result import AXES, IMAGES, RESULT
from .rows import Row
from .strides import STRIDES
from .words import words

SLOTS = (*KERNEL, *STRIDES, *PADDING, *POSITIONS, *BORDER, *CHANNELS, *IMAGES, *RESULT, *AXES)
AT_ONE_POSITION = (*KERNEL, *CHANNELS, *IMAGES, *RESULT)
AT_ONE_PIXEL = (*CHANNELS, *RESULT, *AXES, *BORDER)


def _mistake(name: str, did: str, helps: str, rule: Conv) -> Mistake:
    return Mistake(name, rule, did, helps, lambda *args: words(rule, *args))


def singles() -> Iterator[tuple[dict[str, Any], Mistake]]:
    for slots, name, did, helps in SLOTS:
        yield slots, _mistake(name, did, helps, Conv(**slots))


def for_part(rows: Iterable[Row], rule: Callable[[Conv], Callable[..., Array]]) -> list[Mistake]:
    """The mistakes of these rows in an exercise on a part of the convolution. `rule` turns a Conv into its rule."""
    return [Mistake(name, rule(Conv(**slots)), did, helps) for slots, name, did, helps in rows]


# What may be made together with a mistake in another slot, if one of the two is common. The rest is told alone.
_COMMON = {
    "kernel-flipped",
    "stride-ignored",
    "stride-only-in-the-size",
    "always-valid",
    "only-the-first-channel",
    "only-the-first-filter",
    "whole-numbers",
}


_SAME = {
    "stride-ignored + padding-of-stride-1",  # what else would a stride of 1 be padded by
    "stride-ignored + halves-rounded-down",  # for a stride of 1, the small half of a kernel
    "stride-ignored + start-not-counted",  # for a stride of 1, the last start is the start
    "channels-not-summed + only-the-first-filter",  # one after the other, it is the first channel of the first filter
}


_PAIRED = {
    "kernel-flipped",
    "stride-ignored",
    "stride-on-one-axis",
    "stride-only-in-the-size",
    "always-valid",
    "always-same",
    "odd-one-before",
    "all-after",
    "all-before",
    "padding-of-stride-1",
    "half-a-kernel-on-each-side",
    "small-half-on-each-side",
    "halves-rounded-down",
    "last-start-left-out",
    "start-not-counted",
    "channels-not-summed",
    "only-the-first-channel",
    "only-the-last-channel",
    "only-the-first-filter",
    "only-the-first-image",
    "whole-numbers",
}


def pairs() -> Iterator[Mistake]:
    for (one, first), (other, second) in combinations(singles(), 2):
        names = {first.name, second.name}
        if (
            names <= _PAIRED
            and names & _COMMON
            and _group(one) != _group(other)
            and " + ".join((first.name, second.name)) not in _SAME
        ):
            rule = Conv(**one, **other)
            yield together(first, second, rule, lambda *args, rule=rule: words(rule, *args))


def _group(slots: dict[str, Any]) -> str:
    """The part of the work a slot belongs to: two mistakes in one part are not made together."""
    slot = next(iter(slots))
    parts = {"steps": "strides", "spread": "strides", "same": "pads", "around": "pads", "typed": "typed"}
    return parts.get(slot, slot)
