"""Individual variants: the same name draws the same cases, and grading tries those of the notebook."""

from __future__ import annotations

import json

import pytest

from gradekit import check, register, variant, verify_fresh, verify_variant
from gradekit.class_report import unexplained
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
