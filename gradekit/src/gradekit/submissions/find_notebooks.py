"""Find the assignment's notebooks among a student's files: by name, by grade_ids, or by text."""

from __future__ import annotations

import functools
import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from gradekit.limits import MEGABYTE, SubmissionLimits
from gradekit.repair import Unreadable, repair
from gradekit.repair.files import load, refuse
from gradekit.repair.identify import released
from gradekit.submissions import archives
from gradekit.submissions.names import closeness, is_notebook, natural, shown, some, written_time
from gradekit.submissions.walk import File, Listing

GRADE_ID = re.compile(rb'"grade_id"\s*:\s*"([^"\\]{1,200})"')
OTHER_FORMS = {
    ".html": "a web page", ".htm": "a web page", ".py": "a script", ".pdf": "a PDF", ".md": "a text",
    ".txt": "a text", ".docx": "a document", ".tar": "an archive", ".gz": "an archive", ".tgz": "an archive",
    ".7z": "an archive", ".rar": "an archive", ".zip": "an archive",
}  # fmt: skip


@dataclass(frozen=True)
class Assignment:
    """What tells an assignment's notebooks apart."""

    ids: Mapping[str, frozenset[str]]  # notebook -> grade_ids of its cells
    checks: Mapping[str, str]  # text of a locked cell that one notebook alone has -> its grade_id
    release: Path  # the notebooks as students received them


@dataclass
class FoundNotebooks:
    """Notebooks by name, reasons against others, and lines on both."""

    notebooks: dict[str, Path] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)  # name -> the file in the archive
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
    def stem(self) -> str:
        """Its path without `.ipynb`: for a file in the folder itself the name of the notebook that it may be."""
        return "" if self.member else self.file.relative.removesuffix(".ipynb")

    @property
    def label(self) -> str:
        return f"{shown(self.file.relative)} ({shown(self.name)})" if self.member else shown(self.file.relative)


def find(there: Listing, source: Path, release: Path, limits: SubmissionLimits) -> FoundNotebooks:
    """The notebooks of an assignment in what a student handed in."""
    about = _assignment(source, release, tuple(path.stat().st_mtime_ns for path in sorted(source.glob("*.ipynb"))))
    files = [file for file in there.files if is_notebook(file.name)]
    found = FoundNotebooks(used={file.relative for file in files})
    candidates = list(_candidates(files, about, limits))
    for name in sorted(about.ids):
        own = next((one for one in candidates if one.stem == name), None)
        _take_named(name, own, there, about, limits, found)
    _take_others(candidates, about, found)
    if not found.notebooks.keys() >= about.ids.keys():
        _take_others(_packed(there, about, limits), about, found)
    for name in [name for name in sorted(about.ids) if name not in found.notebooks]:
        _name_other_forms(name, there, found)
    if about.ids.keys() - found.notebooks.keys() - found.refused.keys():
        _name_archives(there, found)
    _compare_versions(candidates, about, limits, found)
    return found


@functools.lru_cache(maxsize=8)
def _assignment(source: Path, release: Path, stamp: tuple[int, ...]) -> Assignment:
    """Read the notebooks in source/; `stamp` changes when they do."""
    notebooks = {path.stem: json.loads(path.read_bytes())["cells"] for path in sorted(source.glob("*.ipynb"))}
    ids: dict[str, frozenset[str]] = {}
    texts: list[tuple[str, str]] = []
    for name, cells in notebooks.items():
        about = [(cell, cell["metadata"].get("nbgrader") or {}) for cell in cells]
        ids[name] = frozenset(mark["grade_id"] for _, mark in about if mark.get("grade_id"))
        locked = [(cell, mark) for cell, mark in about if mark.get("grade_id") and not mark.get("solution")]
        texts += [(released("".join(cell["source"])), mark["grade_id"]) for cell, mark in locked]
    count = Counter(text for text, _ in texts)
    return Assignment(ids, {text: grade_id for text, grade_id in texts if text and count[text] == 1}, release)


def _candidates(files: list[File], about: Assignment, limits: SubmissionLimits) -> Iterator[Candidate]:
    """The files with the grade_ids in them: those with a notebook's name first, until the limit is reached."""
    left = limits.most_read * MEGABYTE
    for file in sorted(files, key=lambda file: file.relative.removesuffix(".ipynb") not in about.ids):
        left -= file.size
        try:
            ids = _grade_ids(load(file.path, limits), about, limits) if left >= 0 else frozenset()
        except (OSError, Unreadable):
            ids = frozenset()
        yield Candidate(file, ids)


def _grade_ids(data: bytes, about: Assignment, limits: SubmissionLimits) -> frozenset[str]:
    """The grade_ids of a notebook's cells; where it has none, those of the checks whose text is in it."""
    found = frozenset(match[1].decode("utf-8", "replace") for match in GRADE_ID.finditer(data.replace(b"\x00", b"")))
    return found or frozenset(about.checks[text] for text in _texts(data, limits) if text in about.checks)


def _texts(data: bytes, limits: SubmissionLimits) -> set[str]:
    try:
        return {released(cell["source"]) for cell in repair(data, limits).notebook["cells"]} - {""}
    except Unreadable:
        return set()


def _belongs(candidate: Candidate, about: Assignment) -> str:
    """The notebook whose cells a file holds; empty where that is not certain."""
    counts = {name: len(candidate.ids & own) for name, own in about.ids.items()}
    most = max(counts.values(), default=0)
    best = [name for name, count in counts.items() if count == most]
    return best[0] if most and len(best) == 1 else ""


def _take_named(
    name: str, own: Candidate | None, there: Listing, about: Assignment, limits: SubmissionLimits, found: FoundNotebooks
) -> None:
    """Take the file with the notebook's name unless it can't be opened, or holds another notebook."""
    file = f"{name}.ipynb"
    if own is None and file not in there.odd and file not in there.folders:
        return
    try:
        refuse(there.folder / file, limits)
    except Unreadable as reason:
        found.refused[name] = str(reason)
    except OSError:
        pass
    else:
        if own is None:
            return
        if not os.access(own.file.path, os.R_OK):
            found.refused[name] = "the file can't be read. Make it readable (chmod u+r), and grade it again."
        elif own.file.size == 0:
            found.refused[name] = "the file is empty. Ask for it again."
        elif own.ids and not own.ids & about.ids[name] and (other := _belongs(own, about)):
            found.refused[name] = f"the file holds the cells of {other}. Ask for {name}."
        else:
            found.notebooks[name] = own.file.path


def _take_others(candidates: list[Candidate], about: Assignment, found: FoundNotebooks) -> None:
    """Take another file for each notebook that is missing: the latest that holds its cells, or one with a like name."""
    for name in [name for name in sorted(about.ids) if name not in found.notebooks]:
        taken = {(path, found.members.get(known, "")) for known, path in found.notebooks.items()}
        fit = [
            one for one in candidates
            if one.stem != name and (one.file.path, one.member) not in taken and _fits(one, name, about)
        ]  # fmt: skip
        if not fit:
            continue
        best = max(fit, key=_by_time(fit, name, about))
        found.notebooks[name] = best.file.path
        found.refused.pop(name, None)
        if best.member:
            found.members[name] = best.member
        found.lines.append(f"{best.label} was graded as {name}.ipynb, which is missing or can't be used.")


def _by_time(candidates: Iterable[Candidate], name: str, about: Assignment) -> Any:
    """A sort key: by the time written in the names where all have one, else of the files; then by name."""
    written = all(written_time(one.file.relative) for one in candidates)

    def key(one: Candidate) -> Any:
        time = written_time(one.file.relative) if written else (int(one.file.mtime),)
        certain = _belongs(one, about) == name
        like = () if certain else (-one.file.depth, -(closeness(one.name, name) or 0))
        return certain, like, time, natural(one.file.relative), one.member

    return key


def _fits(candidate: Candidate, name: str, about: Assignment) -> bool:
    if candidate.file.size == 0:
        return False
    if any(candidate.ids & own for own in about.ids.values()):
        return _belongs(candidate, about) == name
    near = closeness(candidate.name, name)
    others = (closeness(candidate.name, other) for other in about.ids)
    return near is not None and not any(other < near for other in others if other is not None)


def _packed(there: Listing, about: Assignment, limits: SubmissionLimits) -> list[Candidate]:
    """The first notebooks in archives, each archive opened once."""
    found: list[Candidate] = []
    left = limits.most_unpacked * MEGABYTE
    for file in [file for file in there.files if file.name.lower().endswith(".zip")][: limits.most_archives]:
        for member, data in archives.notebooks(file.path, limits):
            left -= len(data)
            if left < 0 or len(found) >= limits.most_archives:
                return found
            found.append(Candidate(file, _grade_ids(data, about, limits), member))
    return found


def _name_other_forms(name: str, there: Listing, found: FoundNotebooks) -> None:
    """The same name with another ending: a page, a script, an archive."""
    for file in there.files:
        stem, ending = os.path.splitext(file.name)
        if ending.lower() in OTHER_FORMS and closeness(f"{stem}.ipynb", name) is not None:
            what = OTHER_FORMS[ending.lower()]
            found.refused.setdefault(name, f"{shown(file.relative)} is {what}. Ask for the notebook itself.")


def _name_archives(there: Listing, found: FoundNotebooks) -> None:
    """A line for archives while a notebook is missing: it may be in one that is not read."""
    left = [
        file.relative for file in there.files
        if OTHER_FORMS.get(os.path.splitext(file.name)[1].lower()) == "an archive"
        and file.path not in found.notebooks.values()
    ]  # fmt: skip
    if left:
        found.lines.append(f"{some(left)}: no missing notebook was found in it. Look into it.")


def _compare_versions(
    candidates: list[Candidate], about: Assignment, limits: SubmissionLimits, found: FoundNotebooks
) -> None:
    """Of several versions of a notebook the latest counts; none where that is blank and another has work in it."""
    taken = set(found.notebooks.values())
    left = [one for one in candidates if one.file.path not in taken and one.stem not in about.ids]
    for name in list(found.notebooks):
        chosen = next((one for one in candidates if one.file.path == found.notebooks[name]), None)
        others = [one for one in left if _version_of(one, about) == name]
        if chosen is None or not others:
            continue
        worked = [one for one in others if not _blank(one, name, about, limits)]
        if worked and _blank(chosen, name, about, limits):
            why = f"{chosen.label} is as released, and {worked[0].label} has work in it. Keep the one that counts."
            found.refused[name] = why
            del found.notebooks[name]
            continue
        latest = max(worked, key=_by_time(worked, name, about), default=chosen)
        later = int(latest.file.mtime) > int(chosen.file.mtime) and chosen.stem == name
        if later and not _read_texts(latest.file.path, limits) <= _read_texts(chosen.file.path, limits):
            found.notebooks[name] = latest.file.path
            found.lines.append(f"{latest.label} was graded as {name}.ipynb: it is later than the file of that name.")
            others = [chosen, *(one for one in others if one is not latest)]
        labels = [one.label for one in others]
        if len(labels) == 1:
            found.lines.append(f"{labels[0]} is another version of {name}, and was not graded. Look at it.")
        elif labels:
            found.lines.append(f"{some(labels)} are other versions of {name}, and were not graded. Look at them.")
    foreign = [one.file.relative for one in left if not _version_of(one, about)]
    if foreign:
        are, were = ("is not a notebook", "was") if len(foreign) == 1 else ("are not notebooks", "were")
        found.lines.append(f"{some(foreign)} {are} of this assignment, and {were} ignored.")


def _version_of(candidate: Candidate, about: Assignment) -> str:
    """The notebook that a file is a version of, by its cells or its name; empty for another notebook."""
    if belongs := _belongs(candidate, about):
        return belongs
    near = {name: closeness(candidate.name, name) for name in about.ids}
    return min((name for name, rank in near.items() if rank is not None), key=lambda name: near[name] or 0, default="")


def _blank(candidate: Candidate, name: str, about: Assignment, limits: SubmissionLimits) -> bool:
    """Whether a notebook has no text that the release does not have. Without a release it counts as worked on."""
    given = about.release / f"{name}.ipynb"
    return given.exists() and _read_texts(candidate.file.path, limits) <= _read_texts(given, limits)


def _read_texts(path: Path, limits: SubmissionLimits) -> set[str]:
    try:
        return _texts(load(path, limits), limits)
    except (OSError, Unreadable):
        return {"\0"}  # no notebook has this text: what is in it is not known
