"""What may go wrong with the zeros of SAME in a convolution written by hand (`conv2d`)."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..slots import PADDING_READ, Axis, Pair, same_total, zeros_around
from .rows import SAME_HINT, Row


def _shared(before: Any) -> Any:
    """Pads of SAME by a rule that shares the right total."""

    def pads(axis: Axis) -> Pair:
        total = same_total(axis) if axis.same else 0
        return before(total), total - before(total)

    return pads


def _fixed(amounts: Any) -> Any:
    """Pads of SAME that depend on the kernel alone."""
    return lambda axis: amounts(axis.k) if axis.same else (0, 0)


def _around(mode: Any) -> Any:
    return lambda x, rows, columns: np.pad(x, ((0, 0), rows, columns, (0, 0)), mode=mode)


def _one_axis(height: bool) -> Any:
    return lambda x, rows, columns: zeros_around(x, rows if height else (0, 0), (0, 0) if height else columns)


PADDING: tuple[Row, ...] = (
    (
        {"same": lambda same: False},
        "always-valid",
        "It works as for VALID, whatever `padding` says.",
        PADDING_READ,
    ),
    (
        {"same": lambda same: True},
        "always-same",
        "It works as for SAME, whatever `padding` says.",
        PADDING_READ,
    ),
    (
        {"same": lambda same: not same},
        "valid-and-same-swapped",
        "It works as for SAME where `padding` is VALID, and the other way round.",
        "Which of the two adds zeros around the image?",
    ),
    (
        {"pads": _shared(lambda total: total - total // 2)},
        "odd-one-before",
        "Where SAME needs an odd number of zeros, it puts the one that is over above, or to the left.",
        "Notebook 2 asked TensorFlow where the one that is over goes. " + SAME_HINT,
    ),
    (
        {"pads": _shared(lambda total: 0)},
        "all-after",
        "It puts all zeros of SAME below and to the right.",
        SAME_HINT,
    ),
    (
        {"pads": _shared(lambda total: total)},
        "all-before",
        "It puts all zeros of SAME above and to the left.",
        SAME_HINT,
    ),
    (
        {"pads": _fixed(lambda k: ((k - 1) // 2, k - 1 - (k - 1) // 2))},
        "padding-of-stride-1",
        "It pads for SAME as a stride of 1 needs, whatever the stride is.",
        "With a longer stride the last position may end earlier, and then fewer zeros are needed. " + SAME_HINT,
    ),
    (
        {"pads": _fixed(lambda k: (k - 1 - (k - 1) // 2, (k - 1) // 2))},
        "padding-of-stride-1-odd-one-before",
        "It pads for SAME as a stride of 1 needs, whatever the stride is, with the larger half above and to the left.",
        "With a longer stride fewer zeros may be needed. Notebook 2 asked TensorFlow where the one that is over goes. "
        + SAME_HINT,
    ),
    (
        {"pads": _fixed(lambda k: (k // 2, k // 2))},
        "half-a-kernel-on-each-side",
        "It pads half a kernel on each side for SAME: kernel_size // 2.",
        "What does that make of an even kernel, and of a stride of 2? The two sides need not be alike. " + SAME_HINT,
    ),
    (
        {"pads": _fixed(lambda k: ((k - 1) // 2, (k - 1) // 2))},
        "small-half-on-each-side",
        "It pads (kernel_size - 1) // 2 on each side for SAME.",
        "What does that make of an even kernel, and of a stride of 2? The two sides need not be alike. " + SAME_HINT,
    ),
    (
        {"pads": _fixed(lambda k: (k - 1, k - 1))},
        "a-whole-kernel-on-each-side",
        "It pads kernel_size - 1 on each side for SAME, so that every position that touches the image counts.",
        "That is called full padding, and Keras does not have it. How large should the result be?",
    ),
    (
        {"pads": lambda axis: (same_total(axis),) * 2 if axis.same else (0, 0)},
        "total-on-each-side",
        "It pads the whole number of zeros that SAME needs on each side, and so twice as many.",
        "How many zeros are needed in all, and how many do you add?",
    ),
    (
        {"pads": lambda axis: (same_total(axis) // 2,) * 2 if axis.same else (0, 0)},
        "halves-rounded-down",
        "It pads half of what SAME needs on each side, rounded down: of an odd number, one zero is lost.",
        "How many zeros are needed in all, and how many do you add? Try an even kernel.",
    ),
    (
        {"pads": lambda axis: (1, 1) if axis.same else (0, 0)},
        "padded-by-one",
        "It pads one zero on each side for SAME, whatever the kernel is.",
        "How far a kernel reaches beyond the border depends on its size. " + SAME_HINT,
    ),
    (
        {"around": lambda x, rows, columns: zeros_around(x, columns, rows)},
        "padding-axes-swapped",
        "For SAME it pads the rows as the columns need it, and the columns as the rows need it.",
        "The second axis of x is the height: its zeros are above and below. Try a kernel that is not square.",
    ),
    (
        {"around": _around("edge")},
        "border-repeated",
        "It repeats the pixels of the border for SAME, where zeros belong.",
        "`np.pad` adds zeros unless a mode is given. What does TensorFlow add?",
    ),
    (
        {"around": _around("reflect")},
        "border-mirrored",
        "It mirrors the image at its border for SAME, where zeros belong.",
        "`np.pad` adds zeros unless a mode is given. What does TensorFlow add?",
    ),
    (
        {"around": _one_axis(True)},
        "padded-on-one-axis",
        "It pads above and below for SAME, and not to the left and right.",
        "Both axes are padded, each by its own kernel size. Compare the two.",
    ),
    (
        {"around": _one_axis(False)},
        "padded-on-one-axis",
        "It pads to the left and right for SAME, and not above and below.",
        "Both axes are padded, each by its own kernel size. Compare the two.",
    ),
)
