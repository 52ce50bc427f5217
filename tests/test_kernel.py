"""A kernel on a pair of sockets shows what ipykernel shows: the same cells run in both, and outputs are compared."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from gradekit import forkserver
from gradekit.forkserver import client as fork_client
from gradekit.forkserver import preload
from gradekit.notebook import mark
from gradekit.sandbox import config
from gradekit.sandbox.provisioner import NotSandboxed
from gradekit.solutions import answer, right_answers
from tests.answers import bank
from tests.conftest import FURTHER, NOTEBOOKS
from tests.odd_cells import ODD
from tests.processes import eventually, outside_pytest, printed

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the sandbox needs Linux")
SEED = "import keras; keras.utils.set_random_seed(1)"
PNG = "image/png"  # drawn otherwise in a sandbox (`gradekit.patches.draw_figures_once`)
MASKS = [
    (r"0x[0-9a-f]{6,}", "ADDRESS"),
    (r"\b[0-9a-f]{32}\b|\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "ID"),
    (r"\bipykernel_\d+/\d+", "ipykernel_PROCESS/CELL"),
    (r"[\d.]+(e[+-]?\d+)? ?(ns|[µμ]s|ms|s)\b(/step|/epoch)?", "SECONDS"),
    (r"/\S*/(scratch/(work|tmp|home)|here)\b|/tmp\b", "FOLDER"),
    (r"<dc:date>.*</dc:date>", "DATE"),
    (r"\d+ times faster", "FASTER"),
]


def both(sources: list[str], folder: Path) -> list[tuple[str, Any, Any]]:
    """Each cell with its outputs in the sandboxed kernel, and in ipykernel as it comes, from the same fork server."""
    ours, theirs = (shown(name, sources, folder / "here") for name in (config.KERNEL_NAME, forkserver.KERNEL_NAME))
    return list(zip(sources, ours, theirs, strict=True))


def shown(kernel: str, sources: list[str], folder: Path) -> list[Any]:
    """The outputs of each cell, masked, and its execution count."""
    nb = new_notebook(cells=[new_code_cell(source) for source in sources])
    folder.mkdir(exist_ok=True)
    client = NotebookClient(nb, kernel_name=kernel, allow_errors=True, timeout=300)
    client.execute(cwd=str(folder), env=outside_pytest())
    return [[masked(joined(cell.outputs)), cell.execution_count] for cell in nb.cells]


def joined(outputs: list[Any]) -> list[dict[str, Any]]:
    """Adjacent pieces of a stream are one output: ipykernel cuts it by the clock."""
    found: list[dict[str, Any]] = []
    for output in outputs:
        if output.output_type == "stream" and found and found[-1].get("name") == output.name:
            found[-1]["text"] += output.text
        else:
            found.append(dict(output))
    return found


def masked(value: Any) -> Any:
    """A value without times, addresses, ids and folders."""
    if isinstance(value, dict):
        return {key: masked(item) for key, item in value.items() if key != PNG}
    if isinstance(value, list):
        return [masked(item) for item in value]
    if isinstance(value, str):
        for pattern, name in MASKS:
            value = re.sub(pattern, name, value)
    return value


@contextmanager
def fork_server(*modules: str) -> Iterator[None]:
    """A fork server that no other run shares, with these modules loaded."""
    patch, folder = pytest.MonkeyPatch(), Path(tempfile.mkdtemp(prefix="kernel-"))
    patch.setenv("XDG_RUNTIME_DIR", str(folder))
    patch.setenv("JUPYTER_PATH", os.pathsep.join(map(str, (config.jupyter_path(), forkserver.jupyter_path()))))
    patch.setenv(preload.VARIABLE, ",".join(modules))
    patch.delenv("GRADEKIT_FORKSERVER", raising=False)
    yield
    fork_client._lease = None
    patch.undo()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def odd(tmp_path_factory) -> list[tuple[str, Any, Any]]:
    with fork_server("matplotlib.pyplot"):
        return both(ODD, tmp_path_factory.mktemp("odd"))


@pytest.fixture(scope="module")
def with_tensorflow() -> Iterator[None]:
    with fork_server("convkit.lesson.preload"):
        yield


@pytest.mark.days  # streams of programs and forks are in the order of a machine that has time for them
@pytest.mark.parametrize("number", range(len(ODD)), ids=[source.splitlines()[0][:40] for source in ODD])
def test_an_odd_cell_shows_what_it_shows_in_ipykernel(odd, number):
    _, ours, theirs = odd[number]
    assert ours == theirs


# What a pair of sockets has to bear


@pytest.fixture(scope="module")
def server() -> Iterator[None]:
    with fork_server():
        yield


@contextmanager
def kernel(folder: Path) -> Iterator[tuple[KernelManager, Any]]:
    """A sandboxed kernel and its client."""
    manager = KernelManager(kernel_name=config.KERNEL_NAME)
    manager.start_kernel(cwd=str(folder), env=outside_pytest())
    one = manager.client()
    one.start_channels()
    try:
        one.wait_for_ready(timeout=300)
        yield manager, one
    finally:
        one.stop_channels()
        manager.shutdown_kernel(now=True)


def test_requests_and_replies_may_be_larger_than_what_a_socket_holds(server, tmp_path):
    """The kernel sends the request back while the grader still sends it."""
    assert shown(config.KERNEL_NAME, [f"len({'x' * 5_000_000!r})"], tmp_path)[0][0][0]["data"] == {
        "text/plain": "5000000"
    }


def test_a_lone_surrogate_does_not_keep_a_cell_from_its_end(server, tmp_path):
    """UTF-8 has none: ipykernel sends no such text, and nothing after it where outputs and replies are in one order."""
    cells = ["print('a\\ud800')", "raise ValueError('b\\ud800')", "print('c')"]
    printed, raised, then = (outputs[0] for outputs, _ in shown(config.KERNEL_NAME, cells, tmp_path))
    assert (printed["text"], raised["evalue"], then["text"]) == ("a?\n", "b?", "c\n")


def test_a_closed_stdout_does_not_keep_a_cell_from_its_end(server, tmp_path):
    cells = ["import sys\nsys.stdout.close()", "print('a')", "1 + 1"]
    closed, refused, then = (outputs for outputs, _ in shown(config.KERNEL_NAME, cells, tmp_path))
    assert closed == []
    assert refused[0]["ename"] == "ValueError"
    assert then[0]["data"]["text/plain"] == "2"


def test_a_file_with_the_name_of_a_standard_module_does_not_replace_it(server, tmp_path):
    """The folder of the notebook comes after the standard library, as in ipykernel."""
    for name in ("colorsys", "helper_of_mine"):
        (tmp_path / f"{name}.py").write_text("mine = 1\n\n\ndef twice(n):\n    return 2 * n\n")
    spawned = "from multiprocessing import get_context\nwith get_context('spawn').Pool(1) as pool:\n    "
    cells = [
        f"{spawned}import helper_of_mine; print(pool.map(helper_of_mine.twice, [1, 2]))",
        "import colorsys, helper_of_mine\nhasattr(colorsys, 'mine'), helper_of_mine.mine",
        "import sys; sys.path",
    ]
    ours, theirs = (shown(name, cells, tmp_path) for name in (config.KERNEL_NAME, forkserver.KERNEL_NAME))
    assert [cell[0][0].get("text", "") for cell in ours[:2]] == ["[2, 4]\n", ""]
    assert ours[1][0][0]["data"]["text/plain"] == "(False, 1)"
    assert ours == theirs


def test_a_fork_that_comes_back_from_its_cell_takes_no_requests(server, tmp_path):
    forks = ["import os\nforks = [os.fork() for _ in range(3)]"] + ["os.getpid()"] * 20
    found = [outputs[0]["data"]["text/plain"] for outputs, _ in shown(config.KERNEL_NAME, forks, tmp_path)[1:]]
    assert len(found) == 20
    assert len(set(found)) == 1


def test_packets_that_are_not_a_message_are_left_out(server, tmp_path):
    code = """
        kernel = get_ipython().kernel
        connection = kernel.iopub_socket._wire._connection
        of_no_channel, of_many_parts = b"\\3\\x09" + b"\\0" * 4, b"\\3\\0" + b"\\xff" * 4
        for packet in (b"\\0", b"\\3", b"\\3?", b"\\1" + b"x" * 60_000, of_no_channel, of_many_parts):
            connection.send(packet)
        print("sent")
    """
    with kernel(tmp_path) as (_, one):
        assert printed(one, code) == "sent"
        assert printed(one, "print('and more')") == "and more"


def test_a_kernel_ends_with_its_grader_and_is_started_again(server, tmp_path):
    with kernel(tmp_path) as (manager, one):
        manager.provisioner.link.close()
        assert eventually(lambda: manager.provisioner.process.poll() is not None)
        manager.restart_kernel(now=True)
        one.wait_for_ready(timeout=300)
        assert printed(one, "print('again')") == "again"


def test_an_interrupt_ends_the_cell_alone(server, tmp_path):
    with kernel(tmp_path) as (manager, one):
        for loop in (
            "while True: print('x' * 1000)",
            "import time\nwhile True: time.sleep(9)",
            "await __import__('asyncio').sleep(999)",
        ):
            request = one.execute(f"import asyncio, time\nprint('begun', flush=True)\n{loop}")
            while one.get_iopub_msg(timeout=60)["content"].get("text", "")[:5] != "begun":
                pass
            time.sleep(0.3)  # the kernel waits by now, where the cell does
            manager.interrupt_kernel()
            reply = one._recv_reply(request, timeout=60)
            assert reply["content"]["ename"] in ("KeyboardInterrupt", "CancelledError")
            assert printed(one, "print('alive')") == "alive"


def test_with_another_ipykernel_nothing_is_run(tmp_path, monkeypatch):
    monkeypatch.setattr("gradekit.kernel.KNOWN", "0")
    with pytest.raises(
        NotSandboxed, match=r"ipykernel 7\.\S+ is installed, and 7.1 or a later 7 is needed. Nothing was run."
    ):
        shown(config.KERNEL_NAME, ["1"], tmp_path)


# The course: its lessons, and the bank of answers


def lesson(path: Path, answers: dict[str, str]) -> list[str]:
    """The code of a notebook of the course, with these answers."""
    nb = nbformat.read(path, as_version=4)
    answer(nb, answers)
    return [SEED, *(cell.source for cell in nb.cells if cell.cell_type == "code" and cell.source.strip())]


def differing(cells: list[tuple[str, Any, Any]]) -> list[tuple[str, Any, Any]]:
    return [one for one in cells if one[1] != one[2]]


@pytest.mark.days
@pytest.mark.parametrize("path", [*NOTEBOOKS, *FURTHER], ids=lambda path: path.stem)
def test_the_lesson_shows_what_it_shows_in_ipykernel(with_tensorflow, path, tmp_path):
    assert not differing(both(lesson(path, right_answers(path.parent)), tmp_path))


@pytest.mark.days
@pytest.mark.parametrize("path", [*NOTEBOOKS, *FURTHER], ids=lambda path: path.stem)
def test_the_bank_shows_what_it_shows_in_ipykernel(with_tensorflow, path, tmp_path):
    """A notebook with the correct answers, and after it each answer of the bank with its checks but those that draw."""
    cells = lesson(path, right_answers(path.parent))
    checks = [re.sub(r".*verify_(fresh|variant).*", "", cell) for cell in cells if "verify(" in cell]
    asked = {mark(cell).get("grade_id") for cell in nbformat.read(path, as_version=4).cells}
    answers = [one for one in bank() if one.exercise in asked]
    assert answers
    for one in answers:
        cells += [one.source, *(check for check in checks if f'"{one.exercise}"' in check)]
    assert not differing(both(cells, tmp_path))
