"""`nbgrader autograde --no-execute` with gradekit adopted: the outputs that were handed in stay, and decide."""

from __future__ import annotations

from nbformat.v4 import new_output
from nbgrader.api import Gradebook

from gradekit.course import course
from gradekit.grading.nbgrader_steps import autograde
from gradekit.notebook import read, write
from gradekit.release import release
from tests import toy


def test_outputs_are_kept_and_graded(tmp_path):
    toy.make(tmp_path)
    with (tmp_path / "nbgrader_config.py").open("a") as config:
        config.write("c.Execute.enabled = c.ClearOutput.enabled = False\n")  # what the flag sets
    release(tmp_path)
    nb = read(tmp_path / "release/toy/1-first.ipynb")
    nb.cells[1].outputs = [new_output("stream", name="stdout", text="kept")]
    nb.cells[3].outputs = [new_output("error", ename="AssertionError", evalue="no", traceback=["no"])]
    write(nb, tmp_path / "submitted/ada/toy/1-first.ipynb")
    assert autograde(course(tmp_path), "ada", {}).faults == {}
    graded = read(tmp_path / "autograded/ada/toy/1-first.ipynb").cells
    assert graded[1].outputs == nb.cells[1].outputs
    with Gradebook(course(tmp_path).directory().db_url) as book:
        scores = {one.name: one.auto_score for one in book.find_submission_notebook("1-first", "toy", "ada").grades}
    assert (scores["layer-params-small"], scores["layer-params-fresh"]) == (1, 0)
