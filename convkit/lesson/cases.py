"""Fresh cases. Each batch spans what its part is about, so that a wrong rule can't pass by luck of the draw."""

from __future__ import annotations

import numpy as np

from .exercise import Args, Draw

Generator = np.random.Generator


def layer_params(rng: Generator) -> list[Args]:
    """Channels and filters never alike: only then does swapping them show."""
    cases = []
    for kernel_size in rng.permutation([1, 2, 3, 4, 5, 7]):
        in_channels, filters = rng.choice(np.arange(2, 17), size=2, replace=False)
        cases.append((int(kernel_size), int(in_channels), int(filters)))
    return cases


def second_layer_params(rng: Generator) -> list[Args]:
    """Numbers of filters other than the two of the question."""
    return [(int(filters),) for filters in rng.choice([1, 3, *range(5, 33)], size=6, replace=False)]


def pointwise_params(rng: Generator) -> list[Args]:
    """Channels and filters never alike, and more than one of each."""
    return [tuple(int(v) for v in rng.choice(np.arange(2, 33), size=2, replace=False)) for _ in range(6)]


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
        (_numbers(rng, height, width, channels), _numbers(rng, channels, filters))
        for height, width, channels, filters in ((4, 6, 3, 2), (5, 3, 2, 5), (1, 1, 4, 3), (6, 4, 1, 2))
    ]


def conv2d(*settings: tuple[int, str]) -> Draw:
    """A source of images and kernels, none of them square, for each (strides, padding)."""

    def draw(rng: Generator) -> list[Args]:
        shapes = (((2, 7, 9, 3), (3, 2, 3, 4)), ((1, 9, 6, 2), (2, 3, 2, 3)), ((1, 8, 8, 1), (3, 3, 1, 2)))
        return [
            (_numbers(rng, *image), _numbers(rng, *kernel), strides, padding)
            for strides, padding in settings
            for image, kernel in shapes
        ]

    return draw


def edges(vertical: bool) -> Draw:
    """Dark beside bright, of many sizes and contrasts; for vertical=False dark above bright, and a flat image."""

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


def _numbers(rng: Generator, *shape: int) -> np.ndarray:
    """Halves from -4 to 4: exact in every float type, and rounded down visibly when kept as integers."""
    return rng.integers(-8, 9, size=shape) / 2.0
