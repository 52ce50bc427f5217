"""An autograded notebook -> a page for its student: what was written and what each check said, and nothing secret.

nbgrader's own page shows hidden tests and marking schemes, quotes hidden tests in tracebacks, and loads scripts from
the network. `nbgrader_config.py` names the two classes here, so formgrader's button makes the same pages.
"""

from __future__ import annotations

import re
import textwrap
from typing import Any

from jinja2 import pass_context
from nbconvert.exporters import HTMLExporter
from nbconvert.filters import strip_ansi
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution, is_task
from traitlets import default

from gradekit.hidden_regions import REGIONS, Secret, given_away, marked_lines, strings, without_regions

# A script that does not end goes to the end, a tag to the next one: nothing is read twice, whatever a page is made of.
SCRIPT = re.compile(r"<script([^<>]*+)>(?:.*?(</script>)|.*)", re.DOTALL)
OF_THE_NETWORK = re.compile(r'\bsrc="https?://|^ type="text/x-mathjax-config"$')
LINK = re.compile(r"<link[^<>]*+>")
ELSEWHERE = re.compile(r'\bhref="https?://')
MOST_SHOWN = 50_000  # characters of a cell
MOST_TEXTS = 500  # are kept as they are shown
WITHHELD = "(An output that repeats the check is not shown.)"
SECRET_KINDS = {REGIONS["HIDDEN TESTS"], REGIONS["MARK SCHEME"]}


class HideSecrets(NbGraderPreprocessor):  # type: ignore[misc]
    """Take hidden tests and marking schemes out of the cells, and out of everything that a cell put out."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        ours = [cell for cell in nb.cells if is_task(cell) or (is_grade(cell) and not is_solution(cell))]
        guarded = [secret for cell in ours for secret in _secrets(cell)]
        for cell in nb.cells:
            if any(cell is own for own in ours):
                _clear_check(cell, guarded)
            elif cell.cell_type == "code":
                cell.outputs = [_safe(_without_paths(output), guarded) for output in cell.outputs]
            cell.source = _shortened(cell.source)
        return nb, resources


def _shortened(text: str) -> str:
    """A page of many megabytes takes minutes to colour, and nobody reads it."""
    if len(text) <= MOST_SHOWN:
        return text
    return f"{text[:MOST_SHOWN]}\n... (the first {MOST_SHOWN} of {len(text)} characters)"


def _secrets(cell: NotebookNode) -> list[Secret]:
    grade_id = cell.metadata.nbgrader["grade_id"]
    return [Secret(kind, "", grade_id, line) for kind, line in marked_lines(cell.source) if kind in SECRET_KINDS]


def _clear_check(cell: NotebookNode, guarded: list[Secret]) -> None:
    visible = without_regions(cell.source)
    if cell.cell_type == "code":
        hid_something = visible != cell.source
        errors = [_said(output) for output in cell.outputs if output.output_type == "error"]
        shown = errors if hid_something else [o for o in cell.outputs if o.output_type != "error"] + errors
        cell.outputs = [_safe(output, guarded) for output in shown]
    cell.source = visible


def _said(error: NotebookNode) -> NotebookNode:
    """What a check said, without the lines of code around it."""
    name = "Not yet" if error.ename == "NotYet" else error.ename
    lines = f"{name}: {error.evalue}".splitlines() if error.evalue else [name]
    error.traceback = [part for line in lines for part in textwrap.wrap(line, 100)]
    return error


def _without_paths(output: NotebookNode) -> NotebookNode:
    """A traceback in a student's own cell, as far as it runs through the notebook: no files of this machine."""
    if output.output_type == "error":
        output.traceback = [part for part in output.traceback if not _plain(part).lstrip().startswith("File ")]
    return output


def _plain(text: str) -> str:
    """Text without the colours of a terminal."""
    return str(strip_ansi(text))  # type: ignore[no-untyped-call]


def _safe(output: NotebookNode, guarded: list[Secret]) -> NotebookNode:
    if not given_away(map(_plain, strings(output)), guarded):
        return output
    return NotebookNode(output_type="stream", name="stdout", text=WITHHELD)  # type: ignore[no-untyped-call]


class OfflinePage(HTMLExporter):
    """nbgrader's feedback page without a request to the network."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        self._written: dict[str, str] = {}  # most texts are the lesson's own, and the same for every student
        super().__init__(*arguments, **settings)  # type: ignore[no-untyped-call]

    @default("optimistic_validation")
    def _checked_once(self) -> bool:
        return True

    @pass_context
    def markdown2html(self, context: Any, source: str) -> str:
        """A text as it is shown; one that has pictures with it is never taken for another."""
        source = _shortened(source)  # what a cell has put out may be a text as well
        if self.embed_images or context.get("cell", {}).get("attachments"):
            return str(super().markdown2html(context, source))
        if source not in self._written:
            if len(self._written) >= MOST_TEXTS:
                self._written.clear()
            self._written[source] = str(super().markdown2html(context, source))
        return self._written[source]

    def from_notebook_node(self, nb: NotebookNode, resources: Any = None, **kwargs: Any) -> Any:
        page, resources = super().from_notebook_node(nb, resources, **kwargs)
        return offline(page), resources


def offline(page: str) -> str:
    """A page without scripts and styles from elsewhere, and with the language that readers for the blind ask for.

    >>> offline('<html><script src="https://example.org/a.js"> </script>text</html>')
    '<html lang="en">text</html>'
    """
    page = SCRIPT.sub(lambda found: "" if found[2] and OF_THE_NETWORK.search(found[1]) else found[0], page)
    page = LINK.sub(lambda found: "" if ELSEWHERE.search(found[0]) else found[0], page)
    return page.replace("<html>", '<html lang="en">', 1)
