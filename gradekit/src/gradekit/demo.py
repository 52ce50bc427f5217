"""A demonstration in a folder of its own: release, a class at work, grading, feedback pages, the report."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from gradekit.course import CONFIG, CourseFolder, assignments, course, remove
from gradekit.errors import CourseError
from gradekit.grading.grade import GradingResult, Progress, grade, no_progress
from gradekit.release import release
from gradekit.report import StudentResult, report

MARKER = ".gradekit-demo"  # in a folder that a demo made, and may replace
Say = Callable[[str], None]
HandIn = Callable[[CourseFolder, Path], str]  # fills submitted/ as a class would; returns a line about it


@dataclass(frozen=True)
class Demo:
    """The results, an item for each assignment."""

    root: Path
    reports: list[list[StudentResult]]
    outcomes: list[GradingResult]


def demo(
    hand_in: HandIn,
    root: str | Path = ".",
    into: str | Path = "build/demo",
    progress: Callable[[], AbstractContextManager[Progress]] = lambda: contextlib.nullcontext(no_progress),
    say: Say = lambda line: None,
) -> Demo:
    """Take the course in `root` through a term: everything is copied into the folder `into` and happens there.

    A folder that an earlier demo made is replaced; any other that is not empty is refused. `progress` is entered for
    each assignment.
    """
    target, names = Path(into).resolve(), assignments(root) or [course(root).assignment]
    _make_room(target, say)
    for name in names:
        _copy(course(root, name), target)
    outcomes = []
    for name in names:
        changes = release(target, name)
        say(f"released {len(changes)} notebooks to {target / 'release' / name}")
        say(hand_in(course(target, name), target / "submitted"))
        with progress() as step:
            outcomes.append(grade(target, name, progress=step))
        if outcomes[-1].interrupted:
            break
    return Demo(target, [report(target, outcome.assignment) for outcome in outcomes], outcomes)


def _make_room(target: Path, say: Say) -> None:
    if target.is_dir() and any(target.iterdir()):
        if not (target / MARKER).exists():
            raise CourseError(f"{target} is not empty, and was not made by a demo. Choose another folder: --into DIR")
        say(f"{target} holds an earlier demo, which is replaced")
        for path in target.iterdir():
            remove(path)
    target.mkdir(parents=True, exist_ok=True)
    (target / MARKER).write_text("Made by a demonstration, which may delete everything in this folder.\n")


def _copy(here: CourseFolder, target: Path) -> None:
    shutil.copytree(here.source, target / here.source.relative_to(here.root), ignore=shutil.ignore_patterns(".*"))
    if (here.root / CONFIG).exists():
        shutil.copy(here.root / CONFIG, target)
