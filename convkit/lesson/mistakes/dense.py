"""Mistakes in the parameters of a Dense layer after an image."""

from __future__ import annotations

from gradekit import Mistake

_BIAS = "Each unit has one bias. Compare `keras.layers.Dense(10)` with `keras.layers.Dense(10, use_bias=False)`."
_ALL = "A Dense layer has a weight for every value of the image: how many values are there, over all channels?"

DENSE_PARAMS = (
    Mistake(
        "no-bias",
        lambda h, w, c, u: h * w * c * u,
        "It counts weights, and no bias.",
        _BIAS,
        lambda h, w, c, u: f"{h} x {w} x {c} x {u}",
    ),
    Mistake(
        "one-bias-for-the-layer",
        lambda h, w, c, u: h * w * c * u + 1,
        "It counts one bias for the whole layer.",
        _BIAS,
        lambda h, w, c, u: f"{h} x {w} x {c} x {u} + 1",
    ),
    Mistake(
        "a-bias-for-each-input",
        lambda h, w, c, u: h * w * c * (u + 1),
        "It counts a bias for each input value, and not for each unit.",
        _BIAS,
        lambda h, w, c, u: f"{h} x {w} x {c} x ({u} + 1)",
    ),
    Mistake(
        "size-of-the-image-forgotten",
        lambda h, w, c, u: (c + 1) * u,
        "It counts one weight for each channel, as a 1x1 convolution does.",
        "A convolution shares its weights between positions. A Dense layer does not. " + _ALL,
        lambda h, w, c, u: f"({c} + 1) x {u}",
    ),
    Mistake(
        "channels-forgotten",
        lambda h, w, c, u: (h * w + 1) * u,
        "It counts the pixels of one channel only.",
        _ALL,
        lambda h, w, c, u: f"({h} x {w} + 1) x {u}",
    ),
    Mistake(
        "width-forgotten",
        lambda h, w, c, u: (h * c + 1) * u,
        "It counts the height and the channels, without the width.",
        _ALL,
        lambda h, w, c, u: f"({h} x {c} + 1) x {u}",
    ),
    Mistake(
        "height-forgotten",
        lambda h, w, c, u: (w * c + 1) * u,
        "It counts the width and the channels, without the height.",
        _ALL,
        lambda h, w, c, u: f"({w} x {c} + 1) x {u}",
    ),
    Mistake(
        "axes-added",
        lambda h, w, c, u: (h + w + c + 1) * u,
        "It adds up height, width and channels.",
        _ALL,
        lambda h, w, c, u: f"({h} + {w} + {c} + 1) x {u}",
    ),
    Mistake(
        "as-a-convolution",
        lambda h, w, c, u: (9 * c + 1) * u,
        "It counts a convolution with kernels of 3 by 3.",
        "A convolution shares its weights between positions. A Dense layer does not. " + _ALL,
        lambda h, w, c, u: f"(3 x 3 x {c} + 1) x {u}",
    ),
    Mistake(
        "width-as-the-height",
        lambda h, w, c, u: (h * h * c + 1) * u,
        "It takes the height for the width as well.",
        "The output of a layer need not be square. " + _ALL,
        lambda h, w, c, u: f"({h} x {h} x {c} + 1) x {u}",
    ),
    Mistake(
        "height-as-the-width",
        lambda h, w, c, u: (w * w * c + 1) * u,
        "It takes the width for the height as well.",
        "The output of a layer need not be square. " + _ALL,
        lambda h, w, c, u: f"({w} x {w} x {c} + 1) x {u}",
    ),
    Mistake(
        "the-output-of-vgg16",
        lambda h, w, c, u: (7 * 7 * 512 + 1) * u,
        "It counts the output of VGG16, 7 x 7 x 512, whatever comes in.",
        "Which of the numbers in your function should come from its parameters?",
        lambda h, w, c, u: f"(7 x 7 x 512 + 1) x {u}",
    ),
    Mistake(
        "one-unit",
        lambda h, w, c, u: h * w * c + 1,
        "It counts one unit, however many there are.",
        "Every unit has weights of its own.",
        lambda h, w, c, u: f"{h} x {w} x {c} + 1",
    ),
    Mistake(
        "units-on-the-bias-only",
        lambda h, w, c, u: h * w * c + u,
        "It takes the weights of a single unit, and adds the number of units.",
        "Every unit has weights of its own. If you left out parentheses: `a + b * c` multiplies before it adds.",
        lambda h, w, c, u: f"{h} x {w} x {c} + {u}",
    ),
    Mistake(
        "the-values-alone",
        lambda h, w, c, u: h * w * c,
        "It counts the values of the image, and no units.",
        "Every unit has a weight for each of these values, and a bias.",
        lambda h, w, c, u: f"{h} x {w} x {c}",
    ),
)
