"""Work that would keep the grading busy for ever, or end it for everybody: each is done with in a moment."""

from __future__ import annotations

import ast
import json
import os
import socket
import stat
import subprocess
import threading
from types import SimpleNamespace

import nbformat
import pytest

from gradekit.feedback import FeedbackPage
from gradekit.grading import ledger, pool
from gradekit.grading.result import GradingResult, no_progress
from gradekit.judge import static_analysis
from gradekit.limits import SubmissionLimits
from gradekit.submissions import walk
from tests.conftest import NOTEBOOKS

LIMITS = SubmissionLimits()


def test_one_line_that_names_thousands():
    line = "=".join(f"v{i}" for i in range(20_000))
    bound = static_analysis._bound([ast.parse(f"def answer():\n    return v0\n{line}=conv2d")])
    assert set(static_analysis._reachable("answer", bound)) == {"conv2d"}


def test_a_text_that_a_cell_puts_out_without_end():
    page = FeedbackPage().markdown2html({}, "\\begin{a}" * 100_000)
    assert "(the first 50000 of 900000 characters)" in page


def test_a_folder_deeper_than_python_calls(tmp_path, monkeypatch):
    deep = "/".join("a" * 500)
    monkeypatch.chdir(tmp_path)
    for _ in range(3):
        os.makedirs(deep)
        os.chdir(deep)
    one = ledger.digest(tmp_path, LIMITS)
    with open("b", "w", encoding="utf-8") as file:
        file.write("b")
    two = ledger.digest(tmp_path, LIMITS)
    os.chdir(tmp_path)
    subprocess.run(["rm", "-r", "a"], check=True)  # shutil.rmtree calls itself
    assert one != two


def test_a_folder_with_more_names_than_are_looked_at(tmp_path):
    limits = SubmissionLimits(most_entries=5)
    for name in [*(f"a{number}.csv" for number in range(20)), "z.ipynb"]:
        (tmp_path / name).write_text("1")
    there = walk.listing(tmp_path, limits)
    assert ([file.name for file in there.files[:1]], len(there.files)) == (["z.ipynb"], 5)
    assert there.unseen.startswith("more than 5 files")
    before = ledger.digest(tmp_path, limits)
    (tmp_path / "z.ipynb").write_text("2")
    assert ledger.digest(tmp_path, limits) != before


def test_a_file_that_nobody_reads_for_a_grade_is_not_read_for_its_digest(tmp_path):
    assert LIMITS.most_read < 10**6  # MB
    (tmp_path / "a.csv").write_text("1")
    with (tmp_path / "data.bin").open("wb") as file:
        file.truncate(10**12)
    seen = {ledger.digest(tmp_path, LIMITS)}
    os.utime(tmp_path / "data.bin", (1e9, 1e9))
    seen.add(ledger.digest(tmp_path, LIMITS))
    os.utime(tmp_path / "a.csv", (1e9, 1e9))
    seen.add(ledger.digest(tmp_path, LIMITS))
    assert len(seen) == 2, "the time of the large one counts, and the content of the other"


@pytest.mark.skipif(not hasattr(os, "mknod"), reason="there are no device nodes here")
def test_devices_pipes_and_sockets_are_not_opened(tmp_path):
    os.mkfifo(tmp_path / "data.csv")
    try:
        os.mknod(tmp_path / "1.ipynb", stat.S_IFCHR | 0o600, os.makedev(1, 5))  # as /dev/zero
    except PermissionError:
        pytest.skip("who runs the tests may not make a device")
    there = walk.listing(tmp_path, LIMITS)
    assert (there.files, there.odd) == ((), {"1.ipynb": "a device", "data.csv": "a named pipe"})
    assert len(ledger.digest(tmp_path, LIMITS)) == 64


def test_cells_without_end_are_not_all_kept_as_trees(monkeypatch):
    monkeypatch.setattr(static_analysis, "MOST_PARSED", 300)
    nb = nbformat.read(NOTEBOOKS[5], as_version=4)
    (answer,) = [cell for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == "conv2d"]
    answer.source = "def conv2d(*case):\n    return EXERCISES['conv2d'].rule(*case)"
    for cell in nb.cells:
        if cell.cell_type == "code" and cell is not answer and "nbgrader" not in cell.metadata:
            cell.source = "a = 1\n" * 200
    text = static_analysis.Text(nb)
    assert f"The notebook reaches into what runs it: {static_analysis.UNREAD}" in text.doubts(())


class Small(pool.Pool):
    """A pool whose workers are threads. Some students are locked at first."""

    taken: dict[str, int]

    def _start_worker(self) -> None:
        ours, theirs = socket.socketpair()
        threading.Thread(target=self._work, args=(theirs,), daemon=True).start()
        worker = pool.WorkerProcess(SimpleNamespace(wait=lambda timeout: None), ours, "/nowhere")
        self.workers.append(worker)
        self.selector.register(ours, pool.selectors.EVENT_READ, worker)

    def _work(self, connection: socket.socket) -> None:
        with connection, connection.makefile() as lines:
            for student in (json.loads(line)["student"] for line in lines):
                if student == "crash":
                    connection.shutdown(socket.SHUT_RDWR)
                    return
                self.taken[student] = self.taken.get(student, 0) - 1
                status = "locked" if self.taken[student] >= 0 else "graded"
                result = {"student": student, "status": status, "lines": [], "whole": True, "new_pages": False}
                connection.sendall(json.dumps({"result": result}).encode() + b"\n")


@pytest.mark.parametrize(("students", "workers"), [(["ada", "bob", "eve"], 2), (["ada", "crash"], 1)])
def test_a_student_locked_by_another_run_is_graded_once_the_lock_is_free(students, workers, monkeypatch):
    monkeypatch.setattr(pool, "RETRY", 0.01)
    monkeypatch.setattr(pool, "longest", lambda here: 60.0)
    small = Small(None, dict.fromkeys(students), GradingResult(), no_progress)
    small.taken = {"ada": 2}
    small.run(workers)
    assert sorted([*small.outcome.graded, *small.outcome.failed]) == sorted(students)
    assert small.outcome.failed == [name for name in students if name == "crash"]
