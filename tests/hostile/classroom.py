"""A class of attackers: one notebook with the lesson's kinds of checks, a submission for each, graded in one run."""

from __future__ import annotations

import logging
import shutil
import textwrap
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell

from gradekit.release import release
from tests import toy

STUB = 'raise NotImplementedError("write your answer here")'
GIVEN = """
import numpy as np
from gradekit import verify, verify_unchanged
x = np.array([[2, 1, 2, 0, 1], [1, 3, 2, 2, 3], [1, 1, 3, 3, 0], [2, 2, 0, 1, 1], [0, 0, 3, 1, 2]], dtype="float32")
kernel = np.array([[[2, 0.1], [3, 0.2]], [[0, 0.3], [1, 0.4]]], dtype="float32")
x, kernel = x[None, :, :, None], kernel[:, :, None, :]
y = 0
vertical_edge = np.repeat([[0.0, 0.0, 0.0, 1.0, 1.0, 1.0]], 6, axis=0)
horizontal_edge, flat = vertical_edge.T.copy(), np.ones((6, 6))
"""
SMALL = 'verify("layer-params", layer_params, kernel_size=2, in_channels=1, filters=3, gives=15)'
FRESH = 'from gradekit import verify_fresh\nverify_fresh("layer-params", layer_params)'
CONV = 'verify("conv2d", conv2d, x=x, kernel=kernel, strides=1, padding="VALID", shape=(1, 4, 4, 2))'
CONV_FRESH = 'from gradekit import verify_fresh\nverify_fresh("conv2d", conv2d, "valid")'
EDGE = """
verify("edge-filter", edge_kernel, image=vertical_edge, gives=True)
verify("edge-filter", edge_kernel, image=horizontal_edge, gives=False)
verify("edge-filter", edge_kernel, image=flat, gives=False)
"""
EDGE_FRESH = 'from gradekit import verify_fresh\nverify_fresh("edge-filter", edge_kernel, "other")'
OWN = "got = layer_params(2, 1, 3)\nassert isinstance(got, int) and got == 15"
RIGHT_LAYER = f"def layer_params(kernel_size, in_channels, filters):\n    {toy.RIGHT}"
RIGHT_EDGE = "edge_kernel = np.float64([[[[-1]], [[0]], [[1]]]] * 3)"
PLAIN = {  # nbgrader as it comes, with kernels of this course
    "Autograde__exporter_class": "nbconvert.exporters.NotebookExporter",
    "Autograde__sanitize_preprocessors": [
        f"nbgrader.preprocessors.{name}"
        for name in ("ClearOutput", "DeduplicateIds", "OverwriteKernelspec", "OverwriteCells", "CheckCellMetadata")
    ],
    "Autograde__autograde_preprocessors": [
        f"nbgrader.preprocessors.{name}" for name in ("Execute", "LimitOutput", "SaveAutoGrades", "CheckCellMetadata")
    ],
    "Execute__iopub_timeout": 60,  # its 4 s are too short on a busy machine
}
POINTS = {"small": 1, "fresh": 1, "conv2d-check": 1, "edge-check": 1, "asserts": 1}


@dataclass(frozen=True)
class Forger:
    """A student: what stands in the answers, in a cell before everything else, and what is done to the notebook.

    `worth` are the points that the work deserves, `open` those that plain nbgrader gives for it. `said` is a part of
    what the log says.
    """

    name: str
    code: str = ""
    layer: str = ""
    conv: str = ""
    edge: str = ""
    edit: Callable[[Any], None] | None = None
    worth: float = 0
    open: float = 0
    said: str = ""

    def __str__(self) -> str:
        return self.name


def notebook() -> list[Any]:
    """The cells of the source: a question of each kind, and one check of the instructor's own."""
    return [
        new_markdown_cell("# Forging", id="title"),
        new_code_cell(GIVEN.strip(), id="given"),
        toy.solution("layer", "def layer_params(kernel_size, in_channels, filters):", toy.RIGHT),
        toy.check("small", 1, SMALL),
        toy.check("fresh", 1, SMALL, FRESH),
        toy.solution("conv", "def conv2d(x, kernel, strides, padding):", "return convkit.conv2d(x, kernel)"),
        toy.check("conv2d-check", 1, CONV, CONV_FRESH),
        toy.solution("edge", "edge_kernel = np.zeros((3, 3, 1, 1))\nif True:", RIGHT_EDGE),
        toy.check("edge-check", 1, EDGE.strip(), EDGE_FRESH),
        toy.check("asserts", 1, OWN),
        new_markdown_cell("Thank you.", id="end"),
    ]


def make(root: Path, forgers: Iterable[Forger]) -> Path:
    """A course in a folder, released, and what every forger hands in."""
    toy.write(root / "source/toy/1.ipynb", notebook())
    shutil.copy(toy.CONFIG, root)
    release(root)
    for forger in forgers:
        hand_in(forger, root / "release/toy/1.ipynb", root / "submitted" / student(forger) / "toy/1.ipynb")
    return root


def student(forger: Forger) -> str:
    return forger.name.replace(" ", "-")


def hand_in(forger: Forger, released: Path, place: Path) -> None:
    nb = nbformat.read(released, as_version=4)
    answers = {"layer": forger.layer, "conv": forger.conv, "edge": forger.edge}
    for cell in nb.cells:
        if text := answers.get(cell.id):
            cell.source = textwrap.dedent(text).strip()
    if forger.code:
        nb.cells.insert(2, new_code_cell(textwrap.dedent(forger.code).strip(), id="attack"))
    if forger.edit:
        forger.edit(nb)
    place.parent.mkdir(parents=True)
    nbformat.write(nb, place)


def graded(root: Path, **settings: Any) -> tuple[dict[str, dict[str, float | None]], dict[str, list[str]]]:
    """Points of every student by the name of the check, and what was logged; `settings` are those of Autograde."""
    from nbgrader.api import Gradebook

    said: dict[str, list[str]] = {}
    points: dict[str, dict[str, float | None]] = {}
    url = f"sqlite:///{root / 'gradebook.db'}"
    for folder in sorted((root / "submitted").iterdir()):
        with heard() as said[folder.name]:
            autograde(root, folder.name, settings)
    with Gradebook(url) as book:
        for submission in book.assignment_submissions("toy"):
            (one,) = submission.notebooks
            points[submission.student_id] = {grade.name: grade.auto_score for grade in one.grades}
    return points, said


def autograde(root: Path, name: str, settings: dict[str, Any]) -> None:
    from nbgrader.converters import Autograde, NbGraderException

    from gradekit.course import course

    here = course(root, "toy")
    config = here.config()
    for key, value in settings.items():
        section, trait = key.split("__")
        config[section][trait] = value
    try:
        Autograde(coursedir=here.directory(student_id=name), config=config).start()
    except NbGraderException:
        logging.getLogger("traitlets").warning("NOT GRADED %s", name)


@contextmanager
def heard() -> Iterator[list[str]]:
    """What nbgrader logs."""
    lines: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("traitlets")
    logger.addHandler(handler)
    try:
        yield lines
    finally:
        logger.removeHandler(handler)
