"""Words for an error in a student's code: the error, the student's line, and where to look."""

from __future__ import annotations

from itertools import chain

from .model import Exercise
from .run import Outcome, TookTooLong

# By the error's type: what it means, most often.
MEANINGS: dict[str, str] = {
    "NameError": "Python doesn't know this name. Is it spelled as where you set it, and did you run that cell?",
    "UnboundLocalError": "The function uses a name before it has set it. Is it set on every path to this line?",
    "IndexError": "An index is beyond the end. Print the index, and the shape of the array, just before this line.",
    "KeyError": "The dictionary has no entry for this key. What should the function do with other numbers?",
    "ZeroDivisionError": "Something is divided by zero. Which of the numbers in this line can be 0?",
    "AttributeError": "This value has no attribute of that name. Print its type just before this line.",
    "RecursionError": "The function calls itself again and again. When does it stop?",
    "MemoryError": "It needs more memory than there is. Print the shape of the array that it makes.",
    "ValueError": "This line can't use one of its values. Print them, or their shapes, just before this line.",
    "NotImplementedError": "This part is still to be written.",
    "TypeError": "A value has the wrong type for this line. Print it, and its type, just before the line.",
}
SHAPES = "The shapes of two arrays don't fit together. Print both just before this line: which axis differs?"
AXES = "The array has other axes than this line takes. Print its shape just before this line."

# By what a ValueError says: it has more causes than one.
OF_VALUES: dict[str, str] = {
    "unpack": "The number of names before `=` differs from the number of values after it. Print the shape just before "
    "this line.",
    "cannot reshape": "A new shape needs as many values as the array has. Print its shape just before this line.",
    "negative dimensions": "A size is below 0. Print the sizes just before this line: which of them is it?",
    "out of bounds for array of dimension": AXES,
    "axes don't match": AXES,
    "broadcast": SHAPES,
    "must match exactly": SHAPES,
    "mismatch": SHAPES,
    "not aligned": SHAPES,
    "arrays must have": SHAPES,
    "incompatible": SHAPES,
}


def stopped(outcome: Outcome, told: bool = True) -> str:
    """What happened, with the student's own line: to follow the call in a sentence.

    Without `told` the error's own text is left out: it may quote a hidden case.
    """
    error = outcome.error
    if isinstance(error, TookTooLong):
        return f"was stopped: {error}. Is there a loop that does not end?"
    said = " ".join(str(error).split()) if told else ""
    said = f": {said[:200].rstrip('.')}." if said else "."
    where = f" It happened in your line `{outcome.line}`." if outcome.line else ""
    return f"stopped with {type(error).__name__}{said}{where}"


def meaning(asked: Exercise, outcome: Outcome) -> str:
    """Where to look, by the kind of error."""
    error, said = outcome.error, str(outcome.error)
    if isinstance(error, TookTooLong):
        return "If there is a loop, print its counter: does it change in every iteration? If not, what takes so long?"
    if isinstance(error, TypeError) and not outcome.line and "argument" in said:
        names = ", ".join(asked.parameters)
        order = ", in this order" if len(asked.parameters) > 1 else ""
        return f"The question calls it with {names}{order}. Does the first line of your function take these arguments?"
    of_values = OF_VALUES if isinstance(error, ValueError) else {}
    told = (helps for words, helps in of_values.items() if words in said)
    kinds = (MEANINGS[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in MEANINGS)
    return next(chain(told, kinds), "Call your function with these arguments in a new cell, and read the error.")
