"""What does a class lose, and how much longer does its grading take, when every third student attacks?

    python -m benchmarks.attacked_class [STUDENTS]

Two classes of that size work on the light course of the tests, which loads no TensorFlow: one is honest, and in the
other one every third student attacks in a way of their own, with small limits of the sandbox so that each attack
reaches them. The honest students' points have to be equal in both.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import textwrap
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, zip_longest
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell

from benchmarks._classroom import ROOT, grade
from benchmarks._timing import show
from gradekit.release import release
from gradekit.report import report
from tests import toy
from tests.hostile import processes, resources
from tests.hostile.attack import PRELUDE
from tests.hostile.forging import FORGERS

sys.path.append(str(ROOT / "gradekit/tests"))

from pages import vectors

STUDENTS = 30
FIRST = "1-first.ipynb"
LISTENER = "http://127.0.0.1:9"  # where no program listens
ANSWERS = {
    "layer-params": f"def layer_params(kernel_size, in_channels, filters):\n    {toy.RIGHT}",
    "second-layer-params": "def second_layer_params(filters):\n    return (3 * 3 * 2 + 1) * filters",
}
KNOWN = """
from ipykernel.connect import get_connection_file
import numpy as np
CONNECTION_FILE, VICTIM, WATCHER = get_connection_file(), {0}, {0}
"""

Attack = Callable[[Path], None]  # does something to a folder with correct answers


def in_cells(*cells: nbformat.NotebookNode) -> Attack:
    """Put cells before those of the first notebook."""

    def attack(folder: Path) -> None:
        notebook = nbformat.read(folder / FIRST, as_version=4)
        notebook.cells[:0] = cells
        nbformat.write(notebook, folder / FIRST)

    return attack


def in_bytes(content: bytes) -> Attack:
    """Replace the first notebook."""
    return lambda folder: (folder / FIRST).write_bytes(content) and None


def in_an_archive(entries: int) -> Attack:
    """Replace the first notebook by an archive with a long list of files."""

    def attack(folder: Path) -> None:
        (folder / FIRST).unlink()
        with zipfile.ZipFile(folder / "work.zip", "w") as archive:
            for number in range(entries):
                archive.writestr(f"{number}{'x' * 100}", "")

    return attack


def attacks(victim: int) -> list[Attack]:
    """All attacks, a kind at a time in turn; `victim` is the id of a process outside of the sandbox."""
    known = PRELUDE + KNOWN.format(victim)
    files = [
        in_bytes(b'{"cells": [' + b"[]" * 1_500_000),
        in_bytes(b"{\n<<<<<<<\n" + b"|||||||\n" * 100_000 + b"=======\n" * 100_000),
        in_bytes(b'{" "cells": [{"cell_type": "code", "source": ' + b"[" * 100_000),
        in_cells(new_markdown_cell("![a](attachment:a.png" + " " * 1_000_000)),
        in_cells(new_code_cell("x = " + "(" * 50_000 + ")" * 50_000)),
        in_an_archive(100_000),
    ]
    kinds = [
        [in_cells(new_code_cell(f"{known}\n{attack.source}")) for attack in resources.ATTACKS],
        [in_cells(new_code_cell(f"{known}\n{attack.source}")) for attack in processes.ATTACKS],
        [in_cells(*vectors.cells(name, LISTENER)) for name in vectors.NAMES[::7]],
        files,
        [in_cells(new_code_cell(f"{known}\n{textwrap.dedent(forger.code)}")) for forger in FORGERS if forger.code],
    ]
    return [attack for attack in chain.from_iterable(zip_longest(*kinds)) if attack is not None]


def attacks_here(number: int) -> bool:
    """Whether the student with this number attacks in the attacked class."""
    return number % 3 == 1


@contextmanager
def victim() -> Iterator[int]:
    """The id of a process that attacks may try to reach."""
    process = subprocess.Popen(["sleep", "infinity"])
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()


def graded(students: int, attackers: list[Attack]) -> tuple[dict[int, float | None], float]:
    """Points by student of a class in which the attackers, if any, take every third seat; and seconds."""
    with tempfile.TemporaryDirectory(prefix="gradekit-bench-") as folder:
        root = toy.make(Path(folder) / "course")
        settings = root / "nbgrader_config.py"
        settings.write_text(settings.read_text().replace(".course(c)", f".course(c, **{resources.SMALL})"))
        release(root)
        for number in range(students):
            mine = root / "submitted" / f"s{number:03}" / "toy"
            hand_in(root / "release/toy", mine)
            if attackers and attacks_here(number):
                attackers[number // 3 % len(attackers)](mine)
        (Path(folder) / "run").mkdir(mode=0o700)
        _, seconds = grade(root, assignment="toy", damaged=bool(attackers))
        return {int(row.student[1:]): row.score for row in report(root)}, seconds


def hand_in(released: Path, folder: Path) -> None:
    """Write correct answers into the released notebooks."""
    for path in released.glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            cell.source = ANSWERS.get(cell.id, cell.source)
        folder.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, folder / path.name)


def compare(students: int) -> tuple[float, float]:
    """Seconds of the honest class and of the attacked one. Raises AssertionError where honest points differ."""
    before, honest = graded(students, [])
    with victim() as pid:
        after, attacked = graded(students, attacks(pid))
    for number in range(students):
        if not attacks_here(number):
            assert before[number] == after[number] == 5, (number, before[number], after[number])
    return honest, attacked


def main(students: int = STUDENTS) -> None:
    """Measure and print."""
    honest, attacked = compare(students)
    row = (str(students), str(students // 3), f"{honest:.1f}", f"{attacked:.1f}", f"{attacked / honest:.2f} x")
    columns = ("students", "attackers", "honest class, seconds", "attacked class, seconds", "ratio")
    show("gradekit grade: a third of the class attacks", columns, [row], "The honest students' points are equal.")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
