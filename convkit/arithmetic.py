"""Integers in, integers out: one axis of a convolution, lengths, padding, parameters, MACs, the receptive field.

Formulas follow the Keras documentation of `Conv2D` and the notes on padding of `tf.nn`. Height and width never meet in
the geometry of an axis, which `conv2d`, the layers, derivations, traces and pictures all read from here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from .arguments import Amounts, PaddingMode, ShapeError, axis_padding, padding_word, pair, whole

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
    before, after = padding_amounts(n, kernel_size, strides, padding, dilation_rate)
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


def output_length(
    n: int,
    kernel_size: int,
    strides: int = 1,
    padding: PaddingMode | str | Amounts = "valid",
    dilation_rate: int = 1,
) -> int:
    """Number of positions of a kernel along one axis of n pixels.

    With span = (k - 1) * d + 1 and padding p on both sides together:
    VALID ceil((n - span + 1) / s); SAME ceil(n / s); explicit (before, after) as VALID on n + before + after.

    >>> output_length(8, kernel_size=3)
    6
    >>> output_length(8, kernel_size=3, strides=2)     # a start at 6 would need pixel 8: dropped
    3
    >>> output_length(7, kernel_size=3, strides=2, padding="same")
    4
    >>> output_length(2, kernel_size=3)
    Traceback (most recent call last):
    convkit.arguments.ShapeError: a kernel spanning 3 px does not fit 2 px: 3 > 2. Use kernel_size <= 2 or padding='same'.
    """  # noqa: E501
    return make_axis(n, kernel_size, strides, padding, dilation_rate).length


def transposed_length(
    n: int,
    kernel_size: int,
    strides: int = 1,
    padding: PaddingMode | str = "valid",
    dilation_rate: int = 1,
    output_padding: int | None = None,
) -> int:
    """Length along one axis that a transposed convolution makes of n pixels, as `Conv2DTranspose`.

    VALID (n - 1) * s + max(span, s), and with output_padding (n - 1) * s + span + output_padding.
    SAME n * s, and with output_padding (n - 1) * s + span % 2 + output_padding.

    >>> transposed_length(6, kernel_size=3, strides=2), transposed_length(6, kernel_size=3, strides=2, padding="same")
    (13, 12)
    """
    n, strides, span = whole("n", n), whole("strides", strides), kernel_span(kernel_size, dilation_rate)
    same = padding_word(padding) == "same"
    if output_padding is None:
        return n * strides if same else (n - 1) * strides + max(span, strides)
    return (n - 1) * strides + (span % 2 if same else span) + whole("output_padding", output_padding, least=0)


def padding_amounts(
    n: int,
    kernel_size: int,
    strides: int = 1,
    padding: PaddingMode | str | Amounts = "same",
    dilation_rate: int = 1,
) -> Amounts:
    """Rows of zeros that are added (before, after) along one axis of n pixels.

    SAME: total = max((ceil(n / s) - 1) * s + span - n, 0), before = total // 2, the rest after:
    with an odd total, the extra row goes to the bottom and the extra column to the right.

    >>> padding_amounts(8, kernel_size=3)
    (1, 1)
    >>> padding_amounts(8, kernel_size=3, strides=2)   # 3 * 2 + 3 - 8 = 1, and the one goes after
    (0, 1)
    """
    n, strides, span = whole("n", n), whole("strides", strides), kernel_span(kernel_size, dilation_rate)
    amounts = axis_padding(padding)
    if amounts == "valid":
        return 0, 0
    if amounts != "same":
        return amounts
    length = -(-n // strides)  # SAME: a position for every stride, the last one cut short
    total = max((length - 1) * strides + span - n, 0)
    return total // 2, total - total // 2


def unseen_pixels(
    n: int,
    kernel_size: int,
    strides: int = 1,
    padding: PaddingMode | str | Amounts = "valid",
    dilation_rate: int = 1,
) -> tuple[int, ...]:
    """Pixels of n along one axis that no kernel position reads: the remainder of a stride, and its gaps.

    >>> unseen_pixels(8, kernel_size=3, strides=2)
    (7,)
    >>> unseen_pixels(8, kernel_size=1, strides=3)
    (1, 2, 4, 5, 7)
    """
    return make_axis(n, kernel_size, strides, padding, dilation_rate).unseen


def conv_params(
    kernel_size: int | tuple[int, int], in_channels: int, filters: int, groups: int = 1, use_bias: bool = True
) -> int:
    """Parameters of a convolution layer with biases: (kh * kw * in_channels / groups + 1) * filters.

    >>> conv_params(kernel_size=3, in_channels=2, filters=4)       # (3*3*2 + 1) * 4
    76
    >>> conv_params(kernel_size=3, in_channels=2, filters=2)       # (3*3*2 + 1) * 2
    38
    """
    kernel_height, kernel_width = pair("kernel_size", kernel_size)
    per_group = channels_per_group(in_channels, filters, groups)
    return (kernel_height * kernel_width * per_group + bool(use_bias)) * filters


def channels_per_group(in_channels: int, filters: int, groups: int) -> int:
    """Input channels that one kernel spans: in_channels / groups. Groups have to divide both sides.

    >>> channels_per_group(in_channels=6, filters=4, groups=2)
    3
    """
    in_channels, filters, groups = whole("in_channels", in_channels), whole("filters", filters), whole("groups", groups)
    for name, count in (("input channels", in_channels), ("filters", filters)):
        if count % groups:
            fitting = ", ".join(str(g) for g in range(1, filters + 1) if in_channels % g == 0 and filters % g == 0)
            raise ShapeError(
                f"groups={groups} does not divide the {count} {name}. "
                f"With {in_channels} input channels and {filters} filters, groups can be {fitting}."
            )
    return in_channels // groups


def conv_macs(
    output_size: tuple[int, int], kernel_size: int | tuple[int, int], in_channels: int, filters: int, groups: int = 1
) -> int:
    """Multiply-accumulates of a convolution for one image: one multiply and one add each, bias not counted.

    output_size is (height, width) of the output. fvcore counts the same; torchinfo adds the bias.

    >>> conv_macs(output_size=(6, 6), kernel_size=3, in_channels=3, filters=2)     # 6*6*2 outputs of 3*3*3 products
    1944
    """
    height, width = output_size
    return height * width * conv_params(kernel_size, in_channels, filters, groups, use_bias=False)


def receptive_field(spans_and_strides: Iterable[tuple[int, int]]) -> int:
    """Input pixels along one axis that one output of a stack can depend on, ignoring the border.

    Takes (kernel span, stride) of each layer, first layer first. The field of no layer is one pixel; a layer adds
    (span - 1) * step, where step is the product of the strides before it.

    >>> receptive_field([(3, 1), (3, 1)])
    5
    >>> receptive_field([(3, 2), (3, 1)])
    7
    """
    size, step = 1, 1
    for span, strides in spans_and_strides:
        size += (span - 1) * step
        step *= strides
    return size
