"""Grades that student code can't write: what attacks gain, what a damaged kernel costs, what a reply can do."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import v4

from convkit.lesson import EXERCISES
from gradekit import forkserver
from gradekit.course import course
from gradekit.exercise import oracle
from gradekit.exercise.kernel_side import answers
from gradekit.exercise.serialize import decode, decode_outcome, encode
from gradekit.forkserver import client, preload
from gradekit.grading.log_messages import sentences as told
from gradekit.grading.nbgrader_steps import autograde
from gradekit.judge import STEPS, preprocessor
from gradekit.judge.evaluate import decide
from gradekit.judge.outputs import cleaned
from gradekit.judge.parse_checks import NoChecks, checks
from gradekit.judge.preprocessor import Judge
from gradekit.judge.remote import NoReply, parsed
from gradekit.judge.static_analysis import Text
from gradekit.sandbox import config
from tests import toy
from tests.conftest import FURTHER, NOTEBOOKS
from tests.hostile.classroom import (
    CONV,
    CONV_FRESH,
    EDGE,
    PLAIN,
    POINTS,
    RIGHT_EDGE,
    RIGHT_LAYER,
    Forger,
    graded,
    make,
    student,
)
from tests.hostile.damage import DAMAGE, SMALL
from tests.hostile.forging import FORGERS, MESSAGES, REPLIES, VALUES
from tests.processes import outside_pytest

pytestmark = pytest.mark.days

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks and sandboxes need Linux")

# Graded among the attackers, in alphabetical order: they keep their points.
HONEST = [Forger(name, layer=RIGHT_LAYER, edge=RIGHT_EDGE, worth=4) for name in ("ada", "m honest", "zoe")]


@pytest.fixture(scope="module")
def own_fork_server(tf) -> Iterator[None]:
    """A fork server that no other run shares."""
    patch = pytest.MonkeyPatch()
    folder = Path(tempfile.mkdtemp(prefix="judge-"))
    patch.setenv("XDG_RUNTIME_DIR", str(folder))
    patch.setenv("JUPYTER_PATH", os.pathsep.join(map(str, (config.jupyter_path(), forkserver.jupyter_path()))))
    patch.setenv(preload.VARIABLE, "convkit.lesson.preload")
    patch.delenv("GRADEKIT_FORKSERVER", raising=False)
    yield
    client._lease = None
    patch.undo()
    shutil.rmtree(folder, ignore_errors=True)


class Class:
    """The points of a class, and the log lines of each student."""

    def __init__(self, root: Path, forgers: list[Forger], **settings: Any) -> None:
        self.root = make(root, forgers)
        self.points, self.said = graded(self.root, **settings)

    def of(self, forger: Forger) -> float:
        grades = self.points[student(forger)]
        assert grades.keys() == POINTS.keys()
        return sum(points or 0 for points in grades.values())


@pytest.fixture(scope="module")
def judged(own_fork_server, tmp_path_factory) -> Class:
    return Class(tmp_path_factory.mktemp("judged"), [*FORGERS, *MESSAGES, *HONEST])


@pytest.fixture(scope="module")
def trusted(own_fork_server, tmp_path_factory) -> Class:
    """The same attackers, graded by nbgrader, which trusts their kernels."""
    return Class(tmp_path_factory.mktemp("trusted"), FORGERS, **PLAIN)


@pytest.fixture(scope="module")
def damaged(own_fork_server, tmp_path_factory) -> Class:
    return Class(tmp_path_factory.mktemp("damaged"), [*DAMAGE, *HONEST], **SMALL)


@linux
@pytest.mark.parametrize("forger", FORGERS, ids=str)
def test_an_attack_gains_nothing(judged, forger):
    assert judged.of(forger) == forger.worth


@linux
@pytest.mark.parametrize("forger", FORGERS, ids=str)
def test_an_attack_gains_points_where_a_kernel_is_trusted(trusted, forger):
    assert trusted.of(forger) == forger.open > forger.worth


@linux
@pytest.mark.parametrize("forger", [*MESSAGES, *HONEST], ids=str)
def test_a_forged_message_costs_its_own_points_alone(judged, forger):
    assert judged.of(forger) == forger.worth


def judged_cells(*sources: str, **settings: Any) -> list[str]:
    """The first line of what each cell of a notebook shows, graded cells all."""
    cells = [toy.check(f"cell{number}", 1, source) for number, source in enumerate(sources)]
    nb, _ = Judge(kernel_name=config.KERNEL_NAME, **settings).preprocess(v4.new_notebook(cells=cells), {})
    shown = [[output.get("evalue") or output.get("text", "").strip() for output in cell.outputs] for cell in nb.cells]
    return [" ".join(lines) for lines in shown]


@linux
def test_nothing_is_run_after_the_time_of_a_notebook(own_fork_server):
    *_, last = judged_cells("while True: pass", "print('run')", notebook_timeout=2)
    assert last == "the notebook had been running for 2 s"


def test_cells_get_less_time_after_one_that_took_too_long():
    judge = Judge(timeout=40, shortest_timeout=8)
    judge.deadline, seconds = time.monotonic() + 1000, []
    for judge.slow in range(4):
        seconds.append(judge._seconds(None))
    assert seconds == [40, 20, 10, 8]


@linux
def test_a_kernel_is_replaced_so_many_times(own_fork_server):
    ends = "import os; os._exit(0)"
    *_, last = judged_cells(ends, "print('run')", ends, ends, "print('run')", revivals=2)
    assert last.endswith("it had been restarted 2 times"), last


@linux
@pytest.mark.parametrize("forger", [*DAMAGE, *HONEST], ids=str)
def test_a_damaged_kernel_costs_the_points_of_one_cell(damaged, forger):
    assert damaged.of(forger) == forger.worth
    assert not forger.said or any(forger.said in line for line in damaged.said[student(forger)])


@linux
def test_every_notebook_can_be_written_and_read(judged, damaged):
    for one in (judged, damaged):
        written = list((one.root / "autograded").glob("*/toy/1.ipynb"))
        assert len(written) == len(one.points)
        for path in written:
            nbformat.validate(nbformat.read(path, as_version=4))


@linux
def test_what_a_notebook_did_to_its_kernel_is_reported(damaged):
    lines = {line for said in damaged.said.values() for line in told(said)}
    assert "cell 3 of 1 ended the kernel: a new one ran the cells after it." in lines
    assert "cell 3 of 1 ran into its time limit: the rest was graded." in lines


@linux
def test_a_machine_that_cannot_start_a_kernel_costs_no_points(own_fork_server, tmp_path, monkeypatch):
    """The first kernel starts, and a cell ends it. Starting another one fails with EAGAIN."""
    (ended,) = [forger for forger in DAMAGE if forger.name == "os exit"]
    root, starts = make(tmp_path, [ended]), []
    start = Judge.start_new_kernel

    def no_room(self, **how):
        starts.append(self)
        if len(starts) > 1:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        return start(self, **how)

    monkeypatch.setattr(Judge, "start_new_kernel", no_room)
    monkeypatch.setattr(preprocessor, "PAUSES", (0.0, 0.0))
    faults = autograde(course(root), student(ended), {}).faults
    line = "no new kernel could be started on this machine (resource temporarily unavailable). Grade it again."
    assert (faults, len(starts)) == ({"1": line}, 3)
    assert "NBGRADER_EXECUTION" not in os.environ  # nbgrader alone leaves it behind
    monkeypatch.undo()
    shutil.rmtree(root / "autograded")
    points, _ = graded(root)
    assert sum(points[student(ended)].values()) == ended.worth


def test_there_are_attacks_enough():
    everything = [*FORGERS, *MESSAGES, *DAMAGE, *HONEST]
    assert len({student(forger) for forger in everything}) == len(everything)
    assert len(FORGERS) >= 20


# What is requested, and what is never sent


def sender_here(namespace: dict[str, Any], requests: list[str]) -> Any:
    """A `sender_for` of `decide` that answers in this process, and records the requests."""

    def sender_for(answer: str) -> Any:
        def send(request: str) -> str:
            requests.append(request)
            return answers(lambda: eval(answer, namespace), json.loads(request))

        return send

    return sender_for


def test_no_correct_result_is_ever_sent(tf):
    """What was never sent to a kernel can't be read from its memory, its frames or a message."""
    exercise, results, requests = EXERCISES["conv2d"], [], []
    former = exercise.oracle
    object.__setattr__(exercise, "oracle", lambda *args: results.append(former(*args)) or results[-1])
    try:
        shown = decide(checks(f"{CONV}\n{CONV_FRESH}"), sender_here({"conv2d": own_convolution}, requests))
    finally:
        object.__setattr__(exercise, "oracle", former)
    assert [output.output_type for output in shown] == ["stream"]
    assert len(results) == 4
    sent = " ".join(requests)
    for right in results:
        assert encode(np.asarray(right))["data"] not in sent
        assert encode(np.asarray(right, np.float32))["data"] not in sent
    assert '"gives"' not in sent
    assert '"shape": [1, 4, 4, 2]' not in sent


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
@pytest.mark.parametrize("cell", [f"{CONV}\n{CONV_FRESH}", EDGE.strip()], ids=["a function", "an array"])
def test_a_malformed_reply_earns_no_points(tf, cell, reply):
    shown = decide(checks(cell), lambda answer: lambda request: reply)
    assert shown[-1].output_type == "error"
    assert len(shown[-1].evalue) < 10_000


@pytest.mark.parametrize("code", VALUES.values(), ids=VALUES)
def test_a_value_of_an_unexpected_kind_earns_no_points(tf, code):
    names: dict[str, Any] = {"np": np}
    exec(f"def conv2d(x, kernel, strides, padding):\n    {code}", names)
    shown = decide(checks(f"{CONV}\n{CONV_FRESH}"), sender_here(names, []))
    assert shown[-1].output_type == "error"
    nbformat.validate(shown[-1], "output", version=4)


def own_convolution(x, kernel, strides, padding):
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(1, 2))[:, ::strides, ::strides]
    return np.einsum("nhwcij,ijcf->nhwf", windows, kernel)


def test_a_cell_needs_two_requests_at_most(tf):
    requests: list[str] = []
    decide(checks(f"{CONV}\n{CONV}\n{CONV_FRESH}"), sender_here({"conv2d": own_convolution}, requests))
    assert len(requests) == 2


@pytest.mark.parametrize(
    ("name", "weights", "right"),
    [
        ("an edge", [[-1, 0, 1]] * 3, True),
        ("large numbers", [[-1e308, 0, 1e308]] * 3, True),
        ("small numbers", [[-1e-308, 0, 1e-308]] * 3, True),
        ("no number", [[np.nan] * 3] * 3, False),
        ("no end", [[-np.inf, 0, np.inf]] * 3, False),
        ("everything", [[1, 1, 1]] * 3, False),
        ("nothing", [[0, 0, 0]] * 3, False),
    ],
)
def test_edge_kernels(tf, name, weights, right):
    cell = 'verify("edge-filter", k, image=vertical_edge)\nverify("edge-filter", k, image=flat)'
    shown = decide(checks(cell), sender_here({"k": np.array(weights, float).reshape(3, 3, 1, 1)}, []))
    assert (shown[-1].output_type == "stream") == right


# What a cell checks


def graded_cells() -> Iterator[Any]:
    for path in (*NOTEBOOKS, *FURTHER):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.metadata.get("nbgrader", {}).get("grade"):
                yield pytest.param(cell.source, id=cell.metadata.nbgrader["grade_id"])


@pytest.mark.parametrize("source", list(graded_cells()))
def test_every_check_of_the_lesson_is_decided_outside_the_kernel(source):
    found = checks(source)
    assert len(found) == source.count("verify(") + source.count("verify_fresh(") + source.count("verify_unchanged(")


def test_the_arrays_of_the_notebooks_are_those_of_the_exercises(lesson):
    seen = 0
    for exercise in EXERCISES.values():
        for name, array in exercise.given.items():
            here = [names[name] for names in lesson.values() if exercise.name in names]
            assert here, name
            for found in here:
                assert np.asarray(found).shape == array.shape
                assert np.array_equal(np.asarray(found), array), name
                seen += 1
    assert seen >= 7


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("assert layer_params(2, 1, 3) == 15", "line 1 is something else"),
        ("x = 1", "no verify"),
        ("verify('layer-params'", "not Python"),
        ("verify('nothing', f)", "no exercise"),
        ("verify('layer-params', f, kernel_size=n, in_channels=1, filters=2)", "no array n"),
        ("verify('layer-params', f, kernel_size=2)", "a case of layer-params has"),
        ("verify('layer-params', f, **case)", "takes the name"),
        ("f = layer_params\nverify('layer-params', f, kernel_size=1, in_channels=1, filters=2)", "defined in the cell"),
        ("verify_fresh('layer-params', f, 'some')", "no part"),
        ("a.b = 1\nverify_fresh('layer-params', f)", "line 1 is something else"),
        ("\x00", "not Python"),
    ],
)
def test_other_code_is_not_read_as_a_check(source, why):
    with pytest.raises(NoChecks, match=why):
        checks(source)


# Replies

plain_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.tuples(inner, inner),
    max_leaves=8,
)
WORDS = st.sampled_from(["int", "float", "tuple", "list", "array", "shape", "data", "tensor", "text", "value"])
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(), inner, max_size=5),
    max_leaves=20,
)


def depth(value: Any) -> int:
    return 1 + max(map(depth, value), default=0) if isinstance(value, list | tuple) else 0


@given(plain_values.filter(lambda value: depth(value) <= 4))
def test_plain_data_survives_encoding_and_decoding(value):
    back = decode(json.loads(json.dumps(encode(value))))
    assert type(back) is type(value)
    assert back == value


@given(anything)
def test_a_reply_is_decoded_or_raises_its_own_error(data):
    for read in (decode, lambda said: decode_outcome(said, [1])):
        with contextlib.suppress(ValueError):
            read(data)
    with contextlib.suppress(NoReply):
        parsed(json.dumps(data))


@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "output_type": st.sampled_from(["stream", "error", "display_data", "execute_result", "nothing"]),
                **dict.fromkeys(
                    ("name", "text", "ename", "evalue", "traceback", "data", "metadata", "execution_count"), anything
                ),
            },
        ),
        max_size=3,
    )
)
def test_any_output_of_a_cell_can_be_written(outputs):
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1", outputs=[])])
    nb.cells[0].outputs = cleaned(outputs)
    nbformat.validate(nbformat.reads(nbformat.writes(nb).encode("utf-8").decode("utf-8"), as_version=4))


# What a person should look at


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        ("def conv2d(*case):\n    'as tf.nn.conv2d does it'\n    return np.tensordot(*case)", ""),
        ("def conv2d(*case):\n    raise ValueError('conv2d: padding is VALID or SAME; watch it')", ""),
        ("def conv2d(*case):\n    return eval('np.tensordot')(*case)", ""),
        ("files = !ls\ndef conv2d(*case):\n    return np.tensordot(*case)", ""),
        ("conv2d = EXERCISES['conv2d'].rule", "the lesson's own rule: EXERCISES"),
        ("%%time\ndef conv2d(", ""),
    ],
)
def test_an_answer_that_names_the_lessons_own_rule_is_reported(answer, line):
    nb = nbformat.read(NOTEBOOKS[5], as_version=4)
    (cell,) = [cell for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == "conv2d"]
    cell.source = answer
    text = Text(nb)
    about = [one for one in text.doubts({"conv2d"}) if one.startswith("Answer conv2d")]
    assert any(line in one for one in about) if line else not about
    assert text.doubts(()) == []  # it earned nothing


@pytest.mark.parametrize(
    "code",
    ["x = " + "1+" * 50_000 + "1", "x = " + "(" * 5000 + ")" * 5000, "x = " + "-" * 20_000 + "1", "\x00", "x" * 10**7],
    ids=["a long sum", "parentheses", "signs", "a null", "a long name"],
)
def test_deeply_nested_code_is_parsed(code):
    nb = nbformat.read(NOTEBOOKS[5], as_version=4)
    nb.cells.append(nbformat.v4.new_code_cell(code))
    assert "conv2d" in Text(nb).asked


def test_nothing_is_reported_about_the_lesson_itself():
    for path in (*NOTEBOOKS, *FURTHER):
        text = Text(nbformat.read(path, as_version=4))
        assert text.doubts(text.asked) == []


def test_the_steps_are_those_of_nbgrader_with_execute_replaced():
    """And without the last one, which checks metadata that the gradebook has just replaced."""
    from nbgrader.converters import Autograde
    from traitlets.config.configurable import Configurable

    assert issubclass(Autograde, Configurable)
    usual = [step.__name__ for step in Autograde.autograde_preprocessors.default_args[0]]
    ours = [name.rpartition(".")[2].replace("Judge", "Execute") for name in STEPS]
    assert [*ours, "CheckCellMetadata"] == usual


# The oracle process

ORACLES = """
import sys
from gradekit.judge import oracle_process
from gradekit.exercise.oracle import true_result
from convkit.lesson import EXERCISES
oracle_process.have()
for exercise in EXERCISES.values():
    for case in exercise.visible:
        print(repr(true_result(exercise, case)).replace("\\n", ""))
print("tensorflow" in sys.modules)
oracle_process._other[1]._fork.kill()
oracle_process._other[1]._fork.wait()
print(true_result(EXERCISES["layer-params"], (3, 1, 5)), "tensorflow" in sys.modules)
"""


@linux
def test_a_process_without_tensorflow_gets_results_from_a_fork(own_fork_server):
    done = subprocess.run(
        [sys.executable, "-c", ORACLES], env=outside_pytest(), capture_output=True, text=True, timeout=240
    )
    here = [repr(oracle.here(one, case)).replace("\n", "") for one in EXERCISES.values() for case in one.visible]
    assert done.stdout.splitlines() == [*here, "False", "50 True"], done.stderr
    assert len(here) > len(EXERCISES)
