"""nbgrader opens submissions through this class: `c.Autograde.exporter_class` names it, so every command has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from traitlets import default

from gradekit.repair import salvage
from gradekit.repair.files import load
from gradekit.submissions.limits import HandedIn


class Forgiving(NotebookExporter):
    """Reads a notebook as well as it can be read, and logs a line on what it repaired."""

    @default("optimistic_validation")
    def _checked_once(self) -> bool:
        """When all is done to a notebook, and not after each of many steps."""
        return True

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[NotebookNode, dict[str, Any]]:
        path = Path(filename)
        limits = HandedIn(parent=self)
        found = salvage(load(path, limits), limits.most_cells)
        if found.remarks:
            self.log.warning("Repaired %s: %s", path.stem, "; ".join(found.remarks))
        told = dict(resources or {})
        told["metadata"] = {**(told.get("metadata") or {}), "name": path.stem, "path": str(path.parent)}
        nb = nbformat.from_dict(found.notebook)  # type: ignore[no-untyped-call]
        made: tuple[NotebookNode, dict[str, Any]] = self.from_notebook_node(nb, told, **kw)  # type: ignore[no-untyped-call]
        return made
