"""`nbgrader_config.py` -> settings, and a line with its place for what is wrong in it."""

from __future__ import annotations

import contextlib
import difflib
import functools
import traceback
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from traitlets import Enum, HasTraits, List, TraitError, Unicode
from traitlets.config import Config, Configurable
from traitlets.config.loader import LazyConfigValue, PyFileConfigLoader
from traitlets.utils.importstring import import_item

from gradekit.errors import CourseError
from gradekit.sandbox import spec

# Modules whose classes an instructor's file may configure.
MODULES = (
    "nbgrader.apps", "nbgrader.auth", "nbgrader.converters", "nbgrader.coursedir", "nbgrader.exchange",
    "nbgrader.plugins", "nbgrader.preprocessors", "nbgrader.validator", "gradekit.limits", "gradekit.release",
    "gradekit.judge.preprocessor", "gradekit.page", "gradekit.passback.settings", "gradekit.sandbox.provisioner",
)  # fmt: skip
# Settings of nbgrader's that gradekit can't follow.
DELIMITERS = {
    f"{end}_{region}_delimeter" for end in ("begin", "end") for region in ("solution", "test", "mark_scheme")
}  # nbgrader's spelling

NO_DATABASE = "is not the address of a database, such as 'sqlite:///gradebook.db'."


def load(file: Path) -> Config:
    """The settings in a file, none where it is missing; raises CourseError for what is wrong in it.

    It runs in its folder, as nbgrader runs it: it may import from `.`.
    """
    if not file.exists():
        return Config()
    try:
        with contextlib.chdir(file.parent):
            return PyFileConfigLoader(file.name, path=str(file.parent)).load_config()
    except (Exception, SystemExit) as error:
        raise CourseError(f"{file.name}, line {_line_of(error, file)}: {_sentence(error)}") from None


def _line_of(error: BaseException, file: Path) -> int:
    if isinstance(error, SyntaxError) and error.filename and Path(error.filename).name == file.name:
        return error.lineno or 1
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).name == file.name]
    return (frames[-1].lineno or 1) if frames else 1


def _sentence(error: BaseException) -> str:
    if isinstance(error, CourseError):
        return str(error)
    if isinstance(error, SystemExit):
        return "the file ends the program here. Remove this line."
    if isinstance(error, SyntaxError):
        return f"not valid Python: {error.msg}."
    if isinstance(error, ModuleNotFoundError):
        return f"the module {error.name} is not installed."
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}{f': {text[0]}' if text else ''}."


def check(config: Config, file: Path) -> None:
    """Raise CourseError for a misspelled setting, and for a value that its program would stop at."""
    known = _known()
    _refuse_lower_case(config, file, known)
    for section, name in _names(config):
        traits = known.get(section)
        if traits is None:
            _refuse_near(file, f"c.{section}", section, known, "")
        elif name and name not in traits:
            _refuse_near(file, f"c.{section}.{name}", name, traits, f"{section}.")
        elif name and (fault := _fault(traits[name], name, config[section][name])):
            raise CourseError(f"{_place(file, f'c.{section}.{name}')}: c.{section}.{name} {fault}")
        elif name in DELIMITERS and config[section][name] != traits[name].default_value:
            raise CourseError(
                f"{_place(file, f'c.{section}.{name}')}: gradekit keeps secret what is between nbgrader's own "
                f"delimiters. Use {traits[name].default_value} in source/, and remove c.{section}.{name}."
            )


def _names(config: Config) -> Iterator[tuple[str, str]]:
    for section, values in config.items():
        if isinstance(values, Config) and section[:1].isupper():
            yield from ((section, name) for name in values or [""])


def _refuse_lower_case(config: Config, file: Path, known: Mapping[str, Any]) -> None:
    """traitlets takes any name, and reads those of classes alone."""
    by_letters = {section.lower(): section for section in known}
    for name in [name for name in config if name[:1].islower()]:
        near = difflib.get_close_matches(name.lower(), by_letters, n=1, cutoff=0.8)
        holders = [section for section in ("Execute", "CourseDirectory", "Exchange", *known) if name in known[section]]
        meant = by_letters[near[0]] if near else f"{holders[0]}.{name}" if holders else ""
        hint = f"Did you mean c.{meant}?" if meant else "A setting begins with its class, such as c.Execute.timeout."
        raise CourseError(f"{_place(file, f'c.{name}')}: there is no setting c.{name}. {hint}")


def _refuse_near(file: Path, setting: str, name: str, known: Iterable[str], prefix: str) -> None:
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.8)
    if near:
        raise CourseError(f"{_place(file, setting)}: there is no setting {setting}. Did you mean c.{prefix}{near[0]}?")


def _fault(trait: Any, name: str, value: Any) -> str:
    """What is wrong with a setting's value; empty where its program takes it."""
    if isinstance(value, LazyConfigValue):  # c.A.b.append(...)
        return ""
    owner = HasTraits()
    owner._cross_validation_lock = True  # the validators of its class need the program
    try:
        trait._validate(owner, value)
    except TraitError:
        return f"is {value!r}, and has to be {_kind(trait)}."
    except Exception:  # a trait that is not complete without its program
        return ""
    if name.endswith("preprocessors"):
        return next(filter(None, map(_not_importable, value)), "")
    return _no_database(value) if name == "db_url" else spec.fault(value) if name == "limits" else ""


def _kind(trait: Any) -> str:
    """What a trait takes: traitlets' own words, as far as they are common ones."""
    if isinstance(trait, List) and isinstance(inner := trait._trait, Unicode | Enum):
        return f"a list, each item {_kind(inner)}"
    return str(trait.info()).replace("an int", "a whole number").replace("a unicode string", "text")


def _not_importable(name: Any) -> str:
    try:
        import_item(name) if isinstance(name, str) else name
    except Exception:
        return f"names {name!r}, which can't be imported."
    return ""


def _no_database(url: str) -> str:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        make_url(url).get_dialect()
    except ArgumentError:
        return NO_DATABASE  # without the address, which may have a password in it
    return ""


def _place(file: Path, setting: str) -> str:
    """The file and the last line that has a setting, which is the one that counts."""
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines() if file.exists() else []
    number = max((number for number, line in enumerate(lines, 1) if setting in line), default=0)
    return f"{file.name}, line {number}" if number else file.name


@functools.cache
def _known() -> dict[str, dict[str, Any]]:
    """Names of configurable classes -> their settings."""
    for module in MODULES:
        import_item(module)
    found: dict[str, dict[str, Any]] = {"Preload": {"modules": List(Unicode())}}  # which is read by itself
    waiting: list[type] = [Configurable]
    while waiting:
        cls = waiting.pop()
        waiting += cls.__subclasses__()
        found.setdefault(cls.__name__, {}).update(cls.class_traits(config=True))  # type: ignore[attr-defined]
    return found
