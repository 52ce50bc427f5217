"""The exercises of source/conv2d-further/, a module for each notebook."""

from .backward import BACKWARD
from .transposed import TRANSPOSED

FURTHER = (*TRANSPOSED, *BACKWARD)

__all__ = ["FURTHER"]
