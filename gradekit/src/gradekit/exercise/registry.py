"""Where exercises are found by their id: registered by code, by a spec "module:NAME", or by an entry point."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from .model import Exercise

GROUP = "gradekit.exercises"  # of entry points, each a spec
_exercises: dict[str, Exercise] = {}
_loaded: set[str] = set()


class ExerciseError(Exception):
    """A question was asked for in a way that can't be answered. A notebook shows the message without a traceback."""

    def __str__(self) -> str:
        return str(self.args[0])

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class UnknownExercise(ExerciseError, KeyError):
    """No exercise has this id."""


def register(*exercises: Exercise | Iterable[Exercise] | Mapping[str, Exercise]) -> None:
    """Make exercises known by their ids: one by one, in lists or tuples, or as mappings.

    An exercise with the id of an earlier one takes its place.
    """
    for given in exercises:
        for exercise in _each(given):
            if not isinstance(exercise, Exercise):
                raise TypeError(f"an Exercise is needed; this is of type {type(exercise).__name__}: {exercise!r}")
            _exercises[exercise.id] = exercise


def _each(given: Any) -> Iterable[Any]:
    if isinstance(given, Exercise):
        return (given,)
    return given.values() if isinstance(given, Mapping) else given


def load(spec: str) -> None:
    """Import a module and register its exercises: "module:NAME" names a list, a tuple or a mapping.

    Raises ValueError for another text, ImportError or AttributeError where nothing is found.
    """
    if spec in _loaded:
        return
    module, _, name = spec.partition(":")
    if not module or not name:
        raise ValueError(f"exercises are given as 'module:NAME', such as 'questions:EXERCISES', not {spec!r}")
    register(getattr(import_module(module), name))
    _loaded.add(spec)


def exercises() -> Mapping[str, Exercise]:
    """All known exercises by id, those of installed packages included."""
    _load_installed()
    return _exercises


@cache
def _load_installed() -> None:
    for point in entry_points(group=GROUP):
        load(point.value)


def find(exercise_id: str) -> Exercise:
    """The exercise with this id. Raises UnknownExercise with the nearest ids that are known.

    >>> find("layer")
    Traceback (most recent call last):
    gradekit.exercise.registry.UnknownExercise: no exercise has the id 'layer'; none is registered
    """
    known = _exercises if exercise_id in _exercises else exercises()
    if exercise_id in known:
        return known[exercise_id]
    near = get_close_matches(str(exercise_id), known, n=3, cutoff=0.5) or list(known)
    there = f"there are {', '.join(near)}" if known else "none is registered"
    raise UnknownExercise(f"no exercise has the id {exercise_id!r}; {there}")
