"""A release is made from source/ alone, holds nothing secret, and is never half there."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import nbformat
import pytest

from gradekit.audit import audit
from gradekit.course import course, put_in_place
from gradekit.errors import CourseError
from gradekit.hidden_regions import secrets
from gradekit.release import release
from tests import toy

ROOT = Path(__file__).parents[1]


@pytest.fixture
def root(tmp_path):
    return toy.make(tmp_path)


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    root = toy.make(tmp_path_factory.mktemp("released"))
    release(root)
    return root


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_twice_gives_the_same_bytes(released, tmp_path):
    before = files(released / "release")
    assert [change.what for change in release(released)] == ["same", "same"]
    assert files(released / "release") == before
    elsewhere = toy.make(tmp_path)
    release(elsewhere)  # another folder, and a gradebook of its own
    assert files(elsewhere / "release") == before


def test_the_stub_stands_where_the_solution_was(released):
    cells = nbformat.read(released / "release/toy/1-first.ipynb", 4).cells
    assert cells[1].source.splitlines()[1] == '    raise NotImplementedError("write your answer here")'
    assert cells[3].source == "assert layer_params(3, 3, 2) == 56, 'channels?'"
    assert cells[4].source.strip() == "Why 76?"


def test_dry_run_says_what_it_would_write_and_writes_nothing(root):
    assert [(change.file, change.what) for change in release(root, dry_run=True)] == [
        ("1-first.ipynb", "new"),
        ("2-second.ipynb", "new"),
    ]
    assert not (root / "release").exists()
    assert not (root / "gradebook.db").exists()


def test_changes_are_named(released, tmp_path):
    root = tmp_path / "course"
    shutil.copytree(released, root)
    (root / "gradebook.db").unlink()
    (root / "source/toy/2-second.ipynb").rename(root / "source/toy/3-third.ipynb")
    assert {change.file: change.what for change in release(root)} == {
        "1-first.ipynb": "same",
        "2-second.ipynb": "removed",
        "3-third.ipynb": "new",
    }


def test_the_gradebook_knows_the_cells_so_that_nbgrader_can_go_on(released):
    with sqlite3.connect(released / "gradebook.db") as book:
        names = {name for (name,) in book.execute("select name from base_cell")}
    assert {"layer-params-small", "layer-params-fresh", "parameters-why", "second-layer-params-fresh"} <= names


#    what is wrong in the source                                       what the line says
REFUSED = [
    ("a file beside the notebooks", "notes.txt: does not belong here"),
    ("a notebook without END SOLUTION", "1-first.ipynb, cell layer-params: has BEGIN SOLUTION without END SOLUTION."),
    ("a solution repeated in the prose", "1-first.ipynb, cell title: holds a line of the solution of layer-params"),
    ("a hidden test repeated in a visible check", "holds a line of the hidden test of layer-params-fresh"),
    ("two cells with one id", "1-first.ipynb, cell layer-params: has the grade id of another cell."),
    (
        "a solution in a cell without marks",
        "1-first.ipynb, cell layer-params: has a solution, but is not an autograded or manually graded answer",
    ),
]


def spoil(root: Path, what: str) -> None:
    path = root / "source/toy/1-first.ipynb"
    nb = nbformat.read(path, 4)
    if what == "a file beside the notebooks":
        (root / "source/toy/notes.txt").write_text("the answers are in the cupboard")
    if what == "a notebook without END SOLUTION":
        nb.cells[1].source = nb.cells[1].source.replace("### END SOLUTION", "")
    if what == "a solution repeated in the prose":
        nb.cells[0].source += f"\n\n`{toy.RIGHT}`"
    if what == "a hidden test repeated in a visible check":
        nb.cells[2].source += f"\n{toy.HIDDEN}"
    if what == "two cells with one id":
        nb.cells[2].metadata.nbgrader.grade_id = "layer-params"
    if what == "a solution in a cell without marks":
        nb.cells[1].metadata.pop("nbgrader")
    nbformat.write(nb, path)


@pytest.mark.parametrize(("what", "line"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_source_that_would_leak_or_break_is_refused_and_the_old_release_stays(released, tmp_path, what, line):
    root = tmp_path / "course"
    shutil.copytree(released, root)
    before = files(root / "release")
    spoil(root, what)
    with pytest.raises(CourseError) as refusal:
        release(root)
    assert line in "\n".join([str(refusal.value), *refusal.value.lines])
    assert files(root / "release") == before
    assert sorted(path.name for path in (root / "release").iterdir()) == ["toy"], "nothing temporary is left"


#    what is in a release                 finding
LEAKS = [
    ("an output", "an output"),
    ("an execution count", "an execution count"),
    ("widget state", "notebook metadata 'widgets'"),
    ("execution times", "cell metadata 'execution'"),
    ("a delimiter", "the delimiter of a hidden test"),
    ("a solution line in the metadata", "holds a line of the solution of layer-params"),
    ("a scheme line among others", "holds a line of the marking scheme of parameters-why"),
    ("a link", "does not belong here"),
    ("a missing notebook", "missing: it is in source/"),
]


def leak(folder: Path, what: str) -> None:
    path = folder / "1-first.ipynb"
    nb = json.loads(path.read_text())
    cell = nb["cells"][2]
    if what == "an output":
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["15"]}]
    if what == "an execution count":
        cell["execution_count"] = 3
    if what == "widget state":
        nb["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {}}
    if what == "execution times":
        cell["metadata"]["execution"] = {"iopub.execute_input": "2026-11-22T10:00:00Z"}
    if what == "a delimiter":
        cell["source"] = ["### BEGIN HIDDEN TESTS\n", "### END HIDDEN TESTS"]
    if what == "a solution line in the metadata":
        cell["metadata"]["tags"] = [toy.RIGHT]
    if what == "a scheme line among others":
        nb["cells"][0]["source"] = f"So: {toy.SCHEME} And so on."
    if what == "a link":
        (folder / "solutions").symlink_to("../../source")
    path.write_text(json.dumps(nb))
    if what == "a missing notebook":
        path.unlink()


@pytest.mark.parametrize(("what", "finding"), LEAKS, ids=[row[0] for row in LEAKS])
def test_the_audit_finds(released, tmp_path, what, finding):
    folder = tmp_path / "toy"
    shutil.copytree(released / "release/toy", folder)
    source = released / "source/toy"
    assert audit(folder, source) == []
    leak(folder, what)
    found = [str(finding) for finding in audit(folder, source)]
    assert any(finding in line for line in found), found


def test_secrets_are_the_lines_between_the_delimiters(released):
    assert {(secret.kind, secret.line) for secret in secrets(released / "source/toy")} == {
        ("solution", toy.RIGHT),
        ("hidden test", toy.HIDDEN),
        ("marking scheme", toy.SCHEME),
        ("solution", "return (3 * 3 * 2 + 1) * filters"),
        ("hidden test", toy.HIDDEN_TWO),
    }


def test_pictures_beside_the_notebooks_are_released(root):
    (root / "source/toy/images").mkdir()
    (root / "source/toy/images/stride.svg").write_text("<svg/>")
    assert [change.file for change in release(root)] == ["1-first.ipynb", "2-second.ipynb", "images/stride.svg"]


def test_the_release_in_the_repository_is_what_source_makes(tmp_path):
    for name in ("source", "release"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(toy.CONFIG, tmp_path)
    names = sorted(path.name for path in (ROOT / "source").iterdir())
    stale = [change for name in names for change in release(tmp_path, name, dry_run=True) if change.what != "same"]
    assert stale == [], "run make release"


def test_a_swap_that_fails_leaves_the_old_folder(tmp_path):
    (tmp_path / "release").mkdir()
    (tmp_path / "release/old").write_text("as it was")
    with pytest.raises(FileNotFoundError):
        put_in_place(tmp_path / "never-made", tmp_path / "release")
    assert files(tmp_path / "release") == {"old": b"as it was"}


def test_a_release_that_was_killed_half_way_is_put_right(released, tmp_path):
    root = tmp_path / "course"
    shutil.copytree(released, root)
    (root / "release/toy").rename(root / "release/.toy.before")
    assert [change.what for change in release(root)] == ["same", "same"]
    assert [path.name for path in (root / "release").iterdir()] == ["toy"]


def test_a_folder_that_is_no_course_is_named(tmp_path):
    with pytest.raises(CourseError, match=r"is not a course: it has no folder source/"):
        course(tmp_path)
    toy.make(tmp_path)
    with pytest.raises(CourseError, match=r"source/ has no assignment 'conv3d'. There is toy."):
        course(tmp_path, "conv3d")
    shutil.copytree(tmp_path / "source/toy", tmp_path / "source/second")
    with pytest.raises(CourseError, match=r"several assignments. Name one: --assignment second"):
        course(tmp_path)
