"""The whole line in a folder of its own: release, a class at work, grading, feedback pages, the report."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gradekit.course import CONFIG, Course, course
from gradekit.errors import CourseError
from gradekit.grading.grade import Outcome, Progress, grade, silent
from gradekit.release import release
from gradekit.report import Row, report

MARKER = ".gradekit-demo"  # a folder with this file is a demo's, and may be made anew
Say = Callable[[str], None]
HandIn = Callable[[Course, Path], str]  # fills submitted/ as a class would; returns a line about it


@dataclass(frozen=True)
class Demo:
    """What came of it."""

    root: Path
    rows: list[Row]
    outcome: Outcome


def demo(
    hand_in: HandIn,
    root: str | Path = ".",
    into: str | Path = "build/demo",
    progress: Progress = silent,
    say: Say = lambda line: None,
) -> Demo:
    """Take the course in `root` through a term: everything is copied into the folder `into` and happens there.

    A folder that an earlier demo made is made anew; any other that is not empty is refused.
    """
    here, target = course(root), Path(into).resolve()
    _make_room(target, say)
    _copy(here, target)
    changes = release(target, here.assignment)
    say(f"released {len(changes)} notebooks to {target / 'release' / here.assignment}")
    there = course(target, here.assignment)
    say(hand_in(there, target / "submitted"))
    outcome = grade(target, here.assignment, progress=progress)
    return Demo(target, report(target, here.assignment), outcome)


def _make_room(target: Path, say: Say) -> None:
    if target.is_dir() and any(target.iterdir()):
        if not (target / MARKER).exists():
            raise CourseError(f"{target} is not empty, and no demo made it. Choose another folder: --into DIR")
        say(f"{target} holds an earlier demo: it is made anew")
        for path in target.iterdir():
            _remove(path)
    target.mkdir(parents=True, exist_ok=True)
    (target / MARKER).write_text("Made by a demonstration, which may delete everything in this folder.\n")


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _copy(here: Course, target: Path) -> None:
    shutil.copytree(here.source, target / "source" / here.assignment, ignore=shutil.ignore_patterns(".*"))
    if (here.root / CONFIG).exists():
        shutil.copy(here.root / CONFIG, target)
