"""Why a check failed: a cell before it stopped with an error, and what that cell defines is missing.

Of a cell that stops at its first line, a student would otherwise read the consequence alone: a NameError, cells below.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution

from gradekit.judge.outputs import clean, new_output
from gradekit.sandbox import policy

MISSING = re.compile(r"name '(\w+)' is not defined")
LINE = re.compile(r"Cell In\[\d*\], line (\d+)")
DEFINES = (
    re.compile(r"\s*(?:async\s+)?(?:def|class)\s+(?P<names>\w+)"),
    re.compile(r"\s*(?:from\s+\S+\s+)?import\s+(?P<names>.+)"),
    re.compile(r"\s*(?P<names>\w+(?:\s*,\s*\w+)*)\s*(?::[^=]+)?=[^=]"),
)
MISSING_MODULE = re.compile(r"ModuleNotFoundError: No module named '(\w+)")
FILE = re.compile(r" \(\S+, line \d+\)$")  # where a syntax error is, in a file that IPython made up
STOPPED = re.compile(r"Cell \d+ stopped at .+")  # the line that `explain` adds
LONGEST = 200  # characters of an error's text


@dataclass
class Stop:
    """A cell that stopped with an error: its index, where and why, and how many checks it made fail."""

    index: int
    text: str
    checks: int = 0

    def __str__(self) -> str:
        many = "1 check" if self.checks == 1 else f"{self.checks} checks"
        return f"stopped at {self.text}; {many} depended on it"

    def out_of_reach(self) -> str:
        """The mend where a module is installed for the grader, in a folder that a sandboxed kernel can't read."""
        found = MISSING_MODULE.search(self.text)
        folder = policy.out_of_reach(found[1]) if found else ""
        return f" (it is in {folder}: add that to c.SandboxedProvisioner.readable)" if folder else ""


def explain(nb: NotebookNode) -> list[Stop]:
    """Add the cause to each check that failed for want of a name; return the cells that were the cause.

    Cells have their outputs. A cell that stopped for want of a name is a consequence itself.
    """
    causes: dict[str, Stop] = {}  # a missing name -> the cell that would have defined it
    stops: list[Stop] = []
    for index, cell in enumerate(nb.cells):
        error = next((part for part in cell.get("outputs", ()) if part.output_type == "error"), None)
        if error is None:
            continue
        missing = MISSING.findall("\n".join([error.evalue, *error.traceback]))
        cause = next((causes[name] for name in missing if name in causes), None)
        if is_grade(cell) and not is_solution(cell):
            if cause is not None:
                cause.checks += 1
                line = f"Cell {cause.index + 1} stopped at {cause.text}\n"
                cell.outputs.insert(0, new_output("stream", name="stdout", text=line))
            continue
        if cause is None:
            cause = Stop(index, _text(error))
            stops.append(cause)
        for name in defined(cell.source):
            causes.setdefault(name, cause)
    return [stop for stop in stops if stop.checks]


def _text(error: NotebookNode) -> str:
    """Where and why, in one line without control characters."""
    line = LINE.search(re.sub(r"\x1b\[[\d;]*m", "", "\n".join(error.traceback)))
    where = "an unknown line" if line is None else "its first line" if line[1] == "1" else f"line {line[1]}"
    why = f"{error.ename}: {FILE.sub('', next(iter(error.evalue.splitlines()), ''))}"
    return f"{where}: {''.join(filter(str.isprintable, clean(why)))[:LONGEST]}"


def defined(source: str) -> Iterator[str]:
    """Names that a cell defines, read a line at a time: what has a syntax error can't be parsed.

    >>> list(defined("import numpy as np, os.path\\nfrom a import (b, c)\\nx, y = 1, 2\\ndef f(:\\n    z == 3"))
    ['np', 'os', 'b', 'c', 'x', 'y', 'f']
    """
    for line in source.splitlines():
        yield from _names(found["names"] for pattern in DEFINES if (found := pattern.match(line)))


def _names(lists: Iterable[str]) -> Iterator[str]:
    for names in lists:
        for part in names.strip("() \\").split(","):
            if found := re.match(r"\w+", part.split(" as ")[-1].strip()):
                yield found[0]
