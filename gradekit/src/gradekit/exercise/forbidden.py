"""Sees whether an answer called a ready-made convolution, where the exercise is to write one."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

LIBRARIES = re.compile(r"[/\\]((tensorflow|keras|tf_keras|torch|jax|scipy|cv2|skimage)[/\\]|convkit[/\\]ops)")
CONVOLUTIONS = re.compile(r"conv\d|conv$|conv_|convol|correlat", re.IGNORECASE)  # not convert, not conversion


@contextmanager
def convolution_calls() -> Iterator[list[str]]:
    """The names of library convolutions that are called inside the block, in order of the calls.

    >>> import numpy as np
    >>> from convkit import conv2d
    >>> with convolution_calls() as called:
    ...     _ = conv2d(np.ones((1, 2, 2, 1)), np.ones((1, 1, 1, 1)))
    >>> called[0]
    'conv2d'
    """
    called: list[str] = []

    def note(frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if event == "call" and CONVOLUTIONS.search(code.co_name) and LIBRARIES.search(code.co_filename):
            called.append(code.co_name)

    former = sys.getprofile()
    sys.setprofile(note)
    try:
        yield called
    finally:
        sys.setprofile(former)
