"""The exercises of the convolution lesson. `gradekit` checks, verifies and grades their answers."""

from .exercises import EXERCISES
from .quiet import quietly

__all__ = ["EXERCISES", "quietly"]
