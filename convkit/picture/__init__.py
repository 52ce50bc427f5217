"""Pictures of a convolution: one renderer, for notebooks, explorers, feedback and README."""

from .animation import Animation, animate
from .drawing import Picture, draw
from .kernels import draw_kernels
from .steps import steps

__all__ = ["Animation", "Picture", "animate", "draw", "draw_kernels", "steps"]
