"""Pictures of a convolution: one renderer, for notebooks, explorers, feedback and README."""

from .drawing import Picture, draw
from .kernels import draw_kernels

__all__ = ["Picture", "draw", "draw_kernels"]
