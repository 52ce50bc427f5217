"""Mistakes in what SAME adds along one axis (`same-padding`, `ring-zeros`): zeros in all, and how they are shared.

A mistake in the total is a row of TOTALS, one in the sharing a row of SHARES, which `ring-zeros` has too; any other one
is in _ALONE.

Two mistakes, one in the total and one in the sharing, may be made together. From public issue trackers:
the extra zero in front (Caffe, ARM, Torch), half the kernel on both sides, the total of single steps, the output
kept as long as the input.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradekit.exercise.mistake import Mistake, together

from ...arithmetic import padding_amounts

Total = Callable[[int, int, int], int]  # (n, kernel_size, strides) -> zeros in all
Words = Callable[[int, int, int], str]
Share = Callable[[int], Any]  # zeros in all -> what the answer gives


def total(n: int, k: int, s: int) -> int:
    return sum(padding_amounts(n, k, s))


def _unclipped(n: int, k: int, s: int) -> int:
    return (-(-n // s) - 1) * s + k - n


def halves(zeros: int) -> tuple[int, int]:
    return zeros // 2, zeros - zeros // 2


def _total_words(n: int, k: int, s: int) -> str:
    last = (-(-n // s) - 1) * s
    return f"the last position starts at {last} and needs {last} + {k} pixels of {n}"


_SHARE_HINT = (
    "Write down which pixels the kernel reads at its first position, and which at its last. On which side is one "
    "missing?"
)
_NEED_HINT = (
    "Mark every start of the kernel on a strip of n squares. How far does the last position reach beyond the end?"
)

# name, what was done, what helps, the rule, its words
TOTALS: tuple[tuple[str, str, str, Total, Words], ...] = (
    (
        "stride-ignored",
        "It adds as many zeros as a stride of 1 needs, whatever the stride is.",
        "With a longer stride the last position may end earlier, so that fewer zeros are needed. " + _NEED_HINT,
        lambda n, k, s: k - 1,
        lambda n, k, s: f"{k} - 1 = {k - 1} in all",
    ),
    (
        "output-rounded-down",
        "It counts the positions as n / strides rounded down.",
        "SAME has a position at the start, and one more after every stride inside the image. " + _NEED_HINT,
        lambda n, k, s: max((n // s - 1) * s + k - n, 0),
        lambda n, k, s: f"({n // s} - 1) x {s} + {k} - {n} = {(n // s - 1) * s + k - n} in all, at least 0",
    ),
    (
        "output-as-long-as-the-input",
        "It adds as many zeros as would keep the output as long as the input, in spite of the stride.",
        "SAME keeps the length only with a stride of 1. How many positions are there with this stride?",
        lambda n, k, s: (n - 1) * s + k - n,
        lambda n, k, s: f"({n} - 1) x {s} + {k} - {n} = {(n - 1) * s + k - n} in all",
    ),
    (
        "less-than-nothing",
        "It gives a number below zero where the last position ends before the image does.",
        "Zeros can be added, and not taken away. What if the last position needs fewer pixels than there are?",
        _unclipped,
        lambda n, k, s: f"({-(-n // s)} - 1) x {s} + {k} - {n} = {_unclipped(n, k, s)} in all",
    ),
    (
        "last-start-one-stride-too-far",
        "It lets the last position start one stride too far.",
        "The first position starts at 0. Where does the second start, and where the last of them all?",
        lambda n, k, s: max(-(-n // s) * s + k - n, 0),
        lambda n, k, s: f"{-(-n // s)} x {s} + {k} - {n} = {-(-n // s) * s + k - n} in all",
    ),
    (
        "remainder-forgotten",
        "It counts as if n were always a multiple of the stride.",
        "Try a length that the stride does not divide. " + _NEED_HINT,
        lambda n, k, s: max(k - s, 0),
        lambda n, k, s: f"{k} - {s} = {k - s} in all, at least 0",
    ),
    (
        "one-position-too-many",
        "Where the stride divides n, it adds zeros for one position too many.",
        "Try a length that the stride divides. " + _NEED_HINT,
        lambda n, k, s: max(k - n % s, 0),
        lambda n, k, s: f"a position that starts at {n // s * s} needs {n // s * s} + {k} pixels of {n}",
    ),
)

# name, what was done, what helps, the rule on the total, its words
SHARES: tuple[tuple[str, str, str, Share, str], ...] = (
    (
        "odd-one-before",
        "Where the number of zeros is odd, it puts the extra one before the image.",
        _SHARE_HINT + " Look again at the row of five pixels in notebook 3.",
        lambda zeros: (zeros - zeros // 2, zeros // 2),
        "the larger half before",
    ),
    (
        "all-after",
        "It puts all zeros after the image.",
        _SHARE_HINT + " Try a large kernel with a stride of 1: is its middle on the first pixel?",
        lambda zeros: (0, zeros),
        "all after",
    ),
    (
        "all-before",
        "It puts all zeros before the image.",
        _SHARE_HINT,
        lambda zeros: (zeros, 0),
        "all before",
    ),
    (
        "total-on-each-side",
        "It puts the whole number of zeros on each side, and so twice as many as it counts.",
        "How many zeros are needed in all, and how many does your answer have in all?",
        lambda zeros: (zeros, zeros),
        "all on each side",
    ),
    (
        "halves-rounded-down",
        "It gives both sides the same, half of the zeros rounded down: of an odd number, one is lost.",
        "How many zeros are needed in all, and how many does your answer have in all? Try an even kernel.",
        lambda zeros: (zeros // 2, zeros // 2),
        "half of them, rounded down, on each side",
    ),
    (
        "halves-rounded-up",
        "It gives both sides the same, half of the zeros rounded up: of an odd number, one is too many.",
        "How many zeros are needed in all, and how many does your answer have in all? Try an even kernel.",
        lambda zeros: (-(-zeros // 2), -(-zeros // 2)),
        "half of them, rounded up, on each side",
    ),
    (
        "half-a-zero",
        "It halves with `/`. That gives floats, and half a zero where the number of zeros is odd.",
        "There is no half zero. `//` divides and rounds down: what has to happen with the one that is left?",
        lambda zeros: (zeros / 2, zeros / 2),
        "half of them on each side",
    ),
    (
        "rounded-to-even",
        "It halves with `round`. In Python, `round` takes a half to the nearest even number: 0.5 becomes 0, and 1.5 "
        "becomes 2.",
        "Try `round(0.5)`, `round(1.5)` and `round(2.5)` in a cell. Which side should get the extra one?",
        lambda zeros: (round(zeros / 2), zeros - round(zeros / 2)),
        "half of them, rounded to even, before",
    ),
    (
        "total-for-a-pair",
        "It gives one number, the zeros in all, and not a pair.",
        "The answer is a pair: how many of them come before, and how many after?",
        lambda zeros: zeros,
        "in one number",
    ),
    (
        "one-side-for-a-pair",
        "It gives one number, half of the zeros rounded down, and not a pair.",
        "The answer is a pair: how many of them come before, and how many after?",
        lambda zeros: zeros // 2,
        "half of them, in one number",
    ),
    (
        "a-pair-for-each-axis",
        "It gives two pairs, one for each axis.",
        "The question is about one axis: one number before, and one after.",
        lambda zeros: (halves(zeros), halves(zeros)),
        "the same pair twice",
    ),
)


def _give(count: Total, share: Share) -> Callable[..., Any]:
    return lambda n, k, s: share(count(n, k, s))


def _say(words: Words, share: str) -> Callable[..., str]:
    return lambda n, k, s: f"{words(n, k, s)}; {share}" if share else words(n, k, s)


_IN_TOTAL = [Mistake(n, _give(rule, halves), d, h, _say(words, "")) for n, d, h, rule, words in TOTALS]
_IN_SHARE = [Mistake(n, _give(total, share), d, h, _say(_total_words, how)) for n, d, h, share, how in SHARES]


def _towards_zero(n: int, k: int, s: int) -> tuple[int, int]:
    zeros = _unclipped(n, k, s)
    return int(zeros / 2), zeros - int(zeros / 2)


def _clipped_before(n: int, k: int, s: int) -> tuple[int, int]:
    zeros = _unclipped(n, k, s)
    return max(zeros // 2, 0), zeros - max(zeros // 2, 0)


# The same slip, halved with int(...), which rounds -0.5 up where // rounds it down.
_NAME, _DID, _HELPS, _, _DERIVE = next(row for row in TOTALS if row[0] == "less-than-nothing")


def _in_all(add: int) -> Callable[[int, int, int], tuple[int, int]]:
    return lambda n, k, s: halves(max(_unclipped(n, k, s) + add, 0))


def _positions_to_nearest(n: int, k: int, s: int) -> tuple[int, int]:
    return halves(max((round(n / s) - 1) * s + k - n, 0))


_ALONE = (
    *(Mistake(_NAME, rule, _DID, _HELPS, _DERIVE) for rule in (_towards_zero, _clipped_before)),
    Mistake(
        "no-padding",
        lambda n, k, s: (0, 0),
        "It adds no zeros at all, as VALID does.",
        "Count the positions on a strip of n squares: with a stride of 1, SAME has as many as there are pixels.",
        lambda n, k, s: "no zeros",
    ),
    Mistake(
        "a-whole-kernel-on-each-side",
        lambda n, k, s: (k - 1, k - 1),
        "It adds kernel_size - 1 zeros on each side, so that every position that touches the image counts.",
        "That is called full padding, and Keras does not have it. With a stride of 1, how long is the output then?",
        lambda n, k, s: f"{k} - 1 on each side",
    ),
    Mistake(
        "half-a-kernel-on-each-side",
        lambda n, k, s: (k // 2, k // 2),
        "It adds half the kernel, kernel_size // 2, on each side.",
        "What does that make of an even kernel, and of a longer stride? " + _NEED_HINT,
        lambda n, k, s: f"{k} / 2 rounded down, on each side",
    ),
    Mistake(
        "small-half-on-each-side",
        lambda n, k, s: ((k - 1) // 2, (k - 1) // 2),
        "It adds (kernel_size - 1) // 2 on each side.",
        "What does that make of an even kernel, and of a longer stride? " + _NEED_HINT,
        lambda n, k, s: f"({k} - 1) / 2 rounded down, on each side",
    ),
    Mistake(
        "one-zero-too-few",
        _in_all(-1),
        "In all, it adds one zero too few.",
        "Count again for n=8, kernel_size=2, strides=1: at which pixel does the last position start, and how "
        "many pixels "
        "does it read?",
        lambda n, k, s: "one zero less than the last position needs",
    ),
    Mistake(
        "one-zero-too-many",
        _in_all(1),
        "In all, it adds one zero too many.",
        "Count again for a kernel of 1 and a stride of 1: at which pixel does the last position start, and how many "
        "pixels does it read?",
        lambda n, k, s: "one zero more than the last position needs",
    ),
    Mistake(
        "zeros-for-room-left-over",
        lambda n, k, s: halves(abs(_unclipped(n, k, s))),
        "It adds zeros even where the last position ends before the image does.",
        "What does your function do where the last position needs fewer pixels than there are? Try n=9, kernel_size=2, "
        "strides=3.",
        lambda n, k, s: f"{_total_words(n, k, s)}; the difference without its sign",
    ),
    Mistake(
        "output-rounded-to-nearest",
        _positions_to_nearest,
        "It counts the positions as n / strides rounded to the nearest whole number.",
        "SAME has a position at the start, and one more after every stride inside the image. " + _NEED_HINT,
        lambda n, k, s: f"{round(n / s)} positions, from {n} / {s} rounded to the nearest",
    ),
    Mistake(
        "kernel-and-stride-swapped",
        lambda n, k, s: halves(total(n, s, k)),
        "Its numbers are right if kernel_size and strides are swapped.",
        "The function is called by position. Compare the first line of your function with the one in the question.",
        lambda n, k, s: _total_words(n, s, k),
    ),
    Mistake(
        "length-and-kernel-swapped",
        lambda n, k, s: halves(total(k, n, s)),
        "Its numbers are right if n and kernel_size are swapped.",
        "The function is called by position. Compare the first line of your function with the one in the question.",
        lambda n, k, s: _total_words(k, n, s),
    ),
)

_SAME_HERE = {
    "stride-ignored + halves-rounded-up",  # half a kernel on each side
    "stride-ignored + halves-rounded-down",  # half of what is left of a kernel without its middle
    "stride-ignored + total-on-each-side",  # k - 1 on each side: full padding
}
_FORGOTTEN = next(mistake for mistake in _IN_TOTAL if mistake.name == "remainder-forgotten")
_NEGATIVE = next(mistake for mistake in _IN_TOTAL if mistake.name == "less-than-nothing")
_BOTH_TOTALS = together(
    _FORGOTTEN, _NEGATIVE, _give(lambda n, k, s: k - s, halves), lambda n, k, s: f"{k} - {s} = {k - s} in all"
)

SAME_PADDING = (*_IN_TOTAL, *_IN_SHARE, *_ALONE)


def pairs() -> list[Mistake]:
    """A mistake in the total and one in the sharing at once, and two in the total that go together."""
    made = [
        together(first, second, _give(rule, share), _say(words, how))
        for first, (*_, rule, words) in zip(_IN_TOTAL, TOTALS, strict=True)
        for second, (*_, share, how) in zip(_IN_SHARE, SHARES, strict=True)
    ]
    return [_BOTH_TOTALS, *(pair for pair in made if pair.name not in _SAME_HERE)]


_COUNT_POSITIONS = "With a stride of 1 the output has to be as long as the input. Try n=5 and count the positions."

RING_ZEROS = (
    *(
        Mistake(
            name,
            lambda k, share=share: share(k - 1),
            did,
            helps,
            lambda k, how=how: f"{k} - 1 = {k - 1} in all; {how}",
        )
        for name, did, helps, share, how in SHARES
    ),
    Mistake(
        "as-many-as-the-kernel",
        lambda k: (k // 2, k - k // 2),
        "In all, it adds as many zeros as the kernel has pixels.",
        _COUNT_POSITIONS,
        lambda k: f"{k} in all; half of them on each side",
    ),
    Mistake(
        "no-padding",
        lambda k: (0, 0),
        "It adds no zeros at all, as VALID does.",
        _COUNT_POSITIONS,
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
