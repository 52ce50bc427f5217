"""The check names the mistakes of a bank of answers, never another, and says what it sees so that it helps."""

from __future__ import annotations

import ast
import json
import random
import re
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest

import convkit
from convkit.lesson import EXERCISES
from gradekit import NotYet, Verdict, check, verify, verify_fresh
from gradekit.exercise.compare import agrees, plain, whole
from gradekit.exercise.registry import UnknownExercise
from gradekit.exercise.verdict import MIME
from tests.answers import Answer, bank

BANK = bank()
ENDLESS = [answer for answer in BANK if re.search(r"while True|\n +pass\n|while position <= n", answer.source)]
FORMS = {"float-for-a-count", "input-changed-in-place"}


CHOICES = ("wanted-layer", "halving-layer", "two-layers")  # every layer that fits is right


def by_where(answers):
    return pytest.mark.parametrize("answer", answers, ids=[answer.where for answer in answers])


# -- the bank ----------------------------------------------------------------------------------------------------------


@by_where(BANK)
def test_an_answer_of_the_bank(answer: Answer):
    verdict = check(answer.exercise, answer.value())
    assert verdict.right is answer.right
    assert set(verdict.mistakes) == set(answer.expected)
    assert len(verdict.mistakes) == len(answer.expected)


def test_the_bank_is_large_and_its_known_mistakes_are_many():
    wrong = [answer for answer in BANK if not answer.right]
    assert len(wrong) >= 120
    for exercise_id in EXERCISES:
        named = {name for answer in wrong if answer.exercise == exercise_id for name in answer.expected}
        assert len(named) >= (3 if exercise_id in CHOICES else 8), exercise_id


# -- answers that nobody wrote: no name that the answer's own results don't bear out -----------------------------------

OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.FloorDiv, ast.Div, ast.Mod)


def mutated(source: str, rng: random.Random) -> str:
    """The source with one operator, number or name changed."""
    tree = ast.parse(source)
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.BinOp | ast.Name) or _is_number(node)]
    node = rng.choice(nodes)
    if isinstance(node, ast.BinOp):
        node.op = rng.choice(OPERATORS)()
    elif isinstance(node, ast.Constant):
        node.value += rng.choice((-1, 1))
    elif isinstance(node, ast.Name):
        node.id = rng.choice([arg.arg for arg in ast.walk(tree) if isinstance(arg, ast.arg)] or ["n"])
    return ast.unparse(tree)


def _is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int


def unseen(exercise_id: str, rng: random.Random) -> tuple:
    """A case like those that are tried, and none of them."""
    n, k, s = rng.randint(9, 40), rng.randint(1, 8), rng.randint(1, 5)
    layers = rng.randint(2, 4)
    return {
        "layer-params": (k, rng.randint(2, 30), rng.randint(2, 30)),
        "second-layer-params": (rng.randint(1, 60),),
        "pointwise-params": (rng.randint(1, 40), rng.randint(1, 40)),
        "same-padding": (n, k, s),
        "output-length": (n, k, s, rng.choice(("valid", "same"))),
        "ring-zeros": (rng.randint(1, 40),),
        "receptive-field": (tuple(rng.choices((3, 4, 5, 6), k=layers)), tuple(rng.choices((1, 2, 3), k=layers))),
        "dense-params": tuple(rng.randint(1, 20) for _ in range(4)),
        "dilated-length": (n + k * s, k, s),
        "grouped-params": (k, s * rng.randint(1, 9), s * rng.randint(1, 9), s),
        "separable-params": (k, rng.randint(1, 30), rng.randint(1, 30)),
        "head-params": tuple(rng.randint(1, 20) for _ in range(4)),
        "transposed-length": (n, s + k - 1, s, rng.choice(("valid", "same"))),
    }[exercise_id]


def value(rule, args):
    try:
        return whole(plain(rule(*args)))
    except Exception:
        return "stops"


ARRAYS = ("pointwise", "one-position", "conv2d", "edge-filter", "shift-kernel")
ARRAYS += ("transposed", "max-pool", "bias-grad", "kernel-grad", "x-grad")
COUNTED = [answer for answer in BANK if answer.exercise not in (*ARRAYS, *CHOICES) and "while" not in answer.source]


def bears_out(rule, function, cases):
    """In how many cases a rule and a function do the same: give the same, or stop."""
    both = [(value(rule, args), value(function, args)) for args in cases]
    return sum(one == other == "stops" if "stops" in (one, other) else agrees(one, other) for one, other in both)


@pytest.mark.parametrize("seed", range(6))
def test_what_is_named_holds_for_cases_that_were_not_tried(seed, capsys):
    rng, named = random.Random(seed), 0
    for _ in range(150):
        answer = rng.choice(COUNTED)
        function = Answer(answer.exercise, (), False, mutated(answer.source, rng), "mutated")
        try:
            function = function.value()
        except Exception:
            continue
        verdict = check(answer.exercise, function)
        core = tuple(name for name in verdict.mistakes if name not in FORMS)
        asked = EXERCISES[answer.exercise]
        rules = [mistake.rule for mistake in (*asked.mistakes, *asked.combined) if mistake.names == core]
        rules += [asked.rule] if verdict.right else []
        if not rules:
            continue
        named += 1
        cases = [unseen(answer.exercise, rng) for _ in range(60)]
        assert max(bears_out(rule, function, cases) for rule in rules) >= 57, (verdict.mistakes, answer.where)
    assert named > 25


def test_two_rules_that_fit_are_not_named():
    """With one case alone, most numbers fit more than one mistake, and then none is named."""
    verdict = check("second-layer-params", lambda filters: 36 if filters == 2 else filters**5)
    assert verdict.mistakes == ()
    assert "returned 36" in str(verdict)


# -- what is seen ------------------------------------------------------------------------------------------------------


def written(source: str):
    """A function as a student writes it, in a notebook: not in a package."""
    return Answer("layer-params", (), False, source, "a notebook").value()


def params(kernel_size, in_channels, filters):
    return (kernel_size**2 * in_channels + 1) * filters


DIVIDES = """
def layer_params(kernel_size, in_channels, filters):
    remainder = filters % 1
    return kernel_size // remainder
"""


def noisy(kernel_size, in_channels, filters):
    print("on the way")
    return params(kernel_size, in_channels, filters)


SEEN = [
    (
        DIVIDES,
        r"stopped with ZeroDivisionError: .*\. It happened in your line `return kernel_size // remainder`\.",
    ),
    (lambda k, c: k, r"stopped with TypeError.*\n.*calls it with kernel_size, in_channels, filters, in this order"),
    (lambda k, c, f: None, r"returned None, the result of a function without `return`"),
    (lambda k, c, f: str(params(k, c, f)), r"returned '15', a str\.\n.*A whole number is needed"),
    (lambda k, c, f: [k, c, f], r"returned \[2, 1, 3\], a list\.\n.*A whole number is needed"),
    (lambda k, c, f: params(k, c, f) > 0, r"returned True, a bool"),
    (lambda k, c, f: float(params(k, c, f)), r"returned 15\.0, a float\.\n.*It gives floats"),
    (lambda k, c, f: params(k, c, f) + k**7, r"returned 143\.\n.*This result is not correct"),
    (lambda k, c, f: sys.exit(), r"stopped with SystemExit"),
    (noisy, r"right in all 10 cases tried\.\nNote: It also prints"),
    (15, r"A function is needed; this is an int\.\n.*by its name and without parentheses"),
    (None, r"A function is needed; this is None"),
]


@pytest.mark.parametrize(("answer", "said"), SEEN, ids=[said[:40] for _, said in SEEN])
def test_what_is_said_of_an_answer(answer, said):
    answer = written(answer) if isinstance(answer, str) else answer  # now: other tests may empty the cache of lines
    assert re.search(said, str(check("layer-params", answer)))


def test_a_right_answer_that_is_one_call_of_the_package_is_told_so():
    note = "Note: It calls a ready-made function, which is allowed here."
    assert note in str(check("output-length", convkit.output_length))
    assert note in str(check("same-padding", lambda n, k, s: convkit.padding_amounts(n, k, s)))
    assert note in str(check("layer-params", lambda k, c, f: convkit.layers.Conv2D(f, k).count_params((9, 9, c))))
    assert "Note" not in str(check("layer-params", params))
    assert "Note" not in str(check("output-length", lambda n, k, s, padding: convkit.output_length(n, k) - 100))


def test_where_an_answer_is_right_is_said_and_not_guessed_from():
    verdict = check("output-length", lambda n, k, s, padding: (n - k) // s + 1 if padding == "valid" else n * s + 1)
    assert verdict.mistakes == ()
    assert "It is correct in all cases tried for VALID, and in none for SAME." in str(verdict)


def test_a_derivation_of_one_argument_has_its_name():
    verdict = check("output-length", lambda n, k, s, padding: n if padding == "same" else (n - k) // s + 1)
    assert "One way to get there: n = 7." in str(verdict)


def test_a_pair_is_shown_on_a_case_where_both_of_its_mistakes_show():
    verdict = check("layer-params", lambda k, c, f: k * k * f)
    assert verdict.mistakes == ("no-bias", "channels-forgotten")
    assert verdict.case == (3, 3, 2)  # with one channel, forgetting the channels could not be seen


def test_the_case_can_be_run_again():
    verdict = check("conv2d", lambda x, kernel, strides, padding: x)
    x, kernel, strides, padding = verdict.case
    assert (x.shape, kernel.shape, strides, padding) == ((1, 5, 5, 1), (2, 2, 1, 2), 1, "VALID")


def test_an_answer_that_changes_its_input_and_is_wrong_besides():
    def pointwise(image, weights):
        image[..., 1:] = 0
        return image @ weights

    assert check("pointwise", pointwise).mistakes == ("only-the-first-channel", "input-changed-in-place")


def test_a_stop_and_a_changed_input_are_both_told():
    def pointwise(image, weights):
        image *= weights[:, 0]  # stops for an image of whole numbers
        return image @ weights

    verdict = check("pointwise", pointwise)
    assert verdict.mistakes == ("input-changed-in-place",)
    assert re.search(r"stopped with an error.*Hint: The caller still.*And: ", str(verdict), re.DOTALL)


def test_a_library_that_loads_inside_an_answer_is_no_endless_loop(tmp_path, monkeypatch):
    (tmp_path / "slow_to_load.py").write_text("import time\ntime.sleep(2.5)\n")
    monkeypatch.syspath_prepend(tmp_path)

    def layer_params(kernel_size, in_channels, filters):
        import slow_to_load  # noqa: F401

        return params(kernel_size, in_channels, filters)

    assert check("layer-params", layer_params).right


def test_an_answer_that_remembers_is_told_so():
    kept = []

    def layer_params(kernel_size, in_channels, filters):
        kept.extend([kernel_size**2 * in_channels + 1] * filters)
        return sum(kept)

    assert check("layer-params", layer_params).mistakes == ("not-the-same-twice",)


def test_an_unknown_exercise_says_which_there_are():
    with pytest.raises(UnknownExercise, match=r"no exercise has the id 'layer_params'; there are layer-params"):
        check("layer_params", params)


@by_where(
    [answer for answer in BANK if answer.exercise == "layer-params" and not answer.right and answer not in ENDLESS]
)
def test_a_right_number_is_never_told(answer):
    verdict = check(answer.exercise, answer.value())
    if verdict.case is not None:
        right, shown = str(params(*verdict.case)), str(verdict)
        the_students_own = re.findall(r"\d+", verdict.diagnosis.seen.partition("returned")[2])
        assert right not in re.findall(r"\d+", shown) or right in the_students_own or right in map(str, verdict.case)


# -- how it is shown ---------------------------------------------------------------------------------------------------


@by_where(BANK[::7])
def test_a_verdict_is_shown_as_text_as_html_and_as_a_record(answer):
    verdict = check(answer.exercise, answer.value())
    bundle = verdict._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", MIME}
    said = "".join(ElementTree.fromstring(bundle["text/html"]).itertext())
    words = re.sub(r"[\s`]", "", bundle["text/plain"])
    assert re.sub(r"[\s`]", "", said) == words  # the same words, for eyes and for ears
    record = json.loads(json.dumps(bundle[MIME]))
    assert record["mistakes"] == list(verdict.mistakes)
    assert len(json.dumps(record)) < 400


def test_ipython_shows_all_three():
    from IPython.core.formatters import DisplayFormatter

    shown, _ = DisplayFormatter().format(check("layer-params", params))
    assert set(shown) >= {"text/plain", "text/html", MIME}


def test_html_is_labelled_takes_the_colours_of_the_page_and_escapes():
    def layer_params(kernel_size, in_channels, filters):
        raise ValueError("<script>alert(1)</script> & more")

    shown = check("layer-params", layer_params)._repr_mimebundle_()["text/html"]
    assert "<script" not in shown
    assert "&lt;script&gt;" in shown
    section = ElementTree.fromstring(shown)
    assert section.get("aria-label") == "layer_params: stopped with an error."
    assert "background" not in shown
    assert not re.search(r"[; \"]color:", shown)  # text has the colour of the page around it, light or dark


# -- cost --------------------------------------------------------------------------------------------------------------


@by_where(ENDLESS)
def test_an_endless_loop_is_stopped(answer):
    verdict = check(answer.exercise, answer.value())
    assert verdict.diagnosis.kind == "slow"
    assert "Is there a loop that does not end?" in str(verdict)


def test_the_check_loads_no_framework_and_the_package_is_light():
    code = (
        "import sys, convkit; assert not {'convkit.lesson', 'gradekit'} & set(sys.modules); "
        "print(convkit.check('conv2d', lambda x, kernel, strides, padding: x).right); "
        "print([name for name in ('tensorflow', 'keras', 'IPython', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "[]"]


def test_the_shop_window_gives_the_same():
    verdict = convkit.check("layer-params", params)
    assert isinstance(verdict, Verdict)
    assert verdict.right
    assert verdict.mistakes == ()


# -- the graded cells say the same -------------------------------------------------------------------------------------


def no_bias(kernel_size, in_channels, filters):
    return kernel_size**2 * in_channels * filters


def test_a_lost_point_comes_with_the_words_of_the_check():
    verdict = check("layer-params", lambda k, c, f: no_bias(k, c, f))
    with pytest.raises(NotYet) as told:
        verify("layer-params", no_bias, kernel_size=2, in_channels=1, filters=3, gives=15)
    assert str(told.value).startswith(
        "layer_params(kernel_size=2, in_channels=1, filters=3) returned 12, but 15 is correct."
    )
    for found in verdict.diagnosis.found:
        assert found.did in str(told.value)
        assert found.helps in str(told.value)


def test_a_lost_point_on_fresh_cases_tells_the_mistake_and_no_fresh_case(keras):
    asked = []

    def layer_params(kernel_size, in_channels, filters):
        asked.append((kernel_size, in_channels, filters))
        return kernel_size**2 * in_channels * filters

    with pytest.raises(NotYet) as told:
        verify_fresh("layer-params", layer_params)
    said, fresh = str(told.value), asked[:6]
    assert "6 of 6 fresh cases" in said
    assert "It counts weights, and no bias." in said
    known = set(EXERCISES["layer-params"].visible) | set(EXERCISES["layer-params"].probes)
    for args in set(fresh) - known:
        assert EXERCISES["layer-params"].call(args) not in said
    assert "What changes between them" not in said


def test_a_lost_point_without_a_known_mistake_guesses_nothing(keras):
    with pytest.raises(NotYet, match="What changes between them, that the answer does not follow") as told:
        verify_fresh("layer-params", lambda k, c, f: k**c + f)
    assert "Cause" not in str(told.value)


def test_an_answer_that_breaks_the_diagnosis_still_gets_its_message():
    class Odd:
        def __repr__(self):
            raise RuntimeError("odd")

        def __float__(self):
            raise RuntimeError("odd")

    with pytest.raises(NotYet, match=r"a value of type Odd, an? Odd, but a whole number is needed"):
        verify("layer-params", lambda k, c, f: Odd(), kernel_size=2, in_channels=1, filters=3, gives=15)


def test_an_answer_that_stops_on_fresh_cases_is_told_what_it_is(keras):
    source = "page = {(2, 1, 3): 15, (3, 3, 2): 56, (5, 2, 4): 204}\nlayer_params = lambda k, c, f: page[k, c, f]"
    with pytest.raises(NotYet, match="for the cases in the notebook, and for no other case") as told:
        verify_fresh("layer-params", written(source))
    said = "layer_params, on a fresh case, stopped with KeyError. It happened in your line "
    assert str(told.value).startswith(said)


def test_what_a_notebook_prints_of_a_lost_point_keeps_its_lines():
    lines = NotYet("f() returned 12.\nCause: It counts weights.")._render_traceback_()
    assert lines == ["Not yet: f() returned 12.", "Cause: It counts weights."]


def test_pieces_of_a_pair_are_arrays_or_lists():
    assert check("same-padding", lambda n, k, s: np.array(convkit.padding_amounts(n, k, s))).right
