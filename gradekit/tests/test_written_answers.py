"""Answers in words: which are blank, which have changed, and which wait for a person."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.api import Gradebook
from nbgrader.utils import compute_checksum

from gradekit.course import course
from gradekit.grading.nbgrader_steps import autograde
from gradekit.grading.written_answers import answers
from gradekit.notebook import read, write
from gradekit.release import release
from tests import toy

STUB = "Write your answer here."


def words(grade_id: str, points: int):
    cell = new_markdown_cell("The truth.", id=grade_id)
    cell.metadata = toy._meta(grade_id, points, grade=True, solution=True)
    return cell


@pytest.fixture(scope="module")
def released(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("words")
    toy.write(root / "source/toy/1-words.ipynb", [*toy.first(), words("in-words", 2), toy.check("last", 1, "assert 1")])
    (root / "nbgrader_config.py").write_text(toy.SETTINGS)
    release(root)
    return root


def blank(root: Path, tmp_path: Path, change, edited=()) -> dict[str, bool]:
    """Which answers of a released notebook are blank after a change; its marks are those of the release."""
    nb = read(root / "release/toy/1-words.ipynb")
    change(nb.cells)
    write(nb, tmp_path / "1-words.ipynb")
    found = answers(tmp_path / "1-words.ipynb", root / "release/toy/1-words.ipynb", edited)
    return {name: answer.blank for name, answer in found.items()}


def at(cells, grade_id: str) -> int:
    return next(n for n, cell in enumerate(cells) if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


BOTH, NEITHER = (True, True), (False, False)
#    what a student does                                                        (task, answer) is blank
CHANGES = [
    ("nothing", lambda cells: None, BOTH),
    ("code alone", lambda cells: cells[1].update(source="def layer_params(): pass"), BOTH),
    ("both stubs deleted", lambda cells: [cells[n].update(source=" ") for n in (5, 6)], BOTH),
    ("white space", lambda cells: cells[5].update(source=f"\n{STUB} \n"), BOTH),
    ("the task answered", lambda cells: cells[5].update(source="Two channels."), (False, True)),
    ("the answer written", lambda cells: cells[6].update(source="Two channels."), NEITHER),
    ("words in a new cell below the task", lambda cells: cells.insert(5, new_markdown_cell("Two.")), (False, True)),
    ("words in a new code cell below the answer", lambda cells: cells.insert(7, new_code_cell("Two of.")), NEITHER),
    ("a comment in a new code cell", lambda cells: cells.append(new_code_cell("# Two, as there is a bias")), NEITHER),
    ("words at the end", lambda cells: cells.append(new_markdown_cell("My answer to 1: two.")), NEITHER),
    ("new code", lambda cells: cells.append(new_code_cell("%time layer_params(2, 1, 3)")), BOTH),
    ("new code below the task", lambda cells: cells.insert(5, new_code_cell("print('Two.')")), (False, True)),
    ("new code below the answer", lambda cells: cells.insert(7, new_code_cell("print('Two.')")), (True, False)),
    ("an empty cell more", lambda cells: cells.insert(5, new_markdown_cell("")), BOTH),
]


@pytest.mark.parametrize(("change", "expected"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES])
def test_an_answer_is_blank_only_where_no_words_were_written_anywhere(released, tmp_path, change, expected):
    found = blank(released, tmp_path, change)
    assert (found["parameters-why"], found["in-words"]) == expected


def test_words_in_an_answer_are_not_words_of_another_answer(released, tmp_path):
    """Each answer has a cell of its own, and nbgrader gives an untouched one 0."""

    def one_of_two(cells) -> None:
        cells.append(words("another", 1))
        cells[-1].metadata.nbgrader.checksum = compute_checksum(cells[-1])
        cells[at(cells, "in-words")].source = "Two channels."

    found = blank(released, tmp_path, one_of_two)
    assert found == {"parameters-why": False, "in-words": False, "another": True}


def test_words_in_a_locked_text_are_not_blank(released, tmp_path):
    """Students write into the task itself, which nbgrader overwrites."""
    assert not any(blank(released, tmp_path, lambda cells: None, edited={"parameters-why"}).values())
    assert all(blank(released, tmp_path, lambda cells: None, edited={"layer-params-small"}).values()), "a check"


def test_without_a_release_nothing_is_blank(released, tmp_path):
    found = answers(released / "release/toy/1-words.ipynb", tmp_path / "none.ipynb")
    assert not any(answer.blank for answer in found.values())


def test_nbgrader_gives_a_blank_answer_the_same_points(released):
    """The oracle: nbgrader scores an untouched answer 0, and leaves a task without a score, which counts 0."""
    own = released / "submitted/ada/toy/1-words.ipynb"
    write(read(released / "release/toy/1-words.ipynb"), own)
    autograde(course(released), "ada", {})
    with Gradebook(f"sqlite:///{released / 'gradebook.db'}") as book:
        scores = {grade.name: grade.score for grade in book.find_submission("toy", "ada").notebooks[0].grades}
    assert (scores["in-words"], scores["parameters-why"]) == (0, 0)
