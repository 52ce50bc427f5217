"""Everything in a student's folder: ordinary files, and lines on what is not one. No link is followed."""

from __future__ import annotations

import os
from collections.abc import Container, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from gradekit.limits import SubmissionLimits
from gradekit.repair.files import oddity
from gradekit.submissions.names import is_notebook, some


@dataclass(frozen=True)
class File:
    """One ordinary file."""

    path: Path
    relative: str  # to the student's folder
    size: int
    mtime: float

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def depth(self) -> int:
        return self.relative.count(os.sep)


@dataclass(frozen=True)
class Listing:
    """The contents of a folder. `odd`: path -> what it is, for all but files and folders."""

    folder: Path
    files: tuple[File, ...]
    folders: tuple[str, ...]
    odd: dict[str, str]
    closed: tuple[str, ...]  # folders that can't be read
    unseen: str  # a line, where there is more than is looked at

    def lines(self, but: Container[str] = ()) -> tuple[str, ...]:
        """What the instructor should know of it, apart from the names in `but`."""
        odd = {name: what for name, what in self.odd.items() if name not in but}
        named = {kind: [name for name, what in odd.items() if what == kind] for kind in sorted(set(odd.values()))}
        lines = [f"{some(names)}: {_kind(kind, names)} left out." for kind, names in named.items()]
        if self.closed:
            lines.append(f"{some(list(self.closed))}: a folder that can't be read was left out. Try chmod u+rx.")
        if self.unseen:
            lines.append(self.unseen)
        return tuple(lines)


def _kind(kind: str, names: list[str]) -> str:
    if len(names) == 1:
        return f"{kind} is not followed, and was"
    return f"{len(names)} of them, each {kind}, are not followed, and were"


def listing(folder: Path, limits: SubmissionLimits, ignore: tuple[str, ...] = ()) -> Listing:
    """List a folder and those in it, without the names that match a pattern of `ignore`."""
    most, deepest = limits.most_entries, limits.deepest_folder
    files, folders, odd = [], [], {}
    closed: list[str] = []
    seen = 0
    for path, relative, about in _entries(folder, deepest, ignore, closed):
        seen += 1
        what = oddity(about.st_mode)
        if seen > most:
            break
        if not what:
            files.append(File(path, relative, about.st_size, about.st_mtime))
        elif what == "a folder":
            folders.append(relative)
        else:
            odd[relative] = what
    too_many = seen > most or any(name.count(os.sep) >= deepest for name in folders)
    unseen = f"more than {most} files, or folders nested more than {deepest} deep: some were ignored."
    return Listing(folder, tuple(files), tuple(folders), odd, tuple(closed), unseen if too_many else "")


def _entries(
    folder: Path, deepest: int, ignore: tuple[str, ...], closed: list[str]
) -> Iterator[tuple[Path, str, os.stat_result]]:
    waiting = [(folder, "")]
    while waiting:
        current, inside = waiting.pop()
        try:
            names = sorted(os.listdir(current), key=lambda name: (not is_notebook(name), name))
        except OSError:
            closed.append(inside)
            continue
        for name in names:
            relative = os.path.join(inside, name)
            if any(fnmatch(name, pattern) for pattern in ignore):
                continue
            try:
                about = os.lstat(current / name)
            except OSError:
                continue
            yield current / name, relative, about
            if oddity(about.st_mode) == "a folder" and relative.count(os.sep) < deepest:
                waiting.append((current / name, relative))
