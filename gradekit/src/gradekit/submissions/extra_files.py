"""Extra files of a student: data and modules that the work may need, within limits."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from gradekit.limits import SubmissionLimits
from gradekit.submissions.names import some
from gradekit.submissions.walk import File, Listing

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory

TIMESTAMP = "timestamp.txt"
LAUNCHER = "ipykernel_launcher"
LONGEST_TIME = 1000  # bytes
NO_TIME = f"{TIMESTAMP} does not hold a time, so lateness is not known. Correct it: nbgrader stops at it."


@dataclass(frozen=True)
class ExtraFiles:
    """Files to copy, with their paths below the student's folder, and lines on those that are not copied."""

    data: tuple[tuple[Path, str], ...]
    lines: tuple[str, ...]


def choose(
    there: Listing, source: Path, notebooks: set[str], directory: CourseDirectory, limits: SubmissionLimits
) -> ExtraFiles:
    """Choose the extra files to copy. The assignment's own files always come from source/."""
    lines = []
    course = {str(path.relative_to(source)) for path in source.rglob("*") if not path.is_dir()}
    files = [file for file in there.files if file.relative not in notebooks | course]
    files = [file for file in files if not _of_a_notebook(file.relative, course)]
    if blocking := {file.relative for file in files if _blocks(file.relative, course)}:
        lines.append(f"{some(sorted(blocking))}: the assignment has a file or folder there, which was used instead.")
    if launchers := {file.relative for file in files if _is_launcher(file.relative)}:
        lines.append(f"{some(sorted(launchers))}: left out, because Python would run it in place of the kernel.")
    stamps = {file.relative for file in files if PurePath(file.relative).parts[0] == TIMESTAMP}
    wrong = TIMESTAMP in there.folders or any(_no_time(file) for file in files if file.relative in stamps)
    if wrong:
        lines.append(NO_TIME)
    dropped = blocking | launchers | (stamps if wrong else set())
    files = [file for file in files if file.relative not in dropped]
    kept = _within_limits(files, directory, limits)
    chosen = {file.relative for file in kept}
    if left := [file.relative for file in files if file.relative not in chosen]:
        lines.append(_too_much(left, directory, limits))
    return ExtraFiles(tuple((file.path, file.relative) for file in kept), tuple(lines))


def _of_a_notebook(relative: str, course: set[str]) -> bool:
    """Whether it is in a folder with a notebook's name, or has the name of the notebook's feedback page."""
    path = PurePath(relative)
    page = path.suffix == ".html" and str(path.with_suffix(".ipynb")) in course
    return page or (len(path.parts) > 1 and path.parts[0].endswith(".ipynb") and path.parts[0] in course)


def _blocks(relative: str, course: set[str]) -> bool:
    """Whether it is a file where the assignment has a folder, or in a folder where the assignment has a file."""
    above = {str(parent) for parent in PurePath(relative).parents}
    return bool(above & course) or any(name.startswith(relative + os.sep) for name in course)


def _is_launcher(relative: str) -> bool:
    """Whether Python would start it in place of the kernel: the notebook's folder comes first on its path."""
    return PurePath(relative).parts[0].split(".")[0] == LAUNCHER


def _no_time(stamp: File) -> bool:
    """Whether a file does not hold the time of handing in."""
    from nbgrader.utils import parse_utc

    try:
        text = stamp.path.read_bytes().decode("utf-8").strip() if stamp.size <= LONGEST_TIME else ""
        if text:
            parse_utc(text)
        return not text
    except Exception:  # dateutil raises many kinds
        return True


def _within_limits(files: list[File], directory: CourseDirectory, limits: SubmissionLimits) -> list[File]:
    """As many files as may be copied, the small ones first."""
    kept: list[File] = []
    room = directory.max_dir_size * 1000
    for file in sorted(files, key=lambda file: file.size):
        if len(kept) >= limits.most_files or file.size > min(room, directory.max_file_size * 1000):
            break
        kept.append(file)
        room -= file.size
    return kept


def _too_much(left: list[str], directory: CourseDirectory, limits: SubmissionLimits) -> str:
    were = "was" if len(left) == 1 else "were"
    return (
        f"{some(left)} {were} left out: at most {limits.most_files} files are copied, of "
        f"{directory.max_file_size // 1000} MB each and {directory.max_dir_size // 1000} MB in all. "
        "The settings are c.SubmissionLimits.most_files and c.CourseDirectory.max_file_size and max_dir_size."
    )
