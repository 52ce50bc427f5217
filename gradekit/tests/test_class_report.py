"""The report on a class: three planted mistakes, a stub that works, pairs, and nothing of a student's that runs."""

from __future__ import annotations

import html
import json
import re
import shutil
import sqlite3
from dataclasses import asdict, replace

import numpy as np
import planted_class
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted_class import CLASS, RIGHT

from gradekit.class_report import items, neighbors, pictures, unexplained
from gradekit.class_report.analysis import class_report
from gradekit.class_report.page import _points, page
from gradekit.cli import main
from gradekit.exercise import registry
from gradekit.exercise.find_mistake import diagnose
from gradekit.exercise.model import Exercise
from gradekit.feedback import HideSecrets
from gradekit.graded_notebook import _with_grade_ids
from gradekit.judge import records
from gradekit.notebook import read, write
from gradekit.page import showable

MIDDLE = "`middle(numbers=[5, 9, 1, 7, 3])`"  # smaller cases don't tell all mistakes apart
FIRST_TRY = {"ada": {"leap": "return year % 4 == 0", "windows": "return (n - size) // step"}, "gita": {}}
HOSTILE = "<img src=x onerror=alert(1)>"
LOOP = """total = []
    for place in range(0, n, step):
        window = [place, place + size]
        if window[1] <= n and window[0] >= 0:
            total.append(window)
    return len(total) + 1 - len(total) // (len(total) + 1) + 3"""


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A graded class with three planted mistakes, two who handed in twice, and two who have odd code in common."""
    class_ = CLASS | {
        HOSTILE: {"leap": "return '</script><script>alert(1)</script>' and year"},
        "mia": {"windows": LOOP},
        "nils": {"windows": LOOP.replace("total = []", "total = []  # mine")},
    }
    return planted_class.make(tmp_path_factory.mktemp("course"), class_, FIRST_TRY)


@pytest.fixture(scope="module")
def found(course):
    return class_report(course)


def question(found, name):
    return next(one for one in found.questions if one.id == name)


def test_the_planted_mistakes_come_first_with_those_who_made_them(found):
    first = [(one.cause.title, one.students, one.questions) for one in found.mistakes[:3]]
    assert first == [
        ("fence-post", ("ben", "cleo", "eve", "luis"), {"windows": 4}),
        ("simple-interest", ("ben", "dan", "finn"), {"savings": 3}),
        (f"Unrecognized mistake: {MIDDLE} returned `3`, not `5`", ("gita", "hugo", "iris"), {"middle": 3}),
    ]


def test_an_example_is_the_shortest_answer_with_that_mistake_alone(found):
    fence_post = question(found, "windows").causes[0]
    assert fence_post.example.code == "def windows(n, size, step):\n    return (n - size) // step"
    assert fence_post.example.student in ("ben", "luis")
    assert fence_post.seen == "`windows(n=10, size=3, step=1)` returned `7`, not `8`"


def test_a_picture_is_of_the_case_in_the_heading_clean_and_once_on_the_page(found):
    causes = {cause.name: cause.picture for cause in question(found, "windows").causes}
    assert "<code>windows(n=10, size=3, step=1)</code>" in causes["fence-post"]
    assert "mistake: 7" in causes["fence-post"]
    assert "light-dark(#dcf3ea,#123d31)" in causes["fence-post"]
    assert "script" not in causes["fence-post"]
    assert causes["size-ignored"] != causes["fence-post"]
    assert "mistake: 10" in causes["size-ignored"]
    text = page([found])
    assert text.count(causes["fence-post"]) == 1
    assert text.count("Picture: discuss these first") == 3
    (group, *_) = question(found, "middle").causes
    assert "5 is the middle, 3 was returned" in group.picture, "and not a smaller case"


def test_a_picture_that_cannot_be_drawn_is_left_out():
    """The hook gets what a student's function returned, and may refuse it with any error."""
    exercise = next(one for one in registry.exercises().values() if one.id == "windows")
    told = diagnose(exercise, lambda n, size, step: "<script>")
    record = records.output(told)["data"][records.MIME]
    assert pictures.of_mistake(exercise, "", record) == ""
    hostile = replace(exercise, picture=lambda *args: f"<b onclick='f()'>{args[3]}</b>")
    assert pictures.of_mistake(hostile, "", record) == "<b></b>"
    assert pictures.of_mistake(replace(exercise, picture=None), "", record) == ""
    assert pictures.of_mistake(hostile, "", record | {"of": "other cases"}) == ""


def test_a_case_to_show_tells_the_mistakes_apart(found):
    show = question(found, "savings").show
    assert show.call == "savings(capital=50.0, percent=20, years=4)", "after one year the mistake can't be seen"
    assert show.correct == "103.68"
    rows = {one.value: (one.mistake, one.students) for one in show.results}
    assert rows["90.0"] == ("It pays no interest on interest.", 3)
    assert rows["stopped with ZeroDivisionError"] == ("Unrecognized mistake", 1)
    assert show.passed + sum(one.students for one in show.results) == question(found, "savings").answered == 14


def test_every_heading_is_unique_and_every_mistake_is_in_the_table(found):
    names = [cause.did for asked in found.questions for cause in asked.causes]
    assert len(names) == len(set(names))
    assert f"Unrecognized mistake: {MIDDLE} returned `1`, not `5`" in names
    assert {one.cause.did for one in found.mistakes} == set(names)
    assert (found.no_answer, found.all_right) == (("kim",), ("ada",))


def test_points_that_occur_have_bars_and_many_different_ones_are_in_tenths():
    assert _points([(0.0, 2), (7.5, 1)], 10) == [("0", 2), ("7.5", 1)]
    bars = _points([(float(points), 1) for points in range(21)], 20)
    assert (bars[0], bars[9]) == (("0 to 2", 2), ("18 to 20", 3))


def test_points_and_failed_cases_are_counted(found):
    windows = question(found, "windows")
    assert windows.distribution == ((0.0, 8), (3.0, 7))
    assert {case.call: case.failed for case in windows.cases}["windows(n=7, size=7, step=2)"] == 7
    assert windows.not_written == ("kim",)
    assert windows.difficulty == pytest.approx(7 / 15)
    assert (found.students, found.graded, found.possible) == (15, 15, 12)
    assert sum(many for _, many in found.scores) == 15


@pytest.mark.parametrize("name", RIGHT)
def test_difficulty_and_discrimination_are_numpys_on_the_gradebook(course, found, name, monkeypatch):
    with sqlite3.connect(course / "gradebook.db") as book:
        rows = book.execute(
            "SELECT submitted_assignment.student_id, base_cell.name, grade.auto_score FROM grade "
            "JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id "
            "JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id "
            "JOIN base_cell ON base_cell.id = grade.cell_id"
        ).fetchall()
    own = {student: 0.0 for student, *_ in rows}
    rest = dict(own)
    for student, cell, score in rows:
        (own if cell.startswith(name) else rest)[student] += score
    assert question(found, name).discrimination is None, "too few students"
    monkeypatch.setattr(items, "CORRELATED", 10)
    asked = question(class_report(course), name)
    assert asked.difficulty == pytest.approx(np.mean(list(own.values())) / 3)
    assert asked.discrimination == pytest.approx(np.corrcoef(list(own.values()), list(rest.values()))[0, 1])


REMARKS = [
    (100, 0.97, 0.5, "no longer tells them apart"),
    (100, 0.5, -0.4, "is the question clear"),
    (300, 0.5, 0.05, "hardly tells students apart"),
    (100, 0.1, 0.5, "too hard"),
    (12, 0.5, -0.3, ""),  # of so few students a correlation says nothing
    (4, 1.0, None, ""),
    (300, 0.5, 0.4, ""),
]


@pytest.mark.parametrize(("students", "difficulty", "discrimination", "said"), REMARKS)
def test_a_remark_needs_enough_students(students, difficulty, discrimination, said):
    found = items.remark(students, difficulty, discrimination)
    assert said in found
    assert bool(said) == bool(found)


def test_a_stub_pasted_into_the_exercise_names_the_answers(course, found, tmp_path, monkeypatch):
    stub = question(found, "middle").causes[0].stub
    source = (course / f"{planted_class.MODULE}.py").read_text()
    start = source.index("mistakes=[", source.index('"middle"')) + len("mistakes=[")
    (tmp_path / "pasted_questions.py").write_text(source[:start] + "\n" + stub + "\n" + source[start:])
    monkeypatch.syspath_prepend(tmp_path)
    exercise = next(one for one in __import__("pasted_questions").EXERCISES if one.id == "middle")
    for student in ("gita", "hugo", "iris"):
        names: dict = {}
        exec(f"def middle(numbers):\n    {CLASS[student]['middle']}", names)
        assert diagnose(exercise, names["middle"]).mistakes == ("name-of-the-mistake",), student
    assert diagnose(exercise, lambda numbers: sorted(numbers)[0]).mistakes == ()
    assert diagnose(exercise, lambda numbers: sorted(numbers)[len(numbers) // 2]).right


ARRAYS = Exercise(
    "blur", "blur", ("image",), lambda image: (image[:-1] + image[1:]) / 2,
    visible=[(np.array([[1.0, 2.0], [3.0, 5.0]]),)], probes=[(np.eye(3),), (np.array([[2.0], [4.0]]),)],
)  # fmt: skip


def stub_of(exercise, answer):
    registry.register(exercise)
    record = records.output(diagnose(exercise, answer))["data"][records.MIME]
    return unexplained.stub(exercise, json.loads(json.dumps(record)), 2)


@pytest.mark.parametrize(
    "answer",
    [
        lambda image: image[1:] - image[:-1],
        lambda image: image.tolist()[5] if image.shape[1] == 1 else image * 2,  # IndexError in one case
    ],
)
def test_a_stub_of_arrays_works_too(answer):
    names = {"np": np, "gradekit": __import__("gradekit")}
    (mistake,) = eval(f"[{stub_of(ARRAYS, answer)}]", names)
    assert diagnose(replace(ARRAYS, mistakes=[mistake]), answer).mistakes == ("name-of-the-mistake",)


class Code:
    def __repr__(self):
        return "__import__('os')"


@pytest.mark.parametrize(
    "answer",
    [
        lambda image: {"a": 1},
        lambda image: 1 / 0,
        lambda image: np.nan * image,
        lambda image: {Code()},
        lambda image: {Code(): 1},
        lambda image: [Code(), "a"],
    ],
)
def test_no_stub_is_made_of_results_that_no_rule_is_compared_with(answer):
    assert stub_of(ARRAYS, answer) == ""


def test_records_of_other_cases_make_no_stub():
    other = replace(ARRAYS, probes=())
    record = records.output(diagnose(ARRAYS, lambda image: image))["data"][records.MIME]
    assert unexplained.stub(other, record, 1) == ""
    assert unexplained.returned(other, record) == []


def test_pairs_explain_to_each_other(found):
    missing = {name: {"ben": {"a"}, "ada": {"b"}, "cleo": {"a", "b"}, "dan": set()}[name] for name in ("ben", "ada")}
    assert [asdict(pair) for pair in neighbors.pairs(missing, ["a", "b"])] == [
        {"students": ("ada", "ben"), "first_explains": ("a",), "second_explains": ("b",)}
    ]
    paired = [student for pair in found.pairs for student in pair.students]
    assert len(paired) == len(set(paired)) > 4
    assert sorted([*paired, *found.unpaired]) == sorted({*CLASS, HOSTILE, "mia", "nils"})
    assert "ada" not in paired, "she has nothing to learn"


def test_rare_common_text_is_pointed_out_and_common_text_is_not(found):
    assert [(one.students, one.question) for one in found.similar] == [(("mia", "nils"), "windows")]
    assert "window[0] >= 0" in found.similar[0].text
    assert neighbors.similar("q", {f"s{n}": LOOP for n in range(9)}, []) == []
    assert neighbors.similar("q", {"a": LOOP, "b": LOOP, "c": "", "d": "", "e": ""}, [LOOP]) == [], "the course's own"


def test_changes_are_from_the_first_submission_to_the_last(found):
    assert found.again == 2
    changes = {one.name: one for one in found.changes}
    assert (changes["fence-post"].first, changes["fence-post"].last) == (1, 0)
    assert changes["centuries-forgotten"].mended == ("ada",)
    assert changes["no known mistake in middle"].new == ("gita",)


def test_submissions_are_counted_before_the_due_date(found):
    assert sum(one.students for one in found.periods) == 15
    assert [one.when for one in found.periods][-1] == "after the due date"


def test_the_page_runs_nothing_loads_nothing_and_escapes_what_students_wrote(found):
    text = page([found])
    assert text.startswith("<!DOCTYPE html>")
    assert "default-src 'none'" in html.unescape(text)
    assert "<script" not in text
    assert "<img" not in text
    assert "&lt;img src=x onerror=alert(1)&gt;" in text
    assert not re.search(r'(?:src|href)="(?!#)', text)


def test_terminal_page_and_json_have_the_same(course, found, tmp_path, capsys):
    target = tmp_path / "report.html"
    assert main(["report", "--course", str(course), "--html", str(target), "--json"]) == 0
    (data,) = json.loads(capsys.readouterr().out)
    assert [one["cause"]["did"] for one in data["mistakes"]] == [one.cause.did for one in found.mistakes]
    assert main(["report", "--course", str(course), "--mistakes"]) == 0
    shown = capsys.readouterr().out
    for one in found.mistakes[:2]:
        assert one.cause.did in shown
        assert one.cause.did in target.read_text()


def test_a_record_never_reaches_a_students_page(course):
    nb = read(course / "autograded/ben/ps1/numbers.ipynb")
    assert any(records.is_record(output) for cell in nb.cells for output in cell.get("outputs", []))
    shown, _ = HideSecrets().preprocess(nb, {})
    outputs = [output for cell in showable(shown).cells for output in cell.get("outputs", [])]
    assert outputs
    assert not any(records.is_record(output) or "kind that a page" in str(output) for output in outputs)


PARTS = ['"', "\\", "\n", '"grade_id"', "\n  },\n  {\n", "\n  }\n ],\n", ",", "{", "}", "a", "\u00e9"]
ODD = st.lists(st.sampled_from(PARTS), max_size=6).map("".join)
CELL = st.fixed_dictionaries(
    {"source": ODD, "outputs": st.lists(st.fixed_dictionaries({"text": ODD}), max_size=2)},
    optional={"metadata": st.just({"nbgrader": {"grade_id": "a"}}), "grade_id": ODD},
)


@settings(max_examples=300, deadline=None)
@given(st.lists(CELL, max_size=4), ODD, st.sampled_from([None, 1, 2]))
def test_the_cells_with_a_grade_id_are_read_as_they_are(cells, text, indent):
    notebook = {"cells": cells, "metadata": {"gradekit": {"released": text}}, "nbformat": 4}
    read_back = json.loads(_with_grade_ids(json.dumps(notebook, indent=indent).encode()))
    graded = [cell for cell in cells if "grade_id" in json.dumps(cell, default=str).replace('\\"grade_id\\"', "")]
    assert [cell for cell in read_back["cells"] if cell in graded] == graded
    assert read_back["metadata"] == notebook["metadata"]


def test_a_graded_notebook_is_read_without_its_other_cells(course):
    path = course / "autograded/ben/ps1/numbers.ipynb"
    cells = json.loads(_with_grade_ids(path.read_bytes()))["cells"]
    assert len(cells) == len(read(path).cells) - 1, "all but the title"


def test_an_answer_as_it_was_released_is_not_a_mistake(course, tmp_path):
    """Some courses release code that runs, such as an array of zeros to fill."""
    root = tmp_path / "course"
    shutil.copytree(course, root)
    nb = read(root / "release/ps1/numbers.ipynb")
    (cell,) = [cell for cell in nb.cells if cell.id == "windows"]
    cell.source = "def windows(n, size, step):\n    return (n - size) // step"
    (root / "release/ps1/numbers.ipynb").unlink()
    write(nb, root / "release/ps1/numbers.ipynb")
    windows = question(class_report(root), "windows")
    assert windows.not_written == ("ben", "kim", "luis")
    assert ("fence-post", ("cleo", "eve")) in [(cause.name, cause.students) for cause in windows.causes]


def test_a_course_without_exercises_is_reported_by_its_messages(course, tmp_path):
    """The checks of an ordinary nbgrader course are asserts."""
    root = tmp_path / "plain"
    shutil.copytree(course, root)
    path = root / "source/ps1/numbers.ipynb"
    path.write_text(re.sub(r'verify(_fresh)?\(\\"\w+\\", (\w+)[^\n]*\)', r"assert \2", path.read_text()))
    for graded in root.glob("autograded/*/ps1/numbers.ipynb"):
        nb = json.loads(graded.read_text())
        for cell in nb["cells"]:
            cell["outputs"] = [one for one in cell.get("outputs", []) if not records.is_record(one)]
        graded.write_text(json.dumps(nb))
    found = class_report(root)
    assert len(found.questions) == 8
    top = found.mistakes[0]
    assert (top.cause.title, top.students) == ("It counts the steps between windows.", ("ben", "cleo", "eve", "luis"))
    assert question(found, "windows-small").causes[0].example.code.startswith("def windows")


def test_pseudonyms_replace_names_everywhere_and_stay_the_same(course, tmp_path, capsys):
    root = tmp_path / "course"
    shutil.copytree(course, root)
    graded = root / "autograded/eve/ps1/numbers.ipynb"
    signed = graded.read_text().replace("return year % 4 == 0", "return year % 4 == 0  # by Eve")
    graded.chmod(0o644)
    graded.write_text(signed)
    hidden = class_report(root, pseudonyms=True)
    text = page([hidden]) + json.dumps(asdict(hidden))
    assert re.findall(rf"\b(?:{'|'.join([*CLASS, 'mia', 'nils'])})\b", text, re.IGNORECASE) == []
    assert re.search(r"== 0  # by student-[0-9a-f]{8}", text)
    assert asdict(class_report(root, pseudonyms=True)) | {"made": hidden.made} == asdict(hidden)
    assert [len(one.students) for one in hidden.mistakes] == [len(one.students) for one in class_report(root).mistakes]
    assert main(["report", "--course", str(root), "--pseudonyms"]) == 0
    shown = capsys.readouterr()
    assert "ben" not in shown.out + shown.err
    assert (root / ".gradekit-pseudonyms").stat().st_mode & 0o077 == 0


def test_students_with_the_same_variant_are_listed_as_a_question(course, tmp_path, capsys):
    root = tmp_path / "course"
    shutil.copytree(course, root)
    for student, name in {"ada": "x1", "ben": "x2", "eve": "x2", "finn": "x2"}.items():
        path = root / f"autograded/{student}/ps1/numbers.ipynb"
        nb = json.loads(path.read_text())
        nb["metadata"]["gradekit_variant"] = name
        path.write_text(json.dumps(nb))
    found = class_report(root)
    assert found.same_variant == (("ben", "eve", "finn"),)
    assert "The same variant" in page([found])
    assert "x2" not in page([found]), "it may be a student's name"
    assert main(["report", "--course", str(root), "--mistakes"]) == 0
    assert "worth a question" in capsys.readouterr().out


#   students                                          what the page says in place of mistakes
NO_MISTAKES = [
    ({}, "Nothing is graded yet."),
    ({"ada": {}}, "Nothing: no points were lost by a check."),
    ({"kim": CLASS["kim"]}, "No mistakes: points were lost only in questions that were not answered."),
]


@pytest.mark.parametrize(("students", "said"), NO_MISTAKES)
def test_a_class_without_mistakes_is_told_why(tmp_path, students, said):
    found = class_report(planted_class.make(tmp_path, students))
    assert found.mistakes == ()
    assert said in page([found])
