"""A course that changes after students have its notebooks: nothing that it did is reported as theirs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from gradekit.course import course, listening
from gradekit.errors import CourseError
from gradekit.grading.log_messages import sentences
from gradekit.notebook import mark, read, write
from gradekit.release import release
from gradekit.repair.restore import RestoreCells
from gradekit.submissions.names import is_notebook
from tests import toy

NOTEBOOK = "1-first"


@pytest.fixture
def root(tmp_path) -> Path:
    toy.make(tmp_path)
    release(tmp_path)
    return tmp_path


def edit(path: Path, change) -> None:
    nb = read(path)
    change(nb)
    write(nb, path)


def taken(root: Path, change=lambda nb: None) -> Path:
    """A student's copy of the notebook that is released now."""
    assert is_notebook(f"{NOTEBOOK}.ipynb")
    own = root / f"{NOTEBOOK}.ipynb"
    shutil.copy(root / f"release/toy/{NOTEBOOK}.ipynb", own)
    edit(own, change)
    return own


def reported(root: Path, own: Path) -> list[str]:
    """What an instructor reads about a submitted notebook's cells."""
    about = {"notebook": NOTEBOOK, "assignment": "toy", "db_url": course(root).directory().db_url}
    with listening() as logged:
        RestoreCells().preprocess(read(own), {"nbgrader": about})
    return sentences(logged)


def source(root: Path, change) -> None:
    edit(root / f"source/toy/{NOTEBOOK}.ipynb", change)
    release(root)


def correct_check(nb) -> None:
    nb.cells[2].source = "assert layer_params(2, 1, 3) == 15, 'corrected'"


def change_points(nb) -> None:
    nb.cells[3].metadata.nbgrader.points = 5


def change_points_of_task(nb) -> None:
    nb.cells[4].metadata.nbgrader.points = 5


def add_check(nb) -> None:
    nb.cells.insert(3, toy.check("layer-params-more", 1, "assert layer_params(1, 1, 1) == 2"))


def remove_check(nb) -> None:
    del nb.cells[2]


def answer(nb) -> None:
    nb.cells[1].source = "def layer_params(kernel_size, in_channels, filters):\n    return 15"


EARLIER = "1-first was made from an earlier release ({}): it was graded with the current checks."
#    what the course does      the difference
CHANGES = [
    (correct_check, "changed since: layer-params-small"),
    (change_points, "changed since: layer-params-fresh"),
    (change_points_of_task, "changed since: parameters-why"),
    (add_check, "added since: layer-params-more"),
    (remove_check, "removed since: layer-params-small"),
]


@pytest.mark.parametrize(("change", "difference"), CHANGES, ids=[change.__name__ for change, _ in CHANGES])
def test_a_submission_made_from_an_earlier_release_is_named_as_that_and_nothing_else(root, change, difference):
    own = taken(root, answer)
    source(root, change)
    (line,) = reported(root, own)
    assert line.startswith(EARLIER.format(difference))
    assert ("Added answers count 0" in line) == ("added" in difference)
    assert reported(root, taken(root, answer)) == [], "of the current release nothing is reported"


def test_what_a_student_edited_in_an_earlier_release_is_reported_as_before(root):
    own = taken(root, lambda nb: nb.cells[2].update(source="assert True"))
    source(root, change_points)
    assert "the check layer-params-small differs from the release: the original was graded." in reported(root, own)


def test_a_check_that_a_student_deleted_is_reported_where_another_was_added(root):
    own = taken(root, remove_check)
    source(root, lambda nb: nb.cells.insert(4, toy.check("layer-params-more", 1, "assert True")))
    lines = reported(root, own)
    assert "the cell layer-params-small was missing: it was added and graded." in lines
    assert not any("layer-params-more was missing" in line for line in lines)


def test_points_on_a_solution_cell_are_no_change(root):
    source(root, lambda nb: nb.cells[1].metadata.nbgrader.update(points=0.0))
    assert mark(read(root / f"release/toy/{NOTEBOOK}.ipynb").cells[1])["points"] == 0.0
    assert reported(root, taken(root)) == []


def test_a_release_of_plain_nbgrader_is_known_by_its_checksums(root):
    own = taken(root, answer)
    source(root, correct_check)
    with Gradebook(course(root).directory().db_url) as book:
        book.db.execute(_drop("gradekit_releases"))
        book.db.commit()
    line = "the check layer-params-small is that of an earlier release: the current one was graded."
    assert reported(root, own) == [line], "its checksum is that of its text"
    edit(own, lambda nb: nb.cells[2].update(source="assert True"))
    assert reported(root, own) == ["the check layer-params-small differs from the release: the original was graded."]


def _drop(table: str):
    from sqlalchemy import text

    return text(f"DROP TABLE {table}")


@pytest.fixture
def graded(root) -> Path:
    """ada's submission is in the gradebook, with points that a person gave for her words."""
    with Gradebook(course(root).directory().db_url) as book:
        book.add_student("ada")
        book.add_submission("toy", "ada")
        book.find_grade("parameters-why", NOTEBOOK, "toy", "ada").manual_score = 1.5
        book.db.commit()
    return root


def names(root: Path) -> dict[str, list[str]]:
    with Gradebook(course(root).directory().db_url) as book:
        mine = book.find_submission_notebook(NOTEBOOK, "toy", "ada")
        grades, comments = ([row.name for row in rows] for rows in (mine.grades, mine.comments))
    return {"grades": sorted(grades), "comments": sorted(comments)}


def test_cells_may_be_added_and_removed_after_submissions(graded):
    source(graded, add_check)
    assert "layer-params-more" in names(graded)["grades"]
    source(graded, lambda nb: nb.cells.insert(1, toy.solution("more", "def more():", "return 1")))
    assert "more" in names(graded)["comments"]
    source(graded, lambda nb: nb.cells.pop(4))
    assert names(graded)["grades"] == ["layer-params-fresh", "layer-params-small", "parameters-why"]
    with Gradebook(course(graded).directory().db_url) as book:
        assert book.find_grade("parameters-why", NOTEBOOK, "toy", "ada").manual_score == 1.5
        assert book.find_assignment("toy").max_score == 7


def test_a_cell_with_points_of_a_person_is_not_removed(graded):
    with pytest.raises(CourseError, match=r"parameters-why is no longer in source/: 1-first.ipynb, but ada"):
        source(graded, lambda nb: nb.cells.pop(4))
    assert "parameters-why" in names(graded)["grades"]


def test_a_notebook_may_be_added_after_submissions_and_none_removed(graded):
    toy.write(graded / "source/toy/3-third.ipynb", toy.second())
    release(graded)
    with Gradebook(course(graded).directory().db_url) as book:
        assert [grade.name for grade in book.find_submission_notebook("3-third", "toy", "ada").grades] == [
            "second-layer-params-fresh"
        ]
    (graded / "source/toy/3-third.ipynb").unlink()
    with pytest.raises(CourseError, match=r"3-third is no longer in source/toy/, but submissions of it are graded"):
        release(graded)
