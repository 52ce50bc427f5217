"""Exercises by their id: registered by code, by a spec "module:NAME", or by an entry point."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from .model import Exercise
from .variant import individual, name

GROUP = "gradekit.exercises"  # of entry points, each a spec
INSTALL = 'Install the package with the questions, or name their file: gradekit.register("questions:EXERCISES")'
_exercises: dict[str, Exercise] = {}
_sources: list[tuple[str, str]] = []


class ExerciseError(Exception):
    """An exercise was requested in a way that can't be answered. A notebook shows the message without a traceback."""

    def __str__(self) -> str:
        return str(self.args[0])

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class UnknownExercise(ExerciseError, KeyError):
    """No exercise has this id."""


Source = Exercise | str | Iterable[Exercise] | Mapping[str, Exercise]


def register(*sources: Source) -> None:
    """Make exercises known by their ids: one by one, in lists, tuples or mappings, or by a spec as `load` takes it.

    An exercise replaces an earlier one with the same id.
    """
    for source in sources:
        if isinstance(source, str):
            load(source)
        else:
            _exercises.update(_by_id(source))


def _by_id(source: Any) -> dict[str, Exercise]:
    if isinstance(source, Exercise):
        return {source.id: source}
    found = list(source.values() if isinstance(source, Mapping) else source)
    for exercise in found:
        if not isinstance(exercise, Exercise):
            raise TypeError(f"an Exercise is needed; this is of type {type(exercise).__name__}: {exercise!r}")
    return {exercise.id: exercise for exercise in found}


def load(spec: str, folder: str = ".") -> None:
    """Import a module and register its exercises, once.

    `spec` is "module:NAME", where NAME is a list, a tuple or a mapping; the module may be in `folder`. Raises
    ValueError for another text, ImportError or AttributeError where nothing is found.
    """
    folder = os.path.abspath(folder)
    if (spec, folder) in _sources:
        return
    module, _, name = spec.rpartition(":")
    if not module or not name:
        raise ValueError(f"exercises are given as 'module:NAME', such as 'questions:EXERCISES', not {spec!r}")
    if folder not in sys.path:
        sys.path.append(folder)
    register(getattr(import_module(module), name))
    _sources.append((spec, folder))


def sources() -> list[tuple[str, str]]:
    """The specs and folders that were loaded, for another process to load as well."""
    return list(_sources)


def exercises() -> Mapping[str, Exercise]:
    """All known exercises by id. A registered one replaces that of an installed package."""
    return {**_installed(), **_exercises}


@cache
def _installed() -> dict[str, Exercise]:
    return {name: found for point in entry_points(group=GROUP) for name, found in _by_id(point.load()).items()}


def find(exercise_id: str) -> Exercise:
    """The exercise with this id, in the variant of the notebook.

    Raises UnknownExercise with the nearest ids that are known, and ExerciseError where its variant has no name yet.

    >>> register(Exercise("triangle", "triangle", ("n",), lambda n: n * (n + 1) // 2))
    >>> find("triangel")
    Traceback (most recent call last):
    gradekit.exercise.registry.UnknownExercise: no exercise has the id 'triangel'; there are triangle
    """
    known = _exercises if exercise_id in _exercises else exercises()
    if exercise_id in known:
        exercise = known[exercise_id]
        if exercise.variants and not name():
            raise ExerciseError("choose your variant first: write your login in variant('...') and run that cell")
        return individual(exercise) if exercise.variants else exercise
    near = get_close_matches(str(exercise_id), known, n=3, cutoff=0.5) or list(known)
    there = f"there are {', '.join(near)}" if known else f"none is registered. {INSTALL}"
    raise UnknownExercise(f"no exercise has the id {exercise_id!r}; {there}")
