"""Which file holds which notebook? By its name, and where that does not tell, by the cells that are in it."""

from __future__ import annotations

import functools
import itertools
import os
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from gradekit.repair import Unreadable
from gradekit.repair.files import load, refuse
from gradekit.submissions import archives as zip_files
from gradekit.submissions.limits import MEGABYTE, HandedIn
from gradekit.submissions.names import closeness, is_notebook, shown, some
from gradekit.submissions.walk import File, Listing

MOST_READ = 1000  # megabytes of notebooks in which cells are looked for
MOST_ARCHIVES = 50  # that are opened
MOST_PACKED = 50  # notebooks in archives that are looked at
GRADE_ID = re.compile(rb'"grade_id"\s*:\s*"([^"\\]{1,200})"')
OTHER_FORMS = {
    ".html": "a web page", ".htm": "a web page", ".py": "a script", ".pdf": "a PDF", ".md": "a text",
    ".txt": "a text", ".docx": "a document", ".tar": "an archive", ".gz": "an archive", ".tgz": "an archive",
    ".7z": "an archive", ".rar": "an archive", ".zip": "an archive",
}  # fmt: skip


@dataclass
class Found:
    """Notebooks by name, reasons against others, and lines on both."""

    notebooks: dict[str, Path] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)  # files that are notebooks, graded or not


@dataclass(frozen=True)
class Candidate:
    """A file that may hold a notebook."""

    file: File
    ids: frozenset[str]  # grade_ids of its cells
    member: str = ""

    @property
    def name(self) -> str:
        return PurePosixPath(self.member).name if self.member else self.file.name

    @property
    def told(self) -> str:
        return f"{shown(self.file.relative)} ({shown(self.name)})" if self.member else shown(self.file.relative)


def find(there: Listing, source: Path, limits: HandedIn) -> Found:
    """The notebooks of an assignment in what a student handed in."""
    ids = _ids_of(source, _stamp(source))
    found = Found(used={file.relative for file in there.files if is_notebook(file.name)})
    files = [file for file in there.files if is_notebook(file.name)]
    open_to = list(_candidates(files, ids, limits))
    named = {c.file.relative.removesuffix(".ipynb"): c for c in open_to if c.file.depth == 0}
    for name in sorted(ids):
        _exact(name, named.get(name), there, ids, limits, found)
    missing = [name for name in sorted(ids) if name not in found.notebooks]
    if missing:
        free = [c for c in open_to if c.file.path not in found.notebooks.values()]
        for name in missing:
            _elsewhere(name, free, ids, found)
        packed = _zipped(there, limits) if set(missing) - set(found.notebooks) else []
        for name in [name for name in missing if name not in found.notebooks]:
            _elsewhere(name, packed, ids, found)
        for name in [name for name in missing if name not in found.notebooks]:
            _in_another_form(name, there, found)
        if set(missing) - set(found.notebooks) - set(found.refused):
            _unopened(there, found)
    _left(open_to, ids, found)
    return found


def _candidates(files: list[File], names: Container[str], limits: HandedIn) -> Iterator[Candidate]:
    """The files with what they hold: those with a right name first, and of what is left after very much nothing."""
    left = MOST_READ * MEGABYTE
    for file in sorted(files, key=lambda file: file.relative.removesuffix(".ipynb") not in names):
        left -= file.size
        yield Candidate(file, _grade_ids(file.path, limits) if left >= 0 else frozenset())


def _grade_ids(path: Path, limits: HandedIn) -> frozenset[str]:
    try:
        return _ids_in(load(path, limits))
    except (OSError, Unreadable):
        return frozenset()


def _ids_in(data: bytes) -> frozenset[str]:
    return frozenset(match[1].decode("utf-8", "replace") for match in GRADE_ID.finditer(data.replace(b"\x00", b"")))


def _stamp(source: Path) -> tuple[int, ...]:
    return tuple(path.stat().st_mtime_ns for path in sorted(source.glob("*.ipynb")))


@functools.lru_cache(maxsize=8)
def _ids_of(source: Path, stamp: tuple[int, ...]) -> dict[str, frozenset[str]]:
    """The grade_ids of every notebook of an assignment. `stamp` changes when the files do."""
    return {path.stem: _ids_in(path.read_bytes()) for path in sorted(source.glob("*.ipynb"))}


def _belongs(candidate: Candidate, ids: dict[str, frozenset[str]]) -> str:
    """The notebook whose cells a file holds; empty where that is not plain."""
    counts = {name: len(candidate.ids & own) for name, own in ids.items()}
    most = max(counts.values(), default=0)
    best = [name for name, count in counts.items() if count == most]
    return best[0] if most and len(best) == 1 else ""


def _exact(
    name: str,
    candidate: Candidate | None,
    there: Listing,
    ids: dict[str, frozenset[str]],
    limits: HandedIn,
    found: Found,
) -> None:
    """The file with the right name: taken unless it cannot be opened, or holds another notebook."""
    path = there.folder / f"{name}.ipynb"
    if f"{name}.ipynb" in there.odd or f"{name}.ipynb" in there.folders or candidate:
        try:
            refuse(path, limits)
        except Unreadable as reason:
            found.refused[name] = str(reason)
            return
        except OSError:
            return
    if candidate is None:
        return
    if not os.access(path, os.R_OK):
        found.refused[name] = "the file cannot be read. Give yourself the right (chmod u+r), and grade it again."
    elif candidate.file.size == 0:
        found.refused[name] = "the file is empty. Ask for it again."
    elif candidate.ids and not candidate.ids & ids[name] and _belongs(candidate, ids):
        found.refused[name] = f"the file holds the cells of {_belongs(candidate, ids)}. Ask for {name}."
    else:
        found.notebooks[name] = path


def _elsewhere(name: str, candidates: list[Candidate], ids: dict[str, frozenset[str]], found: Found) -> None:
    """Another file that is meant, or that holds the cells: the nearest in name and place, and the newest of those."""
    taken = {(path, found.members.get(known, "")) for known, path in found.notebooks.items()}
    others = [c for c in candidates if c.file.relative != f"{name}.ipynb" and (c.file.path, c.member) not in taken]
    fit = [c for c in others if _fits(c, name, ids)]
    if not fit:
        return
    best = min(fit, key=lambda c: (_belongs(c, ids) != name, c.file.depth, _rank(c, name), -c.file.mtime, c.name))
    found.notebooks[name] = best.file.path
    found.refused.pop(name, None)
    if best.member:
        found.members[name] = best.member
    found.lines.append(f"{best.told} was graded as {name}.ipynb, which is not there or cannot be used.")


def _rank(candidate: Candidate, name: str) -> int:
    near = closeness(candidate.name, name)
    return 9 if near is None else near


def _fits(candidate: Candidate, name: str, ids: dict[str, frozenset[str]]) -> bool:
    if candidate.file.size == 0:
        return False
    if candidate.ids & frozenset().union(*ids.values()):
        return _belongs(candidate, ids) == name
    return closeness(candidate.name, name) is not None and not _nearer(candidate, name, ids)


def _nearer(candidate: Candidate, name: str, ids: dict[str, frozenset[str]]) -> bool:
    return any(_rank(candidate, other) < _rank(candidate, name) for other in ids)


def _zipped(there: Listing, limits: HandedIn) -> list[Candidate]:
    """The first notebooks in archives: a small one may hold very much."""
    largest = limits.largest_text * MEGABYTE
    archives = (file for file in there.files if file.name.lower().endswith(".zip"))
    opened = itertools.islice(archives, MOST_ARCHIVES)
    packed = ((file, member) for file in opened for member in zip_files.members(file.path, largest))
    return [
        Candidate(file, _ids_in(zip_files.read(file.path, member, largest)), member)
        for file, member in itertools.islice(packed, MOST_PACKED)
    ]


def _in_another_form(name: str, there: Listing, found: Found) -> None:
    """The same name with another ending: a page, a script, an archive."""
    for file in there.files:
        stem, ending = os.path.splitext(file.name)
        if ending.lower() in OTHER_FORMS and closeness(f"{stem}.ipynb", name) is not None:
            what = OTHER_FORMS[ending.lower()]
            found.refused.setdefault(name, f"{shown(file.relative)} is {what}. Ask for the notebook itself.")


def _unopened(there: Listing, found: Found) -> None:
    """A line for archives, while a notebook is missing: it may be in one that is not read, or in another one there."""
    archives = [file for file in there.files if OTHER_FORMS.get(os.path.splitext(file.name)[1].lower()) == "an archive"]
    if left := [file.relative for file in archives if file.path not in found.notebooks.values()]:
        found.lines.append(f"{some(left)}: no missing notebook was found in there. Look into it.")


def _left(candidates: list[Candidate], ids: dict[str, frozenset[str]], found: Found) -> None:
    """A line for the notebooks that were not taken."""
    taken = set(found.notebooks.values())
    left = [c for c in candidates if c.file.path not in taken and c.file.relative.removesuffix(".ipynb") not in ids]
    copies = {c.file.relative: other for c in left for other in ids if _rank(c, other) <= 2}
    for relative, name in copies.items():
        found.lines.append(f"{shown(relative)} lies beside {name}.ipynb, which was graded: it was left alone.")
    others = [c.file.relative for c in left if c.file.relative not in copies]
    if len(others) == 1:
        found.lines.append(f"{shown(others[0])} is no notebook of this assignment: it was left alone.")
    elif others:
        found.lines.append(f"{some(others)} are no notebooks of this assignment: they were left alone.")
