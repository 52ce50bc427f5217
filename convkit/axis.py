"""One axis of a convolution: which pixels each output position reads, and how much padding there is.

Height and width never meet in these formulas, which follow the notes on padding of `tf.nn`. `conv2d`, the layers,
derivations, traces and pictures all read them here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from .arguments import Amounts, PaddingMode, ShapeError, axis_padding, whole

# (start, stop) of pixels or of output positions.
Span = tuple[int, int]


def kernel_span(kernel_size: int, dilation_rate: int = 1) -> int:
    """Pixels from the first to the last that a kernel touches along one axis: (k - 1) * d + 1.

    >>> kernel_span(3), kernel_span(3, dilation_rate=2)
    (3, 5)
    """
    return (whole("kernel_size", kernel_size) - 1) * whole("dilation_rate", dilation_rate) + 1


@dataclass(frozen=True)
class Axis:
    """A kernel that slides along n pixels. Padding is at the negative pixels, and from pixel n on.

    >>> axis = make_axis(8, kernel_size=3, strides=2, padding="same")
    >>> axis.length, (axis.before, axis.after), axis.taps(3)
    (4, (0, 1), [6, 7, 8])
    """

    n: int
    kernel_size: int
    strides: int
    dilation_rate: int
    before: int  # pixels of padding
    after: int
    length: int  # output positions

    @cached_property
    def span(self) -> int:
        """Pixels from the first to the last that the kernel touches."""
        return (self.kernel_size - 1) * self.dilation_rate + 1

    @cached_property
    def padded(self) -> bool:
        """Whether any position reads padding."""
        return self.before > 0 or self.reach((0, self.length))[1] > self.n

    def first(self, position: int) -> int:
        """The pixel under the kernel's first weight."""
        return position * self.strides - self.before

    def pixel(self, position: int, tap: int) -> int:
        """The pixel under one of the kernel's weights."""
        return self.first(position) + tap * self.dilation_rate

    def taps(self, position: int) -> list[int]:
        """The pixels under all of the kernel's weights."""
        return [self.pixel(position, tap) for tap in range(self.kernel_size)]

    @cached_property
    def read(self) -> frozenset[int]:
        """All pixels, padding included, that some position reads."""
        return frozenset(pixel for position in range(self.length) for pixel in self.taps(position))

    @cached_property
    def unseen(self) -> tuple[int, ...]:
        """The pixels of the image that no position reads."""
        return tuple(pixel for pixel in range(self.n) if pixel not in self.read)

    def reach(self, positions: Span) -> Span:
        """All pixels from the first to the last that these positions read.

        >>> make_axis(8, kernel_size=3, padding="same").reach((0, 2))
        (-1, 3)
        """
        return self.first(positions[0]), self.first(positions[1] - 1) + self.span

    def clip(self, start: int, stop: int) -> Span:
        """The pixels from start to stop that are in the image, and not in the padding.

        >>> make_axis(8, kernel_size=3, padding="same").clip(-1, 3)
        (0, 3)
        """
        first = min(max(start, 0), self.n)
        return first, max(min(stop, self.n), first)

    def inside(self, tap: int, positions: Span) -> Span:
        """The positions at which one weight of the kernel is on a pixel of the image, and not on padding.

        >>> make_axis(8, kernel_size=3, padding="same").inside(tap=0, positions=(0, 8))
        (1, 8)
        """
        offset = self.pixel(0, tap)
        first, stop = -(offset // self.strides), (self.n - 1 - offset) // self.strides + 1
        return max(first, positions[0]), min(stop, positions[1])


def make_axis(
    n: int,
    kernel_size: int,
    strides: int = 1,
    padding: PaddingMode | str | Amounts = "valid",
    dilation_rate: int = 1,
) -> Axis:
    """The geometry of one axis. Raises ShapeError, with what would fit, where the kernel is too long for it.

    With span = (k - 1) * d + 1, there are (n + before + after - span) // s + 1 output positions.
    """
    before, after = amounts_of_padding(n, kernel_size, strides, padding, dilation_rate)
    span, room = kernel_span(kernel_size, dilation_rate), n + before + after
    if span > room:
        padded = f" padded with {before} before and {after} after" if before or after else ""
        dilated = f" (dilation_rate {dilation_rate})" if dilation_rate > 1 else ""
        closer = f", dilation_rate <= {(room - 1) // (kernel_size - 1)}" if dilated and room >= kernel_size else ""
        raise ShapeError(
            f"a kernel spanning {span} px{dilated} does not fit {n} px{padded}: {span} > {room}. "
            f"Use kernel_size <= {(room - 1) // dilation_rate + 1}{closer} or padding='same'."
        )
    return Axis(n, kernel_size, strides, dilation_rate, before, after, length=(room - span) // strides + 1)


def amounts_of_padding(
    n: int, kernel_size: int, strides: int, padding: PaddingMode | str | Amounts, dilation_rate: int
) -> Amounts:
    """Pixels of padding (before, after): see `convkit.padding_amounts`."""
    n, strides, span = whole("n", n), whole("strides", strides), kernel_span(kernel_size, dilation_rate)
    amounts = axis_padding(padding)
    if amounts == "valid":
        return 0, 0
    if amounts != "same":
        return amounts
    length = -(-n // strides)  # SAME: a position for every stride, the last one cut short
    total = max((length - 1) * strides + span - n, 0)
    return total // 2, total - total // 2
