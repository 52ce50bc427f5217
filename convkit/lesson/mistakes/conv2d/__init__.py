"""Mistakes in a convolution written by hand (`conv2d`): x, kernel, strides, "VALID" or "SAME".

x is (n, h, w, c), kernel (kh, kw, c, filters). Drawn from question threads and trackers: the flip of scipy's
convolve2d, the stride left out of the window or of the output's size, padding by half a kernel, the odd zero in front,
SAME without a stride and thinned out, the last row missing.
"""

from .others import OTHERS
from .pairs import AT_ONE_PIXEL, AT_ONE_POSITION, for_part, pairs, singles
from .patterns import CONV2D_PATTERNS

CONV2D = (*(mistake for _, mistake in singles()), *OTHERS)

__all__ = ["AT_ONE_PIXEL", "AT_ONE_POSITION", "CONV2D", "CONV2D_PATTERNS", "for_part", "pairs"]
