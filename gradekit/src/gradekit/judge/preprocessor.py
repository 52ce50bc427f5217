"""How is a notebook run, whatever it does to its kernel? A cell at a time, in a kernel that is replaced when it dies.

A cell that ends its kernel, or hangs it, costs what that cell is worth: a new kernel runs what had worked before it,
and goes on behind it. A graded cell that could not be judged shows an error, which is worth no point: nbgrader would
take a cell without any output for a right one.
"""

from __future__ import annotations

import contextlib
import copy
import json
import os
import re
import secrets
import time
from collections.abc import Callable
from queue import Empty
from typing import Any

from jupyter_core.utils import run_sync
from nbclient.client import NotebookClient
from nbclient.exceptions import CellTimeoutError
from nbformat import NotebookNode, v4
from nbgrader.utils import is_grade, is_solution
from traitlets import Float, Integer, List, Unicode

from gradekit.errors import in_a_line
from gradekit.exercise.kernel_side import ANSWERS
from gradekit.exercise.registry import load
from gradekit.forkserver import preload
from gradekit.judge import NOTEBOOK_TIMEOUT, oracle_process, own_work
from gradekit.judge.causes import explain
from gradekit.judge.evaluate import Outputs, Undefined, decide
from gradekit.judge.messages import Hearing
from gradekit.judge.outputs import cleaned, count, error, plain
from gradekit.judge.parse_checks import Check, NoChecks, checks
from gradekit.judge.remote import Ask, NoKernel, NoReply
from gradekit.judge.scores import WAITS
from gradekit.judge.static_analysis import Text

PREPARE = "import gradekit.judge.own_work as a; a.install({!r}); del a"
ENDED = "the program that ran this notebook has ended here"
TOO_LONG = "it took too long"
HELD_UP = "it could not begin: what an earlier cell left behind held the program up"
HOLDS_UP = "it left something behind that held the program up for ever"
PAUSES = 0.3, 1.0, 3.0  # seconds behind each kernel that could not be started: the machine may have room again
# What a cell names that leaves something to be run behind its end.
LATER = re.compile(
    r"\b(call_(later|at|soon\w*)|create_task|ensure_future|run_coroutine_threadsafe|add_(callback|timeout)\w*"
    r"|spawn_callback|PeriodicCallback|Thread|Timer|submit|setitimer|alarm)\b"
)
WIDGETS = 4_000_000  # characters of what a notebook's widgets leave

new_code_cell: Callable[..., NotebookNode] = v4.new_code_cell


class Judge(Hearing):
    """nbgrader's Execute, which decides the checks of this course itself."""

    revivals = Integer(6, help="How many times a kernel that has ended is replaced, for each notebook.").tag(
        config=True
    )
    notebook_timeout = Integer(NOTEBOOK_TIMEOUT, help="Seconds for all cells of a notebook together.").tag(config=True)
    shortest_timeout = Integer(10, help="Seconds for a cell of a notebook in which many others took too long.").tag(
        config=True
    )
    exercises = List(
        Unicode(),
        help="Exercises, as 'module:NAME'; the module may be in the course's folder.",
    ).tag(config=True)
    settling = Float(0.3, help="Seconds after which a kernel that a cell has told to end has done so.").tag(config=True)
    answers_within = Integer(5, help="Seconds for a kernel that has been interrupted to say so.").tag(config=True)

    kc: Any
    nb: Any

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        settings.setdefault("shutdown_kernel", "immediate")  # nothing of a submission is kept: no goodbyes
        super().__init__(*arguments, **settings)
        for spec in self.exercises:
            load(spec, str(self.config.CourseDirectory.get("root", ".")))

    def preprocess(self, nb: NotebookNode, resources: Any = None, km: Any = None) -> tuple[NotebookNode, Any]:
        """Run a notebook; what its graded cells show is what was decided."""
        NotebookClient.__init__(self, nb, km)  # as nbconvert does: it begins anew with each notebook
        self.timeout_func, self.skip_cells_with_tag = self._seconds, ""
        self.reset_execution_trackers()
        self._check_assign_resources(resources)
        self.done: list[tuple[int, str]] = []  # cells to run again in a new kernel
        self.given_up: dict[str, str] = {}  # answers that ended or hung the kernel, and why they are not asked again
        self.deaths, self.slow, self.deadline = 0, 0, time.monotonic() + self.notebook_timeout
        self.careful = False  # has something been left behind that held the kernel up, and may be so again?
        self.shown: dict[int, Outputs] = {}
        self.text = Text(nb)
        if self.text.asked:
            oracle_process.have(preload.added(os.environ, preload.chosen(self.config, os.environ)))
        self.reply_name = f"Reply{secrets.token_hex(8)}"  # no name that a notebook could define beforehand
        self.earned: set[str] = set()  # answers that were right in a check
        self.waiting: set[str] = set()  # answers that a person has to decide
        self.told, self.name = False, str(self.resources.get("nbgrader", {}).get("notebook", "the notebook"))
        try:
            self._start()
            for index, cell in enumerate(nb.cells):
                if cell.cell_type == "code" and cell.source.strip():
                    self._cell(cell, index)
        finally:
            self._stop()
        self._write()
        for stop in explain(nb):
            self.log.warning("Cell %d of %s %s", stop.index + 1, self.name, stop)
        for answer in sorted(self.waiting):
            self.log.warning("Answer %s is correct only with a library whose functions are forbidden", answer)
        for line in self.text.doubts(self.earned):
            self.log.warning("%s", line)
        return nb, self.resources

    # -- the kernel --------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        self.km = self.kc = None
        self.create_kernel_manager()
        self.start_new_kernel()
        self.nb.metadata["language_info"] = run_sync(self._connect)()["language_info"]
        if self.text.asked:  # now: a notebook may lose its modules on the way
            self._aside(new_code_cell(PREPARE.format(self.reply_name)), 0, asking=True)

    async def _connect(self) -> Any:
        """What the kernel says of itself. nbclient would listen a fifth of a second longer, to hear nothing."""
        client = self.kc = self.new_client()
        client.start_channels(hb=False)  # its manager knows whether it lives, and a heart would be a thread more
        client.allow_stdin = False
        until = time.monotonic() + self.startup_timeout
        while time.monotonic() < until:
            client.kernel_info()
            with contextlib.suppress(Empty):
                reply = await client.shell_channel.get_msg(timeout=1)
                if reply["msg_type"] == "kernel_info_reply":
                    await client.iopub_channel.get_msg(timeout=0.2)  # outputs come through as well; if not, once more
                    return reply["content"]
            await self._async_check_alive()
        raise RuntimeError(f"the kernel did not answer within {self.startup_timeout} s")

    def _aside(self, cell: NotebookNode, index: int, asking: bool) -> None:
        """Run a cell that is not in the notebook, in the place of one that is."""
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
        """A new kernel, in which the cells that had worked run again. One that ends this kernel too is left out."""
        self._leave()
        while self.deaths < self.revivals and self.kc is None and time.monotonic() < self.deadline:
            self.deaths += 1
            self._start_anew()
            for again in list(self.done):
                if time.monotonic() > self.deadline:
                    return  # nothing more is run, whatever works in this kernel
                if not self._again(*again):
                    culprit = None if self.begun else self._left_behind(again[0])
                    self._leave_out(culprit or again)
                    self._leave()
                    break

    def _leave(self) -> None:
        """Have no kernel. One that is broken may not even end as it should."""
        with contextlib.suppress(Exception):
            self._stop()

    def _start_anew(self) -> None:
        """A kernel that has run nothing. Raises NoKernel where this machine has no room for one, for some seconds."""
        for pause in PAUSES:
            try:
                self._start()
                return
            except Exception as found:  # no cell of the notebook has run in it: this is no fault of the work
                problem = in_a_line(found)
                self.log.debug("No new kernel: %r", found)
                self._leave()
                time.sleep(pause)
        raise NoKernel(f"no new kernel could be started on this machine ({problem.rstrip('.')}). Grade it again.")

    def _leave_out(self, again: tuple[int, str]) -> None:
        """Run a cell in no further kernel. What it was worth by then it is worth still."""
        self.done.remove(again)
        if again[0] not in self.shown:
            self._not_run(again[0], HOLDS_UP if self.careful else ENDED)
        if self.careful:
            self.log.warning("Cell %d of %s held its kernel up", again[0] + 1, self.name)

    def _left_behind(self, before: int) -> tuple[int, str] | None:
        """The last cell before a place whose text says that it leaves something to be run."""
        return next((again for again in reversed(self.done) if again[0] < before and LATER.search(again[1])), None)

    def _again(self, index: int, source: str) -> bool:
        """Run a cell again; False if that is its kernel's end, at once or in a moment."""
        copied = new_code_cell(source)
        try:
            self._aside(copied, index, asking=False)
            if self.deaths > 1 or self.careful:
                time.sleep(self.settling)
            return not self.leaving and not _timed_out(copied) and run_sync(self._answers)()
        except CellTimeoutError:
            return False
        except Exception:  # it is dead: that it has begun may not have come through
            self.begun = True
            return False

    async def _answers(self) -> bool:
        """Does the kernel run what it is sent? One that has lost its stdout says what it is, and replies to no cell."""
        asked = self.kc.execute("", silent=True, store_history=False, stop_on_error=False)
        until = time.monotonic() + self.answers_within
        while time.monotonic() < until:
            try:
                message = await self.kc.shell_channel.get_msg(timeout=0.5)
                if message["parent_header"].get("msg_id") == asked:
                    return True
            except Exception:  # nothing yet, or a message that makes no sense
                await self._async_check_alive()
        return False

    def _responds(self) -> bool:
        try:
            return self.kc is not None and bool(run_sync(self._answers)())
        except Exception:  # it is dead
            return False

    # -- a cell ------------------------------------------------------------------------------------------------------

    def _cell(self, cell: NotebookNode, index: int) -> None:
        """Run one cell, or decide it."""
        cell.metadata.pop("tags", None)  # such as skip-execution, which would be worth all points
        found = self._checks(cell)
        if found is None:
            self.given_up.clear()
            self._run_cell(cell, index)
        else:
            cell.outputs = self.shown[index] = decide(found, lambda answer: self._asker(answer, index))
            if not any(output.output_type == "error" for output in cell.outputs):
                self.earned |= {check.answer for check in found}
            if any(output.get("metadata", {}).get(WAITS) for output in cell.outputs):
                self.waiting |= {check.answer for check in found}

    def _checks(self, cell: NotebookNode) -> tuple[Check, ...] | None:
        if not is_grade(cell) or is_solution(cell):
            return None
        try:
            return checks(cell.source)
        except NoChecks as reason:
            name = cell.metadata.nbgrader["grade_id"]
            self.log.warning("Check %s is decided by its asserts, in the kernel: %s", name, reason)
            return None

    def _asker(self, answer: str, index: int) -> Ask:
        """The way to ask about one answer: a cell of our own, whose output carries the reply."""

        def ask(request: str) -> str:
            cell = new_code_cell(own_work.ask(self.reply_name, answer, request))
            why = self._over(index) or self.given_up.get(answer) or self._twice(cell, index, asking=True)
            if why:
                self.given_up[answer] = why
                raise NoReply(why)
            return self._reply(cell, answer)

        return ask

    def _reply(self, cell: NotebookNode, answer: str) -> str:
        """What the kernel says, or the error that it met before it could say anything."""
        found = cell.outputs[0] if cell.outputs else {}
        if said := found.get("data", {}).get(ANSWERS):
            return str(said)
        if _timed_out(cell):
            self.given_up[answer] = TOO_LONG
            raise NoReply(TOO_LONG)
        if found.get("output_type") == "error":
            raise Undefined(found["ename"][:100], found["evalue"][:1000])
        raise NoReply("the program of the notebook said nothing that could be read")

    def _run_cell(self, cell: NotebookNode, index: int) -> None:
        why = self._over(index) or self._twice(cell, index)
        cell.outputs = cleaned(cell.get("outputs", []))
        if why:
            self._not_run(index, why)
        elif is_grade(cell):
            cell.outputs = [_warning(output) for output in cell.outputs]
            self.shown[index] = copy.deepcopy(cell.outputs)

    def _not_run(self, index: int, why: str) -> None:
        cell = self.nb.cells[index]
        self.shown[index] = [*cell.get("outputs", []), error("NotRun", why)]

    def _over(self, index: int) -> str:
        """Why nothing more is run."""
        why = ""
        if self.kc is None:
            why = f"{ENDED}, and it was started anew {self.deaths} times before"
        elif time.monotonic() > self.deadline:
            why = f"the notebook had been running for {self.notebook_timeout} s"
        if why and not self.told:
            self.told = True
            self.log.warning("Nothing is run from cell %d of %s on: %s", index + 1, self.name, why)
        return why

    def _twice(self, cell: NotebookNode, index: int, asking: bool = False) -> str:
        """Run a cell; once more if the kernel has ended, or was held up: it may have been a cell before that did it."""
        why = self._execute(cell, index, asking)
        return self._execute(cell, index, asking) if why in (ENDED, HELD_UP) and not self._over(index) else why

    def _execute(self, cell: NotebookNode, index: int, asking: bool) -> str:
        """Run a cell; "" or why there is no result. The kernel is a living one afterwards, if there may be one."""
        source, late = cell.source, False
        try:
            self._aside(cell, index, asking)
        except CellTimeoutError:  # it goes on, although it was interrupted
            self.leaving = late = True
        except Exception as problem:  # a dead kernel
            self.log.debug("%r", problem)
            self.leaving = True
        late = late or _timed_out(cell)
        self.slow += late
        held_up = late and not self.begun
        if held_up and (other := self._left_behind(index)):
            self.careful = True
            self._leave_out(other)
        elif late or self.leaving:
            self.log.warning("Cell %d of %s %s", index + 1, self.name, "took too long" if late else "ended its kernel")
        if self.leaving or held_up or (late and not self._responds()):
            known, self.careful = len(self.done), self.careful or late
            self._revive()
            held_up = held_up or (late and len(self.done) < known)  # by a cell that shows it now
            return HELD_UP if held_up else TOO_LONG if late else ENDED
        if not asking and not late:
            self.done.append((index, source))
        return ""

    def _seconds(self, cell: Any) -> int:
        """Seconds for a cell: fewer, when others took all that they were given."""
        left = max(int(self.deadline - time.monotonic()), 1)
        most = self.timeout if self.timeout and self.timeout > 0 else left
        return min(most, left, max(most >> self.slow, self.shortest_timeout))

    # -- the notebook ------------------------------------------------------------------------------------------------

    def _write(self) -> None:
        """Nothing that came later has touched what was decided, and everything can be written."""
        for index, cell in enumerate(self.nb.cells):
            if cell.cell_type == "code":
                cell.outputs = cleaned(self.shown.get(index, cell.get("outputs", [])))
                cell.execution_count = count(cell.get("execution_count"))
                cell.metadata.pop("execution", None)
        with contextlib.suppress(Exception):  # whatever a notebook says that its widgets are
            self.set_widgets_metadata()
        if "widgets" in self.nb.metadata:
            kept = plain(self.nb.metadata.pop("widgets"))
            if len(json.dumps(kept)) <= WIDGETS:
                self.nb.metadata.widgets = kept


def _timed_out(cell: NotebookNode) -> bool:
    return any(output.get("ename") == "CellTimeoutError" for output in cell.outputs if output.output_type == "error")


def _warning(output: Any) -> Any:
    """What a graded cell writes to stderr costs no point: an assert that fails is an error, and a warning is none."""
    if output.output_type == "stream":
        output.name = "stdout"
    return output
