"""JSON values -> a valid notebook of format 4.5 without outputs."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

from gradekit.repair.decode import ASK, Remarks, Unreadable

Json = dict[str, Any]
ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
CODE_KEYS = {"outputs", "execution_count"}


def build(value: Any, most: int) -> tuple[Json, Remarks]:
    """A valid notebook from JSON: each cell has a type, a text and an id of its own, and nbgrader's metadata alone.

    Raises Unreadable where there are no cells, or more than `most`.
    """
    found = value.get("cells") if isinstance(value, dict) else None
    if isinstance(value, dict) and "worksheets" in value:
        raise Unreadable(f"{ASK} It is in a format before 4.")
    if not isinstance(found, list):
        raise Unreadable("the file has no cells, so it is not a notebook. Ask for the notebook itself.")
    if len(found) > most:
        raise Unreadable(
            f"it has {len(found)} cells, more than {most}. Ask for it again, or raise c.SubmissionLimits.most_cells."
        )
    whole = [cell for cell in found if isinstance(cell, dict)]
    lost = len(found) - len(whole)
    cells = [_cell(cell, own) for cell, own in zip(whole, _ids(whole), strict=True)]
    notebook = {"cells": cells, "metadata": _metadata(value.get("metadata")), "nbformat": 4, "nbformat_minor": 5}
    return notebook, (f"{lost} entries that are not cells were removed",) if lost else ()


def _cell(raw: Json, own: str) -> Json:
    kind, text = _kind(raw), _text(raw.get("source"))
    metadata = raw.get("metadata")
    grader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    plain = (
        {key: v for key, v in grader.items() if v is None or isinstance(v, str | int | float)}
        if isinstance(grader, dict)
        else {}
    )
    cell: Json = {"cell_type": kind, "id": own, "metadata": {"nbgrader": plain} if plain else {}, "source": text}
    if kind == "code":
        return {**cell, "execution_count": None, "outputs": []}
    kept = dict(intact(raw.get("attachments"))) if kind == "markdown" else {}
    return {**cell, "attachments": kept} if kept else cell


def intact(attachments: Any) -> Iterator[tuple[str, dict[str, str]]]:
    """The pictures of a cell's attachments that can be read: name, and media type -> base64.

    >>> dict(intact({"a.png": {"image/png": "aGk="}, "b.png": 7}))
    {'a.png': {'image/png': 'aGk='}}
    """
    for name, kinds in attachments.items() if isinstance(attachments, dict) else ():
        pairs = kinds.items() if isinstance(kinds, dict) else ()
        good = {kind: "".join(data) for kind, data in pairs if _is_picture(kind, data)}
        if good:
            yield name, good


def _is_picture(kind: str, data: Any) -> bool:
    parts = data if isinstance(data, list) else [data]
    if not kind.startswith("image/") or not all(isinstance(part, str) for part in parts):
        return False
    try:
        return bool(base64.b64decode("".join(parts).encode("ascii")))
    except (binascii.Error, ValueError):
        return False


def _kind(raw: Json) -> str:
    named = raw.get("cell_type")
    return str(named) if named in ("code", "markdown", "raw") else "code" if CODE_KEYS & raw.keys() else "markdown"


def _text(found: Any) -> str:
    parts = [part for part in found if isinstance(part, str)] if isinstance(found, list) else []
    if len(parts) > 1 and not any(part.endswith("\n") for part in parts[:-1]):
        parts = ["\n".join(parts)]  # some programs leave the line ends out
    return (found if isinstance(found, str) else "".join(parts)).replace("\r\n", "\n")


def _ids(cells: list[Json]) -> list[str]:
    """An id for each cell: its own where it is valid and the first of its kind."""
    seen: set[str] = set()
    ids = []
    for number, cell in enumerate(cells):
        own = cell.get("id")
        wanted = own if isinstance(own, str) and ID.fullmatch(own) and own not in seen else f"cell-{number}"
        while wanted in seen:
            wanted += "-again"
        seen.add(wanted)
        ids.append(wanted)
    return ids


def _metadata(raw: Any) -> Json:
    """Kernel and language, and what `RestoreCells` notes: the only metadata of a notebook that grading reads."""
    kernel = raw.get("kernelspec") if isinstance(raw, dict) else None
    language = raw.get("language_info") if isinstance(raw, dict) else None
    kept: Json = {}
    if isinstance(kernel, dict) and all(isinstance(kernel.get(key), str) for key in ("name", "display_name")):
        kept["kernelspec"] = {key: inner for key, inner in kernel.items() if isinstance(inner, str)}
    if isinstance(language, dict) and isinstance(language.get("name"), str):
        kept["language_info"] = {"name": language["name"]}
    if isinstance(raw, dict) and isinstance(raw.get("gradekit"), dict):
        kept["gradekit"] = raw["gradekit"]  # autograde reads its own copy again; one from a student is replaced
    return kept
