"""Whether a release is fit for students: nothing secret, nothing executed, no file that does not belong."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from gradekit.hidden_regions import (
    REGIONS,
    Secret,
    SecretPicture,
    attached,
    embedded,
    given_away,
    secret_pictures,
    secrets,
    strings,
)
from gradekit.source_check import Refusal

# Extra files that are released, as patterns. Any other file has to be named by a released notebook. nbgrader copies
# everything that is in source/.
PICTURES = ("*.png", "*.svg", "*.gif", "*.jpg", "*.jpeg", "*.webp")
DATA = ("*.csv", "*.tsv", "*.json", "*.npy", "*.npz", "*.h5", "*.hdf5", "*.parquet", "*.mat", "*.xlsx", "*.db")
ALLOWED_FILES: tuple[str, ...] = (*PICTURES, *DATA)

# What Jupyter stores when it runs a notebook.
EXECUTED_NOTEBOOK = {"widgets"}
EXECUTED_CELL = {"execution", "ExecuteTime"}


def audit(release: Path, source: Path, allowed: Iterable[str] = ALLOWED_FILES) -> list[Refusal]:
    """Everything in the folder `release` that students must not get, made from the folder `source`. Empty is good."""
    guarded, pictures = secrets(source), {one.data: one for one in secret_pictures(source)}
    expected = {path.name for path in source.glob("*.ipynb")}
    missing = [name for name in sorted(expected) if not (release / name).exists()]
    found = [Refusal(name, "", "missing: it is in source/") for name in missing]
    files = sorted(path for path in release.rglob("*") if not path.is_dir())
    mentions = "".join(path.read_text(encoding="utf-8") for path in files if path.name in expected)
    for path in files:
        name = path.relative_to(release).as_posix()
        if name in expected:
            found += _in_notebook(name, path, guarded, pictures)
        elif path.is_symlink() or not (any(fnmatch(name, one) for one in allowed) or _is_named(path, mentions)):
            what = "does not belong here. Move it out of source/, or allow it: c.Release.extra_files"
            found.append(Refusal(name, "", what))
        else:
            found += _in_file(name, path.read_bytes(), guarded, pictures)
    return found


def _is_named(path: Path, mentions: str) -> bool:
    """Whether the notebooks name a file, or import it."""
    imports = (f"import {path.stem}", f"from {path.stem} ") if path.suffix == ".py" else ()
    return any(text in mentions for text in (path.name, *imports))


def _in_file(name: str, data: bytes, guarded: list[Secret], pictures: dict[str, SecretPicture]) -> list[Refusal]:
    text = data.decode("utf-8", "replace")
    found = [Refusal(name, "", f"holds a line of the {s.kind} of {s.cell}") for s in given_away([text], guarded)]
    secret = pictures.get(base64.b64encode(data).decode())
    return [*found, Refusal(name, "", _shown_in(secret))] if secret else found


def _shown_in(secret: SecretPicture) -> str:
    return f"is a picture of the hidden part of {secret.notebook}, cell {secret.cell} ({secret.name})"


def _in_notebook(name: str, path: Path, guarded: list[Secret], pictures: dict[str, SecretPicture]) -> list[Refusal]:
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        return [Refusal(name, "", f"is not a notebook: {error}")]
    stored = sorted(set(notebook["metadata"]) & EXECUTED_NOTEBOOK)
    found = [Refusal(name, "", f"notebook metadata {key!r}. Clear the outputs in source/") for key in stored]
    for number, cell in enumerate(notebook["cells"], 1):
        about = cell["metadata"].get("nbgrader") or {}
        where = about.get("grade_id") or cell.get("id") or str(number)
        found += [Refusal(name, where, what) for what in _in_cell(cell, pictures)]
        found += [
            Refusal(name, where, f"holds a line of the {secret.kind} of {secret.cell}")
            for secret in given_away(strings(cell), guarded)
        ]
    return found


def _in_cell(cell: dict[str, Any], pictures: dict[str, SecretPicture]) -> Iterator[str]:
    text = "".join(cell["source"])
    yield from (f"the delimiter of a {kind}" for name, kind in REGIONS.items() if f"BEGIN {name}" in text.upper())
    if cell.get("outputs"):
        yield "an output"
    if cell.get("execution_count") is not None:
        yield "an execution count"
    stored = sorted(set(cell["metadata"]) & EXECUTED_CELL)
    yield from (f"cell metadata {key!r}. Clear the outputs in source/" for key in stored)
    for data in pictures.keys() & {*embedded(text), *(data for _, data in attached(cell))}:
        yield f"{pictures[data].name}: {_shown_in(pictures[data])}"
