"""Mistakes in the zeros that SAME adds for a stride of 1."""

from __future__ import annotations

from gradekit import Mistake

_SIDES = "Put the kernel on the first pixel and on the last one. How many of its pixels are outside on each side?"
_COUNT = "With a stride of 1 the output has to be as long as the input. Try n=5 and count the positions."

RING_ZEROS = (
    Mistake(
        "half-a-kernel-on-each-side",
        lambda k: (k // 2, k // 2),
        "It adds kernel_size // 2 zeros on each side.",
        "That fits odd kernels. " + _COUNT,
        lambda k: f"{k} / 2 rounded down, on each side",
    ),
    Mistake(
        "small-half-on-each-side",
        lambda k: ((k - 1) // 2, (k - 1) // 2),
        "It adds (kernel_size - 1) // 2 zeros on each side.",
        "That fits odd kernels. " + _COUNT,
        lambda k: f"({k} - 1) / 2 rounded down, on each side",
    ),
    Mistake(
        "odd-one-before",
        lambda k: (k // 2, (k - 1) // 2),
        "If the number of zeros is odd, it puts the extra one before the image.",
        "Look again at the row of five pixels in the notebook: on which side was the zero?",
        lambda k: f"{k} - 1 = {k - 1} in all; the larger half before",
    ),
    Mistake(
        "all-after",
        lambda k: (0, k - 1),
        "It puts all zeros after the image.",
        _SIDES,
        lambda k: f"{k} - 1 = {k - 1} in all; all after",
    ),
    Mistake(
        "all-before",
        lambda k: (k - 1, 0),
        "It puts all zeros before the image.",
        _SIDES,
        lambda k: f"{k} - 1 = {k - 1} in all; all before",
    ),
    Mistake(
        "a-whole-kernel-on-each-side",
        lambda k: (k - 1, k - 1),
        "It adds kernel_size - 1 zeros on each side. That is full padding, and the output grows.",
        _COUNT,
        lambda k: f"{k} - 1 on each side",
    ),
    Mistake(
        "total-alone",
        lambda k: k - 1,
        "It returns the number of all zeros, and not how they are split.",
        "Return a pair: zeros before the image, zeros after it.",
        lambda k: f"{k} - 1",
    ),
    Mistake(
        "as-many-as-the-kernel",
        lambda k: (k // 2, k - k // 2),
        "In all, it adds as many zeros as the kernel has pixels.",
        _COUNT,
        lambda k: f"{k} in all; half of them on each side",
    ),
    Mistake(
        "split-in-half",
        lambda k: ((k - 1) / 2, (k - 1) / 2),
        "It splits the zeros evenly, which gives half a zero where their number is odd.",
        "Zeros are counted in whole numbers: `//` rounds down. Where does the extra zero go?",
        lambda k: f"({k} - 1) / 2 on each side",
    ),
    Mistake(
        "no-padding",
        lambda k: (0, 0),
        "It adds no zeros at all, as VALID does.",
        _COUNT,
        lambda k: "no zeros",
    ),
    Mistake(
        "always-one",
        lambda k: (1, 1),
        "It adds 1 zero on each side for every kernel.",
        "That fits a kernel of size 3. How far does a larger kernel reach beyond the first pixel?",
        lambda k: "1 on each side",
    ),
)
