"""Along one axis: how many places there are for a window, and how much padding stands on each side."""

from __future__ import annotations

from dataclasses import dataclass

from ..arithmetic import output_length, padding_amounts, unseen_pixels
from .derivation import Step
from .formula import Formula, at_least_zero, minus, number, plus, rounded_down, rounded_up, times
from .words import Axis, counted, listed, ordinal


@dataclass(frozen=True)
class Window:
    """A kernel or a pool along one axis of n pixels, in Keras' words."""

    axis: Axis
    n: int
    size: int
    strides: int
    padding: str
    dilation_rate: int = 1
    noun: str = "kernel"

    @property
    def length(self) -> int:
        """Places where the window stands."""
        return output_length(self.n, self.size, self.strides, self.padding, self.dilation_rate)

    @property
    def amounts(self) -> tuple[int, int]:
        """Padding (before, after)."""
        return padding_amounts(self.n, self.size, self.strides, self.padding, self.dilation_rate)

    @property
    def unseen(self) -> tuple[int, ...]:
        """Pixels that no window reads."""
        return unseen_pixels(self.n, self.size, self.strides, self.padding, self.dilation_rate)

    @property
    def span(self) -> Formula:
        """Pixels from the window's first to its last."""
        return plus(times(minus(self.size, 1), self.dilation_rate), 1) if self.dilation_rate > 1 else number(self.size)


def places(window: Window) -> list[Step]:
    """From the size of the image to the number of places, and to the padding on each side."""
    steps = [*_dilated(window), *(_same(window) if window.padding == "same" else _valid(window))]
    first = steps[0]
    return [Step(f"{window.axis.name}: {first.what}", first.expression, first.unit), *steps[1:]]


def never_read(window: Window) -> Step:
    """The pixels along one axis that a stride steps over or never gets to."""
    axis, missed = window.axis, window.unseen
    read = window.n - len(missed)
    which = f": {axis.pixels(len(missed))} {listed(missed)}, counted from 0" if missed else ""
    what = f"of {counted(window.n, axis.pixel)}, the {window.noun}s read {read}:"
    return Step(what, minus(window.n, read), f"{axis.pixels(len(missed))} never read{which}")


def _dilated(window: Window) -> list[Step]:
    if window.dilation_rate == 1:
        return []
    size = counted(window.size, window.axis.pixel)
    what = f"a {window.noun} of {size} with dilation_rate {window.dilation_rate} spans"
    return [Step(what, window.span, window.axis.pixels(window.span.value))]


def _valid(window: Window) -> list[Step]:
    span = window.span.value
    starts = plus(minus(window.n, span), 1)
    what = f"without padding, a {window.noun} over {counted(span, window.axis.pixel)} of {window.n} can start at"
    steps = [Step(what, starts, "place" if starts.value == 1 else "places", joint="; ")]
    if window.strides > 1:
        steps.append(_every(window, starts.value))
    return steps


def _every(window: Window, starts: int) -> Step:
    what = f"with strides {window.strides}, every {ordinal(window.strides)} of them, beginning with the first:"
    return Step(what, rounded_up(starts, window.strides), joint="; ")


def _same(window: Window) -> list[Step]:
    length, span, axis = window.length, window.span.value, window.axis
    one_each = Step(f"one place for each {axis.pixel}:", number(window.n), joint="; ")
    every = f"with strides {window.strides}, one place for every {counted(window.strides, axis.pixel)}:"
    one_for_some = Step(every, rounded_up(window.n, window.strides), joint="; ")
    needed = plus(times(minus(length, 1), window.strides), span)
    total = at_least_zero(minus(needed.value, window.n))
    return [
        one_each if window.strides == 1 else one_for_some,
        Step(f"from first to last, the {window.noun}s cover", needed, axis.pixels(needed.value), joint="; "),
        Step("padding:", total, axis.pixels(total.value), joint="; "),
        Step(f"{axis.before}:", rounded_down(total.value, 2), joint=", "),
        Step(f"{axis.after}:", minus(total.value, total.value // 2), joint=", "),
    ]
