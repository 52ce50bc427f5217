"""What is asked, and how an answer is judged."""

from .exercise import Exercise
from .exercises import EXERCISES, exercise
from .quiet import quietly
from .verify import NotYet, verify, verify_fresh, verify_unchanged

__all__ = ["EXERCISES", "Exercise", "NotYet", "exercise", "quietly", "verify", "verify_fresh", "verify_unchanged"]
