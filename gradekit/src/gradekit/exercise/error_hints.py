"""Words for an error in a student's code: the error, the student's line, and where to look."""

from __future__ import annotations

from .model import Exercise
from .run import Outcome, TookTooLong

# By the error's type: what it means, most often.
MEANINGS: dict[str, str] = {
    "NameError": "A name is not known there: is it spelled as where it was set, and did that cell run?",
    "UnboundLocalError": "A name is read before the function has set it: is it set on every way to this line?",
    "IndexError": "An index points beyond the end. Print the shape of what is indexed, and the index, just before it.",
    "KeyError": "A dictionary has no entry for this: what if the function is asked about other numbers?",
    "ZeroDivisionError": "Something is divided by zero: which of the numbers can be 0 there?",
    "AttributeError": "The value there has no such name: print its type just before this line.",
    "RecursionError": "The function calls itself again and again: when does it stop?",
    "MemoryError": "It asks for more memory than there is: print the shape that it makes.",
    "ValueError": "Two things don't go together there. Print their shapes, or their values, just before this line.",
    "NotImplementedError": "That part is still to be written.",
    "TypeError": "A value has a type that does not work there: print it, and its type, just before this line.",
}
UNPACK = "The names before `=` are more, or fewer, than the values behind it. Print the shape just before this line."
SHAPES = "Two arrays don't fit each other there. Print both shapes just before this line: which axis differs?"


def stopped(outcome: Outcome) -> str:
    """What happened, with the student's own line: to follow the call in a sentence."""
    error = outcome.error
    if isinstance(error, TookTooLong):
        return f"was stopped: {error}."
    said = " ".join(str(error).split())
    said = f": {said[:200].rstrip('.')}." if said else "."
    where = f" That was in your line `{outcome.line}`." if outcome.line else ""
    return f"stopped with {type(error).__name__}{said}{where}"


def meaning(asked: Exercise, outcome: Outcome) -> str:
    """Where to look, by the kind of error."""
    error, said = outcome.error, str(outcome.error)
    if isinstance(error, TookTooLong):
        return "Is there a loop that does not end? Print its counter: does it change in every turn?"
    if isinstance(error, TypeError) and not outcome.line and "argument" in said:
        names = ", ".join(asked.parameters)
        order = ", in this order" if len(asked.parameters) > 1 else ""
        return f"The question calls it with {names}{order}. Does the first line of your function take just that?"
    if isinstance(error, ValueError) and any(word in said for word in ("broadcast", "shape", "dimension", "mismatch")):
        return SHAPES
    if isinstance(error, ValueError) and "unpack" in said:
        return UNPACK
    told = (MEANINGS[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in MEANINGS)
    return next(told, "Call your function with these arguments in a cell of its own, and read the error.")
