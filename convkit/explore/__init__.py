"""Explorers: turn a knob, predict, and watch each number being computed. Show one by naming it at the end of a cell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .animation import Animation, animate
from .explorer import Explorer
from .page import EXPLORERS
from .topics.dilated import Dilated
from .topics.filters import Filters
from .topics.groups import Groups
from .topics.padding import Padding
from .topics.parameters import Parameters
from .topics.pointwise import Pointwise
from .topics.pooling import Pooling
from .topics.receptive_field import ReceptiveField
from .topics.stride import Stride
from .topics.transposed import TransposedConvolution

__all__ = [
    "EXPLORERS",
    "Animation",
    "Explorer",
    "animate",
    "dilated",
    "filters",
    "groups",
    "padding",
    "pages",
    "parameters",
    "pointwise",
    "pooling",
    "receptive_field",
    "stride",
    "transposed",
]


def stride(**settings: Any) -> Explorer:
    """Strides 1 to 4 for each axis: which pixels are read, and what becomes of shape, parameters and MACs.

    settings: height, width, kernel_size, strides_down, strides_across in pixels, padding.

    >>> from convkit import explore
    >>> explore.stride(height=8, width=8, strides_down=2, strides_across=2).session.predict("4 x 4")
    'You predicted 4 x 4, and it is 4 x 4. Right.'
    """
    return Explorer(Stride(), **settings)


def parameters(**settings: Any) -> Explorer:
    """The parameters of a layer, drawn cell by cell and counted.

    settings: kernel_size (px), in_channels, filters, use_bias.

    >>> from convkit import explore
    >>> explore.parameters(filters=2).session.predict("38")
    'You predicted 38, and it is 38. Right.'
    """
    return Explorer(Parameters(), **settings)


def padding(**settings: Any) -> Explorer:
    """SAME and VALID side by side on the same image, and the formula with its numbers.

    settings: n (px, for both axes), kernel_size (px), strides (px).

    >>> from convkit import explore
    >>> explore.padding(n=8, kernel_size=2).session.predict("0, 1")
    'You predicted 0 before and 1 after, and it is 0 before and 1 after. Right.'
    """
    return Explorer(Padding(), **settings)


def pointwise(**settings: Any) -> Explorer:
    """A 1x1 kernel over the channels of a photograph: weights as sliders, and the sum of any pixel.

    settings: filters (1 or 2), red_0, green_0, blue_0 (weights), bias_0 (gray levels), and red_1 to bias_1.

    >>> from convkit import explore
    >>> explore.pointwise(filters=2).session.predict("8")
    'You predicted 8, and it is 8. Right.'
    """
    return Explorer(Pointwise(), **settings)


def filters(**settings: Any) -> Explorer:
    """The lesson's x and kernels, to be edited number by number; and known filters on a photograph.

    settings: x, filter_0, filter_1 (rows of numbers), kernel ('own', 'blur', ...), padding, image, and row and column
    in pixels of the part of the photograph that is worked out.

    >>> from convkit import explore
    >>> explore.filters().session.predict("11").split(". ")[0]
    'You predicted 11; it is 10'
    """
    return Explorer(Filters(), **settings)


def transposed(**settings: Any) -> Explorer:
    """A transposed convolution pixel by pixel, and the same as a matrix product.

    settings: n (px, for both axes), kernel_size (px), strides (px), padding.

    >>> from convkit import explore
    >>> explore.transposed(n=2, kernel_size=3, strides=2).session.predict("5 x 5")
    'You predicted 5 x 5, and it is 5 x 5. Right.'
    """
    return Explorer(TransposedConvolution(), **settings)


def pooling(**settings: Any) -> Explorer:
    """Max and average pooling: the window of each output, and the pixel that max lets through.

    settings: kind ('max' or 'average'), n (px, for both axes), pool_size (px), strides (px), padding.

    >>> from convkit import explore
    >>> explore.pooling(n=8).session.predict("4 x 4 x 3")
    'You predicted 4 x 4 x 3, and it is 4 x 4 x 3. Right.'
    """
    return Explorer(Pooling(), **settings)


def dilated(**settings: Any) -> Explorer:
    """Dilated convolution: the gaps between the pixels that a kernel reads, and how far it reaches.

    settings: n (px, for both axes), kernel_size (px), dilation_rate (px), padding.

    >>> from convkit import explore
    >>> explore.dilated(n=10, dilation_rate=3).session.predict("4 x 4")
    'You predicted 4 x 4, and it is 4 x 4. Right.'
    """
    return Explorer(Dilated(), **settings)


def receptive_field(**settings: Any) -> Explorer:
    """A stack of up to three layers: the pixels that an output depends on, through all of them.

    settings: layers, and kernel_1, strides_1, dilation_1 (px) to kernel_3, strides_3, dilation_3.

    >>> from convkit import explore
    >>> explore.receptive_field(layers=2, strides_1=2).session.predict("7")
    'You predicted 7, and it is 7. Right.'
    """
    return Explorer(ReceptiveField(), **settings)


def groups(**settings: Any) -> Explorer:
    """Grouped and depthwise convolution: the channels that each filter reads, and the parameters.

    settings: kernel_size (px), in_channels, filters, groups, use_bias.

    >>> from convkit import explore
    >>> explore.groups(in_channels=4, filters=4, groups=4).session.predict("40")
    'You predicted 40, and it is 40. Right.'
    """
    return Explorer(Groups(), **settings)


def pages(folder: str | Path) -> list[Path]:
    """Write every explorer as a page of its own: one file each, which needs no kernel, no network and no other file.

    >>> import tempfile
    >>> [path.stem for path in pages(tempfile.mkdtemp())][:5]
    ['parameters', 'padding', 'stride', 'pointwise', 'filters']
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    return [globals()[name]().save(folder / f"{name}.html") for name in EXPLORERS]
