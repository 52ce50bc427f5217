"""The exercises of source/conv2d-further/, a module for each notebook."""

from .backward import BACKWARD
from .kinds import KINDS
from .pooling import POOLING
from .transposed import TRANSPOSED

FURTHER = (*TRANSPOSED, *KINDS, *POOLING, *BACKWARD)

__all__ = ["FURTHER"]
