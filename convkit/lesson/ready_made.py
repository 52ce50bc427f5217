"""What an answer may call: no convolution where the student is to write one, anything of convkit for a number."""

from __future__ import annotations

from functools import partial

from gradekit import Exercise
from gradekit.exercise import compare

LIBRARIES = (
    "tensorflow",
    "keras",
    "tf_keras",
    "torch",
    "jax",
    "scipy.signal",
    "scipy.ndimage",
    "cv2",
    "skimage",
    "convkit.ops",
)

SHORTCUTS = ("convkit.*",)  # may be called; then the answer to a question on a number can be a single call
NumberExercise = partial(Exercise, read=compare.count, shortcuts=SHORTCUTS)

CONVOLUTIONS = tuple(
    f"{library}.{name}"
    for library in LIBRARIES
    for name in ("*conv[0-9]*", "*conv", "*conv_*", "*convol*", "*correlat*", "filter2d")
)
