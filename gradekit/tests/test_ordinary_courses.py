"""Courses as instructors have them: released and graded as by plain nbgrader, or refused in one line with its mend."""

from __future__ import annotations

import base64
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from damaged import small_course
from damaged.content import PICTURE
from nbformat.v4 import new_code_cell, new_markdown_cell

from gradekit.cli import main
from gradekit.course import course
from gradekit.errors import CourseError
from gradekit.grading.grade import grade
from gradekit.release import release
from gradekit.report import report

SQUARES = "def squares(n):\n    if n < 1:\n        raise ValueError\n    return [i ** 2 for i in range(1, n + 1)]"
ADOPTED = "import gradekit.adopt; gradekit.adopt.course(c)"
PENALTY = """from nbgrader.plugins import BasePlugin


class PerDay(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return min(score, total_seconds_late // 86400 + 1)
"""
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)


def nbgrader(folder: Path, *arguments: str) -> None:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    command = [sys.executable, "-m", "nbgrader", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]


def write(root: Path, *cells, name: str = "hw", assignment: str = "hw", minor: int = 5) -> Path:
    """A course with one notebook of these cells."""
    path = root / "source" / assignment / f"{name}.ipynb"
    small_course.write(path, list(cells))
    nb = json.loads(path.read_text())
    nb["nbformat_minor"] = minor
    for cell in nb["cells"]:
        if minor < 5:
            del cell["id"]
    path.write_text(json.dumps(nb))
    (root / "nbgrader_config.py").write_text(small_course.CONFIG)
    return root


def refusal(root: Path, assignment: str | None = None) -> list[str]:
    """The lines of a release that is refused."""
    with pytest.raises(CourseError) as error:
        release(root, assignment)
    assert "Traceback" not in str(error.value)
    return [str(error.value), *error.value.lines]


AREA = (
    small_course.solution("area", "def area(n):", "return n * n"),
    small_course.check("area-check", 1, "assert area(3) == 9", "assert area(7) == 49"),
)


@pytest.mark.days
def test_nbgraders_own_example_is_adopted_in_one_line_and_graded_as_by_nbgrader(tmp_path):
    nbgrader(tmp_path, "quickstart", "course101")
    root, plain = tmp_path / "course101", tmp_path / "plain"
    shutil.copytree(root, plain)
    with (root / "nbgrader_config.py").open("a") as file:
        file.write(f"\n{ADOPTED}\n")
    assert {change.file for change in release(root)} == {"jupyter.png", "problem1.ipynb", "problem2.ipynb"}
    nbgrader(plain, "generate_assignment", "ps1")
    for folder in (root, plain):
        for student in ("ada", "blank"):
            shutil.copytree(root / "release/ps1", folder / "submitted" / student / "ps1")
        path = folder / "submitted/ada/ps1/problem1.ipynb"
        nb = nbformat.read(path, 4)
        for cell in nb.cells:
            if cell.metadata.get("nbgrader", {}).get("grade_id") == "squares":
                cell.source = SQUARES
        nbformat.write(nb, path)
    assert grade(root).graded == ["ada", "blank"]
    nbgrader(plain, "autograde", "ps1")
    # A task left blank: nbgrader lets it wait for a person, and gradekit scores it 0.
    task = {row for row in scores(root) ^ scores(plain) if row[2].startswith("cell-")}
    assert scores(root) - task == scores(plain) - task
    assert {score for _, _, cell, score, _ in scores(root) if cell == "correct_squares"} == {0, 1}


def scores(root: Path) -> set:
    """Every cell's automatic score and whether it waits for a person."""
    query = """select sa.student_id, n.name, b.name, g.auto_score, g.needs_manual_grade from grade g
        join submitted_notebook sn on g.notebook_id = sn.id join notebook n on sn.notebook_id = n.id
        join submitted_assignment sa on sn.assignment_id = sa.id join base_cell b on g.cell_id = b.id"""
    with sqlite3.connect(root / "gradebook.db") as book:
        return set(book.execute(query))


def test_data_modules_pictures_and_cells_without_ids_are_released_and_graded(tmp_path):
    cells = [
        new_markdown_cell("# Homework\n![plan](plan.png)\nThe words are in `words.txt`."),
        new_code_cell("from helper import square\nimport csv"),
        small_course.solution("area", "def area(n):", "return square(n)"),
        small_course.check("area-check", 1, "assert area(3) == 9", "assert area(int(open('data/a.csv').read())) == 49"),
        new_code_cell(
            "import os\nos.mkdir('made')\nopen('made/table.txt', 'w').write('9')\nos.symlink('/etc', 'link')"
        ),
    ]
    root = write(tmp_path, *cells, minor=4)
    folder = root / "source/hw"
    (folder / "data").mkdir()
    (folder / "data/a.csv").write_text("7")
    (folder / "helper.py").write_text("def square(n):\n    return n * n\n")
    (folder / "plan.png").write_bytes(PNG)
    (folder / "words.txt").write_text("one two")
    # nbgrader is run in the course: its settings may name a module and a gradebook there.
    (root / "days.py").write_text(PENALTY)
    with (root / "nbgrader_config.py").open("a") as config:
        config.write("import sys; sys.path.insert(0, '.')\nfrom days import PerDay\n")
        config.write("c.AssignLatePenalties.plugin_class = PerDay\n")
        config.write("c.CourseDirectory.db_url = 'sqlite:///grades.db'\n")
    released = {change.file for change in release(root)}
    assert released == {"hw.ipynb", "data/a.csv", "helper.py", "plan.png", "words.txt"}
    shutil.copytree(root / "release/hw", root / "submitted/ada/hw")
    path = root / "submitted/ada/hw/hw.ipynb"
    text = path.read_text().replace("raise NotImplementedError", "return square(n)")
    path.write_text(text)
    outcome = grade(root)
    assert (outcome.graded, outcome.troubles) == (["ada"], [])
    assert [row.scores["hw"] for row in report(root)] == [1]
    assert (root / "grades.db").exists()
    # What the notebook wrote is next to it, as nbgrader promises; a link is not.
    assert (root / "autograded/ada/hw/made/table.txt").read_text() == "9"
    assert not (root / "autograded/ada/hw/link").is_symlink()


#    what is wrong in the source      the line, after "hw.ipynb, cell "
def old(nb) -> None:
    nb["cells"][0]["metadata"]["nbgrader"]["schema_version"] = 1


def twice(nb) -> None:
    nb["cells"][1]["metadata"]["nbgrader"]["grade_id"] = "area"


def nameless(nb) -> None:
    del nb["cells"][0]["metadata"]["nbgrader"]["grade_id"]


def spaced(nb) -> None:
    nb["cells"][0]["metadata"]["nbgrader"]["grade_id"] = "the area"


def negative(nb) -> None:
    nb["cells"][1]["metadata"]["nbgrader"]["points"] = -1


def endless(nb) -> None:
    nb["cells"][0]["source"] = "".join(nb["cells"][0]["source"]).replace("### END SOLUTION", "")


def unmarked(nb) -> None:
    nb["cells"][0]["metadata"] = {}


def pointless(nb) -> None:
    del nb["cells"][1]["metadata"]["nbgrader"]["points"]


def hidden_elsewhere(nb) -> None:
    nb["cells"][0]["source"] = "### BEGIN HIDDEN TESTS\n1\n### END HIDDEN TESTS"


FAULTS = [
    (old, "area: has nbgrader metadata of version 1, not 3. Run: nbgrader update ."),
    (twice, "area: has the grade id of another cell. Give it one of its own in the Create Assignment panel."),
    (nameless, "area: has no grade id. Give it one in the Create Assignment panel."),
    (endless, "area: has BEGIN SOLUTION without END SOLUTION."),
    (unmarked, "area: has a solution, but is not an autograded or manually graded answer: make it one"),
    (spaced, "the area: has a grade id that nbgrader refuses. Use letters without accents, digits, - and _ in it."),
    (pointless, "area-check: has no points, or less than 0. Set them in the Create Assignment panel."),
    (negative, "area-check: has no points, or less than 0. Set them in the Create Assignment panel."),
    (hidden_elsewhere, "area: has a hidden test, but is not an autograder test: make it one"),
]


@pytest.mark.parametrize(("fault", "line"), FAULTS, ids=[fault.__name__ for fault, _ in FAULTS])
def test_a_fault_in_source_is_a_line_with_file_cell_and_mend(tmp_path, fault, line):
    root = write(tmp_path, *AREA)
    path = root / "source/hw/hw.ipynb"
    nb = json.loads(path.read_text())
    fault(nb)
    path.write_text(json.dumps(nb))
    first, *lines = refusal(root)
    assert first == "1 finding(s): source/ has to be mended first: nothing is written."
    assert lines[0].startswith(f"hw.ipynb, cell {line}")
    assert not (root / "release").exists()


def test_a_notebook_in_another_language_is_refused_and_not_run_as_python(tmp_path):
    """nbgrader's autograde, too, must not give every student of an R course 0 points."""
    root = write(tmp_path, *AREA)
    path = root / "source/hw/hw.ipynb"
    nb = json.loads(path.read_text())
    nb["metadata"]["kernelspec"] = {"name": "ir", "display_name": "R", "language": "R"}
    path.write_text(json.dumps(nb))
    with (root / "nbgrader_config.py").open("a") as config:
        config.write('c.ClearSolutions.code_stub["R"] = "stop()"\n')
    assert refusal(root)[1] == "hw.ipynb: is in R. gradekit runs Python alone: grade this course with plain nbgrader."
    nbgrader(root, "generate_assignment", "hw")
    shutil.copytree(root / "release/hw", root / "submitted/ada/hw")
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "autograde", "hw"], cwd=root, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert "source/ has hw in R; gradekit runs Python alone." in done.stderr


def test_grading_names_a_fault_in_source_too(tmp_path, capsys):
    root = write(tmp_path, *AREA)
    path = root / "source/hw/hw.ipynb"
    nb = json.loads(path.read_text())
    old(nb)
    path.write_text(json.dumps(nb))
    (root / "submitted/ada/hw").mkdir(parents=True)
    assert main(["grade", "--course", str(root)]) == 1
    err = capsys.readouterr().err
    assert "hw.ipynb, cell area: has nbgrader metadata of version 1, not 3. Run: nbgrader update ." in err
    assert "Traceback" not in err


@pytest.mark.parametrize("text", ["{", "[]", '{"nbformat": 4}'])
def test_a_file_in_source_that_is_not_a_notebook_is_named(tmp_path, text):
    root = write(tmp_path, *AREA)
    (root / "source/hw/other.ipynb").write_text(text)
    assert refusal(root)[1].startswith("other.ipynb: is not a notebook.")


PICTURE_TEXT = f"data:image/gif;base64,{PICTURE['image/gif']}"
SCHEME = "Why?\n\n=== BEGIN MARK SCHEME ===\n{}\n=== END MARK SCHEME ==="
ATTACHED = {"solution.png": PICTURE}


def task(text: str, attachments=None):
    cell = small_course.task("why", 2)
    cell.source = SCHEME.format(text)
    cell.update({} if attachments is None else {"attachments": attachments})
    return cell


def answer(text: str):
    cell = small_course.answer("words", 2)
    cell.update(source=text, attachments=ATTACHED)
    return cell


def leaking_files(root: Path) -> None:
    for number, name in enumerate(("solution.png", "my solution.png", "images/solution.png", "the-solution.png")):
        path = root / "source/hw" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(PNG + bytes([number]))


#    form                          cells                                                                  named
LEAKS = [
    ("attached to a scheme", [task("![x](attachment:solution.png)", ATTACHED)], ["hw.ipynb", "why", "solution.png"]),
    ("an HTML tag", [task('<img src="attachment:solution.png">', ATTACHED)], ["hw.ipynb", "why", "solution.png"]),
    ("a reference", [task("![x][a]\n\n[a]: attachment:solution.png", ATTACHED)], ["hw.ipynb", "why", "solution.png"]),
    ("attached to an answer", [answer("![x](attachment:solution.png)")], ["hw.ipynb", "words", "solution.png"]),
    ("attached and not shown", [task("see the picture", ATTACHED)], ["hw.ipynb", "why", "solution.png"]),
    (
        "embedded, and attached elsewhere",
        [task(f"![x]({PICTURE_TEXT})"), new_markdown_cell("![](attachment:b.gif)", attachments={"b.gif": PICTURE})],
        [],
    ),
    ("a file", [task("![x](solution.png)")], ["hw.ipynb", "why", "solution.png"]),
    ("a file in an HTML tag", [task("<img src=solution.png width=90>")], ["hw.ipynb", "why", "solution.png"]),
    ("a file with a space in its name", [task("![x](<my solution.png>)")], ["hw.ipynb", "why", "my solution.png"]),
    ("a file with an escaped name", [task("![x](my%20solution.png)")], ["hw.ipynb", "why", "my solution.png"]),
    ("a file in a folder", [task("![x](./images/solution.png)")], ["hw.ipynb", "why", "images/solution.png"]),
    ("a file next to one that is shown", [task("![x](solution.png)"), new_markdown_cell("![](the-solution.png)")],
     ["hw.ipynb", "why", "solution.png"]),
    ("embedded with parameters, and attached", [
        task(f"![x]({PICTURE_TEXT.replace(';base64', ';charset=utf-8;base64')}) ![](attachment:a.gif)",
             {"a.gif": PICTURE}),
     ], ["hw.ipynb", "why", "a.gif"]),
]  # fmt: skip


@pytest.mark.parametrize(("form", "cells", "named"), LEAKS, ids=[form for form, _, _ in LEAKS])
def test_a_picture_of_a_solution_or_a_scheme_is_refused(tmp_path, form, cells, named):
    root = write(tmp_path, *AREA, *cells)
    leaking_files(root) if form.startswith("a file") else None
    if form == "embedded, and attached elsewhere":  # what is shown in the open is not secret
        release(root)
        return
    lines = refusal(root)[1:]
    assert any(all(part in line for part in named) for line in lines), lines
    assert not (root / "release/hw").exists()


def test_pictures_in_the_open_are_released(tmp_path):
    shown = new_markdown_cell("![x](attachment:a%20b.gif)", attachments={"a b.gif": PICTURE})
    linked = new_markdown_cell("![x](images/plan.png)")
    root = write(tmp_path, *AREA, shown, linked, task("One point for the sides, see ![x](images/plan.png)"))
    (root / "source/hw/images").mkdir()
    (root / "source/hw/images/plan.png").write_bytes(PNG)
    assert {change.file for change in release(root)} == {"hw.ipynb", "images/plan.png"}


def test_a_text_that_no_notebook_names_is_refused_until_a_setting_allows_it(tmp_path):
    root = write(tmp_path, *AREA)
    (root / "source/hw/notes.txt").write_text("the answers are in the cupboard")
    assert "notes.txt: does not belong here. Move it out of source/, or allow it: c.Release.extra_files" in refusal(
        root
    )
    with (root / "nbgrader_config.py").open("a") as file:
        file.write('c.Release.extra_files = ["*.txt"]\n')
    assert {change.file for change in release(root)} == {"hw.ipynb", "notes.txt"}


@pytest.mark.parametrize(("name", "letter"), [("a+b", "'+'"), ("x [y]", "'['"), ("hw*", "'*'"), ("what?", "'?'")])
@pytest.mark.parametrize("command", ["release", "grade", "report"])
def test_a_name_that_nbgrader_does_not_support_is_one_line(tmp_path, capsys, name, letter, command):
    root = write(tmp_path, *AREA, assignment=name)
    assert main([command, "--course", str(root)]) == 1
    line = f"gradekit: source/{name}: nbgrader does not support {letter} in an assignment's name. Rename it.\n"
    assert capsys.readouterr() == ("", line)


@pytest.mark.parametrize("name", ["hw 1", "Übung-1", "a,b", "it's", "{x}", "a%20b"])
def test_other_names_are_released_and_graded(tmp_path, name):
    """Names of an assignment, a notebook and the course's folder."""
    notebook = f" [{name}]?"
    root = write(tmp_path / name, *AREA, name=notebook, assignment=name)
    release(root)
    shutil.copytree(root / "release" / name, root / "submitted/ada" / name)
    outcome = grade(root)
    assert (outcome.graded, outcome.troubles) == (["ada"], [])
    assert [path.stem for path in (root / "feedback/ada" / name).glob("*.html")] == [notebook]


#    last line of the settings                        the message
SETTINGS = [
    ("c.Execute.timout = 9", "there is no setting c.Execute.timout. Did you mean c.Execute.timeout?"),
    ("c.CourseDirectry.db_url = ''", "there is no setting c.CourseDirectry. Did you mean c.CourseDirectory?"),
    ("c.SandboxedProvisioner.limit = {}", "there is no setting c.SandboxedProvisioner.limit. Did you mean"),
    ("c.SubmissionLimits.most_cell = 1", "there is no setting c.SubmissionLimits.most_cell. Did you mean"),
    ("c.Execute.timeout = ", "not valid Python: invalid syntax."),
    ("c.Execute.timeout = sixty", "NameError: name 'sixty' is not defined."),
    ("import no_such_module", "the module no_such_module is not installed."),
    ("import sys; sys.exit()", "the file ends the program here. Remove this line."),
    ("c.execute.timeout = 60", "there is no setting c.execute. Did you mean c.Execute?"),
    ("c.timeout = 60", "there is no setting c.timeout. Did you mean c.Execute.timeout?"),
    ("c.Execute.timeout = 'sixty'", "c.Execute.timeout is 'sixty', and has to be a whole number."),
    ("c.Preload.modules = 'pandas'", "c.Preload.modules is 'pandas', and has to be a list, each item text."),
    ("c.LateSubmissionPlugin.penalty_method = 'zreo'", "c.LateSubmissionPlugin.penalty_method is 'zreo', and has to"),
    ("c.GenerateFeedback.preprocessors.append('no.such')", "c.GenerateFeedback.preprocessors names 'no.such', which"),
    ("c.Autograde.exporter_class = 'no.such'", "c.Autograde.exporter_class is 'no.such', and has to be a subclass"),
    ("c.CourseDirectory.groupshared = 'yes'", "c.CourseDirectory.groupshared is 'yes', and has to be a boolean."),
    ("c.CourseDirectory.db_url = 'postgres://me:secret@there/x'", "c.CourseDirectory.db_url is not the address of a"),
    ("c.SandboxedProvisioner.limits = {'memroy': 9}", "c.SandboxedProvisioner.limits has no limit 'memroy'. Did you"),
    ("c.SandboxedProvisioner.required = ['pid']", "c.SandboxedProvisioner.required is ['pid'], and has to be a list"),
    ("gradekit.adopt.course(c, memroy=2000)", "the sandbox has no limit 'memroy'. Did you mean 'memory'?"),
    ("gradekit.adopt.course(c, memory=2.5)", "the sandbox has memory=2.5, and a limit is a whole number of at least"),
    ("c.ClearHiddenTests.begin_test_delimeter = '#H'", "gradekit keeps secret what is between nbgrader's own delimit"),
]


@pytest.mark.parametrize(("line", "told"), SETTINGS, ids=[line for line, _ in SETTINGS])
def test_a_mistake_in_the_settings_is_one_line_with_its_position(tmp_path, capsys, line, told):
    root = write(tmp_path, *AREA)
    number = small_course.CONFIG.count("\n") + 1
    with (root / "nbgrader_config.py").open("a") as file:
        file.write(f"{line}\n")
    assert main(["release", "--course", str(root)]) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(f"gradekit: nbgrader_config.py, line {number}: {told}")


@pytest.mark.parametrize("command", ["grade", "report", "export"])
@pytest.mark.parametrize("value", ["5", "'nonsense'"])
def test_every_command_names_a_database_that_is_none(tmp_path, capsys, command, value):
    root = write(tmp_path, *AREA)
    with (root / "nbgrader_config.py").open("a") as file:
        file.write(f"c.CourseDirectory.db_url = {value}\n")
    assert main([command, "--course", str(root)]) == 1
    err = capsys.readouterr().err
    assert "c.CourseDirectory.db_url is " in err
    assert (err.count("\n"), "Traceback" in err) == (1, False)


def test_the_folder_of_the_assignments_may_have_another_name(tmp_path, capsys):
    root = write(tmp_path, *AREA)
    (root / "source").rename(root / "src")
    assert main(["release", "--course", str(root)]) == 1
    assert "it has no folder source/" in capsys.readouterr().err
    with (root / "nbgrader_config.py").open("a") as file:
        file.write("c.CourseDirectory.source_directory = 'src'\n")
    assert {change.file for change in release(root, dry_run=True)} == {"hw.ipynb"}


def test_settings_of_other_programs_and_of_older_versions_are_left_alone(tmp_path):
    root = write(tmp_path, *AREA)
    with (root / "nbgrader_config.py").open("a") as file:
        file.write("c.ServerApp.ip = ''\nc.JupyterHub.ip = ''\nc.Execute.an_old_one = 1\nc.NbGrader.logfile = ''\n")
    course(root).check_settings()
