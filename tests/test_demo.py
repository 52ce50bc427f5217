"""The main line on the real lesson: the sample class, its grades, and its pages. Slow: it runs a hundred notebooks."""

from __future__ import annotations

import contextlib
import html
import json
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from convkit.lesson.sample_class import CLASS, GO_ON, Student, hand_in, work
from gradekit.demo import MARKER, demo
from gradekit.errors import CourseError
from gradekit.hidden_regions import secrets
from gradekit.lab import command, prepare
from gradekit.notebook import mark, read
from gradekit.release import release
from gradekit.solutions import answer_file, right_answers
from tests import toy
from tests.conftest import FURTHER

pytestmark = pytest.mark.days

ROOT = Path(__file__).parents[1]


def exercises(folder: Path) -> list[str]:
    """The ids of the solution cells of an assignment."""
    marks = (mark(cell) for path in sorted(folder.glob("*.ipynb")) for cell in read(path).cells)
    return [about["grade_id"] for about in marks if about.get("solution")]


@pytest.fixture(scope="module")
def steps():
    """Progress of each assignment: (students done, of how many, the one that is started)."""
    return []


@pytest.fixture(scope="module")
def shown(tmp_path_factory, steps):
    @contextlib.contextmanager
    def progress():
        steps.append([])
        yield lambda *step: steps[-1].append(step)

    return demo(hand_in, ROOT, tmp_path_factory.mktemp("demo") / "demo", progress)


# What each student of the class loses, exercise by exercise, in points.
LATER = {"ring-zeros": 2, "output-length": 3, "halving-layer": 2, "receptive-field": 2, "pointwise-params": 2}
LATER |= {"pointwise": 2, "same-padding": 3, "one-position": 2, "conv2d": 6, "dense-params": 1, "two-layers": 2}
LOST = {
    "ada": {},
    "ben": {"edge-filter": 2, "shift-kernel": 1, "layer-params": 2, "second-layer-params": 2, "wanted-layer": 1}
    | LATER,
    "chiara": LATER,
    "dilan": {"layer-params": 2, "second-layer-params": 2, "pointwise-params": 2, "wanted-layer": 1, "dense-params": 1},
    "emeka": {"layer-params": 2, "second-layer-params": 2, "pointwise-params": 2, "dense-params": 1},
    "fatima": {"layer-params": 2, "second-layer-params": 2, "pointwise-params": 2, "dense-params": 1},
    "goran": {"layer-params": 2, "second-layer-params": 1, "pointwise-params": 2},
    "hana": {"same-padding": 1, "output-length": 2},
    "ivan": {"ring-zeros": 1, "same-padding": 2, "conv2d": 1},
    "jin": {"output-length": 3, "halving-layer": 2, "receptive-field": 2, "conv2d": 2},
    "karim": {"edge-filter": 2, "shift-kernel": 1, "one-position": 2, "conv2d": 5},
    "lena": {"pointwise": 1, "one-position": 1, "conv2d": 5},
    "marek": {"layer-params": 1, "second-layer-params": 1, "ring-zeros": 1, "output-length": 2, "receptive-field": 1}
    | {"pointwise-params": 1, "two-layers": 2},
    "noor": {"layer-params": 2, "ring-zeros": 2, "same-padding": 3, "pointwise": 2},
    "oksana": {"output-length": 3, "conv2d": 6},
}
IN_FURTHER = {
    "ada": {},
    "chiara": {"dilated-length": 1, "grouped-params": 2, "separable-params": 1, "max-pool": 3, "head-params": 1}
    | {"bias-grad": 1, "kernel-grad": 2, "x-grad": 3},
    "karim": {"transposed": 3, "x-grad": 3},
    "lena": {"transposed-length": 1, "transposed": 3, "max-pool": 3, "bias-grad": 1},
    "oksana": {"dilated-length": 1, "grouped-params": 2, "separable-params": 1, "head-params": 1, "kernel-grad": 2},
}
ALL_LOST = [(0, student, lost) for student, lost in LOST.items()]
ALL_LOST += [(1, student, lost) for student, lost in IN_FURTHER.items()]
# Points of questions that a person grades: of all of them, and of those that a student left blank, which are 0 at once.
OPEN = (12, 0)
BLANK = {(0, "ben"): 12, (0, "chiara"): 8}
ASSIGNMENTS = ("conv2d", "conv2d-further")


def test_progress_begins_again_with_each_assignment(shown, steps):
    assert [{total for _, total, _ in of_one} for of_one in steps] == [{len(LOST)}, {len(IN_FURTHER)}]
    assert [len([student for *_, student in of_one if student]) for of_one in steps] == [len(LOST), len(IN_FURTHER)]


def test_everybody_is_graded_and_nothing_was_odd(shown):
    assert len(CLASS) >= 12
    assert tuple(outcome.assignment for outcome in shown.outcomes) == ASSIGNMENTS
    for outcome, students in zip(shown.outcomes, (CLASS, GO_ON), strict=True):
        assert outcome.graded == [student.id for student in students]
        assert [trouble.student for trouble in outcome.troubles] == ["oksana"][: outcome.assignment == "conv2d"]
    for rows in shown.reports:
        assert [row.student for row in rows] == [student.id for student in CLASS]


@pytest.mark.parametrize(("number", "student", "expected"), ALL_LOST, ids=[f"{n}-{s}" for n, s, _ in ALL_LOST])
def test_a_student_loses_the_points_of_the_mistake_and_no_others(shown, number, student, expected):
    (row,) = [row for row in shown.reports[number] if row.student == student]
    names = exercises(ROOT / "source" / ASSIGNMENTS[number])
    lost: dict[str, float] = {}
    for loss in row.lost:
        exercise = max((name for name in names if loss.cell.startswith(name)), key=len)
        lost[exercise] = lost.get(exercise, 0) + loss.points
    assert lost == expected, [(loss.cell, loss.message) for loss in row.lost]
    assert row.score == row.possible - OPEN[number] - sum(lost.values())
    assert row.waiting == OPEN[number] - BLANK.get((number, student), 0)


def plain(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", page))


def test_the_pages_of_the_class_give_nothing_away(shown):
    guarded = [secret for name in ASSIGNMENTS for secret in secrets(shown.root / "source" / name)]
    pages = sorted((shown.root / "feedback").rglob("*.html"))
    assert len(pages) == len(CLASS) * 7 + len(GO_ON) * len(FURTHER)
    for page in pages:
        text = plain(page.read_text())
        own = "\n".join(cell.source for cell in read(handed_in(shown.root, page)).cells)
        seen = [s for s in guarded if (s.line in text if len(s.line) > 12 else s.line in text.splitlines())]
        leaked = [secret for secret in seen if secret.kind != "solution" or secret.line not in own]
        assert leaked == [], page
        assert not re.search(r"verify_fresh|HIDDEN TESTS|MARK SCHEME|site-packages|/convkit/lesson", text), page
        assert not re.search(r'<(?!a )[^>]*(?:src|href)="(?:https?:)?//', page.read_text()), page


def handed_in(root: Path, page: Path) -> Path:
    return root / "submitted" / page.relative_to(root / "feedback").with_suffix(".ipynb")


def test_nbgrader_validates_every_source_notebook_and_exactly_the_graded_cells_of_a_release_fail(tmp_path):
    from nbgrader.validator import Validator

    from gradekit.course import course, listening

    for name in ("source", "release"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(toy.CONFIG, tmp_path)
    courses = [course(tmp_path, name) for name in ASSIGNMENTS]
    for here, path in [(one, path) for one in courses for path in sorted(one.source.glob("*.ipynb"))]:
        with listening():
            assert Validator(config=here.config()).validate(str(path)) == {}, path.name
            found = Validator(config=here.config()).validate(str(here.release / path.name))
        graded = [cell.source.strip() for cell in read(here.release / path.name).cells if mark(cell).get("grade")]
        assert [failed["source"] for failed in found["failed"]] == graded, path.name


def handed_in_by(students):
    """What a demo calls to have these students hand in."""
    return lambda here, submitted: f"{len(work(here.release, here.source, submitted, students))} notebooks"


def test_a_second_demo_says_that_it_replaces_the_first(tmp_path):
    root, said = toy.make(tmp_path / "course"), []
    few = (Student("ada", "all right"), Student("ben", "blank", does=0))
    first = demo(handed_in_by(few), root, tmp_path / "demo", say=said.append)
    (rows,) = first.reports
    assert [(row.student, row.score, row.possible - row.waiting) for row in rows[:1]] == [("ada", 5, 5)]
    assert [(row.student, row.score) for row in rows[1:]] == [("ben", 0)]
    assert not any("earlier" in line for line in said)
    (tmp_path / "demo/submitted/zoe").mkdir()
    second = demo(handed_in_by(few[:1]), root, tmp_path / "demo", say=said.append)
    assert any("holds an earlier demo, which is replaced" in line for line in said)
    assert [row.student for rows in second.reports for row in rows] == ["ada"]
    assert sorted(path.name for path in root.iterdir()) == ["nbgrader_config.py", "source"], "the course is untouched"


@pytest.mark.parametrize("target", [".", "source", "../other"])
def test_a_demo_does_not_touch_a_folder_that_is_not_its_own(tmp_path, target):
    root = toy.make(tmp_path / "course")
    (tmp_path / "other").mkdir()
    (tmp_path / "other/thesis.tex").write_text("years of work")
    with pytest.raises(CourseError, match=r"is not empty, and was not made by a demo"):
        demo(hand_in, root, root / target)
    assert (tmp_path / "other/thesis.tex").read_text() == "years of work"
    assert not (root / target / MARKER).exists()


def test_answers_go_where_a_student_would_write_them(tmp_path):
    root = toy.make(tmp_path)
    release(root)
    answers = {
        "layer-params": "mine = 1",
        "parameters-why": "Because.",
        "layer-params-small": "assert True",
        "else": "",
    }
    written = answer_file(root / "release/toy/1-first.ipynb", tmp_path / "out.ipynb", answers)
    assert written == ["layer-params", "parameters-why"]
    before, after = read(root / "release/toy/1-first.ipynb").cells, read(tmp_path / "out.ipynb").cells
    changed = {new.id: new.source for old, new in zip(before, after, strict=True) if old != new}
    assert changed == {"layer-params": "mine = 1", "parameters-answer": "Because."}


def test_right_answers_are_those_of_the_source_without_the_delimiters(tmp_path):
    right = right_answers(toy.make(tmp_path) / "source/toy")
    assert right["layer-params"] == f"def layer_params(kernel_size, in_channels, filters):\n    {toy.RIGHT}"


def test_the_class_has_an_answer_for_every_exercise_of_the_lesson():
    for name, students in zip(ASSIGNMENTS, (CLASS, GO_ON), strict=True):
        ids = set(exercises(ROOT / "source" / name))
        assert {grade_id for student in students for grade_id in student.wrong} == ids
        assert set(right_answers(ROOT / "source" / name)) == ids


def test_the_class_hands_in_real_notebooks(tmp_path):
    paths = work(ROOT / "release/conv2d", ROOT / "source/conv2d", tmp_path)
    assert len(paths) == len(CLASS) * 7
    texts = {
        path.read_text() for path in paths if path.parts[-3] in ("ada", "dilan", "ben") and path.stem == "2-parameters"
    }
    assert len(texts) == 3


def test_lab_copies_what_is_new_and_keeps_what_is_there(tmp_path):
    root = toy.make(tmp_path)
    with pytest.raises(CourseError, match="Make them first: gradekit release"):
        prepare(root, tmp_path / "work")
    release(root)
    assert [(copied.file, copied.what) for copied in prepare(root, tmp_path / "work")] == [
        ("1-first.ipynb", "new"),
        ("2-second.ipynb", "new"),
    ]
    own = tmp_path / "work/toy/1-first.ipynb"
    own.write_text("half an answer")
    (tmp_path / "work/toy/2-second.ipynb").unlink()
    assert [(copied.file, copied.what) for copied in prepare(root, tmp_path / "work")] == [
        ("1-first.ipynb", "kept"),
        ("2-second.ipynb", "new"),
    ]
    assert own.read_text() == "half an answer"


def test_lab_opens_on_the_students_folder(tmp_path):
    root = toy.make(tmp_path)
    release(root)
    prepare(root, tmp_path / "work")
    arguments = (
        "--no-browser",
        "--port=0",
        "--IdentityProvider.token=secret",
        "--allow-root",
        "--ServerApp.log_level=INFO",
    )
    server = subprocess.Popen(command(tmp_path / "work", "toy", arguments), stderr=subprocess.PIPE, text=True)
    try:
        address = next(
            found for line in server.stderr if (found := re.search(r"http://(?:localhost|127.0.0.1):\d+", line))
        )[0]
        listed = json.loads(fetch(f"{address}/api/contents/toy?token=secret"))
        assert sorted(entry["name"] for entry in listed["content"]) == ["1-first.ipynb", "2-second.ipynb"]
    finally:
        server.terminate()
        server.communicate(timeout=300)


def test_lab_leaves_it_to_jupyter_to_end(tmp_path):
    root = toy.make(tmp_path)
    release(root)
    run = [sys.executable, "-m", "convkit.cli", "lab", "--course", str(root), "--into", str(tmp_path / "work"), "--"]
    run += ["--no-browser", "--port=0", "--allow-root", "--ServerApp.log_level=INFO"]
    lab = subprocess.Popen(run, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    said = next(line for line in lab.stderr if "is running at" in line)
    assert "/lab/tree/toy/1-first.ipynb" in next(line for line in lab.stderr if "http://" in line)
    lab.send_signal(signal.SIGINT)  # from a terminal Jupyter has it too, and asks whether it is meant
    time.sleep(1)
    assert lab.poll() is None, said
    lab.terminate()
    rest = lab.communicate(timeout=300)[1]
    assert lab.returncode == 0, rest
    assert "Shutting down" in rest, rest


def fetch(address: str) -> bytes:
    for _ in range(40):
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return answer.read()
        except OSError:
            time.sleep(0.5)
    raise TimeoutError(address)


def test_the_demo_from_the_command_line_shows_progress_and_tables(tmp_path):
    root = toy.make(tmp_path / "course")
    into = tmp_path / "demo"
    run = [sys.executable, "-m", "convkit.cli", "demo", "--course", str(root), "--into", str(into)]
    out = subprocess.run(run, capture_output=True, text=True, timeout=600)
    assert out.returncode == 0, out.stderr
    assert "grading 1 of 15: ada" in out.stdout
    assert re.search(r"dilan +0 +0 +0 +7 +2", out.stdout), out.stdout
    assert f"Feedback pages: {into / 'feedback'}" in out.stdout
