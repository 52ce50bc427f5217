"""Questions without any course: what an exercise is, how it is found, checked, verified and practiced."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
import time
from collections import Counter, defaultdict
from typing import Any

import numpy as np
import pytest

from gradekit import (
    Exercise,
    Mistake,
    NotYet,
    Question,
    check,
    practice,
    register,
    verify,
    verify_fresh,
    verify_unchanged,
)
from gradekit.exercise import compare, oracle, registry
from gradekit.exercise.find_mistake import diagnose
from gradekit.exercise.kernel_side import answers
from gradekit.exercise.run import TookTooLong, forbidden_calls, run
from gradekit.exercise.serialize import (
    DEEPEST,
    LONGEST_TEXT,
    MOST_BYTES,
    MOST_ITEMS,
    decode,
    decode_outcome,
    encode,
    encode_outcome,
)
from gradekit.judge.remote import Remote


def area(width, height):
    return width * height


def mean(numbers):
    return sum(numbers) / len(numbers)


def scale(image, factor):
    return image * factor


AREA = Exercise(
    "area",
    "area",
    ("width", "height"),
    area,
    read=compare.count,
    visible=[(2, 3), (1, 5)],
    probes=[(4, 4), (7, 2), (3, 6)],
    fresh=lambda rng: [tuple(int(n) for n in rng.integers(6, 50, size=2)) for _ in range(4)],
    mistakes=[
        Mistake("half-the-outline", lambda w, h: w + h, "It adds the sides.", "Draw the squares."),
        Mistake("outline", lambda w, h: 2 * (w + h), "It goes around.", "Draw the squares."),
    ],
    next_step="Try next: a volume.",
    levels=[lambda rng: (int(rng.integers(2, 9)), 3), lambda rng: (int(rng.integers(20, 90)), 31)],
)
MEAN = Exercise(
    "mean",
    "mean",
    ("numbers",),
    mean,
    visible=[([1, 2, 6],), ([4, 4],)],
    probes=[([0, 1],), ([5],), ([2, 2, 5],)],
    fresh={"short": lambda rng: [(rng.random(2).tolist(),)], "long": lambda rng: [(rng.random(9).tolist(),)]},
    forbidden=["statistics.*mean", "builtins.sorted"],
)
SCALE = Exercise("scale", "scale", ("image", "factor"), scale, visible=[(np.ones((2, 2)), 3)], probes=[(np.eye(2), 2)])
BARE = Exercise("bare", "bare", ("n",), lambda n: n)


@pytest.fixture(autouse=True)
def known(monkeypatch):
    monkeypatch.setattr(registry, "_exercises", {})
    monkeypatch.setattr(registry, "_sources", [])
    monkeypatch.setattr(registry, "_installed", dict)
    monkeypatch.setattr("gradekit.exercise.verdict._last_hint", None)
    register(AREA, [MEAN], {"scale": SCALE}, (BARE,))


def written(source: str, name: str = "answer"):
    """A function as a notebook defines it, which no package owns."""
    names: dict = {}
    exec(textwrap.dedent(source), names)
    return names[name]


# -- found by its id ---------------------------------------------------------------------------------------------------


def test_an_unknown_id_names_the_nearest_without_a_traceback():
    with pytest.raises(registry.UnknownExercise, match="no exercise has the id 'aera'; there are area") as told:
        check("aera", area)
    assert told.value._render_traceback_() == [str(told.value)]
    for ask in (lambda: verify("aera", area, width=1, height=1, gives=1), lambda: practice("aera")):
        with pytest.raises(registry.UnknownExercise, match="area"):
            ask()


def test_exercises_are_found_by_a_spec(tmp_path, monkeypatch):
    (tmp_path / "sums.py").write_text(
        "from gradekit import Exercise\nEXERCISES = {1: Exercise('plus', 'plus', ('a', 'b'), lambda a, b: a + b)}\n"
    )
    monkeypatch.setattr(sys, "path", [*sys.path])
    registry.load("sums:EXERCISES", str(tmp_path))
    verify("plus", lambda a, b: a + b, a=1, b=2, gives=3)
    assert registry.sources() == [("sums:EXERCISES", str(tmp_path))]
    for spec, error in (("sums", ValueError), ("nowhere:X", ImportError), ("sums:NONE", AttributeError)):
        with pytest.raises(error):
            registry.load(spec, str(tmp_path))


def test_a_registered_exercise_replaces_that_of_an_installed_package(tmp_path):
    """In a fresh process, as packages are read once; with the packages of this environment as well."""
    (tmp_path / "maker-1.dist-info").mkdir()
    (tmp_path / "maker-1.dist-info/METADATA").write_text("Name: maker\nVersion: 1\n")
    (tmp_path / "maker-1.dist-info/entry_points.txt").write_text("[gradekit.exercises]\nmaker = maker:EXERCISES\n")
    (tmp_path / "maker.py").write_text(
        "from gradekit import Exercise\nEXERCISES = [Exercise(id, id, ('n',), abs) for id in ('one', 'two')]\n"
    )
    code = """
        from gradekit import Exercise, register
        from gradekit.exercise.registry import exercises, find
        own = Exercise("one", "own", ("n",), abs)
        register(own)
        assert find("one") is own
        assert find("two").name == "two"
        assert find("one") is own, "and it stays when the packages are read"
        assert exercises()["one"] is own
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True, cwd=tmp_path)


def test_only_exercises_are_registered():
    with pytest.raises(TypeError, match="an Exercise is needed; this is of type int"):
        register([3])


def test_questions_need_numpy_alone():
    code = """
        import sys
        import gradekit
        assert "numpy" not in sys.modules
        gradekit.register(gradekit.Exercise("one", "one", ("n",), lambda n: 1, visible=[(1,)]))
        assert gradekit.check("one", lambda n: 1).right
        heavy = ("convkit", "tensorflow", "nbgrader", "IPython", "traitlets", "rich", "jupyter_client")
        print([name for name in heavy if name in sys.modules])
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.strip("[]\n").replace("'", "").split(", ")) - {""}
    assert loaded <= {"convkit"}  # an installed package with exercises is asked for an unknown id only


# -- check -------------------------------------------------------------------------------------------------------------


def test_a_mistake_is_named_and_the_right_result_is_not_shown():
    verdict = check("area", lambda width, height: height + width)
    assert verdict.mistakes == ("half-the-outline",)
    assert str(verdict).splitlines() == [
        "area: not yet.",
        "What happened: `area(width=2, height=3)` returned 5.",
        "Cause: It adds the sides.",
        "Hint: Draw the squares.",
    ]


def test_a_right_answer_gets_the_next_step():
    assert str(check("area", area)) == "area: right in all 5 cases tried.\nTry next: a volume."
    assert str(check("scale", scale)) == "scale: right in both cases tried."


def test_an_exercise_without_cases_says_so():
    assert "no example cases" in str(check("bare", lambda n: n))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (3, "A function is needed; this is an int"),
        (None, "A function is needed; this is None"),
        (lambda width, height: None, "returns None"),
        (lambda width, height: float(width * height), "It gives floats"),
        (lambda width, height: 6, "same result whatever its arguments are"),
        (lambda width, height: str(width * height), "returned '6', a str"),
        (lambda width, height: 1 // 0, "stopped with ZeroDivisionError"),
        (lambda width: width, "calls it with width, height, in this order"),
    ],
)
def test_what_is_said_of_an_answer(answer, said):
    assert said in str(check("area", answer))


def test_none_that_is_returned_on_purpose_is_not_called_a_missing_return():
    def mean(numbers):
        return None if numbers == [5] else sum(numbers) / len(numbers)

    said = str(check("mean", mean))
    assert "It returns None in at least one case." in said
    assert "without" not in said.split("Cause: ")[1]


def test_a_question_of_one_parameter_says_nothing_of_order():
    said = str(check("mean", lambda: 3))
    assert said.endswith("calls it with numbers. Does the first line of your function take these arguments?")


def test_steps_say_what_holds():
    steps = {"positive": lambda image, factor: factor > 2, "small": lambda image, factor: factor <= 2}
    register(
        Exercise("steps", "steps", SCALE.parameters, scale, visible=SCALE.visible, probes=SCALE.probes, aspects=steps)
    )
    said = str(check("steps", lambda image, factor: image * 3))
    assert "Steps: shape: right; positive: right; small: not yet." in said


def test_a_pair_is_considered_where_no_single_mistake_fits():
    made = []

    def pairs():
        made.append(1)
        yield both

    from gradekit.exercise.mistake import together

    both = together(*AREA.mistakes, lambda w, h: 3 * (w + h))
    register(Exercise("pairs", "area", AREA.parameters, area, visible=AREA.visible, probes=AREA.probes,
                      mistakes=AREA.mistakes, pairs=pairs))  # fmt: skip
    assert check("pairs", lambda w, h: w + h).mistakes == ("half-the-outline",)
    assert not made
    assert check("pairs", lambda w, h: 3 * (w + h)).mistakes == ("half-the-outline", "outline")
    assert made == [1]


def test_two_rules_that_fit_are_not_named():
    twins = [Mistake("one", lambda w, h: w + h, "One."), Mistake("other", lambda w, h: h + w, "Other.")]
    register(Exercise("twins", "area", AREA.parameters, area, visible=AREA.visible, probes=AREA.probes, mistakes=twins))
    assert check("twins", lambda w, h: w + h).mistakes == ()


# -- graded cells ------------------------------------------------------------------------------------------------------


def test_a_warning_is_no_print(capsys):
    def nothing(width, height):
        print("RuntimeWarning: divide by zero", file=sys.stderr)  # pytest itself keeps warnings

    def right(width, height):
        nothing(width, height)
        return width * height

    assert check("area", nothing).mistakes == ("no-return",)
    assert "prints" not in str(check("area", right))
    verify("area", right, width=2, height=3, gives=6)
    assert "RuntimeWarning: divide by zero" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "helps"),
    [
        ("np.ones(2) + np.ones(3)", "The shapes of two arrays don't fit together"),
        ("np.ones((2, 3)) @ np.ones((2, 3))", "The shapes of two arrays don't fit together"),
        ("np.dot(np.ones((2, 3)), np.ones((2, 3)))", "The shapes of two arrays don't fit together"),
        ("np.tensordot(np.ones((2, 3)), np.ones((2, 3)), 1)", "The shapes of two arrays don't fit together"),
        ("np.einsum('ij,jk', np.ones((2, 3)), np.ones((2, 3)))", "The shapes of two arrays don't fit together"),
        ("np.hstack([np.ones((2, 3)), np.ones((3, 3))])", "The shapes of two arrays don't fit together"),
        ("np.stack([np.ones(2), np.ones(3)])", "The shapes of two arrays don't fit together"),
        ("np.ones(6).reshape(4)", "A new shape needs as many values as the array has"),
        ("np.zeros((2, -1))", "A size is below 0"),
        ("np.ones((2, 3)).sum(axis=2)", "The array has other axes"),
        ("np.ones((2, 3)).transpose(0, 1, 2)", "The array has other axes"),
        ("np.hstack([np.ones((2, 3)), np.ones(3)])", "The shapes of two arrays don't fit together"),
        ("np.array([[1, 2], [3]])", "This line can't use one of its values"),
        ("int('three')", "This line can't use one of its values"),
        ("a, b = 1, 2, 3", "The number of names before `=`"),
    ],
)
def test_the_hint_on_an_error_fits_the_error(line, helps):
    names: dict[str, Any] = {"np": np}
    exec(f"def area(width, height):\n    {line}", names)
    assert f"Hint: {helps}" in str(check("area", names["area"]))


def test_verify_prints_a_line_or_raises(capsys):
    verify("area", area, width=2, height=3, gives=6)
    verify("scale", scale, image=np.ones((2, 2)), factor=3, shape=(2, 2))
    verify_unchanged("scale", scale, image=np.ones((2, 2)), factor=3)
    assert capsys.readouterr().out.splitlines() == [
        "right: area(width=2, height=3) = 6",
        "right: scale(image=<2 x 2>, factor=3) has the shape (2, 2)",
        "right: scale(image=<2 x 2>, factor=3) leaves its arguments unchanged",
    ]
    with pytest.raises(NotYet, match=r"returned 5, but 6 is correct\.\nCause: It adds the sides\.\nHint: Draw"):
        verify("area", lambda w, h: w + h, width=2, height=3, gives=6)


def test_an_answer_that_is_an_array_is_not_shown_as_a_call(capsys):
    image = np.eye(2)
    exercise = Exercise("mask", "mask", ("image",), lambda image: True, given={"diagonal": image},
                        as_function=lambda mask: lambda image: bool((mask * image).any()))  # fmt: skip
    register(exercise)
    verify("mask", np.ones((2, 2)), image=image, gives=True)
    assert capsys.readouterr().out == "right: mask on diagonal gives True\n"


def test_a_hint_is_shown_once():
    def answer(width, height):
        return width + height

    check("area", answer)
    said = []
    for case in ({"width": 2, "height": 3, "gives": 6}, {"width": 1, "height": 5, "gives": 5}):
        with pytest.raises(NotYet) as told:
            verify("area", answer, **case)
        said.append(str(told.value))
    with pytest.raises(NotYet) as told:
        verify_fresh("area", answer)
    said.append(str(told.value))
    assert all("It adds the sides." in text for text in said)
    assert not any("Draw the squares." in text for text in said)
    with pytest.raises(NotYet, match="Draw the squares"):  # another answer, and the same cell again
        verify("area", lambda w, h: w + h, width=2, height=3, gives=6)


def test_fresh_cases_use_the_oracle_and_tell_nothing():
    seen = []
    register(
        Exercise("asked", "area", AREA.parameters, area, fresh=AREA.fresh, oracle=lambda *case: seen.append(case) or 0)
    )
    with pytest.raises(NotYet, match=r"4 of 4 fresh cases of area came out wrong") as told:
        verify_fresh("asked", area)
    assert len(seen) == 4
    assert not any(str(number) in str(told.value) for case in seen for number in case)
    verify_fresh("mean", mean, "long")
    with pytest.raises(KeyError, match="no part 'none'; there are short, long"):
        verify_fresh("mean", mean, "none")


@pytest.fixture
def asked_of_the_grader(monkeypatch):
    """The cases that a grader's function is asked for, which returns an array that the reader may write to."""
    seen: list[tuple[str, Any]] = []
    monkeypatch.setattr(oracle, "_kept", {})
    oracle.answered_by(lambda name, args: seen.append((name, args)) or np.array([float(len(seen))]))
    yield seen
    oracle.answered_by(None)


def test_a_grader_computes_the_result_of_a_case_once(asked_of_the_grader):
    one, two = (Exercise(name, name, ("x",), abs, oracle=area) for name in ("one", "two"))
    first = oracle.true_result(one, (1,))
    first[0] = 100.0  # a copy, as each result is
    assert [oracle.true_result(one, (1,))[0] for _ in range(2)] == [1.0, 1.0]
    others = [(two, (1,)), (one, (1.0,)), (one, (True,)), (one, (np.ones(1),)), (one, (np.ones((1, 1)),))]
    assert [oracle.true_result(*other)[0] for other in others] == [2.0, 3.0, 4.0, 5.0, 6.0]
    replaced = Exercise("one", "one", ("x",), abs, oracle=lambda x: x)
    assert oracle.true_result(replaced, (1,))[0] == 7.0
    unknown = (lambda: 1,)  # it can't be told from other functions
    assert [oracle.true_result(one, unknown)[0] for _ in range(2)] == [8.0, 9.0]


def test_a_grader_keeps_small_results_of_the_last_cases(asked_of_the_grader, monkeypatch):
    monkeypatch.setattr(oracle, "MOST_KEPT", 2)
    asked = Exercise("one", "one", ("x",), abs, oracle=area)
    for x in (1, 2, 1, 3, 1, 2):
        oracle.true_result(asked, (x,))
    assert [args for _, args in asked_of_the_grader] == [(1,), (2,), (3,), (2,)]
    large = (np.zeros(oracle.LARGEST_KEPT),)
    assert oracle.true_result(asked, large)[0] < oracle.true_result(asked, large)[0]


# -- comparison --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected", "where"),
    [
        (3, 3, None), (np.int64(3), 3, None), (3.0, 3, None),
        ("3", 3, "type"), (100_001, 100_000, "values"), (True, 1, "type"), (4, 3, "values"),
        (0.1 + 0.2, 0.3, None), (1, 1.0, None), ("1", 1.0, "type"), (0.31, 0.3, "values"),
        (True, True, None), (1, True, "type"), (False, True, "values"),
        ("ab", "ab", None), ("b", "ab", "values"), (None, "ab", "type"),
        ((1, 2.0), [1, 2.0], None), ([1], (1, 2), "shape"), ([1, 3], (1, 2), "values"),
        ([[1, 2]], np.array([[1.0, 2.0]]), None), ([1, 2], np.array([[1.0, 2.0]]), "shape"),
        ({"a": 1}, {"a": 1}, None), ({"a": 2}, {"a": 1}, "values"),
    ],
)  # fmt: skip
def test_values_are_compared_by_the_type_of_the_expected_one(value, expected, where):
    found = compare.as_expected(value, expected)
    assert (found and found.where) == where


# -- a call of an answer -----------------------------------------------------------------------------------------------


def test_a_forbidden_function_is_named():
    import statistics

    assert check("mean", lambda numbers: statistics.fmean(numbers)).mistakes == ("ready-made",)
    assert check("mean", lambda numbers: sorted(numbers)[0]).mistakes == ("ready-made",)
    with pytest.raises(NotYet, match="called a ready-made function"):
        verify("mean", lambda numbers: statistics.fmean(numbers), numbers=[1, 3], gives=2)


def test_what_a_library_calls_while_it_is_imported_is_not_counted(tmp_path, monkeypatch):
    (tmp_path / "library.py").write_text(
        "def mean(numbers):\n    return 0\nclass mean_of:\n    pass\nTRIED = mean([])\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with forbidden_calls(["library.mean*"]) as called:
        import library
    assert called == []
    with forbidden_calls(["library.mean*"]) as called:
        library.mean([])
    assert [call.name for call in called] == ["mean"]


def test_a_function_of_the_students_own_with_the_same_name_is_not_forbidden():
    source = """
        def mean(numbers):
            return sum(numbers) / len(numbers)

        def answer(numbers):
            return mean(numbers)
    """
    assert check("mean", written(source)).right


def test_endless_recursion_is_the_students_error_with_forbidden_calls_too():
    answer = written("def answer(numbers):\n    return answer(numbers)")
    outcome = run(answer, ([1],), forbidden=["statistics.mean"])
    assert isinstance(outcome.error, RecursionError)
    assert "calls itself again and again" in str(check("mean", answer))


def test_time_limits_count_processor_time():
    assert run(lambda: time.sleep(0.3), (), seconds=0.1).error is None
    assert isinstance(run(written("def answer():\n    while True:\n        pass"), (), seconds=0.1).error, TookTooLong)
    assert isinstance(run(lambda: time.sleep(60), (), seconds=0.05).error, TookTooLong)  # it waits too long


def test_whether_arguments_were_changed_is_decided_by_the_grader(monkeypatch):
    def careless(numbers):
        numbers.sort()
        return mean(numbers)

    remote = Remote(lambda request: answers(lambda: careless, json.loads(request)))
    monkeypatch.setattr("gradekit.exercise.run._same", lambda before, after: True)  # as a notebook may patch it
    with pytest.raises(NotYet, match=r"changed its numbers in place"):
        verify_unchanged("mean", remote, numbers=[3, 1, 2])
    verify_unchanged("mean", remote, numbers=[1, 2, 3])


def test_a_call_has_a_limit_of_time(monkeypatch):
    monkeypatch.setattr("gradekit.exercise.verify.SECONDS", 0.1)
    with pytest.raises(NotYet, match=r"no answer after (0\.1|1) s\. Is there a loop that does not end\?"):
        verify("area", written("def answer(width, height):\n    while True:\n        pass"), width=2, height=3, gives=6)


def test_a_reply_has_limits():
    assert len(encode("x" * (LONGEST_TEXT + 1))) == LONGEST_TEXT
    assert "something" in encode([1] * (MOST_ITEMS + 1))
    assert "something" in encode(np.zeros(MOST_BYTES + 1, np.uint8))
    nested: Any = 1
    for _ in range(DEEPEST + 1):
        nested = [nested]
    assert "something" in str(encode(nested))
    for forged in (
        {"list": [1] * (MOST_ITEMS + 1)},
        {"array": "|u1", "shape": [MOST_BYTES + 3], "data": "AAAA" * (MOST_BYTES // 3 + 1)},
    ):
        with pytest.raises(ValueError, match="not plain data"):
            decode(forged)
    assert len(decode("x" * (LONGEST_TEXT + 1))) == LONGEST_TEXT


# -- practice ----------------------------------------------------------------------------------------------------------


def test_practice_uses_the_mistakes_of_the_exercise():
    asked = practice("area", level=2, seed=3)
    assert str(asked.question) == f"What is `{AREA.call(asked.args)}`?"
    assert asked.check(area(*asked.args)).right
    assert asked.check(area).right
    wrong = asked.check(sum(asked.args))
    assert wrong.mistakes == ("half-the-outline",)
    assert "it adds the sides. Draw the squares." in wrong.text
    assert asked.solution() == area(*asked.args)
    assert eval(asked.share(), {"gradekit": sys.modules["gradekit"]}).args == asked.args
    assert asked.next().level == 2


def test_practice_says_what_it_lacks():
    with pytest.raises(ValueError, match="mean has no levels to practice on") as told:
        practice("mean")
    assert told.value._render_traceback_() == [str(told.value)]
    with pytest.raises(ValueError, match="level is 3, and area has the levels 1 to 2"):
        practice("area", level=3)


def test_a_question_may_have_words_and_tables():
    table = np.arange(4.0).reshape(2, 2)
    register(
        Exercise(
            "worded",
            "area",
            AREA.parameters,
            area,
            levels=AREA.levels,
            question=lambda w, h: Question("How large?", "Answer with a number.", (("map", table),)),
        )
    )
    asked = practice("worded")
    assert str(asked.question) == "How large?\nmap:\n  0 1\n  2 3\nAnswer with a number."
    assert "<caption" in asked._repr_html_()


@pytest.mark.parametrize(("right", "wrong"), [(lambda n: n % 4 == 0, lambda n: n % 2 == 0), (str, lambda n: f"{n}.0")])
def test_a_mistake_that_returns_booleans_or_text_is_named(right, wrong):
    cases = [(4,), (6,), (7,), (8,), (10,)]
    mistake = Mistake("other-rule", wrong, "It follows another rule.")
    asked = Exercise("rule", "rule", ("n",), right, visible=cases[:2], probes=cases[2:], mistakes=[mistake])
    assert diagnose(asked, lambda n: wrong(n)).mistakes == ("other-rule",)
    assert diagnose(asked, lambda n: right(n)).right
    assert diagnose(asked, lambda n: not right(n)).mistakes == ()


def _counts(text):
    found = defaultdict(int)
    for word in text.lower().split():
        found[word] += 1
    return found


WORDS = Exercise(
    "words", "words", ("text",), lambda text: dict(_counts(text)), visible=[("a A b",)], probes=[("x",)],
    mistakes=[Mistake("case", lambda text: dict(Counter(text.split())), "It counts A and a apart.")],
)  # fmt: skip
SHARES = Exercise("shares", "shares", ("n",), lambda n: {n: n / 10, -n: 0.3}, visible=[(1,), (2,)])
COMMON = Exercise(
    "common", "common", ("a", "b"), lambda a, b: a & b, visible=[({1, 2}, {2, 3}), ({"x"}, {"x", "y"})],
    mistakes=[Mistake("union", lambda a, b: a | b, "It returns the union.")],
)  # fmt: skip
SORTED = Exercise(
    "ordered", "ordered", ("names",), lambda names: names.sort() or names, visible=[(["b", "a"],), (["c", "d", "a"],)],
    mistakes=[Mistake("backwards", lambda names: names.sort(reverse=True) or names, "It sorts backwards.")],
)  # fmt: skip
TABLES = Exercise(
    "tables", "tables", ("n",), lambda n: {"ones": np.ones(n)}, visible=[(2,), (3,)],
    mistakes=[Mistake("zeros", lambda n: {"ones": np.zeros(n)}, "It returns zeros.")],
)  # fmt: skip
NESTED = Exercise("nested", "nested", ("n",), lambda n: {"a": {"b": [{n: 1}]}}, visible=[(2,)])
EVENS = Exercise("evens", "evens", ("n",), lambda n: list(range(0, n, 2)), visible=[(5,), (8,)])
ANSWERS = [
    (WORDS, _counts, ()),
    (WORDS, lambda text: dict(_counts(text)), ()),
    (WORDS, lambda text: dict(Counter(text.split())), ("case",)),
    (SHARES, lambda n: {n: n * (0.1 + 0.2) / 3, -n: 0.1 + 0.2}, ()),
    (COMMON, lambda a, b: frozenset(a & b), ()),
    (COMMON, lambda a, b: a | b, ("union",)),
    (TABLES, lambda n: {"ones": np.full(n, 1)}, ()),
    (TABLES, lambda n: {"ones": np.zeros(n)}, ("zeros",)),
    (NESTED, lambda n: {"a": {"b": [{n: 1.0}]}}, ()),
    (SORTED, lambda names: sorted(names), ()),
    (SORTED, lambda names: sorted(names)[::-1], ("backwards",)),
]


@pytest.mark.parametrize(("asked", "answer", "mistakes"), ANSWERS)
def test_dictionaries_sets_and_texts_are_compared_and_their_mistakes_named(asked, answer, mistakes):
    """In the check and in grading, which sees cases and results as JSON."""
    before = repr(asked.visible)
    found = diagnose(asked, answer)
    assert (found.right, found.mistakes) == (not mistakes, mistakes)
    assert repr(asked.visible) == before, "neither a rule nor a mistake changes a case"
    for args, expected in asked.expected:
        given = decode(json.loads(json.dumps(encode(args))))
        assert given == args
        there = decode_outcome(json.loads(json.dumps(encode_outcome(run(answer, given)))), args)
        assert (asked.read(there.value, expected) is None) == (asked.read(answer(*args), expected) is None)
        assert not there.changed


def test_a_range_is_not_called_a_float():
    found = diagnose(EVENS, lambda n: range(0, n, 2))
    assert (found.mistakes, found.advice[:30]) == ((), "A value of type list is needed")


def test_a_rule_without_a_result_for_a_case_is_named_with_it():
    asked = Exercise("age", "age", ("text",), int, visible=[("7",), ("x",)])
    with pytest.raises(ValueError, match=r"the rule of age has no result for age\(text='x'\): ValueError"):
        diagnose(asked, int)
