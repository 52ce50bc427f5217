"""Is a release fit for students? Findings as data: nothing that is secret, executed, or does not belong."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from gradekit.hidden_regions import REGIONS, Secret, given_away, secrets, strings

# Files beside the notebooks that a release may hold, as patterns. nbgrader copies everything that lies in source/.
ALLOWED_FILES: tuple[str, ...] = ("images/*.png", "images/*.svg", "images/*.gif")

NOTEBOOK_METADATA = {"kernelspec", "language_info"}
CELL_METADATA = {"nbgrader", "deletable", "editable", "tags", "jupyter"}


@dataclass(frozen=True)
class Finding:
    """One reason not to release."""

    file: str  # below release/ASSIGNMENT/
    cell: str  # grade_id or cell id; empty where the whole file is meant
    what: str

    def __str__(self) -> str:
        return f"{self.file}{f', cell {self.cell}' if self.cell else ''}: {self.what}"


def audit(
    release: Path,
    source: Path,
    allowed: Iterable[str] = ALLOWED_FILES,
    also_secret: Iterable[Secret] = (),
) -> list[Finding]:
    """Everything in the folder `release` that students must not get, made from the folder `source`. Empty is good."""
    guarded = [*secrets(source), *also_secret]
    expected = {path.name for path in source.glob("*.ipynb")}
    found = [Finding(name, "", "missing: it is in source/") for name in sorted(expected - _names(release))]
    for path in sorted(path for path in release.rglob("*") if not path.is_dir()):
        name = path.relative_to(release).as_posix()
        if name in expected:
            found += _in_notebook(name, path, guarded)
        elif not path.is_symlink() and any(fnmatch(name, pattern) for pattern in allowed):
            found += _in_text(name, path.read_text(encoding="utf-8", errors="replace"), guarded)
        else:
            found.append(Finding(name, "", "does not belong here. Move it out of source/"))
    return found


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def _in_text(name: str, text: str, guarded: list[Secret]) -> list[Finding]:
    return [Finding(name, "", f"holds a line of the {s.kind} of {s.cell}") for s in given_away([text], guarded)]


def _in_notebook(name: str, path: Path, guarded: list[Secret]) -> list[Finding]:
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        return [Finding(name, "", f"is not a notebook: {error}")]
    found = [
        Finding(name, "", f"notebook metadata {key!r}") for key in sorted(set(notebook["metadata"]) - NOTEBOOK_METADATA)
    ]
    for cell in notebook["cells"]:
        where = cell["metadata"].get("nbgrader", {}).get("grade_id") or cell.get("id", "")
        found += [Finding(name, where, what) for what in _in_cell(cell)]
        found += [
            Finding(name, where, f"holds a line of the {secret.kind} of {secret.cell}")
            for secret in given_away(strings(cell), guarded)
        ]
    return found


def _in_cell(cell: dict[str, Any]) -> Iterator[str]:
    text = "".join(cell["source"]).upper()
    yield from (f"the delimiter of a {kind}" for name, kind in REGIONS.items() if f"BEGIN {name}" in text)
    if cell.get("outputs"):
        yield "an output"
    if cell.get("execution_count") is not None:
        yield "an execution count"
    if "id" not in cell:
        yield "no cell id: save the source notebook in format 4.5"
    yield from (f"cell metadata {key!r}" for key in sorted(set(cell["metadata"]) - CELL_METADATA))
