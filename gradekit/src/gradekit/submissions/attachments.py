"""What lies beside the notebooks: data that the work may need, within limits, and what is in nbgrader's way."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from gradekit.submissions.limits import HandedIn
from gradekit.submissions.names import shown, some
from gradekit.submissions.walk import File, Listing

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory

TIMESTAMP = "timestamp.txt"
LAUNCHER = "ipykernel_launcher"
LONGEST_TIME = 1000  # bytes
NO_TIME = f"{TIMESTAMP} holds no time: whether the work is late is not known. Correct it: nbgrader stops at it."


@dataclass(frozen=True)
class Beside:
    """Files to copy, with their places below the student's folder, and lines on those that are not."""

    data: tuple[tuple[Path, str], ...]
    lines: tuple[str, ...]


def beside(there: Listing, source: Path, notebooks: set[str], directory: CourseDirectory, limits: HandedIn) -> Beside:
    """Choose among the files that are no notebooks. Those of the assignment itself come from source/ in any case."""
    lines = []
    theirs = {str(path.relative_to(source)) for path in source.rglob("*") if not path.is_dir()}
    files = [file for file in there.files if file.relative not in notebooks and file.relative not in theirs]
    files = [file for file in files if not _of_a_notebook(file.relative, theirs)]
    in_the_way = {file.relative: file for file in files if _in_the_way(file.relative, theirs)}
    if in_the_way:
        lines.append(
            f"{some(list(in_the_way))}: the assignment has a file or folder at that place, and its own was used."
        )
    files = [file for file in files if file.relative not in in_the_way]
    if launchers := [file for file in files if _is_launcher(file.relative)]:
        lines.append(f"{some([file.relative for file in launchers])}: no notebook runs beside this name. Left out.")
        files = [file for file in files if file not in launchers]
    stamps = [file for file in files if PurePath(file.relative).parts[0] == TIMESTAMP]
    if TIMESTAMP in there.folders or any(map(_no_time, stamps)):
        lines.append(NO_TIME)
        files = [file for file in files if file not in stamps]
    kept = _within_limits(files, directory, limits)
    chosen = set(kept)
    if left := [file.relative for file in files if file not in chosen]:
        lines.append(_too_much(left, directory, limits))
    return Beside(tuple((file.path, file.relative) for file in kept), tuple(lines))


def _of_a_notebook(relative: str, theirs: set[str]) -> bool:
    """Does it lie in a folder with a notebook's name, or where the notebook's feedback page will be?"""
    path = PurePath(relative)
    page = path.suffix == ".html" and str(path.with_suffix(".ipynb")) in theirs
    return page or (len(path.parts) > 1 and path.parts[0].endswith(".ipynb") and path.parts[0] in theirs)


def _in_the_way(relative: str, theirs: set[str]) -> bool:
    """Is it a file where the assignment has a folder, or inside a folder where the assignment has a file?"""
    above = {str(parent) for parent in PurePath(relative).parents}
    return bool(above & theirs) or any(name.startswith(relative + os.sep) for name in theirs)


def _is_launcher(relative: str) -> bool:
    """Would it be started in the place of the program that runs a notebook? That is looked for here first."""
    return PurePath(relative).parts[0].split(".")[0] == LAUNCHER


def _no_time(stamp: File) -> bool:
    """Is it no time that the file holds which says when the work was handed in?"""
    from nbgrader.utils import parse_utc

    try:
        text = stamp.path.read_bytes().decode("utf-8").strip() if stamp.size <= LONGEST_TIME else ""
        if text:
            parse_utc(text)
        return not text
    except Exception:  # dateutil has many ways to say no
        return True


def _within_limits(files: list[File], directory: CourseDirectory, limits: HandedIn) -> list[File]:
    """As many files as may be copied, the small ones first."""
    kept: list[File] = []
    room = directory.max_dir_size * 1000
    for file in sorted(files, key=lambda file: file.size):
        if len(kept) >= limits.most_files or file.size > min(room, directory.max_file_size * 1000):
            break
        kept.append(file)
        room -= file.size
    return kept


def _too_much(left: list[str], directory: CourseDirectory, limits: HandedIn) -> str:
    were = "was" if len(left) == 1 else "were"
    return (
        f"{some(left) if len(left) > 1 else shown(left[0])} {were} left out: {limits.most_files} files are copied, of "
        f"{directory.max_file_size // 1000} MB each and {directory.max_dir_size // 1000} MB in all at most. "
        "The settings are c.HandedIn.most_files and c.CourseDirectory.max_file_size and max_dir_size."
    )
