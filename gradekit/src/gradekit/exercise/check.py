"""`convkit.check`: what a student asks right under an answer."""

from __future__ import annotations

from typing import Any

from .diagnose import diagnose
from .exercises import exercise
from .verdict import Verdict


def check(exercise_id: str, answer: Any) -> Verdict:
    """What is seen of an answer: shown in a notebook at once, with a hint where the evidence singles out a mistake.

    It tries small cases of its own. Grading tries others, so that nothing here promises points.

    >>> verdict = check("second-layer-params", lambda filters: 3 * 3 * 2 * filters)
    >>> verdict.right, verdict.mistakes
    (False, ('no-bias',))
    >>> print(verdict)                                         # doctest: +ELLIPSIS
    second_layer_params: not yet.
    What was seen: `second_layer_params(filters=2)` gave 36. One way to get there: 3 x 3 x 2 x 2 = 36.
    What was done: It counts weights, and no bias.
    What could help: A kernel has one more number that is learnt. ...
    """
    return Verdict(diagnose(exercise(exercise_id), answer))
