"""Exercises against live Keras and TensorFlow, and what the graded cells say."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
import textwrap
import time
import warnings

import numpy as np
import pytest

from convkit.lesson import EXERCISES, designs, quietly
from convkit.lesson.exercises import KERNELS, MIX, PIXELS, VERTICAL, X
from gradekit import NotYet, check, verify, verify_fresh, verify_unchanged
from gradekit.exercise.compare import as_array
from gradekit.exercise.run import TookTooLong, run
from gradekit.exercise.serialize import decode, encode
from tests.answers import Answer, bank

LAYER = {"kernel_size": 3, "in_channels": 2, "filters": 4, "gives": 76}


def params(kernel_size, in_channels, filters):
    return (kernel_size**2 * in_channels + 1) * filters


CHOICES = ("wanted-layer", "halving-layer", "two-layers")  # no fresh cases: what is asked is in the notebook
ASKED = [exercise for exercise in EXERCISES.values() if exercise.id not in CHOICES]


@pytest.mark.parametrize("exercise", ASKED, ids=[exercise.id for exercise in ASKED])
def test_the_rule_is_what_the_framework_does(exercise, keras):
    rng = np.random.default_rng(5)
    fresh = [args for draw in exercise.parts.values() for _ in range(7) for args in draw(rng)]
    assert len(fresh) >= 20
    for args in (*exercise.visible, *fresh):
        right, ours = exercise.oracle(*args), exercise.rule(*args)
        assert exercise.read(ours, right) is None, (args, ours, right)


@pytest.mark.parametrize("exercise", ASKED, ids=[exercise.id for exercise in ASKED])
def test_fresh_cases_are_fresh(exercise):
    batches = [[args for draw in exercise.parts.values() for args in draw(np.random.default_rng())] for _ in range(2)]
    assert repr(batches[0]) != repr(batches[1])


def accepted(exercise_id, choice):
    """Is a choice right in every case of the notebook?"""
    exercise = EXERCISES[exercise_id]
    function = exercise.function(choice)
    return all(exercise.read(function(*args), exercise.rule(*args)) is None for args in exercise.visible)


def layer_params_of(keras, kernel_size, in_channels, filters):
    layer = keras.layers.Conv2D(filters, kernel_size)
    layer.build((None, 64, 64, in_channels))
    return layer.count_params()


def test_every_layer_with_608_parameters_is_right_and_no_other(keras):
    layers = [(k, c, f) for k in (1, 2, 3, 4, 5, 7) for c in range(1, 20) for f in (1, 2, 4, 8, 16, 19, 32)]
    right = [layer for layer in layers if layer[0] > 1 and layer_params_of(keras, *layer) == 608]
    names = ("kernel_size", "in_channels", "filters")
    assert {(3, 2, 32), (5, 3, 8)} <= set(right)
    for layer in layers:
        assert accepted("wanted-layer", dict(zip(names, layer, strict=True))) is (layer in right), layer


def test_every_layer_that_halves_is_right_and_no_other(keras):
    def length(n, kernel_size, strides, padding):
        layer = keras.layers.Conv2D(1, kernel_size, strides=strides, padding=padding)
        return layer.compute_output_shape((None, n, n, 1))[1]

    names, right = ("kernel_size", "strides", "padding"), 0
    for layer in [(k, s, padding) for k in range(1, 12) for s in range(1, 5) for padding in ("valid", "same")]:
        fits = length(28, *layer) == 14 and length(14, *layer) == 7
        assert accepted("halving-layer", dict(zip(names, layer, strict=True))) is fits, layer
        right += fits
    assert right >= 12


def test_every_pair_that_sees_5_pixels_cheaply_is_right_and_no_other(keras):
    one = layer_params_of(keras, 5, 16, 16)
    for first, second in itertools.product(range(1, 7), repeat=2):
        stack = keras.Sequential([keras.Input((11, 11, 16))])
        stack.add(keras.layers.Conv2D(16, first))
        stack.add(keras.layers.Conv2D(16, second))
        sees = 11 - stack.output_shape[1] + 1  # what one value of an output of one pixel would need
        fits = sees == 5 and stack.count_params() < one
        assert accepted("two-layers", (first, second)) is fits, (first, second)


def test_the_code_in_a_hint_to_a_list_of_nine_weights_makes_it_right():
    nine = [[-1, 0, 1]] * 3
    (code,) = re.findall(r"`(np\.[^`]+)`", str(check("edge-filter", nine)))
    assert accepted("edge-filter", eval(code, {"np": np, "kernel": nine}))


NOT_NAMED = [
    ("wanted-layer", {"kernel_size": 3, "in_channels": 2, "filters": 30}, "`layer_params` counts"),
    ("halving-layer", {"kernel_size": 5, "strides": 2, "padding": "valid"}, "`output_length` says"),
    ("two-layers", (4, 4), "the second layer add"),
    ("shift-kernel", [[0, 0, 0], [0, 2, 0], [0, 0, 0]], "Which one is copied?"),
]


@pytest.mark.parametrize(("exercise_id", "choice", "said"), NOT_NAMED, ids=[row[0] for row in NOT_NAMED])
def test_a_choice_without_a_named_mistake_is_told_how_to_go_on(exercise_id, choice, said):
    told = str(check(exercise_id, np.reshape(choice, (3, 3, 1, 1)) if exercise_id == "shift-kernel" else choice))
    assert "Cause" not in told
    assert said in told


# an exercise whose answer is a choice; a choice that does not fit; the case of a graded cell; what the cell says
IN_WORDS = [
    ("edge-filter", np.zeros((3, 3, 1, 1)), {"image": VERTICAL, "gives": True},
     "your kernel does not respond to a vertical edge, and it should"),
    ("edge-filter", np.ones((3, 3, 1, 1)), {"image": np.ones((6, 6)), "gives": False},
     "your kernel responds to a flat image, and it should not"),
    ("wanted-layer", {"kernel_size": 3, "in_channels": 3, "filters": 22}, {"what": designs.PARAMETERS, "gives": 608},
     "your layer has 616 parameters, not 608"),
    ("wanted-layer", {"kernel_size": 1, "in_channels": 3, "filters": 152}, {"what": designs.LARGER, "gives": True},
     "your kernels cover one pixel, and have to be larger"),
    ("halving-layer", {"kernel_size": 3, "strides": 2, "padding": "valid"}, {"n": 28, "gives": 14},
     "your layer turns 28 pixels into 13, not 14"),
    ("halving-layer", {"kernel_size": 15, "strides": 1, "padding": "valid"}, {"n": 14, "gives": 7},
     "the kernel of your layer is longer than 14 pixels"),
    ("two-layers", (2, 3), {"what": designs.SEEN, "gives": 5}, "your two layers see 4 pixels along each axis, not 5"),
    ("two-layers", (1, 1), {"what": designs.SEEN, "gives": 5}, "your two layers see 1 pixel along each axis, not 5"),
    ("two-layers", (1, 5), {"what": designs.CHEAPER, "gives": True},
     "your two layers have no fewer parameters than one layer with 5x5 kernels"),
    ("shift-kernel", np.zeros((3, 3, 1, 1)), {"image": np.eye(3), "gives": np.eye(3, k=1)},
     r"your kernel returns an array in which 2 of 9 values are wrong; at \(0, 1\) it has 0, but 1 is correct"),
]  # fmt: skip


@pytest.mark.parametrize(("exercise_id", "choice", "case", "said"), IN_WORDS, ids=[row[-1] for row in IN_WORDS])
def test_a_graded_cell_says_in_words_what_a_choice_does(exercise_id, choice, case, said):
    with pytest.raises(NotYet, match=f"^{said}"):
        verify(exercise_id, choice, **case)


def test_a_right_answer_gets_a_line(capsys):
    verify("layer-params", params, **LAYER)
    assert capsys.readouterr().out == "right: layer_params(kernel_size=3, in_channels=2, filters=4) = 76\n"


def written(source):
    """A function as a student writes it, in a notebook: not in a package."""
    return Answer("layer-params", (), False, source, "a notebook").value()


SAID = [
    (lambda k, c, f: 72, r"returned 72, but 76 is correct"),
    (lambda k, c, f: 76.0, r"returned 76\.0, a float, but a whole number is needed"),
    (lambda k, c, f: "76", r"returned '76', a str"),
    (lambda k, c, f: True, r"returned True, a bool"),
    (lambda k, c, f: None, r"returned None, the result of a function without `return`, but"),
    ("layer_params = lambda k, c, f: 1 // 0", r"stopped with ZeroDivisionError.*in your line .*1 // 0"),
    (lambda k, c: k, r"stopped with TypeError"),
    (lambda k, c, f: sys.exit(), r"stopped with SystemExit"),
    (76, r"a function is needed; this is an int"),
]


@pytest.mark.parametrize(("answer", "said"), SAID, ids=[said for _, said in SAID])
def test_what_is_said_of_a_wrong_answer(answer, said):
    answer = written(answer) if isinstance(answer, str) else answer  # now: other tests may empty the cache of lines
    with pytest.raises(NotYet, match=said):
        verify("layer-params", answer, **LAYER)


def test_an_unwritten_answer():
    def layer_params(kernel_size, in_channels, filters):
        raise NotImplementedError("write your answer here")

    with pytest.raises(NotYet, match="is not written yet"):
        verify("layer-params", layer_params, **LAYER)


def test_objects_that_lie_about_being_equal_are_not_believed():
    class Liar:
        def __eq__(self, other):
            return True

        __hash__ = None

    class LyingInt(int):
        def __eq__(self, other):
            return True

        __hash__ = None

    class LyingArray(np.ndarray):
        def __eq__(self, other):
            return np.ones(self.shape, bool)

        __hash__ = None

    for lie in (Liar(), LyingInt(3)):
        with pytest.raises(NotYet):
            verify("layer-params", lambda k, c, f, lie=lie: lie, **LAYER)
    lie = np.zeros((2, 2, 2)).view(LyingArray)
    with pytest.raises(NotYet, match="of 8 values are wrong"):
        verify("pointwise", lambda image, weights: lie, image=PIXELS, weights=MIX, gives=PIXELS @ MIX)


@pytest.mark.filterwarnings("ignore:mind the gap")
def test_a_warning_or_a_print_costs_nothing(capfd):
    def noisy(kernel_size, in_channels, filters):
        warnings.warn("mind the gap", stacklevel=1)
        print("on the way", file=sys.stderr)
        return params(kernel_size, in_channels, filters)

    verify("layer-params", noisy, **LAYER)
    out, err = capfd.readouterr()
    assert err == ""
    assert "on the way" in out


def test_a_fresh_case_is_not_told(keras, capfd):
    seen = []

    def talkative(kernel_size, in_channels, filters):
        seen.append(f"{kernel_size}, {in_channels}, {filters}")
        print("secret", seen[-1])
        raise ValueError(f"secret {seen[-1]}")

    with pytest.raises(NotYet) as caught:
        verify_fresh("layer-params", talkative)
    out, err = capfd.readouterr()
    for text in (str(caught.value), "".join(caught.value._render_traceback_()), out, err):
        assert seen[0] not in text  # the student's own line is told, with no number of the case in it
    assert out == err == ""


def test_a_part_that_does_not_exist_is_named():
    with pytest.raises(KeyError, match="valid, strides, same"):
        verify_fresh("conv2d", lambda *args: None, part="diagonal")
    with pytest.raises(KeyError, match="layer-params, second-layer-params"):
        verify("layer-parms", params, **LAYER)
    with pytest.raises(TypeError, match="kernel_size, in_channels, filters; got kernel"):
        verify("layer-params", params, kernel=3, gives=76)


def test_a_notebook_shows_the_message_alone():
    with pytest.raises(NotYet) as caught:
        verify("layer-params", lambda *args: 72, **LAYER)
    shown = "\n".join(caught.value._render_traceback_())
    assert shown.startswith("Not yet: layer_params(kernel_size=3")
    assert "verify" not in shown


@pytest.mark.parametrize("name", ["tf.nn.conv2d", "tf.nn.convolution", "keras.layers.Conv2D", "keras.ops.conv",
                                  "convkit.conv2d", "scipy.signal.correlate"])  # fmt: skip
def test_a_ready_made_convolution_is_not_an_answer(name, tf, keras):
    import scipy.signal

    import convkit

    calls = {
        "tf.nn.conv2d": lambda x, k, s, p: tf.nn.conv2d(x, k, s, p),
        "tf.nn.convolution": lambda x, k, s, p: tf.nn.convolution(x, k, s, p),
        "keras.layers.Conv2D": lambda x, k, s, p: keras.layers.Conv2D(2, 2)(x),
        "keras.ops.conv": lambda x, k, s, p: keras.ops.conv(x, k, s, p.lower()),
        "convkit.conv2d": convkit.conv2d,
        "scipy.signal.correlate": lambda x, k, s, p: scipy.signal.correlate(x[0, :, :, 0], k[:, :, 0, 0], "valid"),
    }
    with pytest.raises(NotYet, match="a ready-made function"):
        verify("conv2d", calls[name], x=X, kernel=KERNELS, strides=1, padding="VALID", shape=(1, 4, 4, 2))


def test_a_ready_made_call_is_shown_by_the_students_line_and_not_by_a_name_inside_the_library():
    line = "return tf.nn.conv2d(x, kernel, strides, padding)"
    source = f"def conv2d(x, kernel, strides, padding):\n    {line}"
    answer = Answer("conv2d", (), False, source, "a notebook").value()
    seen = check("conv2d", answer).diagnosis.seen
    assert seen.endswith(f" called a ready-made function in your line `{line}`.")
    with pytest.raises(NotYet, match=f"for what you are asked to write. Your line: {re.escape(line)}$"):
        verify("conv2d", answer, x=X, kernel=KERNELS, strides=1, padding="VALID", shape=(1, 4, 4, 2))


@pytest.mark.parametrize("library", ["scipy.signal", pytest.param("tensorflow", marks=pytest.mark.days)])
def test_a_library_that_is_imported_inside_a_right_answer_is_not_a_call_of_it(library):
    """In a process of its own, which has not loaded the library: the first call loads it."""
    code = f"""
        import numpy as np
        from convkit.lesson.exercises import MIX, PIXELS
        from gradekit import check, verify

        def pointwise(image, weights):
            import {library}
            return image @ weights

        verify("pointwise", pointwise, image=PIXELS, weights=MIX, gives=PIXELS @ MIX)
        print(check("pointwise", pointwise).right)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[-2] == "True"


def test_other_calls_of_libraries_are_fine(tf):
    def answer(image, weights):
        return tf.convert_to_tensor(np.tensordot(image, weights, axes=1))

    verify("pointwise", answer, image=PIXELS, weights=MIX, gives=PIXELS @ MIX)


def test_changed_input_is_seen_where_it_is_asked_for():
    def careless(image, weights):
        image += 0.5
        return (image - 0.5) @ weights

    verify("pointwise", careless, image=PIXELS, weights=MIX, gives=PIXELS @ MIX)
    with pytest.raises(NotYet, match="changed its image in place"):
        verify_unchanged("pointwise", careless, image=PIXELS, weights=MIX)
    with pytest.raises(NotYet, match="returned None, the result of"):
        verify_unchanged("pointwise", lambda image, weights: None, image=PIXELS, weights=MIX)


def test_an_endless_loop_is_stopped():
    def endless():
        while True:
            pass

    start = time.monotonic()
    assert isinstance(run(endless, (), seconds=0.2).error, TookTooLong)
    assert time.monotonic() - start < 5


def test_arrays_are_read_kindly():
    assert as_array([[1, 2], [3, 4]]).shape == (2, 2)
    assert as_array([[1, 2], [3]]) is None
    assert as_array("12") is None
    assert as_array(np.array(["a"])) is None
    assert as_array({1, 2}) is None


def test_quietly_hides_what_is_written_below_python(capfd):
    with quietly():
        os.write(2, b"chatter of a library\n")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"
    with pytest.raises(ZeroDivisionError), quietly():
        1 / 0  # noqa: B018


def test_tensorflow_loads_without_a_word():
    code = "from convkit.lesson import quietly\nwith quietly():\n    import tensorflow\nprint('loaded')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert (done.stdout, done.stderr) == ("loaded\n", "")


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
def test_an_answer_that_is_not_a_function_leaves_the_kernel_as_it_is(exercise):
    """Grading decides outside of the kernel: a choice comes there as data, and is accepted as before."""
    for answer in bank():
        if answer.exercise == exercise.id and answer.right and exercise.as_function is not None:
            came = decode(json.loads(json.dumps(encode(answer.value()))))
            assert accepted(exercise.id, came), answer.where
