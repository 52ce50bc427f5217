"""`nbgrader_config.py` -> settings, and a line with its place for what is wrong in it."""

from __future__ import annotations

import difflib
import functools
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from traitlets.config import Config, Configurable
from traitlets.config.loader import PyFileConfigLoader

from gradekit.errors import CourseError

# Modules whose classes an instructor's file may configure.
MODULES = (
    "nbgrader.apps", "nbgrader.auth", "nbgrader.converters", "nbgrader.coursedir", "nbgrader.exchange",
    "nbgrader.plugins", "nbgrader.preprocessors", "nbgrader.validator", "gradekit.limits", "gradekit.release",
    "gradekit.judge.preprocessor", "gradekit.page", "gradekit.sandbox.provisioner",
)  # fmt: skip


def load(file: Path) -> Config:
    """The settings in a file, none where it is missing; raises CourseError for what is wrong in it."""
    if not file.exists():
        return Config()
    try:
        return PyFileConfigLoader(file.name, path=str(file.parent)).load_config()
    except Exception as error:
        raise CourseError(f"{file.name}, line {_line_of(error, file)}: {_sentence(error)}") from None


def _line_of(error: BaseException, file: Path) -> int:
    if isinstance(error, SyntaxError) and error.filename and Path(error.filename).name == file.name:
        return error.lineno or 1
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).name == file.name]
    return (frames[-1].lineno or 1) if frames else 1


def _sentence(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return f"not valid Python: {error.msg}."
    if isinstance(error, ModuleNotFoundError):
        return f"the module {error.name} is not installed."
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}{f': {text[0]}' if text else ''}."


def refuse_unknown(config: Config, file: Path) -> None:
    """Raise CourseError for a setting that no program reads, where a known one has a name that is nearly the same."""
    known = _known()
    for section, name in _names(config):
        classes = known.get(section)
        if classes is None:
            _refuse(file, f"c.{section}", section, known, "")
        elif name and name not in classes:
            _refuse(file, f"c.{section}.{name}", name, classes, f"{section}.")


def _names(config: Config) -> Iterator[tuple[str, str]]:
    for section, values in config.items():
        if isinstance(values, Config) and section[:1].isupper():
            yield from ((section, name) for name in values or [""])


def _refuse(file: Path, setting: str, name: str, known: Any, prefix: str) -> None:
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.8)
    if near:
        where = f"{file.name}{_line_with(file, setting)}"
        raise CourseError(f"{where}: there is no setting {setting}. Did you mean c.{prefix}{near[0]}?")


def _line_with(file: Path, setting: str) -> str:
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines() if file.exists() else []
    number = next((number for number, line in enumerate(lines, 1) if setting in line), None)
    return f", line {number}" if number else ""


@functools.cache
def _known() -> dict[str, set[str]]:
    """Names of configurable classes -> names of their settings."""
    import importlib

    for module in MODULES:
        importlib.import_module(module)
    found: dict[str, set[str]] = {"Preload": {"modules"}, "Judge": {"exercises"}}  # these two are read by themselves
    waiting: list[type] = [Configurable]
    while waiting:
        cls = waiting.pop()
        waiting += cls.__subclasses__()
        found.setdefault(cls.__name__, set()).update(cls.class_traits(config=True))  # type: ignore[attr-defined]
    return found
