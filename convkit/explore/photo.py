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

Array = npt.NDArray[Any]
WIDTH, HEIGHT = 64, 75  # pixels
NAME = "Grace Hopper"  # the portrait by James S. Davis that Matplotlib brings along


@cache
def photograph() -> Array:
    """(75, 64, 3), whole numbers from 0 to 255. Matplotlib's sample, found without importing Matplotlib."""
    from PIL import Image

    spec = find_spec("matplotlib")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("the photograph comes with Matplotlib, and there is none: pip install matplotlib")
    path = Path(spec.submodule_search_locations[0], "mpl-data", "sample_data", "grace_hopper.jpg")
    with Image.open(path) as image:
        small = image.convert("RGB").resize((WIDTH, HEIGHT), Image.Resampling.BOX)
    return np.asarray(small)


@cache
def grey() -> Array:
    """(75, 64): the mean of the three channels, as whole numbers."""
    return np.rint(photograph().mean(axis=-1)).astype(np.int64)


def image(pixels: Array, label: str, alt: str) -> dict[str, str]:
    """Pixels (height, width) or (height, width, 3) as an image with its words. Values outside 0 to 255 are cut."""
    return {"src": _source(pixels), "label": label, "alt": alt}


def original(alt: str, in_grey: bool = False) -> dict[str, str]:
    """The photograph itself as an image with its words."""
    return {"src": _original_source(in_grey), "label": "photograph", "alt": alt}


@cache
def encoded() -> str:
    """All bytes of the photograph as text, for a script that works out any pixel."""
    return _text(photograph().tobytes())


@cache
def _original_source(in_grey: bool) -> str:
    return _source(grey() if in_grey else photograph())


def _source(pixels: Array) -> str:
    from PIL import Image

    shown = np.clip(np.rint(pixels), 0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(shown).save(file, "png", compress_level=1)
    return f"data:image/png;base64,{_text(file.getvalue())}"


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
