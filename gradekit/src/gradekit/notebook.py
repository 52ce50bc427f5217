"""A notebook file <-> cells, without nbformat's warnings on the way."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbformat import NotebookNode


def read(path: Path) -> NotebookNode:
    """The notebook in a file, converted to format 4; raises for a file that is not one."""
    import nbformat

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def cells_of(path: Path) -> list[NotebookNode]:
    """The cells of a notebook that nbgrader wrote, without outputs. They are not validated again."""
    from nbformat import from_dict

    cells = json.loads(path.read_bytes())["cells"]
    kept = [{**cell, "source": "".join(cell["source"]), "outputs": []} for cell in cells]
    return from_dict(kept)  # type: ignore[no-untyped-call]


class InPlace:
    """An exporter of nbconvert that copies a notebook once, and validates it once, after the last preprocessor.

    nbconvert would copy it twice more, give ids to cells without one, and validate it after each preprocessor.
    Repaired and autograded notebooks have all ids.
    """

    def _preprocess(self: Any, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        for preprocessor in self._preprocessors:
            nb, resources = preprocessor(nb, resources)
        if self._preprocessors:
            self._validate_preprocessor(nb, preprocessor)
        return nb, resources


def write(nb: NotebookNode, path: Path) -> None:
    """Write a notebook in one step: readers see the old one or the new one."""
    import nbformat

    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.part")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        nbformat.write(nb, half)  # type: ignore[no-untyped-call]
    os.replace(half, path)


def mark(cell: Mapping[str, Any]) -> dict[str, Any]:
    """nbgrader's metadata of a cell, empty for an ordinary one and for a broken one."""
    found = cell["metadata"].get("nbgrader")
    return found if isinstance(found, dict) else {}
