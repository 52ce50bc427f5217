"""Run a notebook a cell at a time, in a kernel that is replaced when it ends.

A cell that ends or blocks its kernel costs its own points alone: a new kernel runs the earlier cells that worked, and
continues after it. A graded cell that could not be decided shows an error, which earns no points: nbgrader would count
a cell without any output as correct.
"""

from __future__ import annotations

import contextlib
import copy
import json
import os
import re
import secrets
import time
from queue import Empty
from typing import Any

from jupyter_core.utils import run_sync
from nbclient.client import NotebookClient
from nbclient.exceptions import CellTimeoutError
from nbformat import NotebookNode, from_dict
from nbgrader.utils import is_grade, is_solution
from traitlets import Integer, List, Unicode

from gradekit.errors import CourseError, in_a_line
from gradekit.exercise.kernel_side import ANSWERS
from gradekit.exercise.registry import load
from gradekit.exercise.variant import chosen, variant_of
from gradekit.forkserver import preload
from gradekit.judge import NOTEBOOK_TIMEOUT, oracle_process, own_work
from gradekit.judge.causes import explain
from gradekit.judge.evaluate import Outputs, Undefined, decide
from gradekit.judge.messages import FilteredExecute
from gradekit.judge.outputs import cleaned, count, error
from gradekit.judge.parse_checks import Check, NoChecks, checks
from gradekit.judge.records import is_record
from gradekit.judge.remote import NoKernel, NoReply, Send, in_isolation
from gradekit.judge.scores import WAITS
from gradekit.judge.static_analysis import Text
from gradekit.sandbox.config import KERNEL_NAME

PREPARE = "import gradekit.judge.own_work as a; a.install({!r}); del a"
ENDED = "the kernel of this notebook has ended here"
TOO_LONG = "it took too long"
BLOCKED = "it could not start: a background task of an earlier cell blocked the kernel"
BLOCKS = "it left a background task running that blocked the kernel"
PAUSES = 0.3, 1.0, 3.0  # seconds after each kernel that could not be started: memory may be free again
# Names in a cell that leaves a background task running.
LATER = re.compile(
    r"\b(call_(later|at|soon\w*)|create_task|ensure_future|run_coroutine_threadsafe|add_(callback|timeout)\w*"
    r"|spawn_callback|PeriodicCallback|Thread|Timer|submit|setitimer|alarm)\b"
)
SETTLING = 0.3  # seconds for a kernel to end after a cell has requested it


class Judge(FilteredExecute):
    """nbgrader's Execute, which decides the checks of graded cells outside of the kernel."""

    revivals = Integer(6, help="How many times the kernel of a notebook is replaced after it has ended.").tag(
        config=True
    )
    notebook_timeout = Integer(NOTEBOOK_TIMEOUT, help="Seconds for all cells of a notebook together.").tag(config=True)
    shortest_timeout = Integer(10, help="Seconds for a cell at least, when others of its notebook took too long.").tag(
        config=True
    )
    exercises = List(
        Unicode(),
        help="Exercises, as 'module:NAME'; the module may be in the course's folder.",
    ).tag(config=True)
    answers_within = Integer(5, help="Seconds for a kernel to reply after an interrupt.").tag(config=True)

    kc: Any
    nb: Any

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        settings.setdefault("shutdown_kernel", "immediate")  # no clean-up of a submission's kernel is needed
        settings.setdefault("record_timing", False)  # it is not written to the file
        super().__init__(*arguments, **settings)
        for spec in self.exercises:
            self._load(spec)

    def _load(self, spec: str) -> None:
        try:
            load(spec, str(self.config.CourseDirectory.get("root", ".")))
        except Exception as problem:
            raise CourseError(
                f"c.Judge.exercises names {spec!r}, which can't be loaded ({in_a_line(problem)})."
            ) from None

    def preprocess(self, nb: NotebookNode, resources: Any = None, km: Any = None) -> tuple[NotebookNode, Any]:
        """Run a notebook; the outputs of its graded cells are those that were decided."""
        NotebookClient.__init__(self, nb, km)  # as nbconvert does: reset for each notebook
        self.timeout_func, self.skip_cells_with_tag = self._seconds, ""
        self.reset_execution_trackers()
        self._check_assign_resources(resources)
        self.done: list[tuple[int, str]] = []  # cells to run again in a new kernel
        self.given_up: dict[str, str] = {}  # answers that ended or blocked the kernel, and the reason that is shown
        self.deaths, self.slow, self.deadline = 0, 0, time.monotonic() + self.notebook_timeout
        self.careful = False  # a background task has blocked the kernel, and may do so again
        self.shown: dict[int, Outputs] = {}
        self.text = Text(nb)
        if self.text.asked:
            oracle_process.have(preload.added(os.environ, preload.chosen(self.config, os.environ)))
        self.reply_name = f"Reply{secrets.token_hex(8)}"  # a notebook can't define it beforehand
        self.earned: set[str] = set()  # answers that were correct in a check
        self.waiting: dict[str, str] = {}  # answers that wait for manual grading, and why
        self.told, self.name = False, str(self.resources.get("nbgrader", {}).get("notebook", "the notebook"))
        self.has_variants = False
        name = chosen([cell.source for cell in nb.cells if cell.cell_type == "code"])
        try:
            self._start()
            with variant_of(name or str(self.resources.get("nbgrader", {}).get("student", ""))) as variant:
                for index, cell in enumerate(nb.cells):
                    if cell.cell_type == "code" and cell.source.strip():
                        self._cell(cell, index)
        finally:
            self._stop()
        if self.has_variants:
            nb.metadata["gradekit_variant"] = variant
        self._write()
        for stop in explain(nb):
            mend = stop.out_of_reach() if self.kernel_name == KERNEL_NAME else ""
            self.log.warning("Cell %d of %s %s%s", stop.index + 1, self.name, stop, mend)
        for answer, why in sorted(self.waiting.items()):
            self.log.warning(
                "Answer %s is correct, and may need a library whose functions are forbidden: %s", answer, why
            )
        for line in self.text.doubts(self.earned):
            self.log.warning("%s", line)
        return nb, self.resources

    # -- the kernel --------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        self.km = self.kc = None
        self.create_kernel_manager()
        self.start_new_kernel()
        self.nb.metadata["language_info"] = run_sync(self._connect)()["language_info"]
        if self.text.asked:  # now: later, a cell may have unloaded modules
            self._aside(new_code_cell(PREPARE.format(self.reply_name)), 0, asking=True)

    async def _connect(self) -> Any:
        """Connect to the kernel and return its info. nbclient would wait 0.2 s longer."""
        manager: Any = self.km
        client = self.kc = manager.client()
        client.start_channels(hb=False)  # its manager knows whether it runs; a heartbeat is one more thread
        client.allow_stdin = False
        until = time.monotonic() + self.startup_timeout
        while time.monotonic() < until:
            client.kernel_info()
            with contextlib.suppress(Empty):
                reply = await client.shell_channel.get_msg(timeout=1)
                if reply["msg_type"] == "kernel_info_reply":
                    await client.iopub_channel.get_msg(timeout=0.2)  # without a sandbox: iopub is connected too
                    return reply["content"]
            await self._async_check_alive()
        raise RuntimeError(f"the kernel did not answer within {self.startup_timeout} s")

    def _aside(self, cell: NotebookNode, index: int, asking: bool) -> None:
        """Run a cell that is not in the notebook, at the index of one that is."""
        original, self.asking, self.leaving, self.begun = self.nb.cells[index], asking, False, False
        try:
            with self.counted_apart():
                self.execute_cell(cell, index, store_history=not asking)
        finally:
            self.asking, self.nb.cells[index] = False, original

    def _stop(self) -> None:
        if self.km is not None:
            try:
                self._cleanup_kernel()
            finally:
                self.km = self.kc = None

    def _revive(self) -> None:
        """Run the cells that had worked in a new kernel; a cell that ends this one too is left out."""
        self._leave()
        while self.deaths < self.revivals and self.kc is None and time.monotonic() < self.deadline:
            self.deaths += 1
            self._start_again()
            for again in list(self.done):
                if time.monotonic() > self.deadline:
                    return  # no further cell is run
                if not self._again(*again):
                    culprit = None if self.begun else self._left_behind(again[0])
                    self._leave_out(culprit or again)
                    self._leave()
                    break

    def _leave(self) -> None:
        """Stop the kernel; one that is broken may raise an error."""
        with contextlib.suppress(Exception):
            self._stop()

    def _start_again(self) -> None:
        """Start a kernel. Raises NoKernel after some failures, for want of memory or processes."""
        for pause in PAUSES:
            try:
                self._start()
                return
            except Exception as found:  # no cell has run in it: not the fault of the submission
                problem = in_a_line(found)
                self.log.debug("No new kernel: %r", found)
                self._leave()
                time.sleep(pause)
        raise NoKernel(f"no new kernel could be started on this machine ({problem.rstrip('.')}). Grade it again.")

    def _leave_out(self, again: tuple[int, str]) -> None:
        """Leave a cell out of further kernels. It keeps the points that it has."""
        self.done.remove(again)
        if again[0] not in self.shown:
            self._not_run(again[0], BLOCKS if self.careful else ENDED)
        if self.careful:
            self.log.warning("Cell %d of %s held its kernel up", again[0] + 1, self.name)

    def _left_behind(self, before: int) -> tuple[int, str] | None:
        """The last cell before an index whose source seems to start a background task."""
        return next((again for again in reversed(self.done) if again[0] < before and LATER.search(again[1])), None)

    def _again(self, index: int, source: str) -> bool:
        """Run a cell again; False if that ends its kernel, at once or a moment later."""
        copied = new_code_cell(source)
        try:
            self._aside(copied, index, asking=False)
            if self.deaths > 1 or self.careful:
                time.sleep(SETTLING)
            return not self.leaving and not _timed_out(copied) and run_sync(self._answers)()
        except CellTimeoutError:
            return False
        except Exception:  # the kernel has ended; the message that the cell had started may be lost
            self.begun = True
            return False

    async def _answers(self) -> bool:
        """Whether the kernel executes code: without a stdout, one replies to kernel_info alone."""
        asked = self.kc.execute("", silent=True, store_history=False, stop_on_error=False)
        until = time.monotonic() + self.answers_within
        while time.monotonic() < until:
            try:
                message = await self.kc.shell_channel.get_msg(timeout=0.5)
                if message["parent_header"].get("msg_id") == asked:
                    return True
            except Exception:  # nothing yet, or a malformed message
                await self._async_check_alive()
        return False

    def _responds(self) -> bool:
        try:
            return self.kc is not None and bool(run_sync(self._answers)())
        except Exception:  # it has ended
            return False

    # -- a cell ------------------------------------------------------------------------------------------------------

    def _cell(self, cell: NotebookNode, index: int) -> None:
        """Run one cell, or decide its checks."""
        cell.metadata.pop("tags", None)  # such as skip-execution, which would earn full points
        found = self._checks(cell)
        if found is None:
            self.given_up.clear()
            self._run_cell(cell, index)
        else:
            self.has_variants |= any(check.exercise.variants for check in found)
            cell.outputs = self.shown[index] = decide(found, lambda answer: self._sender(answer, index))
            if not any(output.output_type == "error" for output in cell.outputs):
                self.earned |= {check.answer for check in found}
            for why in filter(None, (output.get("metadata", {}).get(WAITS) for output in cell.outputs)):
                self.waiting |= dict.fromkeys((check.answer for check in found), why)

    def _checks(self, cell: NotebookNode) -> tuple[Check, ...] | None:
        if not is_grade(cell) or is_solution(cell):
            return None
        try:
            return checks(cell.source)
        except NoChecks as reason:
            name = cell.metadata.nbgrader["grade_id"]
            self.log.warning("Check %s is decided by its asserts, in the kernel: %s", name, reason)
            return None

    def _sender(self, answer: str, index: int) -> Send:
        """The function that sends requests about one answer, whose cases the kernel must not see where it can cheat."""

        def send(request: str) -> str:
            """A cell of the grader's, whose output is the reply."""
            cell = new_code_cell(own_work.ask(self.reply_name, answer, request))
            why = self._over(index) or self.given_up.get(answer) or self._twice(cell, index, asking=True)
            if why:
                self.given_up[answer] = why
                raise NoReply(why)
            return self._reply(cell, answer)

        def send_forbidding(request: str) -> str:
            asked = json.loads(request)
            packages = own_work.packages(asked["forbidden"])
            if not asked["cases"] or not packages or self.km is None or not hasattr(self.km.provisioner, "isolate"):
                return send(request)
            return in_isolation(send, lambda: self.km.provisioner.isolate(request, packages), request)

        return send_forbidding

    def _reply(self, cell: NotebookNode, answer: str) -> str:
        """The kernel's reply. Raises Undefined or NoReply without one."""
        found = cell.outputs[0] if cell.outputs else {}
        if said := found.get("data", {}).get(ANSWERS):
            return str(said)
        if _timed_out(cell):
            self.given_up[answer] = TOO_LONG
            raise NoReply(TOO_LONG)
        if found.get("output_type") == "error":
            raise Undefined(found["ename"][:100], found["evalue"][:1000])
        raise NoReply("the kernel sent no reply that could be decoded")

    def _run_cell(self, cell: NotebookNode, index: int) -> None:
        why = self._over(index) or self._twice(cell, index)
        cell.outputs = cleaned(cell.get("outputs", []))
        if why:
            self._not_run(index, why)
        elif is_grade(cell):
            cell.outputs = [_warning(output) for output in cell.outputs if not is_record(output)]
            self.shown[index] = copy.deepcopy(cell.outputs)

    def _not_run(self, index: int, why: str) -> None:
        cell = self.nb.cells[index]
        self.shown[index] = [*cell.get("outputs", []), error("NotRun", why)]

    def _over(self, index: int) -> str:
        """Why no further cell is run; "" otherwise."""
        why = ""
        if self.kc is None:
            why = f"{ENDED}, and it had been restarted {self.deaths} times"
        elif time.monotonic() > self.deadline:
            why = f"the notebook had been running for {self.notebook_timeout} s"
        if why and not self.told:
            self.told = True
            self.log.warning("Nothing is run from cell %d of %s on: %s", index + 1, self.name, why)
        return why

    def _twice(self, cell: NotebookNode, index: int, asking: bool = False) -> str:
        """Run a cell; again if the kernel has ended or was blocked: an earlier cell may have been the cause."""
        why = self._execute(cell, index, asking)
        return self._execute(cell, index, asking) if why in (ENDED, BLOCKED) and not self._over(index) else why

    def _execute(self, cell: NotebookNode, index: int, asking: bool) -> str:
        """Run a cell; return "", or why it has no result. A kernel that has ended is replaced."""
        source, late = cell.source, False
        try:
            self._aside(cell, index, asking)
        except CellTimeoutError:  # it ignored an interrupt
            self.leaving = late = True
        except Exception as problem:  # the kernel has ended
            self.log.debug("%r", problem)
            self.leaving = True
        late = late or _timed_out(cell)
        self.slow += late
        blocked = late and not self.begun
        if blocked and (other := self._left_behind(index)):
            self.careful = True
            self._leave_out(other)
        elif late or self.leaving:
            self.log.warning("Cell %d of %s %s", index + 1, self.name, "took too long" if late else "ended its kernel")
        if self.leaving or blocked or (late and not self._responds()):
            known, self.careful = len(self.done), self.careful or late
            self._revive()
            blocked = blocked or (late and len(self.done) < known)  # by a cell that the new kernel has exposed
            return BLOCKED if blocked else TOO_LONG if late else ENDED
        if not asking and not late:
            self.done.append((index, source))
        return ""

    def _seconds(self, cell: Any) -> int:
        """Seconds for a cell: half as many after each one that took too long."""
        left = max(int(self.deadline - time.monotonic()), 1)
        most = self.timeout if self.timeout and self.timeout > 0 else left
        return min(most, left, max(most >> self.slow, self.shortest_timeout))

    # -- the notebook ------------------------------------------------------------------------------------------------

    def _write(self) -> None:
        """Restore the outputs that were decided, and clean everything that is written to the file."""
        for index, cell in enumerate(self.nb.cells):
            if cell.cell_type == "code":
                cell.outputs = cleaned(self.shown.get(index, cell.get("outputs", [])))
                cell.execution_count = count(cell.get("execution_count"))
                cell.metadata.pop("execution", None)
        self.nb.metadata.pop("widgets", None)  # no page shows widgets


def new_code_cell(source: str) -> NotebookNode:
    """A cell that is not in the notebook, without nbformat's slow validation."""
    empty: dict[str, Any] = {"metadata": {}, "execution_count": None, "outputs": []}
    cell: NotebookNode = from_dict({"cell_type": "code", "source": source, **empty})  # type: ignore[no-untyped-call]
    return cell


def _timed_out(cell: NotebookNode) -> bool:
    return any(output.get("ename") == "CellTimeoutError" for output in cell.outputs if output.output_type == "error")


def _warning(output: Any) -> Any:
    """Move stderr to stdout: nbgrader gives no points for a cell that writes to stderr, such as a warning."""
    if output.output_type == "stream":
        output.name = "stdout"
    return output
