"""Along one axis: how many positions there are for a window, and how much padding is on each side."""

from __future__ import annotations

from dataclasses import dataclass

from ..axis import Axis
from .derivation import Step
from .formula import Formula, at_least_zero, minus, number, plus, rounded_down, rounded_up, times
from .words import Direction, counted, listed, ordinal


@dataclass(frozen=True)
class Window:
    """A kernel or a pool that slides along an axis, and the words for both."""

    direction: Direction
    axis: Axis
    padding: str
    noun: str = "kernel"

    @property
    def span(self) -> Formula:
        """Pixels from the window's first to its last."""
        size, rate = self.axis.kernel_size, self.axis.dilation_rate
        return plus(times(minus(size, 1), rate), 1) if rate > 1 else number(size)


def positions(window: Window) -> list[Step]:
    """From the size of the image to the number of positions, and to the padding on each side."""
    steps = [*_dilated(window), *(_same(window) if window.padding == "same" else _valid(window))]
    first = steps[0]
    return [Step(f"{window.direction.name}: {first.what}", first.expression, first.unit), *steps[1:]]


def never_read(window: Window) -> Step:
    """The pixels along one axis that a stride steps over or never gets to."""
    pixels, n, missed = window.direction.pixels, window.axis.n, window.axis.unseen
    read = n - len(missed)
    which = f": {pixels(len(missed))} {listed(missed)}, counted from 0" if missed else ""
    what = f"of {counted(n, window.direction.pixel)}, the {window.noun}s read {read}:"
    return Step(what, minus(n, read), f"{pixels(len(missed))} never read{which}")


def _dilated(window: Window) -> list[Step]:
    if window.axis.dilation_rate == 1:
        return []
    size = counted(window.axis.kernel_size, window.direction.pixel)
    what = f"a {window.noun} of {size} with dilation_rate {window.axis.dilation_rate} spans"
    return [Step(what, window.span, window.direction.pixels(window.span.value))]


def _valid(window: Window) -> list[Step]:
    span, n, strides = window.span.value, window.axis.n, window.axis.strides
    starts = plus(minus(n, span), 1)
    what = f"without padding, a {window.noun} over {counted(span, window.direction.pixel)} of {n} can start at"
    steps = [Step(what, starts, "position" if starts.value == 1 else "positions", joint="; ")]
    if strides > 1:
        every = f"with strides {strides}, every {ordinal(strides)} of them, beginning with the first:"
        steps.append(Step(every, rounded_up(starts.value, strides), joint="; "))
    return steps


def _same(window: Window) -> list[Step]:
    axis, direction, strides = window.axis, window.direction, window.axis.strides
    one_each = Step(f"one position for each {direction.pixel}:", number(axis.n), joint="; ")
    every = f"with strides {strides}, one position for every {counted(strides, direction.pixel)}:"
    one_for_some = Step(every, rounded_up(axis.n, strides), joint="; ")
    needed = plus(times(minus(axis.length, 1), strides), window.span.value)
    total = at_least_zero(minus(needed.value, axis.n))
    return [
        one_each if strides == 1 else one_for_some,
        Step(f"from first to last, the {window.noun}s cover", needed, direction.pixels(needed.value), joint="; "),
        Step("padding:", total, direction.pixels(total.value), joint="; "),
        Step(f"{direction.before}:", rounded_down(total.value, 2), joint=", "),
        Step(f"{direction.after}:", minus(total.value, axis.before), joint=", "),
    ]
