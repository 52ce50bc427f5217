"""The cases of the exercises: functions draw fresh ones for grading, constants hold the probes.

A batch of fresh cases spans what its part is about, so that a wrong rule can't pass by luck of the draw. The probes are
small and fixed, not in the notebooks, and tell mistakes apart.
"""

from __future__ import annotations

import numpy as np

from gradekit.exercise.mistake import Args
from gradekit.exercise.model import Batch

Generator = np.random.Generator


def apart(rng: Generator, least: int, most: int, times: int = 1) -> tuple[int, int]:
    """Two numbers from least to most, never alike: only then does swapping them show. Both are multiplied by times."""
    one, other = rng.choice(np.arange(least, most + 1), size=2, replace=False)
    return int(one) * times, int(other) * times


def layer_params(rng: Generator) -> list[Args]:
    """Kernels of all sizes."""
    return [(int(kernel_size), *apart(rng, 2, 16)) for kernel_size in rng.permutation([1, 2, 3, 4, 5, 7])]


def second_layer_params(rng: Generator) -> list[Args]:
    """Numbers of filters other than the two of the question."""
    return [(int(filters),) for filters in rng.choice([1, 3, *range(5, 33)], size=6, replace=False)]


def pointwise_params(rng: Generator) -> list[Args]:
    """More than one channel, and more than one filter."""
    return [apart(rng, 2, 32) for _ in range(6)]


def same_padding(rng: Generator) -> list[Args]:
    """Even totals, odd totals, several strides, and strides that need no padding at all."""
    n = rng.integers(8, 30, size=5)
    odd = 2 * n + 1
    return [
        (int(n[0]), 5, 1),
        (int(n[1]), 4, 1),  # total 3: one before, two after
        (int(2 * n[2]), 3, 2),  # total 1: none before, one after
        (int(odd[3]), 3, 2),  # total 2: one on each side
        (int(2 * n[4]), 7, 2),  # total 5: two before, three after
        (int(3 * n[0]), 2, 3),  # the stride is larger than the kernel: none
        (int(3 * n[1] + 1), 2, 3),  # and still one after, when the last start needs it
    ]


def output_length_valid(rng: Generator) -> list[Args]:
    """Strides that come out even, strides that leave a remainder, and strides larger than the kernel."""
    n = rng.integers(5, 20, size=5)
    return [
        (int(n[0]) + 5, 4, 1, "valid"),
        (2 * int(n[1]), 3, 2, "valid"),  # an odd room: a remainder
        (2 * int(n[2]) + 1, 3, 2, "valid"),
        (3 * int(n[3]) + 2, 2, 3, "valid"),
        (3 * int(n[4]) + 1, 2, 3, "valid"),
        (int(n[0]), int(n[0]), 1, "valid"),  # the kernel as large as the input
    ]


def output_length_same(rng: Generator) -> list[Args]:
    """Sizes that the stride divides and sizes that it does not."""
    n = rng.integers(5, 20, size=4)
    return [
        (int(n[0]), 3, 1, "same"),
        (2 * int(n[1]) + 1, 3, 2, "same"),
        (2 * int(n[2]), 4, 2, "same"),
        (3 * int(n[3]) + 1, 5, 3, "same"),
        (3 * int(n[0]) + 2, 2, 3, "same"),
    ]


def pointwise(rng: Generator) -> list[Args]:
    """Images that are not square, with more filters than channels and fewer."""
    return [
        (halves(rng, height, width, channels), halves(rng, channels, filters))
        for height, width, channels, filters in ((4, 6, 3, 2), (5, 3, 2, 5), (1, 1, 4, 3), (6, 4, 1, 2))
    ]


def conv2d(*settings: tuple[int, str]) -> Batch:
    """A source of images and kernels, none of them square, for each (strides, padding)."""
    shapes = (((2, 7, 9, 3), (3, 2, 3, 4)), ((1, 9, 6, 2), (2, 3, 2, 3)), ((1, 8, 8, 1), (3, 3, 1, 2)))
    return lambda rng: [
        (halves(rng, *image), halves(rng, *kernel), strides, padding)
        for strides, padding in settings
        for image, kernel in shapes
    ]


def edges(vertical: bool) -> Batch:
    """Dark next to bright, of many sizes and contrasts; for vertical=False dark above bright, and a flat image."""

    def draw(rng: Generator) -> list[Args]:
        cases = []
        for bright_first in (False, True):
            height, width = (int(v) for v in rng.integers(6, 12, size=2))
            dark, bright = np.sort(rng.choice(np.arange(10), size=2, replace=False))
            image = np.full((height, width), float(dark))
            half = image[:, : width // 2] if vertical else image[: height // 2]
            half[:] = bright
            cases.append((image[::-1, ::-1].copy() if bright_first else image,))
        flat = np.full((7, 7), float(rng.integers(1, 10)))
        return cases if vertical else [*cases, (flat,)]

    return draw


def halves(rng: Generator, *shape: int) -> np.ndarray:
    """Halves from -4 to 4: exact in every float type, and rounded down visibly when kept as integers."""
    return rng.integers(-8, 9, size=shape) / 2.0


# -- probes ----------------------------------------------------------------------------------------------------------

# Channels and filters never alike; kernels of one pixel and of an even size; more than a handful of filters.
LAYER_PARAMS: tuple[Args, ...] = ((1, 2, 3), (2, 4, 9), (3, 2, 5), (4, 6, 5), (5, 3, 8), (7, 5, 2), (4, 7, 1))
SECOND_LAYER_PARAMS: tuple[Args, ...] = ((1,), (3,), (5,), (8,), (16,), (32,))
POINTWISE_PARAMS: tuple[Args, ...] = ((2, 1), (2, 7), (5, 4), (4, 6), (8, 3), (6, 16))

# Totals of 0 to 5, even and odd; strides that divide n and don't; strides larger than the kernel.
SAME_PADDING: tuple[Args, ...] = (
    (6, 5, 1),  # total 4
    (5, 4, 1),  # total 3
    (10, 7, 2),  # total 5
    (9, 5, 2),  # total 4
    (10, 5, 3),  # total 4, and 10 / 3 is not whole
    (11, 6, 3),  # total 4
    (12, 2, 3),  # the last window ends one pixel early
    (8, 1, 3),  # the last window ends one pixel early
    (10, 2, 4),  # none
    (12, 1, 4),  # the last window ends three pixels early
    (7, 1, 1),  # none
    (13, 4, 5),  # total 1
    (9, 8, 1),  # total 7
    (14, 9, 2),  # total 7
    (8, 4, 5),  # total 1
    (9, 7, 5),  # total 3
)

# Rooms that the stride divides and does not; even kernels; a kernel as large as the input; n below a stride.
OUTPUT_LENGTH: tuple[Args, ...] = (
    (10, 4, 3, "valid"),
    (11, 4, 3, "valid"),
    (12, 4, 3, "valid"),
    (7, 7, 1, "valid"),
    (6, 1, 4, "valid"),
    (12, 5, 4, "valid"),
    (10, 5, 3, "same"),
    (10, 4, 1, "same"),
    (12, 4, 3, "same"),
    (11, 2, 3, "same"),
    (13, 5, 4, "same"),
    (9, 1, 4, "same"),
    (10, 3, 4, "same"),
    (7, 2, 1, "same"),
    (9, 4, 2, "same"),
    (11, 6, 2, "same"),
)


def quarters(seed: int, *shape: int) -> np.ndarray:
    """Quarters that are no halves, never zero: exact in every float type, and nothing cancels by chance."""
    numbers = np.random.default_rng(seed).integers(-8, 8, size=shape)
    return numbers / 2.0 + 0.25


def small_integers(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(1, 9, size=shape)


# Square and not, one channel and several, more filters than channels and fewer; and an image of whole numbers.
POINTWISE: tuple[Args, ...] = (
    (quarters(1, 2, 4, 3), quarters(2, 3, 2)),
    (quarters(3, 5, 2, 2), quarters(4, 2, 4)),
    (quarters(5, 3, 3, 3), quarters(6, 3, 3)),
    (quarters(7, 3, 3, 2), quarters(8, 2, 5)),
    (quarters(9, 4, 4, 4), quarters(10, 4, 3)),
    (quarters(11, 3, 5, 2), quarters(12, 2, 2)),
    (small_integers(13, 3, 3, 2), quarters(14, 2, 3)),
    (small_integers(15, 2, 2, 4), quarters(16, 4, 2)),
)


def _conv(seed: int, image: tuple[int, ...], kernel: tuple[int, ...], strides: int, padding: str) -> Args:
    return quarters(seed, *image), quarters(seed + 100, *kernel), strides, padding


# The first is the one that most mistakes fail on. Then squares, where height and width can't be mixed up: with an
# even kernel, with a stride that leaves a remainder, with several images; then what is not square, and whole numbers.
CONV2D: tuple[Args, ...] = (
    _conv(1, (2, 6, 5, 2), (3, 2, 2, 3), 2, "SAME"),
    _conv(2, (2, 6, 4, 2), (2, 3, 2, 3), 1, "VALID"),
    _conv(3, (2, 6, 6, 2), (3, 3, 2, 3), 2, "SAME"),
    _conv(4, (1, 7, 7, 2), (3, 3, 2, 2), 2, "VALID"),
    _conv(5, (1, 6, 6, 2), (2, 2, 2, 3), 1, "SAME"),
    _conv(6, (1, 8, 8, 1), (3, 3, 1, 2), 3, "VALID"),
    _conv(7, (2, 5, 5, 3), (4, 4, 3, 2), 1, "SAME"),
    _conv(17, (1, 6, 6, 1), (4, 4, 1, 2), 2, "SAME"),
    _conv(8, (1, 8, 5, 2), (3, 3, 2, 2), 2, "SAME"),
    _conv(9, (1, 4, 7, 1), (2, 2, 1, 2), 1, "VALID"),
    _conv(10, (1, 6, 6, 1), (2, 3, 1, 2), 2, "VALID"),
    _conv(11, (1, 5, 5, 2), (4, 2, 2, 2), 1, "SAME"),
    _conv(18, (1, 4, 9, 1), (2, 3, 1, 2), 2, "SAME"),
    _conv(19, (1, 7, 8, 2), (3, 2, 2, 1), 3, "SAME"),
    _conv(12, (2, 4, 4, 3), (1, 1, 3, 2), 2, "SAME"),
    (small_integers(13, 1, 4, 4, 2), quarters(14, 2, 2, 2, 2), 1, "VALID"),
    (small_integers(15, 1, 5, 5, 1), quarters(16, 3, 3, 1, 2), 2, "SAME"),
)


def _edge(height: int, width: int, at: int, low: float, high: float, vertical: bool) -> Args:
    image = np.full((height, width), low)
    (image[:, at:] if vertical else image[at:])[...] = high
    return (image,)


# Edges of every contrast and at several positions; bright first and dark first; flat and black.
EDGE_FILTER: tuple[Args, ...] = (
    _edge(6, 9, 2, 0.0, 1.0, vertical=True),
    _edge(7, 7, 4, 9.0, 2.0, vertical=True),
    _edge(9, 6, 3, 3.0, 4.0, vertical=True),
    _edge(9, 6, 2, 0.0, 9.0, vertical=False),
    _edge(7, 7, 3, 8.0, 1.0, vertical=False),
    (np.full((7, 7), 9.0),),
    (np.zeros((5, 5)),),
)


# -- rings of zeros, stacks, positions and Dense layers ----------------------------------------------------------------

RING_ZEROS: tuple[Args, ...] = ((4,), (6,), (7,), (8,), (11,))


def ring_zeros(rng: Generator) -> list[Args]:
    """Even kernels and odd ones, other than those of the notebook."""
    return [(int(size),) for size in rng.choice(np.arange(4, 16), size=6, replace=False)]


# Kernels are never smaller than the strides: then no pixel within the field is left out.
RECEPTIVE_FIELD: tuple[Args, ...] = (
    ((5,), (2,)),
    ((3, 5), (2, 3)),
    ((5, 3, 2), (3, 1, 2)),
    ((2, 2, 2, 2), (2, 2, 2, 2)),
    ((7, 3, 3), (2, 2, 1)),
    ((1, 3, 5), (1, 2, 1)),
    ((4, 4), (3, 2)),
    ((3, 4, 5, 3), (3, 2, 3, 1)),
)


def receptive_field(rng: Generator) -> list[Args]:
    """Stacks of two to four layers, with strides larger than 1 before the last of them."""
    stacks = []
    for layers in (2, 3, 3, 4, 4):
        sizes = rng.integers(3, 6, size=layers)
        strides = rng.integers(1, 4, size=layers)
        strides[rng.integers(layers - 1)] = 2
        stacks.append((tuple(map(int, sizes)), tuple(map(int, strides))))
    return stacks


def _position(seed: int, image: tuple[int, ...], kernel: tuple[int, ...], row: int, column: int, strides: int) -> Args:
    return quarters(seed, *image), quarters(seed + 100, *kernel), row, column, strides


ONE_POSITION: tuple[Args, ...] = (
    _position(21, (2, 7, 9, 2), (2, 3, 2, 3), 1, 2, 2),
    _position(22, (3, 6, 6, 2), (2, 2, 2, 2), 2, 1, 1),
    _position(23, (2, 8, 8, 3), (3, 3, 3, 2), 1, 0, 3),
    _position(24, (1, 9, 9, 1), (2, 2, 1, 3), 1, 3, 2),
    _position(25, (2, 9, 10, 2), (3, 2, 2, 4), 0, 2, 3),
    (small_integers(26, 2, 6, 7, 2), quarters(126, 2, 3, 2, 3), 1, 1, 2),
    (small_integers(27, 2, 6, 5, 2), quarters(127, 2, 2, 2, 3), 2, 1, 1),
)


def one_position(rng: Generator) -> list[Args]:
    """Several images and channels, kernels that are not square, and strides of 1 to 3."""
    return [
        (halves(rng, 2, 10, 11, channels), halves(rng, 2, 3, channels, 3), row, column, strides)
        for channels, row, column, strides in ((1, 1, 2, 1), (2, 2, 1, 2), (3, 0, 2, 3), (2, 2, 0, 3), (3, 3, 2, 2))
    ]


DENSE_PARAMS: tuple[Args, ...] = ((4, 6, 3, 5), (2, 3, 5, 7), (1, 1, 8, 4), (5, 2, 1, 9), (8, 3, 4, 1), (3, 7, 2, 16))


def dense_params(rng: Generator) -> list[Args]:
    """Images that are not square, with more than one channel."""
    return [tuple(int(size) for size in rng.choice(np.arange(2, 15), size=4, replace=False)) for _ in range(6)]


def shifts(rng: Generator) -> list[Args]:
    """Images of several sizes."""
    return [(halves(rng, height, width),) for height, width in ((4, 6), (7, 5), (3, 3))]
