"""Damaged submissions of every kind, in one class: each is graded or reported, and none is in the way of the others."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
import pytest
from damaged import cells, content, files, small_course
from damaged.kind import Kind
from hypothesis import given, settings
from hypothesis import strategies as st
from nbgrader.api import Gradebook
from nbgrader.nbgraderformat import MetadataValidator

from gradekit.course import course
from gradekit.grading.grade import grade
from gradekit.limits import SubmissionLimits
from gradekit.repair import Unreadable, repair
from gradekit.repair.files import load
from gradekit.repair.restore import course_notebook, restore
from gradekit.report import report
from gradekit.submissions.mirror import examine

SOUND = [Kind(f"sound {number}", lambda folder: None, student=f"sound-{number}") for number in range(1, 4)]
KINDS = [*SOUND, *files.KINDS, *content.KINDS, *cells.KINDS]
DOCS = Path(__file__).parents[2] / "docs/submissions.md"


def contents(folder: Path) -> dict[str, object]:
    """Everything below a folder, links as links and nothing followed."""
    found: dict[str, object] = {}
    for place, folders, names in os.walk(folder):
        for name in [*folders, *names]:
            path = Path(place) / name
            about = path.lstat()
            key = about.st_mode, about.st_mtime_ns, about.st_size if not path.is_dir() else 0
            small = path.is_file() and not path.is_symlink() and about.st_size < 10_000_000
            found[str(path)] = (key, path.read_bytes() if small else None)
    return found


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The class, graded once: (outcome, rows by student, submitted/ before and after, sizes of pages, root)."""
    root = small_course.make(tmp_path_factory.mktemp("damaged"))
    for kind in KINDS:
        kind.damage(small_course.hand_in(root, kind.id))
    before = contents(root / "submitted")
    outcome = grade(root)
    rows = {row.student: row for row in report(root)}
    pages = {
        str(path.relative_to(root / "feedback")): path.stat().st_size for path in (root / "feedback").rglob("*.html")
    }
    return outcome, rows, before, contents(root / "submitted"), pages, root


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_work_gets_what_it_is_worth_and_the_instructor_a_line(graded, kind):
    outcome, rows = graded[:2]
    name = kind.id if kind.id.isprintable() else ascii(kind.id)
    lines = [trouble.what for trouble in outcome.troubles if trouble.student == name]
    assert sorted(lines) == sorted(kind.line.splitlines())
    assert all("\n" not in line for line in lines)
    assert (kind.id in outcome.graded) == kind.graded
    if kind.graded:
        assert rows[kind.id].scores == {small_course.FIRST: kind.first, small_course.SECOND: kind.second}


def test_what_was_handed_in_is_as_it_was(graded):
    before, after = graded[2:4]
    assert len(before) > 3000
    assert after == before


def test_an_answer_in_words_waits_for_a_person_unless_it_was_left_blank(graded):
    with Gradebook(f"sqlite:///{graded[5] / 'gradebook.db'}") as book:
        waits = {
            work.student.id: any(grade.needs_manual_grade for grade in notebook.grades if grade.name == "in-words")
            for work in book.assignment_submissions("counts")
            for notebook in work.notebooks
            if notebook.name == small_course.FIRST
        }
    for kind in KINDS:
        if kind.graded and kind.first is not None:
            assert waits[kind.id] == (kind.name != "an answer in words left blank"), kind.name


def test_every_graded_notebook_has_a_page_that_can_be_opened(graded):
    pages = graded[4]
    for kind in KINDS:
        for name, points in ((small_course.FIRST, kind.first), (small_course.SECOND, kind.second)):
            assert (f"{kind.id}/counts/{name}.html" in pages) == (kind.graded and points is not None), kind.name
    assert max(pages.values()) < 3_000_000


HEAD = "| What was handed in | Points | What you read |\n|---|---|---|\n"


def row(kind: Kind) -> str:
    points = "not graded" if not kind.graded or kind.first is None else f"{kind.first:g} of 3"
    lines = kind.line.replace("<", "&lt;").replace("|", "&#124;").replace("\n", "<br>") or "nothing"
    return f"| {kind.name} | {points} | {lines} |\n"


def test_the_table_for_instructors_is_this_one(request):
    before, _, rest = DOCS.read_text(encoding="utf-8").partition(HEAD)
    behind = rest[rest.index("\n## ") :]
    wanted = f"{before}{HEAD}{''.join(row(kind) for kind in KINDS if kind not in SOUND)}{behind}"
    if request.config.getoption("--update-golden", default=False):
        DOCS.write_text(wanted, encoding="utf-8")
    assert DOCS.read_text(encoding="utf-8") == wanted, "if the table should differ, run pytest --update-golden"


def test_there_are_many_kinds_and_each_has_a_student_of_its_own():
    assert len(KINDS) > 140
    assert len({kind.id for kind in KINDS}) == len({kind.name for kind in KINDS}) == len(KINDS)


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """A released course: (folder, the right first notebook as JSON)."""
    root = small_course.make(tmp_path_factory.mktemp("released"))
    return root, json.loads((small_course.hand_in(root, "ada") / f"{small_course.FIRST}.ipynb").read_text())


@pytest.fixture(scope="module")
def known(released):
    """What the gradebook and source/ know of the first notebook."""
    root, _ = released
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book:
        notebook = book.find_notebook(small_course.FIRST, "counts")
        return course_notebook(notebook, root / f"source/counts/{small_course.FIRST}.ipynb")


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 99),
    st.text(max_size=8),
    st.lists(st.one_of(st.text(max_size=4), st.integers()), max_size=3),
    st.dictionaries(
        st.sampled_from(["grade_id", "grade", "locked", "points", "x"]), st.one_of(st.none(), st.integers())
    ),
)
KEYS = st.sampled_from(
    ["cell_type", "id", "metadata", "source", "outputs", "execution_count", "nbgrader", "attachments"]
)
MARK_KEYS = st.sampled_from(["grade_id", "grade", "solution", "locked", "task", "points", "schema_version", "checksum"])
TOP_KEYS = st.sampled_from(["nbformat", "nbformat_minor", "metadata"])


def spoil(draw, nb) -> set[str]:
    """Do something to a notebook; returns the ids of the cells that it was done to."""
    what = draw(st.sampled_from(["drop", "set", "mark", "mark", "top", "twice", "delete", "move", "swap"]))
    cells = nb["cells"]
    if what == "top" or not cells:
        nb[draw(TOP_KEYS)] = draw(JUNK)
        return set()
    at, to = draw(st.integers(0, len(cells) - 1)), draw(st.integers(0, len(cells) - 1))
    cell, other = cells[at], cells[to]
    own = {cell.get("id")} if isinstance(cell.get("id"), str) else set()
    if what == "drop":
        cell.pop(draw(KEYS), None)
    elif what == "set":
        cell[draw(KEYS)] = draw(JUNK)
    elif what == "mark" and isinstance(cell.get("metadata"), dict):
        mark = cell["metadata"].setdefault("nbgrader", {})
        if isinstance(mark, dict):
            mark[draw(MARK_KEYS)] = draw(JUNK)
    elif what == "twice":
        cells.insert(to, copy.deepcopy(cell))
    elif what == "delete":
        del cells[at]
    elif what == "move":
        cells.insert(to, cells.pop(at))
    elif what == "swap":
        cell["metadata"], other["metadata"] = other.get("metadata"), cell.get("metadata")
        own |= {other.get("id")} if isinstance(other.get("id"), str) else set()
    return own


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_whatever_is_done_to_some_cells_the_others_are_there_and_every_check_once(known, released, data):
    marks = known.metadata
    right = released[1]
    nb = copy.deepcopy(right)
    touched = set().union(*(spoil(data.draw, nb) for _ in range(data.draw(st.integers(1, 6)))))
    found = nbformat.from_dict(repair(json.dumps(nb).encode()).notebook)
    nbformat.validate(found)
    before = {cell.source for cell in found.cells}
    assert before >= {"".join(cell["source"]) for cell in right["cells"] if cell["id"] not in touched}
    lines = restore(found, known)
    assert all("\n" not in line for line in lines)
    nbformat.validate(found)
    MetadataValidator().validate_nb(found)
    after = {cell.source.partition("\n\n(This answer is empty.")[0] for cell in found.cells}
    assert after >= before
    assert len({cell.id for cell in found.cells}) == len(found.cells)
    by_id = {cell.id: cell for cell in found.cells}
    for cell in right["cells"]:
        if cell["id"] not in touched and "nbgrader" in cell["metadata"]:
            assert by_id[cell["id"]].metadata.nbgrader.grade_id == cell["metadata"]["nbgrader"]["grade_id"]
            assert by_id[cell["id"]].cell_type == cell["cell_type"]
    names = [cell.metadata.nbgrader["grade_id"] for cell in found.cells if "nbgrader" in cell.metadata]
    assert len(set(names)) == len(names)
    counted = [name for name, mark in marks.items() if mark["grade"] or mark["task"]]
    assert set(counted) <= set(names)
    for name in counted:
        for solution in ("perimeter", "area"):
            if solution in names and list(marks).index(solution) < list(marks).index(name) and name != "in-words":
                assert names.index(solution) < names.index(name)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_whatever_is_done_to_the_bytes_there_is_a_notebook_or_a_reason(released, data):
    whole = json.dumps(released[1], indent=1).encode()
    at, to = sorted(data.draw(st.tuples(*[st.integers(0, len(whole))] * 2)))
    middle = data.draw(
        st.one_of(st.just(b""), st.binary(max_size=20), st.sampled_from([b"[" * 5000, b'"', b"}", b"\x00"]))
    )
    spoiled = data.draw(st.sampled_from([whole[:at] + middle + whole[to:], whole[:at] + middle, whole[at:to], middle]))
    found, reason = None, "a notebook."
    try:
        found = repair(spoiled).notebook
    except Unreadable as error:
        reason = str(error)
    assert reason.endswith(".")
    assert "\n" not in reason
    if found is not None:
        nbformat.validate(nbformat.from_dict(found))
        json.dumps(found).encode()


def test_a_file_that_breaks_off_keeps_every_cell_before_that(released):
    whole = json.dumps(released[1], indent=1)
    ends = [whole.index(f'"id": "{cell["id"]}"') for cell in released[1]["cells"]]
    for number, end in list(enumerate(ends))[2:]:
        found = repair(whole[:end].encode())
        assert [cell["id"] for cell in found.notebook["cells"]] == [c["id"] for c in released[1]["cells"][:number]]
        assert found.remarks == (f"it is damaged, and {number} of its cells could be read",)


def test_a_bad_spot_costs_the_cell_that_it_is_in(released):
    whole = json.dumps(released[1], indent=1)
    at = whole.index('"id": "sizes"')
    found = repair(f'{whole[:at]}"\x01{whole[at:]}'.encode())
    kept = [cell["id"] for cell in found.notebook["cells"]]
    assert kept == [cell["id"] for cell in released[1]["cells"] if cell["id"] != "sizes"]


def test_outputs_of_a_large_file_are_never_read(tmp_path, released):
    nb = copy.deepcopy(released[1])
    code = [cell for cell in nb["cells"] if cell["cell_type"] == "code"]
    for cell in code:
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ['a ] "[ \\ \n'] * 50_000}]
    code[0]["source"] = 'say = "\\"outputs\\": [1, 2"  # no key'
    path = tmp_path / "large.ipynb"
    path.write_text(json.dumps(nb))
    assert path.stat().st_size > 5_000_000
    data = load(path, SubmissionLimits())
    assert len(data) < 20_000
    found = repair(data).notebook["cells"]
    assert [cell["source"] for cell in found] == ["".join(cell["source"]) for cell in nb["cells"]]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may become another user")
def test_files_that_cannot_be_read_are_reported(released):
    """Root reads everything, so this looks as an ordinary user does."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "course"
        shutil.copytree(released[0], root)
        (small_course.hand_in(root, "closed") / f"{small_course.FIRST}.ipynb").chmod(0)
        small_course.hand_in(root, "shut").chmod(0)
        for path in (Path(place), root):
            path.chmod(0o755)
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.setgid(65534), os.setuid(65534)
                here = course(root)
                said = [*examine(here, "closed").refused.items(), *examine(here, "shut").lines]
                os.write(writer, json.dumps(said).encode())
            finally:
                os._exit(0)
        os.close(writer)
        os.waitpid(child, 0)
        with os.fdopen(reader) as pipe:
            lines = json.loads(pipe.read())
    advice = "Make it readable"
    assert lines == [
        [small_course.FIRST, f"the file can't be read. {advice} (chmod u+r), and grade it again."],
        f"the folder counts can't be read. {advice}: chmod u+rx.",
    ]


def test_a_device_is_not_opened(released):
    folder = small_course.hand_in(released[0], "device")
    (folder / f"{small_course.FIRST}.ipynb").unlink()
    try:
        os.mknod(folder / f"{small_course.FIRST}.ipynb", 0o20666, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("devices are made by root")
    seen = examine(course(released[0]), "device")
    assert seen.refused == {small_course.FIRST: "it is a device, not a file. Ask for the file itself."}


def test_a_link_to_a_folder_of_a_student_is_not_followed(released):
    folder = small_course.hand_in(released[0], "linked")
    (folder.parent / "kept").mkdir()
    folder.rename(folder.parent / "kept/counts")
    folder.symlink_to(folder.parent / "kept/counts")
    seen = examine(course(released[0]), "linked")
    assert not seen.notebooks
    assert "counts is a symbolic link" in seen.lines[0]


PLAIN = ["UTF-16", "commas too many", "one id for all cells", "a check copied", "a check moved to the top"]
PLAIN += ["a solution turned into text", "no marks at all", "a kernel for R", "pictures that are lost"]


@pytest.mark.days  # the same repairs as in the class above, one student after the other
def test_plain_nbgrader_repairs_what_is_inside_a_notebook_too(tmp_path):
    root = small_course.make(tmp_path)
    kinds = [kind for kind in KINDS if kind.name in PLAIN]
    assert len(kinds) == len(PLAIN)
    for kind in kinds:
        folder = small_course.hand_in(root, kind.id)
        kind.damage(folder)
        (folder / f"{small_course.SECOND}.ipynb").unlink()
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "autograde", "counts"],
        cwd=root, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    scores = {row.student: row.scores[small_course.FIRST] for row in report(root)}
    assert scores == {kind.id: kind.first for kind in kinds}
