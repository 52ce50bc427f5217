"""nbgrader opens submissions through this class: `c.Autograde.exporter_class` names it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode, ValidationError

from gradekit.limits import OutOfTime, SubmissionLimits, time_limit
from gradekit.notebook import InPlace, read
from gradekit.repair import Unreadable, repair
from gradekit.repair.files import load


class RepairingExporter(InPlace, NotebookExporter):
    """Reads a notebook as far as it can be read, and logs what it repaired."""

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[NotebookNode, dict[str, Any]]:
        path = Path(filename)
        limits = SubmissionLimits(parent=self)
        try:
            with time_limit(limits.step_timeout, "reading the notebook"):
                found = repair(load(path, limits), limits)
        except OutOfTime as error:
            raise Unreadable(f"{error} Ask for a smaller one, or raise c.SubmissionLimits.step_timeout.") from None
        if found.remarks:
            self.log.warning("Repaired %s: %s", path.stem, "; ".join(found.remarks))
        about = dict(resources or {})
        about["metadata"] = {**(about.get("metadata") or {}), "name": path.stem, "path": str(path.parent)}
        nb = nbformat.from_dict(found.notebook)  # type: ignore[no-untyped-call]
        if self.config.ClearOutput.get("enabled", True) is False:  # nbgrader autograde --no-execute
            _keep_outputs(nb, path)
        made: tuple[NotebookNode, dict[str, Any]] = self.from_notebook_node(nb, about, **kw)  # type: ignore[no-untyped-call]
        return made


def _keep_outputs(nb: NotebookNode, path: Path) -> None:
    """Give the cells of a repaired notebook the outputs that they have in the file, where that needed no repair."""
    try:
        cells = read(path).cells
    except (ValueError, KeyError, TypeError, AttributeError, ValidationError):
        return
    for cell, own in zip(nb.cells, cells, strict=False):
        if cell.cell_type == own.cell_type == "code" and cell.source == own.source:
            cell.outputs, cell.execution_count = own.outputs, own.execution_count
