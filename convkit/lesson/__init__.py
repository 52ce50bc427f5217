"""What is asked, and how an answer is judged."""

from .check import check
from .diagnose import diagnose
from .diagnosis import Diagnosis
from .exercise import Exercise
from .exercises import EXERCISES, exercise
from .quiet import quietly
from .verdict import Verdict
from .verify import NotYet, verify, verify_fresh, verify_unchanged

__all__ = [
    "EXERCISES",
    "Diagnosis",
    "Exercise",
    "NotYet",
    "Verdict",
    "check",
    "diagnose",
    "exercise",
    "quietly",
    "verify",
    "verify_fresh",
    "verify_unchanged",
]
