"""Mistakes in the parameters of a Dense layer after an image."""

from __future__ import annotations

from functools import partial

from .counting import by_formula

_BIAS = "Each unit has one bias. Compare `keras.layers.Dense(10)` with `keras.layers.Dense(10, use_bias=False)`."
_ALL = "A Dense layer has a weight for every value of the image: how many values are there, over all channels?"

_by_formula = partial(by_formula, parameters="h w c u")
DENSE_PARAMS = (
    _by_formula("no-bias", "h x w x c x u", "It counts weights, and no bias.", _BIAS),
    _by_formula("one-bias-for-the-layer", "h x w x c x u + 1", "It counts one bias for the whole layer.", _BIAS),
    _by_formula(
        "a-bias-for-each-input",
        "h x w x c x (u + 1)",
        "It counts a bias for each input value, and not for each unit.",
        _BIAS,
    ),
    _by_formula(
        "size-of-the-image-forgotten",
        "(c + 1) x u",
        "It counts one weight for each channel, as a 1x1 convolution does.",
        "A convolution shares its weights between positions. A Dense layer does not. " + _ALL,
    ),
    _by_formula("channels-forgotten", "(h x w + 1) x u", "It counts the pixels of one channel only.", _ALL),
    _by_formula(
        "width-forgotten", "(h x c + 1) x u", "It counts the height and the channels, without the width.", _ALL
    ),
    _by_formula(
        "height-forgotten", "(w x c + 1) x u", "It counts the width and the channels, without the height.", _ALL
    ),
    _by_formula("axes-added", "(h + w + c + 1) x u", "It adds up height, width and channels.", _ALL),
    _by_formula(
        "one-unit", "h x w x c + 1", "It counts one unit, however many there are.", "Every unit has weights of its own."
    ),
    _by_formula(
        "as-a-convolution",
        "(3 x 3 x c + 1) x u",
        "It counts a convolution with kernels of 3 by 3.",
        "A convolution shares its weights between positions. A Dense layer does not. " + _ALL,
    ),
    _by_formula(
        "width-as-the-height",
        "(h x h x c + 1) x u",
        "It takes the height for the width as well.",
        "The output of a layer need not be square. " + _ALL,
    ),
    _by_formula(
        "height-as-the-width",
        "(w x w x c + 1) x u",
        "It takes the width for the height as well.",
        "The output of a layer need not be square. " + _ALL,
    ),
    _by_formula(
        "the-output-of-vgg16",
        "(7 x 7 x 512 + 1) x u",
        "It counts the output of VGG16, 7 x 7 x 512, whatever comes in.",
        "Which of the numbers in your function should come from its parameters?",
    ),
    _by_formula(
        "units-on-the-bias-only",
        "h x w x c + u",
        "It takes the weights of a single unit, and adds the number of units.",
        "Every unit has weights of its own. If you left out parentheses: `a + b * c` multiplies before it adds.",
    ),
    _by_formula(
        "the-values-alone",
        "h x w x c",
        "It counts the values of the image, and no units.",
        "Every unit has a weight for each of these values, and a bias.",
    ),
)
