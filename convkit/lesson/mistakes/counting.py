"""Mistakes in counting parameters. One formula with terms; a mistake takes one of them wrongly, or two.

    (taps x channels + bias) x filters + extra

Two mistakes in two different terms may be made together. What students do was drawn from public question threads
on Keras' summaries: no bias, channels forgotten, one bias for the layer, filters only on the bias, `^` for a power.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import combinations, permutations

from gradekit.exercise.mistake import Mistake, together

Layer = Callable[..., tuple[int, int, int]]  # a case of an exercise -> (kernel_size, in_channels, filters)


def count(taps: str = "k x k", channels: str = "c", bias: str = "1", filters: str = "f", extra: str = "") -> str:
    """The formula of a way to count, right or wrong. A term "" was left out.

    >>> count(), count(bias="", extra="1")
    ('(k x k x c + 1) x f', 'k x k x c x f + 1')
    """
    kernel = _join(" x ", taps, channels) or "1"
    kernel = f"({kernel} + {bias})" if bias and filters else _join(" + ", kernel, bias)
    return _join(" + ", _join(" x ", kernel, filters), extra)


def _join(sign: str, *terms: str) -> str:
    return sign.join(term for term in terms if term)


_RANGE = (
    "Try small numbers, and count by hand. If there is a loop: `range(n)` makes n turns, and `range(1, n)` makes "
    "one less."
)

_POWER = "A power is written `**` in Python. Try `3 ^ 2` and `3 ** 2` in a cell."
_CARET = "Its numbers are those of `kernel_size ^ 2`. In Python `^` compares bits, and it comes after `*` and `+`."
_IN_AND_OUT = "Draw the kernels for two channels and three filters. How many slices are there in all?"

# terms of `count`, name, what was done, what helps
SLOTS: tuple[tuple[dict[str, str], str, str, str], ...] = (
    (
        {"bias": ""},
        "no-bias",
        "It counts weights, and no bias.",
        "A kernel has one more number that is learned. Compare the summaries of a layer with `use_bias=True` and with "
        "`use_bias=False`.",
    ),
    (
        {"bias": "", "extra": "1"},
        "one-bias-for-the-layer",
        "It counts one bias for the whole layer.",
        "Ask a layer for `get_weights()`: the biases come last. What does their number grow with?",
    ),
    (
        {"bias": "c"},
        "a-bias-per-channel-of-each-kernel",
        "It counts a bias for every input channel of every kernel.",
        "A kernel adds up over all its channels and gives one number. When is the bias added: before or after "
        "that sum?",
    ),
    (
        {"channels": ""},
        "channels-forgotten",
        "It counts the weights of each kernel on one input channel only.",
        "A kernel reaches through all channels of its input. Ask a layer for `get_weights()`: the shape of the kernels "
        "has four numbers.",
    ),
    (
        {"channels": "3"},
        "three-channels-assumed",
        "It counts three input channels, as of a color image, whatever comes in.",
        "Who makes the input of this layer? Look at the last number of the shape that goes in.",
    ),
    (
        {"channels": "f"},
        "filters-taken-for-channels",
        "It takes the number of filters for the number of input channels as well.",
        "The channels that go in come from the layer before; the filters make the channels that come out. Try a layer "
        "where the two differ.",
    ),
    (
        {"taps": "k"},
        "one-side-of-the-kernel",
        "It counts the kernel along one side only.",
        "Draw one kernel as a square on squared paper, and count its squares.",
    ),
    (
        {"taps": "2 x k"},
        "kernel-size-doubled",
        "It doubles the kernel size where a square has to be counted.",
        "Draw one kernel as a square on squared paper, and count its squares. For kernel size 2 the two agree by "
        "chance.",
    ),
    (
        {"taps": ""},
        "kernel-size-forgotten",
        "It counts one weight per channel, as if each kernel were one pixel wide.",
        "Draw one kernel as a square on squared paper, and count its squares. (In Python a power is `**`; `^` is not.)",
    ),
    (
        {"taps": "(k ^ 2)"},
        "caret-for-power",
        "Its numbers are those of `kernel_size ^ 2`. In Python `^` is not a power: it compares bits.",
        _POWER,
    ),
    (
        {"taps": "9"},
        "kernel-3-assumed",
        "It counts a kernel of 3 by 3, whatever the kernel is.",
        "How many pixels does the kernel of this layer cover? Look at `kernel_size`.",
    ),
    (
        {"filters": ""},
        "one-filter",
        "It counts one kernel, however many filters there are.",
        "Every filter has a kernel of its own. What changes in the summary when `filters` grows by one?",
    ),
    (
        {"filters": "(f - 1)"},
        "one-filter-too-few",
        "It counts one filter too few.",
        _RANGE,
    ),
    (
        {"filters": "(f + 1)"},
        "one-filter-too-many",
        "It counts one filter too many.",
        _RANGE,
    ),
    (
        {"channels": "(c - 1)"},
        "one-channel-too-few",
        "It counts one input channel too few.",
        _RANGE,
    ),
    (
        {"taps": "(k - 1) x (k - 1)"},
        "kernel-one-too-small",
        "It counts a kernel that is one pixel too small on each side.",
        _RANGE,
    ),
)


def by_formula(name: str, formula: str, did: str, helps: str, parameters: str = "k c f") -> Mistake:
    """A mistake whose rule and words are one formula, such as "(k x k x c + 1) x f"; x multiplies.

    >>> some = by_formula("no-bias", "k x k x c x f", "It counts weights, and no bias.", "")
    >>> some.rule(3, 2, 4), some.derive(3, 2, 4)
    (72, '3 x 3 x 2 x 4')
    """
    names = parameters.split()

    def words(*args: int) -> str:
        values = dict(zip(names, map(str, args), strict=True))
        return "".join(values.get(letter, letter) for letter in formula)

    rule = eval(f"lambda {', '.join(names)}: {formula.replace(' x ', ' * ')}")
    return Mistake(name, rule, did, helps, words)


OTHERS = (
    by_formula(
        "in-and-out-swapped",
        "k x k x c x f + c",
        "Its numbers are those of a layer in which input channels and filters are exchanged: there is one bias "
        "for each input channel.",
        "Ask a layer for `get_weights()`: does the number of its biases depend on what goes in, or on what comes out?",
    ),
    by_formula(
        "filters-on-the-bias-only",
        "k x k x c + f",
        "It takes the weights of a single filter, and adds the number of filters to them.",
        "Which numbers belong to one filter, and so come again with each of them? If you left brackets out: "
        "`a + b * c` multiplies before it adds.",
    ),
    by_formula(
        "filters-added",
        "k x k x c + 1 + f",
        "It counts one filter in full, and then adds the number of filters.",
        "What changes in the summary when `filters` grows by one? Compare with what your function adds then.",
    ),
    by_formula(
        "as-many-as-filters",
        "f",
        "It gives the number of filters, and nothing else.",
        "That is one number for each filter. How many does one filter learn? Ask a layer for `get_weights()`, and "
        "look at both shapes.",
    ),
    by_formula(
        "two-filters-assumed",
        "(k x k x c + 1) x 2",
        "It counts two filters, whatever `filters` is.",
        "What changes in the summary when `filters` grows by one?",
    ),
    by_formula(
        "channels-added",
        "(k x k + c + 1) x f",
        "It adds the number of input channels to the kernel, and does not multiply by it.",
        "Each channel has its own slice of weights. Draw a kernel for two channels, and count.",
    ),
    by_formula(
        "channels-added-no-bias",
        "(k x k + c) x f",
        "It adds the number of input channels to the pixels of the kernel, and multiplies that by the filters.",
        "Each channel has its own slice of weights. Draw a kernel for two channels, and count. Then compare the "
        "summaries with `use_bias=True` and `use_bias=False`.",
    ),
    by_formula(
        "bias-as-a-whole-channel",
        "k x k x (c + 1) x f",
        "It counts the bias as one more input channel, with a weight for every pixel of the kernel.",
        "How many biases does one filter have? Ask a layer for `get_weights()`: the biases come last.",
    ),
    by_formula(
        "everything-added",
        "k x k + c + f",
        "It adds up the pixels of the kernel, the channels and the filters.",
        "Count the weights of one kernel on one channel first. How often does that number come again, "
        "for the other channels and for the other filters?",
    ),
    by_formula(
        "channels-and-filters-added",
        "k x k x (c + f)",
        "It adds the channels that come out to those that go in, and multiplies the pixels of the kernel by that sum.",
        _IN_AND_OUT,
    ),
    by_formula(
        "channels-and-filters-added",
        "k x k x (c + f) + f",
        "It adds the channels that come out to those that go in, and multiplies the pixels of the kernel by that sum.",
        _IN_AND_OUT,
    ),
    by_formula("caret-without-brackets", "(k ^ 2 x c + 1) x f", _CARET, _POWER),
    by_formula("caret-without-brackets", "k ^ 2 x c x f + f", _CARET, _POWER),
    by_formula(
        "kernel-alone",
        "k x k",
        "It counts one kernel on one channel, and nothing else.",
        "That is one slice of one kernel. What else is learned: for other channels, for other filters, and other than "
        "weights?",
    ),
)


_SINGLES = [by_formula(name, count(**terms), did, helps) for terms, name, did, helps in SLOTS]

# The four that come with every other; the rest are told alone, so that two rare ones never pass for a common one.
COMMON = {"no-bias", "one-bias-for-the-layer", "channels-forgotten", "one-filter"}
ALONE = {
    "caret-for-power",
    "kernel-3-assumed",
    "one-filter-too-few",
    "one-filter-too-many",
    "one-channel-too-few",
    "kernel-one-too-small",
}


def _pairs() -> Iterator[Mistake]:
    for ((one, *_), first), ((other, *_), second) in combinations(zip(SLOTS, _SINGLES, strict=True), 2):
        names = {first.name, second.name}
        if names & COMMON and not names & ALONE and not set(one) & set(other):
            way = by_formula("", count(**one, **other), "", "")
            yield together(first, second, way.rule, way.derive)


_PARAMETERS = {"k": "kernel_size", "c": "in_channels", "f": "filters"}


def _reordered() -> Iterator[Mistake]:
    """The parameters of the signature in another order: answers are called by position."""
    for order in permutations("kcf"):
        if order in (("k", "c", "f"), ("k", "f", "c")):  # as asked; and the same as input and output swapped
            continue
        names = ", ".join(_PARAMETERS[letter] for letter in order)
        yield by_formula(
            "parameters-in-another-order",
            count(),
            f"Its numbers are right if the arguments come in another order: {names}.",
            "The function is called by position. Compare the first line of your function with the one in the question.",
            " ".join(order),
        )


def _for(layer: Layer, mistakes: Iterable[Mistake], same: Iterable[str], parts: Iterable[str] = ()) -> list[Mistake]:
    """The mistakes on an exercise with only some of the numbers, without those that are the `same` as another there.

    Two wrong rules with the same numbers for every case of an exercise are one mistake under two names. `parts` names
    mistakes that are the same as another one alone and in every pair.
    """
    same, parts = set(same), set(parts)
    return [
        _fitted(layer, mistake) for mistake in mistakes if mistake.name not in same and not parts & set(mistake.names)
    ]


def _fitted(layer: Layer, mistake: Mistake) -> Mistake:
    return replace(
        mistake,
        rule=lambda *args: mistake.rule(*layer(*args)),
        derive=lambda *args: mistake.derive(*layer(*args)),
        both=tuple(_fitted(layer, single) for single in mistake.both),
    )


_ALWAYS_SAME = (
    "one-bias-for-the-layer + one-filter",  # with one filter, one bias is right
    "filters-taken-for-channels + one-filter",  # channels forgotten, and one bias for the layer
    "a-bias-per-channel-of-each-kernel + channels-forgotten",  # channels added, and no bias
)

LAYER_PARAMS = [*_SINGLES, *OTHERS, *_reordered()]


def layer_pairs() -> list[Mistake]:
    """Two mistakes at once in the parameters of a layer."""
    return [pair for pair in _pairs() if pair.name not in _ALWAYS_SAME]


# A 1x1 kernel: its size can't be counted wrongly, and a sum with 1 * 1 is what a product was.
_SAME_IF_POINTWISE = (
    *_ALWAYS_SAME,
    "bias-as-a-whole-channel",
    "channels-added-no-bias",
    "one-channel-too-few",  # no bias
    "kernel-one-too-small",  # one number for each filter
    "caret-without-brackets",  # 2 x channels x filters, as with a bias for each channel
    "channels-and-filters-added",
    "everything-added",
    "kernel-alone",
    "three-channels-assumed + one-filter",  # always 4
    "channels-forgotten + one-filter",  # always 2
    "no-bias + channels-forgotten",  # as many as filters, and so are the biases alone
)
_KERNEL = ("one-side-of-the-kernel", "kernel-size-forgotten", "kernel-size-doubled")
_IN_KERNEL = (*_KERNEL, "caret-for-power")
POINTWISE_PARAMS = _for(lambda c, f: (1, c, f), [*_SINGLES, *OTHERS], _SAME_IF_POINTWISE, _IN_KERNEL)


def pointwise_pairs() -> list[Mistake]:
    """Two mistakes at once in the parameters of a 1x1 convolution."""
    return _for(lambda c, f: (1, c, f), _pairs(), _SAME_IF_POINTWISE, _IN_KERNEL)


# Kernel 3 and two channels are fixed: what is left is a line in `filters`, and some lines meet.
_SAME_IF_SECOND = (
    *_ALWAYS_SAME,
    "caret-for-power",  # 3 ^ 2 is 1: as if the kernel size were forgotten
    "one-channel-too-few",  # of two: channels forgotten
    "kernel-one-too-small",  # (4 x 2 + 1) x filters: 9, as with channels forgotten and no bias
    "kernel-3-assumed",
    "kernel-alone",
    "bias-as-a-whole-channel",  # 27 x filters: three channels assumed, and no bias
    "two-filters-assumed",  # always 38
)
SECOND_LAYER_PARAMS = [
    *_for(lambda f: (3, 2, f), [*_SINGLES, *OTHERS], _SAME_IF_SECOND),
    Mistake(
        "first-layer-counted-too",
        lambda filters: 56 + 19 * filters,
        "It counts the 56 parameters of the first layer along with those of the second.",
        "The summary has a row for each layer, and the total below. Which of them is asked for?",
    ),
    by_formula(
        "thirty-eight-for-each-filter",
        "38 x f",
        "It counts 38 parameters for each filter.",
        "The question gives 38 for a whole layer. How many filters had that layer?",
        "f",
    ),
    by_formula(
        "four-channels-assumed",
        "(3 x 3 x 4 + 1) x f",
        "It counts four input channels.",
        "Four filters make four channels, and those come out. Which layer makes the channels that go in?",
        "f",
    ),
    Mistake(
        "filters-in-pairs",
        lambda filters: filters // 2 * 38,
        "It counts the filters in pairs, and a single one that is left over is lost.",
        "What does the layer have with one filter? And with three?",
        lambda filters: f"{filters // 2} x 38",
    ),
    Mistake(
        "times-the-positions",
        lambda filters: 4 * 4 * 19 * filters,
        "It counts the parameters again at each of the 4 x 4 positions of the output.",
        "The kernel moves, and its weights stay the same: it uses them again. Does the size of the image matter?",
    ),
]


def second_layer_pairs() -> list[Mistake]:
    """Two mistakes at once in the parameters of the second layer; with one filter, they give one number for any."""
    return _for(lambda f: (3, 2, f), _pairs(), _SAME_IF_SECOND, (*_KERNEL, "one-filter"))
