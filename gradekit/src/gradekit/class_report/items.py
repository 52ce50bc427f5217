"""Difficulty and discrimination of a question, as classical test theory defines them.

Difficulty is the mean share of the points, also called facility: 1 is easy. Discrimination is the correlation of a
question's points with those of all others together; a question with less than POOR is a poor one.
"""

# Difficulty: L. Crocker and J. Algina, Introduction to Classical and Modern Test Theory, 1986, chapter 14.
# Discrimination: S. Henrysson, Correction of item-total correlations in item analysis, Psychometrika 28, 1963, 211-218.
# POOR: R. L. Ebel and D. A. Frisbie, Essentials of Educational Measurement, 5th edition, 1991, chapter 13.

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

FEW, CORRELATED = 10, 20  # students; a share of fewer says nothing, nor does a correlation
POOR, EASY, HARD = 0.2, 0.95, 0.2
WIDTH = 1.96  # standard errors to either end of a 95 % interval


def difficulty(points: Sequence[float], maximum: float) -> float | None:
    """Mean share of the points.

    >>> difficulty([2, 2, 1, 0], 2)
    0.625
    """
    return sum(points) / len(points) / maximum if points and maximum else None


def discrimination(points: Sequence[float], others: Sequence[float]) -> float | None:
    """Correlation of a question's points with those of all others; None where either is the same for all students.

    >>> discrimination([0, 1, 1], [3, 5, 7])
    0.866...
    """
    if len(points) < 3 or np.ptp(points) == 0 or np.ptp(others) == 0:
        return None
    return float(np.corrcoef(points, others)[0, 1])


def remark(students: int, difficulty: float | None, discrimination: float | None) -> str:
    """What the two say where they stand out, as a sentence; "" elsewhere.

    A correlation stands out where its whole confidence interval does, by Fisher's transformation.
    """
    if students < FEW or difficulty is None:
        return ""
    if difficulty >= EASY:
        return "Nearly all students solved it: it no longer tells them apart."
    most = 1.0 if discrimination is None else _upper(students, discrimination)
    if most < 0:
        return "Students who are good at the rest lose points here: is the question clear, and its check correct?"
    if most < POOR:
        return "It hardly tells students apart who are good at the rest and who are not."
    return "Hardly any student solved it: too hard, or not taught yet." if difficulty <= HARD else ""


def _upper(students: int, correlation: float) -> float:
    """The upper end of the confidence interval of a correlation."""
    return float(np.tanh(np.arctanh(min(correlation, 0.999)) + WIDTH / np.sqrt(students - 3)))
