"""Individual variants: the same name draws the same cases, and grading tries those of the notebook."""

from __future__ import annotations

import ast
import json
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from gradekit import check, register, variant, verify_fresh, verify_variant
from gradekit.class_report import unexplained
from gradekit.class_report.analysis import class_report
from gradekit.cli import main
from gradekit.exercise import kernel_side, registry
from gradekit.exercise.find_mistake import diagnose
from gradekit.exercise.mistake import Mistake
from gradekit.exercise.model import Exercise
from gradekit.exercise.registry import ExerciseError, find
from gradekit.exercise.variant import chosen, variant_of
from gradekit.exercise.verify import NotYet
from gradekit.judge import records
from gradekit.judge.evaluate import decide
from gradekit.judge.parse_checks import checks

RECTANGLE = Exercise(
    "rectangle", "area", ("width", "height"), lambda width, height: width * height,
    variants=lambda rng: [tuple(rng.choice(range(3, 40), 2, replace=False).tolist()) for _ in range(2)],
    probes=[(2, 5), (7, 3)],
    fresh=lambda rng: [tuple(rng.integers(2, 90, 2).tolist()) for _ in range(4)],
    mistakes=[Mistake("added", lambda width, height: width + height, "It adds the sides.", "Draw the squares.")],
)  # fmt: skip
NAMES = ["ada", "ben", "chiara.rossi@example.org", "Jürgen Groß", "李", "s0123456", "a" * 200, 'o\'neill, "x"']


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    monkeypatch.setattr("gradekit.exercise.variant._name", "")
    register(RECTANGLE)


def cases(name):
    with variant_of(name):
        return find("rectangle").visible


def test_a_name_draws_the_same_cases_again_and_neighbors_have_others():
    drawn = {name: cases(name) for name in NAMES}
    assert len(set(drawn.values())) == len(NAMES)
    assert drawn == {name: cases(f" {name.upper().lower()} ") for name in NAMES}
    assert cases("Ada") == cases("ada") == ((21, 8), (28, 21)), "in another session too"


def test_a_check_uses_the_cases_of_the_name_in_the_notebook(capsys):
    variant("ada")
    verdict = check("rectangle", lambda width, height: width + height)
    assert verdict.mistakes == ("added",)
    assert verdict.case in cases("ada")
    assert check("rectangle", lambda width, height: width * height).right
    with pytest.raises(NotYet, match=r"area\(width=21, height=8\) returned 29, but 168 is correct"):
        verify_variant("rectangle", lambda width, height: width + height)
    verify_fresh("rectangle", lambda width, height: width * height)


@pytest.mark.parametrize("use", [check, verify_variant, verify_fresh])
def test_without_a_name_the_notebook_asks_for_one_and_no_check_passes(use, capsys):
    variant("")
    assert "Write your login" in capsys.readouterr().out
    with pytest.raises(ExerciseError, match=r"write your login in variant\('...'\)"):
        use("rectangle", lambda width, height: width * height)


SOURCES = {
    "variant('ada')": "ada",
    "from gradekit import variant\nvariant( 'Ada ' )  # mine": "ada",
    "import gradekit\ngradekit.variant('ada')": "ada",
    "variant('')": "",
    "variant(name)": "",
    "%magic\nvariant('ada')": "",
    "def f():\n    variant('ada')": "",
}


@pytest.mark.parametrize("source", SOURCES)
def test_the_name_of_a_notebook_is_read_and_not_run(source):
    assert chosen(["1 +", source, "x = 1"]) == SOURCES[source]


def test_a_cell_that_would_take_long_to_parse_is_not_read(monkeypatch):
    monkeypatch.setattr(ast, "parse", lambda source: pytest.fail(source[:20]))
    assert chosen(["variant('ada')" + "\n[]" * 1_000_000, "[" * 1_000_000]) == ""


@pytest.mark.parametrize("deep", ["(" * 900, "-" * 1900 + "1", "x" + ".x" * 900])
def test_a_cell_that_no_parser_takes_is_passed_over(deep):
    assert chosen([f"variant('ada')\n{deep}", "variant('ben')"]) == "ben"


def test_the_last_name_counts_as_in_the_kernel():
    assert chosen(["variant('ada')", "variant('ben')"]) == "ben"


def graded(answer, name):
    """The outputs of a graded cell, decided as grading does."""
    with variant_of(name):
        return decide(
            checks('verify_variant("rectangle", area)\nverify_fresh("rectangle", area)'),
            lambda _: lambda request: kernel_side.answers(lambda: answer, json.loads(request)),
        )


def test_grading_tries_the_cases_of_the_notebook_and_keeps_what_all_have_in_common():
    (passed,) = graded(lambda width, height: width * height, "ada")
    assert passed.text == "".join(f"right: area(width={w}, height={h}) = {w * h}\n" for w, h in cases("ada"))
    both = [graded(lambda width, height: width + height + 1, name) for name in ("ada", "ben")]
    assert "area(width=21, height=8) returned 30" in str(both[0][-1].evalue)
    one, other = (records.read(outputs) for outputs in both)
    assert unexplained.is_current(RECTANGLE, one)
    assert unexplained.key(one) == unexplained.key(other), "one group in the class report"
    assert [case.call for case in unexplained.returned(RECTANGLE, one)] == [
        "area(width=2, height=5)",
        "area(width=7, height=3)",
    ]
    assert unexplained.stub(RECTANGLE, one, 2) == "", "a rule of results would not know the next student's cases"


def test_a_mistake_is_named_whatever_the_cases_are():
    for name in NAMES:
        with variant_of(name):
            assert diagnose(find("rectangle"), lambda width, height: width + height).mistakes == ("added",)


@pytest.mark.parametrize("wrong", [{"visible": [(1, 2)]}, {"probes": ()}])
def test_an_exercise_with_variants_has_probes_and_no_visible_cases(wrong):
    about = {"variants": RECTANGLE.variants, "probes": RECTANGLE.probes} | wrong
    with pytest.raises(ValueError, match="it needs probes, the same for all students, and no visible cases"):
        Exercise("r", "r", ("w", "h"), RECTANGLE.rule, **about)


def test_exercises_without_variants_are_the_same_for_all():
    register(Exercise("plain", "plain", ("n",), lambda n: n, visible=[(1,)]))
    before = find("plain")
    variant("ada")
    assert find("plain") is before is registry.exercises()["plain"]


TEXT = (Path(__file__).parents[1] / "docs/pictures-and-variants.md").read_text(encoding="utf-8")
FILE, FIRST, GRADED = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
(SHOWN,) = re.findall(r"```text\n(.*?)```", TEXT, re.DOTALL)
BODIES = {"ada": "return n - size", "ben": "return n - size", "cleo": "return n - size + 1", "dan": "return 3"}
WRITTEN = {"ada": "ADA", "ben": "", "cleo": " Cleo ", "dan": "ada"}  # in variant("...")


def test_the_documented_example_shows_what_its_page_says():
    names: dict = {}
    exec(FILE, names)
    register(names["EXERCISES"])
    variant("ada")
    with pytest.raises(NotYet) as told:
        verify_variant("windows", lambda n, size: n - size)
    assert str(told.value) == SHOWN.strip()
    exec(FIRST, names)
    with pytest.raises(ExerciseError, match="choose your variant"):
        exec(GRADED, names | {"windows": len})


@pytest.mark.days
def test_the_documented_example_is_released_graded_and_reported(tmp_path, monkeypatch, capsys):
    """A day of the example, in kernels and in the sandbox: 20 s."""
    monkeypatch.setattr(registry, "_sources", [])
    marks = {"schema_version": 3, "locked": False, "task": False, "grade": False, "solution": False}
    answer = {"grade_id": "windows", **marks, "solution": True}
    graded = {"grade_id": "windows-graded", **marks, "grade": True, "points": 2, "locked": True}
    cells = [
        new_code_cell(FIRST, id="first"),
        new_code_cell("def windows(n, size):\n    ### BEGIN SOLUTION\n    return n - size + 1\n    ### END SOLUTION",
                      id="windows", metadata={"nbgrader": answer}),
        new_code_cell(GRADED, id="graded", metadata={"nbgrader": graded}),
    ]  # fmt: skip
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    (tmp_path / "source/ps1").mkdir(parents=True)
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), tmp_path / "source/ps1/windows.ipynb")
    (tmp_path / "drawn_questions.py").write_text(FILE)
    (tmp_path / "nbgrader_config.py").write_text(
        "import gradekit.adopt\n\nc = get_config()\ngradekit.adopt.course(c)\n"
        'c.Judge.exercises = ["drawn_questions:EXERCISES"]\n'
    )
    course = ["--course", str(tmp_path)]
    assert main(["release", *course]) == 0
    for student, body in BODIES.items():
        shutil.copytree(tmp_path / "release/ps1", tmp_path / "submitted" / student / "ps1")
        path = tmp_path / "submitted" / student / "ps1/windows.ipynb"
        nb = nbformat.read(path, as_version=4)
        nb.cells[0].source = nb.cells[0].source.replace('""', f'"{WRITTEN[student]}"')
        nb.cells[1].source = f"def windows(n, size):\n    {body}"
        nbformat.write(nb, path)
    assert main(["grade", *course]) == 0, capsys.readouterr()
    capsys.readouterr()
    assert main(["report", *course, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["student"]: row["score"] for row in rows} == {"ada": 0, "ben": 0, "cleo": 2, "dan": 0}
    said = {row["student"]: row["lost"][0]["message"] for row in rows if row["lost"]}
    assert said["ada"].startswith("windows(n=7, size=3) returned 4, but 5 is correct.")
    assert said["ben"].startswith("windows(n="), "the variant of the folder, where no name is written"
    assert said["ben"].split(" returned")[0] != said["ada"].split(" returned")[0]
    assert main(["report", *course, "--html", str(tmp_path / "report.html")]) == 0
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "2 of 4 students" in page, "one mistake, whatever the numbers are"
    assert "correct: ▢▢▢▢▢▢▢ 7" in page
    assert re.findall(r'id="a1-variants">.*?<ul>(.*?)</ul>', page, re.DOTALL)[0].count("<bdi>") == 2
    assert class_report(tmp_path).same_variant == (("ada", "dan"),)
