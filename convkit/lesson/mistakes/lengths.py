"""Mistakes in the length of an output. VALID and SAME are two halves; a mistake takes one, or both alike.

Two mistakes, one in each half, may be made together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradekit.exercise.mistake import Mistake, together

from .slots import PADDING_READ

Half = Callable[[int, int, int], Any]  # (n, kernel_size, strides) -> a length
Words = Callable[[int, int, int], str]


def _ceil(a: int, b: int) -> int:
    return -(-a // b)


def valid(n: int, k: int, s: int) -> int:
    return (n - k) // s + 1


def same(n: int, k: int, s: int) -> int:
    return _ceil(n, s)


_ROUND_HINT = (
    "How many whole steps fit? Mark every start of the kernel on a strip of squared paper, and count the marks."
)
_SAME_HINT = (
    "With SAME, a kernel starts at pixel 0, and then after every stride. Mark the starts on a strip of n squares."
)

# name, what was done, what helps, the rule, its words
VALID_HALF: tuple[tuple[str, str, str, Half, Words], ...] = (
    (
        "valid-rounded-up",
        "For VALID it rounds the number of steps up where they don't come out even.",
        "The last step then ends beyond the edge. " + _ROUND_HINT,
        lambda n, k, s: _ceil(n - k, s) + 1,
        lambda n, k, s: f"{n - k} / {s} rounded up, + 1",
    ),
    (
        "valid-start-not-counted",
        "For VALID it counts the steps, and not the position where the kernel starts.",
        "A kernel that makes no step at all is at one position already. Try kernel_size equal to n.",
        lambda n, k, s: (n - k) // s,
        lambda n, k, s: f"({n} - {k}) / {s} rounded down",
    ),
    (
        "valid-last-start-left-out",
        "For VALID it leaves out the last start, where the kernel just touches the end.",
        "A `range` ends before its last number. Try kernel_size equal to n: how many positions are there?",
        lambda n, k, s: _ceil(n - k, s),
        lambda n, k, s: f"the starts 0, {s}, ... below {n} - {k}",
    ),
    (
        "valid-divided-too-late",
        "For VALID it counts the positions for a stride of 1, and divides them by the stride, rounded down.",
        "The first position always counts. Does your way still count it where the last step doesn't fit?",
        lambda n, k, s: (n - k + 1) // s,
        lambda n, k, s: f"({n} - {k} + 1) / {s} rounded down",
    ),
    (
        "valid-one-too-many",
        "For VALID it counts one position twice: a 1 is added before the division by the stride, and another one "
        "after.",
        "Try kernel_size equal to n and a stride of 1: how many positions are there?",
        lambda n, k, s: (n - k + 1) // s + 1,
        lambda n, k, s: f"({n} - {k} + 1) / {s} rounded down, + 1",
    ),
    (
        "valid-stride-ignored",
        "For VALID it counts the positions for a stride of 1, whatever the stride is.",
        "Mark every start of the kernel on a strip of n squares, with steps as long as the stride.",
        lambda n, k, s: n - k + 1,
        lambda n, k, s: f"{n} - {k} + 1",
    ),
    (
        "valid-kernel-ignored-rounded-down",
        "For VALID it divides the whole length by the stride, rounded down, and leaves the kernel out.",
        "The kernel has to fit as well. Try kernel_size equal to n.",
        lambda n, k, s: n // s,
        lambda n, k, s: f"{n} / {s} rounded down",
    ),
    (
        "valid-not-rounded",
        "For VALID it divides by `/` and does not round, so that it gives a float.",
        "There is no half position: does the last step that doesn't fit count? `//` divides and rounds down.",
        lambda n, k, s: (n - k) / s + 1,
        lambda n, k, s: f"({n} - {k}) / {s} + 1",
    ),
    (
        "valid-kernel-subtracted-late",
        "For VALID it divides by the stride first, and takes the kernel away after that.",
        "Which comes first: how much room the kernel leaves, or how many strides fit into that room?",
        lambda n, k, s: n // s - k + 1,
        lambda n, k, s: f"{n} / {s} rounded down, - {k} + 1",
    ),
    (
        "valid-brackets-missing",
        "For VALID it divides only the kernel size by the stride, not what the kernel leaves of n.",
        "`a - b // c` divides before it subtracts. What has to be divided by the stride?",
        lambda n, k, s: n - k // s + 1,
        lambda n, k, s: f"{n} - ({k} / {s} rounded down) + 1",
    ),
    (
        "valid-rounded-to-nearest",
        "For VALID it rounds the number of steps to the nearest whole number.",
        "Does a step count that is more than half, but not whole? " + _ROUND_HINT,
        lambda n, k, s: round((n - k) / s) + 1,
        lambda n, k, s: f"{n - k} / {s} rounded to the nearest, + 1",
    ),
    (
        "valid-rounded-to-nearest",
        "For VALID it rounds to the nearest whole number.",
        "Does a step count that is more than half, but not whole? " + _ROUND_HINT,
        lambda n, k, s: round((n - k) / s + 1),
        lambda n, k, s: f"{n - k} / {s} + 1, rounded to the nearest",
    ),
)

SAME_HALF: tuple[tuple[str, str, str, Half, Words], ...] = (
    (
        "same-rounded-down",
        "For SAME it rounds the division by the stride down.",
        _SAME_HINT,
        lambda n, k, s: n // s,
        lambda n, k, s: f"{n} / {s} rounded down",
    ),
    (
        "same-stride-ignored",
        "For SAME it returns the length of the input, whatever the stride is.",
        "SAME keeps the length only while the kernel stops at every pixel. " + _SAME_HINT,
        lambda n, k, s: n,
        lambda n, k, s: "n",
    ),
    (
        "same-stride-2-assumed",
        "For SAME it halves the length and rounds up, whatever the stride is.",
        "Halving belongs to one stride only. Try another one. " + _SAME_HINT,
        lambda n, k, s: _ceil(n, 2),
        lambda n, k, s: f"{n} / 2 rounded up",
    ),
    (
        "same-padded-by-half-a-kernel",
        "For SAME it pads kernel_size // 2 on both sides, and counts the positions as without padding.",
        "TensorFlow pads only what is needed, so that the kernel size does not matter to the length. Try an even "
        "kernel.",
        lambda n, k, s: (n + 2 * (k // 2) - k) // s + 1,
        lambda n, k, s: f"({n} + 2 x {k // 2} - {k}) / {s} rounded down, + 1",
    ),
    (
        "same-padded-too-little",
        "For SAME it pads (kernel_size - 1) // 2 on both sides, and counts the positions as without padding.",
        "TensorFlow pads only what is needed, and that can differ on the two sides. Try an even kernel with stride 1: "
        "what does SAME promise there?",
        lambda n, k, s: (n + 2 * ((k - 1) // 2) - k) // s + 1,
        lambda n, k, s: f"({n} + 2 x {(k - 1) // 2} - {k}) / {s} rounded down, + 1",
    ),
    (
        "same-one-too-many",
        "For SAME it divides by the stride, rounded down, and then adds 1 in every case.",
        "Try a length that the stride divides. " + _SAME_HINT,
        lambda n, k, s: n // s + 1,
        lambda n, k, s: f"{n} / {s} rounded down, + 1",
    ),
    (
        "same-not-rounded",
        "For SAME it divides by `/` and does not round, so that it gives a float.",
        "There is no half position. " + _SAME_HINT,
        lambda n, k, s: n / s,
        lambda n, k, s: f"{n} / {s}",
    ),
    (
        "same-start-not-counted",
        "For SAME it counts the steps, and not the position where the kernel starts.",
        "A kernel that makes no step at all is at one position already. Try n = 1.",
        lambda n, k, s: (n - 1) // s,
        lambda n, k, s: f"({n} - 1) / {s} rounded down",
    ),
    (
        "same-rounded-to-nearest",
        "For SAME it rounds the division by the stride to the nearest whole number.",
        _SAME_HINT,
        lambda n, k, s: round(n / s),
        lambda n, k, s: f"{n} / {s} rounded to the nearest",
    ),
    (
        "same-rounded-to-nearest",
        "For SAME it rounds the division by the stride to the nearest whole number.",
        _SAME_HINT,
        lambda n, k, s: int(n / s + 0.5),
        lambda n, k, s: f"{n} / {s} rounded to the nearest, and a half up",
    ),
    (
        "same-padded-by-one",
        "For SAME it pads one pixel on each side, whatever the kernel is, and counts the positions as without padding.",
        "How far a kernel reaches beyond the edge depends on its size. Try a kernel of 5 with a stride of 1: what does "
        "SAME promise there?",
        lambda n, k, s: (n + 2 - k) // s + 1,
        lambda n, k, s: f"({n} + 2 - {k}) / {s} rounded down, + 1",
    ),
    (
        "same-padded-by-a-whole-kernel",
        "For SAME it pads kernel_size - 1 on both sides, and counts the positions as without padding.",
        "That is called full padding, and Keras does not have it. With a stride of 1, how long is your output then?",
        lambda n, k, s: (n + 2 * (k - 1) - k) // s + 1,
        lambda n, k, s: f"({n} + 2 x {k - 1} - {k}) / {s} rounded down, + 1",
    ),
    (
        "same-last-start-left-out",
        "For SAME it leaves out a start on the last pixel.",
        "A `range` ends before its last number, and `<` leaves out what `<=` keeps. " + _SAME_HINT,
        lambda n, k, s: _ceil(n - 1, s),
        lambda n, k, s: f"the starts 0, {s}, ... below {n} - 1",
    ),
)


def _whole(for_valid: Half, for_same: Half) -> Callable[..., Any]:
    return lambda n, k, s, padding: (for_valid if padding.lower() == "valid" else for_same)(n, k, s)


def _valid_words(n: int, k: int, s: int) -> str:
    return f"({n} - {k}) / {s} rounded down, + 1"


def _same_words(n: int, k: int, s: int) -> str:
    return f"{n} / {s} rounded up"


_IN_VALID = [Mistake(n, _whole(rule, same), d, h, _whole(words, _same_words)) for n, d, h, rule, words in VALID_HALF]
_IN_SAME = [Mistake(n, _whole(valid, rule), d, h, _whole(_valid_words, words)) for n, d, h, rule, words in SAME_HALF]

# One thought that shows in both halves, by the end of their names: what was done, what helps.
BOTH_HALVES: tuple[tuple[str, str, str], ...] = (
    (
        "stride-ignored",
        "It counts the positions for a stride of 1, whatever the stride is.",
        "Mark every start of the kernel on a strip of n squares, with steps as long as the stride.",
    ),
    (
        "not-rounded",
        "It divides by `/` and does not round, so that it gives a float.",
        "There is no half position. Which way does VALID round, and which way SAME? Mark the starts of the kernel on "
        "a strip of n squares.",
    ),
)


def _alike(name: str, did: str, helps: str) -> Mistake:
    halves = {row[0]: row[3:] for row in (*VALID_HALF, *SAME_HALF)}
    (rule, words), (other, others) = halves[f"valid-{name}"], halves[f"same-{name}"]
    return Mistake(name, _whole(rule, other), did, helps, _whole(words, others))


def _permuted(name: str, order: tuple[int, int, int], swap: str) -> Mistake:
    def swapped(made: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *args: made(*(args[i] for i in order), args[3])

    return Mistake(
        name,
        swapped(_whole(valid, same)),
        f"Its numbers are right if {swap} are swapped.",
        "The function is called by position. Compare the first line of your function with the one in the question.",
        swapped(_whole(_valid_words, _same_words)),
    )


_WHOLE = (
    Mistake(
        "always-valid",
        _whole(valid, valid),
        "It counts as for VALID, whatever `padding` says.",
        PADDING_READ,
        _whole(_valid_words, _valid_words),
    ),
    Mistake(
        "always-same",
        _whole(same, same),
        "It counts as for SAME, whatever `padding` says.",
        PADDING_READ,
        _whole(_same_words, _same_words),
    ),
    Mistake(
        "valid-and-same-swapped",
        _whole(same, valid),
        "It counts as for SAME where `padding` says valid, and as for VALID where it says same.",
        "Which of the two adds zeros around the image?",
        _whole(_same_words, _valid_words),
    ),
    Mistake(
        "both-axes-counted",
        lambda *case: _whole(valid, same)(*case) ** 2,
        "It gives the positions of a whole square image: those along one axis, times themselves.",
        "The question is about one axis only. Draw the positions along a single row.",
        lambda *case: f"the positions along one axis: {_whole(_valid_words, _same_words)(*case)}; times themselves",
    ),
    Mistake(
        "a-length-for-each-axis",
        lambda *case: (_whole(valid, same)(*case),) * 2,
        "It gives two numbers, one for each axis.",
        "The question is about one axis: one number is enough.",
        lambda *case: "the same number twice",
    ),
    _permuted("kernel-and-stride-swapped", (0, 2, 1), "kernel_size and strides"),
    _permuted("length-and-kernel-swapped", (1, 0, 2), "n and kernel_size"),
)

# Two of these together are a thought of their own, and told as one.
_TOLD_AS_ONE = {(f"valid-{name}", f"same-{name}") for name, *_ in BOTH_HALVES}
OUTPUT_LENGTH = (*_IN_VALID, *_IN_SAME, *(_alike(*row) for row in BOTH_HALVES), *_WHOLE)


def pairs() -> list[Mistake]:
    """A mistake for VALID and one for SAME at once."""
    return [
        together(first, second, _whole(rule, other), _whole(words, others))
        for first, (*_, rule, words) in zip(_IN_VALID, VALID_HALF, strict=True)
        for second, (*_, other, others) in zip(_IN_SAME, SAME_HALF, strict=True)
        if (first.name, second.name) not in _TOLD_AS_ONE
    ]
