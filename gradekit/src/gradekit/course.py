"""A course folder: its nbgrader settings, its assignment, and the folders of each step.

Every command here reads `nbgrader_config.py` as `nbgrader` does, so that one can continue where the other stopped.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import shutil
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from gradekit import patches
from gradekit.errors import CourseError, in_a_line

if TYPE_CHECKING:
    from nbgrader.api import Gradebook
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

CONFIG = "nbgrader_config.py"
UNFIT = "+*?["  # separates the parts of a submission's name, or has a meaning in a glob pattern

patches.skip_iri_grammar()  # before jsonschema is imported


@dataclass(frozen=True)
class CourseFolder:
    """A folder with `nbgrader_config.py` and `source/ASSIGNMENT/*.ipynb`."""

    root: Path
    assignment: str

    @property
    def source(self) -> Path:
        return self.place("source")

    @property
    def release(self) -> Path:
        return self.place("release")

    def place(self, step: str, student: str = ".") -> Path:
        """The folder of one nbgrader step, such as `autograded/ada/conv2d`."""
        return self.places(step)(student)

    def places(self, step: str) -> Callable[[str], Path]:
        """The folders of one step by student; the settings are read once for all of them."""
        directory = self.directory()
        pattern = getattr(directory, f"{step}_directory")
        return lambda student: Path(directory.format_path(pattern, student, self.assignment))

    def gradebook(self) -> Path | None:
        """The file of the gradebook, or None where it is a database of another kind."""
        url = self.directory().db_url
        return Path(unquote(url.removeprefix("sqlite:///"))) if url.startswith("sqlite:///") else None

    def notebooks(self) -> list[str]:
        """Names of the source notebooks without `.ipynb`, in order."""
        return sorted(path.stem for path in self.source.glob("*.ipynb"))

    def config(self) -> Config:
        """The settings in `nbgrader_config.py`, with this folder as the course."""
        from gradekit.settings_file import load

        config = load(self.root / CONFIG)
        config.CourseDirectory.root = str(self.root)
        if "db_url" not in config.CourseDirectory:
            # As `hub/settings/gradebook` tells nbgrader; its own default, escaped, is a file in the course.
            named = os.environ.get("GRADEKIT_GRADEBOOK", "").strip()
            config.CourseDirectory.db_url = named or sqlite_url(self.root / "gradebook.db")
        # A relative file is one in the course, where nbgrader is run; a worker or `--course` may be elsewhere.
        if file := re.fullmatch(r"sqlite:///(?!/|:memory:|file:)(.+)", str(config.CourseDirectory.db_url)):
            config.CourseDirectory.db_url = f"{sqlite_url(self.root)}/{file[1]}"
        return config

    def check_settings(self) -> None:
        """Raise CourseError for a misspelled setting in `nbgrader_config.py`, or a value that can't be used."""
        from gradekit.settings_file import check

        check(self.config(), self.root / CONFIG)

    def directory(self, **settings: Any) -> CourseDirectory:
        """nbgrader's own view of this folder, with single settings replaced."""
        from nbgrader.coursedir import CourseDirectory
        from traitlets import TraitError

        try:
            return CourseDirectory(config=self.config(), assignment_id=self.assignment, **settings)
        except TraitError:
            self.check_settings()  # which names the line
            raise


def sqlite_url(file: Path) -> str:
    """The address of a SQLite file; in an address, a percent sign begins an escape.

    >>> sqlite_url(Path("/courses/my%20course/gradebook.db"))
    'sqlite:////courses/my%2520course/gradebook.db'
    """
    return f"sqlite:///{str(file).replace('%', '%25').replace('?', '%3F')}"


def source_folder(root: Path) -> Path:
    """The folder of all assignments: `source/`, or the one that `c.CourseDirectory.source_directory` names."""
    settings = root / CONFIG
    named = settings.exists() and b"source_directory" in settings.read_bytes()  # reading them takes a second
    return CourseFolder(root, "any").source.parent if named else root / "source"


def assignments(root: str | Path = ".") -> list[str]:
    """Names of the assignments in source/, in alphabetical order."""
    return sorted({path.parent.name for path in source_folder(Path(root).resolve()).glob("*/*.ipynb")})


def course(root: str | Path = ".", assignment: str | None = None) -> CourseFolder:
    """The course in a folder; its assignment is the only folder in `source/` unless it is named."""
    folder = Path(root).resolve()
    source, names = source_folder(folder), assignments(folder)
    if not source.is_dir():
        raise CourseError(
            f"{folder} is not a course: it has no folder {source.name}/. Go to a course, or name it: --course DIR."
        )
    if not names:
        raise CourseError(
            f"{source} has no notebooks. Put those of an assignment into a folder, such as source/homework1/."
        )
    if assignment is None and len(names) > 1:
        raise CourseError(
            f"source/ has several assignments. Name one: --assignment {names[0]} (or {', '.join(names[1:])})."
        )
    chosen = assignment or names[0]
    if chosen not in names:
        raise CourseError(f"source/ has no assignment {chosen!r}. There is {', '.join(names)}.")
    if bad := next((letter for letter in chosen if letter in UNFIT or not letter.isprintable()), None):
        raise CourseError(f"source/{chosen}: nbgrader does not support {bad!r} in an assignment's name. Rename it.")
    if chosen != chosen.strip():
        raise CourseError(f"source/{chosen}: nbgrader does not support spaces around an assignment's name. Rename it.")
    return CourseFolder(folder, chosen)


@contextlib.contextmanager
def listening() -> Iterator[list[str]]:
    """Collect the warnings and errors that nbgrader logs instead of printing them; suppress those of Python."""
    log: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: log.append(record.getMessage())  # type: ignore[method-assign]
    with (
        _logged_to("traitlets", handler),  # where nbgrader logs when it is not an application
        _logged_to("tornado", NOWHERE),  # complains of a kernel's sockets after Ctrl-C
        _logged_to("asyncio", NOWHERE),
        warnings.catch_warnings(),
        _programs_of_this_python(),
    ):
        warnings.simplefilter("ignore")
        yield log


NOWHERE = logging.NullHandler()


@contextlib.contextmanager
def _logged_to(name: str, handler: logging.Handler) -> Iterator[None]:
    """Send a logger's records to one handler alone."""
    log = logging.getLogger(name)
    propagate, log.propagate = log.propagate, False
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.propagate = propagate


@contextlib.contextmanager
def open_gradebook(here: CourseFolder) -> Iterator[Gradebook]:
    """The gradebook of a course; an error of the database becomes one line."""
    from nbgrader.api import Gradebook
    from sqlalchemy.exc import ArgumentError, DatabaseError

    try:
        with listening(), Gradebook(here.directory().db_url) as book:
            yield book
    except ArgumentError:
        here.check_settings()  # which names the line
        raise
    except DatabaseError as error:
        raise CourseError(f"{here.gradebook() or 'the gradebook'}: {in_a_line(error)}") from None


@contextlib.contextmanager
def _programs_of_this_python() -> Iterator[None]:
    """nbgrader starts `alembic` by name for a new gradebook: it has to be found when no environment is activated."""
    path = os.environ.get("PATH", "")
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{path}"
    try:
        yield
    finally:
        os.environ["PATH"] = path


def put_in_place(made: Path, place: Path) -> None:
    """Replace the folder `place` by `made` with renames: readers see the old one or the new one, never a mix.

    Where `made` can't be moved, the old one stays. If this is killed on the way, `put_back` restores it.
    """
    put_back(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        if place.exists():
            os.replace(place, _aside(place))
        os.replace(made, place)
    finally:
        put_back(place)


def put_back(place: Path) -> None:
    """Finish a `put_in_place` that was killed."""
    aside = _aside(place)
    if aside.exists() and not place.exists():
        os.replace(aside, place)
    remove(aside)


def _aside(place: Path) -> Path:
    return place.with_name(f".{place.name}.before")


def remove(path: Path) -> None:
    """Remove a folder with all that is in it, a file or a link, where there is one."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
