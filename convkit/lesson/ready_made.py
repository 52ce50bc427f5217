"""Library functions that an answer may not call, where the student is to write a convolution."""

from __future__ import annotations

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

CONVOLUTIONS = tuple(
    f"{library}.{name}"
    for library in LIBRARIES
    for name in ("*conv[0-9]*", "*conv", "*conv_*", "*convol*", "*correlat*", "filter2d")
)
