"""The exercises of the convolution lesson. `gradekit` checks, verifies and grades their answers."""

from gradekit import verify, verify_fresh, verify_unchanged  # notebooks of an earlier release import them from here

from .exercises import EXERCISES
from .quiet import quietly

__all__ = ["EXERCISES", "quietly", "verify", "verify_fresh", "verify_unchanged"]
