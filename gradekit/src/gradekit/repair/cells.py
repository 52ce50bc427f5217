"""JSON values -> a notebook of today's format, whichever format and however wrong they are. Outputs are left out."""

from __future__ import annotations

import re
from typing import Any

from gradekit.repair.attachments import attachments
from gradekit.repair.decode import Remarks
from gradekit.repair.unreadable import Unreadable

Json = dict[str, Any]

DEEPEST = 20  # levels in metadata
# A cell's metadata whose form is laid down. They tell editors how to show it, or a grader not to run it.
OF_EDITORS = {"tags", "collapsed", "scrolled", "deletable", "editable", "name", "format", "jupyter", "execution"}
ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
TEXT_KEYS = "source", "input", "code", "text"  # formats 4, 3 and 2, 1, 1
KINDS = {list: "a list", str: "a text", int: "a number", float: "a number", bool: "true or false", type(None): "null"}
ONE_LINE_LOST = "{} of its cells is no cell, and was left out"
LINES_LOST = "{} of its cells are no cells, and were left out"


def shaped(value: Any, most: int) -> tuple[Json, Remarks]:
    """A notebook of today's format with cells that are whole: a type, a text, metadata, an id of its own."""
    found, remarks = _cells(value)
    if len(found) > most:
        raise Unreadable(
            f"it has {len(found)} cells, and {most} are read. Ask for it again, or raise c.HandedIn.most_cells."
        )
    whole = [cell for cell in found if isinstance(cell, dict)]
    if lost := len(found) - len(whole):
        remarks = (*remarks, (ONE_LINE_LOST if lost == 1 else LINES_LOST).format(lost))
    ids = _ids(whole)
    cells = [_cell(cell, own) for cell, own in zip(whole, ids, strict=True)]
    return {"cells": cells, "metadata": _about(value.get("metadata")), "nbformat": 4, "nbformat_minor": 5}, remarks


def _cells(value: Any) -> tuple[list[Any], Remarks]:
    if not isinstance(value, dict):
        raise Unreadable(f"the file holds {KINDS[type(value)]}, and no notebook. Ask for the notebook itself.")
    found = value.get("cells")
    if isinstance(found, dict):
        return list(found.values()), ("its cells are not in a list",)
    if isinstance(found, list):
        return found, _about_format(value)
    sheets = value.get("worksheets")
    if not isinstance(sheets, list):
        raise Unreadable("the file has no cells, so it is no notebook. Ask for the notebook itself.")
    kept = [sheet["cells"] for sheet in sheets if isinstance(sheet, dict) and isinstance(sheet.get("cells"), list)]
    return [cell for cells in kept for cell in cells], _about_format(value)


def _about_format(value: Json) -> Remarks:
    number = value.get("nbformat")
    if number == 4:
        return ()
    if isinstance(number, int) and not isinstance(number, bool):
        age = "newer than known: what is like format 4 was read" if number > 4 else "an old one"
        return (f"it is in notebook format {number}, {age}",)
    return ("it does not say its notebook format",)


def _cell(raw: Json, own: str) -> Json:
    kind, text = _kind(raw), clean(_text(raw))
    if raw.get("cell_type") == "heading":
        level = raw.get("level")
        text = f"{'#' * (level if isinstance(level, int) and 0 < level < 7 else 1)} {text}"
    metadata = {key: inner for key, inner in bounded(raw.get("metadata")).items() if key not in OF_EDITORS}
    cell: Json = {"cell_type": kind, "id": own, "metadata": metadata, "source": text}
    if kind == "code":
        return {**cell, "execution_count": None, "outputs": []}
    kept = attachments(raw.get("attachments"), text) if kind == "markdown" else {}
    return {**cell, "attachments": kept} if kept else cell


def _kind(raw: Json) -> str:
    named = raw.get("cell_type")
    if named in ("code", "markdown", "raw"):
        return str(named)
    if named in ("heading", "html", "text"):
        return "markdown"
    return "code" if {"outputs", "execution_count", "input", "code"} & raw.keys() else "markdown"


def _text(raw: Json) -> str:
    found = next((raw[key] for key in TEXT_KEYS if raw.get(key) is not None), "")
    if isinstance(found, list):
        parts = [part for part in found if isinstance(part, str)]
        lines = len(parts) > 1 and not any(part.endswith("\n") for part in parts[:-1])
        return ("\n" if lines else "").join(parts)  # some programs leave the line ends out
    return found if isinstance(found, str) else str(found) if isinstance(found, int | float) else ""


def clean(text: str) -> str:
    """A text that can be written to a file: no halves of characters, no NUL, one kind of line end.

    >>> clean("a\\r\\nb\\x00\\ud83d")
    'a\\nb\\ufffd'
    """
    if not text.isascii():
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.replace("\x00", "").replace("\r\n", "\n")


def _ids(cells: list[Json]) -> list[str]:
    """An id for every cell: its own where it is valid and the first of its kind."""
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


def _about(raw: Any) -> Json:
    """A notebook's metadata: its kernel and its language where they are sound, nothing that has to be of one form."""
    found = bounded(raw)
    kernel, language = found.pop("kernelspec", None), found.pop("language_info", None)
    kept = {key: inner for key, inner in found.items() if key not in ("orig_nbformat", "title", "authors")}
    if isinstance(kernel, dict) and all(isinstance(kernel.get(key), str) for key in ("name", "display_name")):
        kept["kernelspec"] = {key: inner for key, inner in kernel.items() if isinstance(inner, str)}
    if isinstance(language, dict) and isinstance(language.get("name"), str):
        kept["language_info"] = {"name": language["name"]}
    return kept


def bounded(value: Any) -> Json:
    """A dictionary of metadata without what lies too deep; empty for anything else."""
    return _bounded(value, DEEPEST) if isinstance(value, dict) else {}


def _bounded(value: Any, levels: int) -> Any:
    if isinstance(value, dict):
        return {clean(key): _bounded(inner, levels - 1) for key, inner in value.items()} if levels else None
    if isinstance(value, list):
        return [_bounded(inner, levels - 1) for inner in value] if levels else None
    return clean(value) if isinstance(value, str) else value
