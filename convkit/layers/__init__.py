"""What a layer is: frozen data with Keras' argument names, and what follows from an input shape."""

from .base import ImageShape, Input, Layer, Other, Shape, Size, Weight
from .convolutions import Conv2D, Conv2DTranspose, DepthwiseConv2D, SeparableConv2D
from .dense import Dense
from .merging import Add, Concatenate, Multiply
from .normalization import BatchNormalization, LayerNormalization, Normalization
from .pointwise import Activation, Dropout, ReLU, Rescaling
from .pooling import AveragePooling2D, GlobalAveragePooling2D, GlobalMaxPooling2D, MaxPooling2D
from .shaping import Cropping2D, Flatten, Reshape, UpSampling2D, ZeroPadding2D

__all__ = [
    "LAYERS",
    "Activation",
    "Add",
    "AveragePooling2D",
    "BatchNormalization",
    "Concatenate",
    "Conv2D",
    "Conv2DTranspose",
    "Cropping2D",
    "Dense",
    "DepthwiseConv2D",
    "Dropout",
    "Flatten",
    "GlobalAveragePooling2D",
    "GlobalMaxPooling2D",
    "ImageShape",
    "Input",
    "Layer",
    "LayerNormalization",
    "MaxPooling2D",
    "Multiply",
    "Normalization",
    "Other",
    "ReLU",
    "Rescaling",
    "Reshape",
    "SeparableConv2D",
    "Shape",
    "Size",
    "UpSampling2D",
    "Weight",
    "ZeroPadding2D",
]

# The layers that a user writes down.
LAYERS: tuple[type[Layer], ...] = tuple(
    value
    for value in map(globals().get, __all__)
    if isinstance(value, type) and issubclass(value, Layer) and value not in (Layer, Other)
)
