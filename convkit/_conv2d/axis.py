"""Which pixels one output reads: the geometry of a kernel that slides along an axis."""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

# (start, stop) of images, of output rows and of output columns.
Span = tuple[int, int]
Block = tuple[Span, Span, Span]


class Axis(NamedTuple):
    """One axis of a convolution. Padding is the negative pixels, and those from `pixels` on."""

    pixels: int  # length of the input
    taps: int  # length of the kernel
    stride: int
    dilation: int
    before: int  # padding in front
    places: int  # length of the output
    padded: bool = False  # does any place read padding?

    def pixel(self, place: int, tap: int) -> int:
        """The input pixel that a kernel's tap reads when the kernel stands at a place; it may lie in the padding.

        >>> Axis(pixels=8, taps=3, stride=2, dilation=1, before=1, places=4).pixel(place=1, tap=0)
        1
        """
        return place * self.stride + tap * self.dilation - self.before

    def reach(self, places: Span) -> Span:
        """(first, behind the last) input pixel that any tap reads from these places.

        >>> Axis(pixels=8, taps=3, stride=1, dilation=1, before=1, places=8).reach((0, 2))
        (-1, 3)
        """
        return self.pixel(places[0], 0), self.pixel(places[1] - 1, self.taps - 1) + 1

    def clip(self, start: int, stop: int) -> Span:
        """Those pixels from start to stop that lie in the image, and not in the padding.

        >>> Axis(pixels=8, taps=3, stride=1, dilation=1, before=1, places=8).clip(-1, 3)
        (0, 3)
        """
        first = min(max(start, 0), self.pixels)
        return first, max(min(stop, self.pixels), first)

    def inside(self, tap: int, places: Span) -> Span:
        """Those of the places from which a tap reads a pixel of the image, and not of the padding.

        >>> Axis(pixels=8, taps=3, stride=1, dilation=1, before=1, places=8).inside(tap=0, places=(0, 8))
        (1, 8)
        """
        first = -(self.pixel(0, tap) // self.stride)  # rounded up
        behind = (self.pixels - 1 - self.pixel(0, tap)) // self.stride + 1
        return max(first, places[0]), min(behind, places[1])


def blocks(images: int, rows: int, columns: int, size: int, widest: int) -> list[Block]:
    """Cut (images, rows, columns) into blocks of at most `size` places and `widest` columns, the largest first.

    Unless `widest` says otherwise, a block of more than one row has whole rows, and one of more than one image
    whole images: its places lie in one piece in memory.

    >>> blocks(images=1, rows=3, columns=4, size=8, widest=8)
    [((0, 1), (0, 2), (0, 4)), ((0, 1), (2, 3), (0, 4))]
    """
    across = max(1, min(columns, size, widest))
    down = max(1, min(rows, size // across))
    deep = max(1, min(images, size // (across * rows)))
    return list(product(_cuts(images, deep), _cuts(rows, down), _cuts(columns, across)))


def _cuts(length: int, most: int) -> list[Span]:
    """Pieces of about the same length: the last one should not keep a single core busy.

    >>> _cuts(10, most=8)
    [(0, 5), (5, 10)]
    """
    step = -(-length // -(-length // most))
    return [(start, min(start + step, length)) for start in range(0, length, step)]
