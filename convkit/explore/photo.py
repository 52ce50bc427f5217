"""A photograph to try filters on, and pixels as an image that a page can show without a file."""

from __future__ import annotations

import base64
import io
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .view import HEIGHT, WIDTH, Image

Array = npt.NDArray[Any]


@cache
def photograph() -> Array:
    """(75, 64, 3), whole numbers from 0 to 255. Matplotlib's sample, found without importing Matplotlib."""
    from PIL import Image as Picture

    spec = find_spec("matplotlib")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("the photograph comes with Matplotlib, and there is none: pip install matplotlib")
    path = Path(spec.submodule_search_locations[0], "mpl-data", "sample_data", "grace_hopper.jpg")
    with Picture.open(path) as image:
        small = image.convert("RGB").resize((WIDTH, HEIGHT), Picture.Resampling.BOX)
    return np.asarray(small)


@cache
def gray() -> Array:
    """(75, 64): the mean of the three channels, as whole numbers."""
    return np.rint(photograph().mean(axis=-1)).astype(np.int64)


def pixels(image: Image) -> Array:
    """What an image shows: the photograph, or its convolution with a kernel that keeps its size, and a bias."""
    from ..ops import conv2d

    whole = gray()[:, :, None] if image.in_gray else photograph()
    if image.kernel is None:
        return whole
    kernel = np.array(image.kernel, dtype=float)[..., None]
    made = conv2d(whole[None].astype(float), kernel, 1, "same")[0] + image.bias
    return np.abs(made) if image.is_absolute else made


def source(image: Image) -> str:
    """The image as a data URI. Values outside of 0 to 255 are cut."""
    from PIL import Image as Picture

    shown = np.clip(np.rint(pixels(image)), 0, 255).astype(np.uint8)
    file = io.BytesIO()
    Picture.fromarray(shown.squeeze()).save(file, "png", compress_level=1)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode('ascii')}"


@cache
def encoded() -> str:
    """All bytes of the photograph as text, for a script that works out any pixel."""
    return base64.b64encode(photograph().tobytes()).decode("ascii")
