"""How is a notebook run, whatever it does to its kernel? A cell at a time, in a kernel that is replaced when it dies.

A cell that ends its kernel, or hangs it, costs what that cell is worth: a new kernel runs what had worked before it,
and goes on behind it. A graded cell that could not be judged shows an error, which is worth no point: nbgrader would
take a cell without any output for a right one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from queue import Empty
from typing import Any

from jupyter_core.utils import run_sync
from nbclient.client import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode, v4
from nbgrader.preprocessors import Execute
from nbgrader.utils import is_grade, is_solution
from traitlets import Integer

from convkit.course.judge.checks import Check, NoChecks, checks
from convkit.course.judge.decide import Outputs, Undefined, decide, no_reply
from convkit.course.judge.remote import Ask, NoReply
from convkit.lesson.answering import ANSWERS

ASK = "__import__('convkit.lesson.answering', fromlist=['reply']).reply(lambda: ({answer}), {request!r})"
ENDED = "the program that ran this notebook has ended here"
ANSWERS_WITHIN = 5  # seconds for a kernel that has been interrupted

new_code_cell: Callable[..., NotebookNode] = v4.new_code_cell
new_output: Callable[..., Any] = v4.new_output


class Judge(Execute):  # type: ignore[misc]
    """nbgrader's Execute, which decides the checks of this course itself."""

    revivals = Integer(3, help="How many times a kernel that has ended is replaced, for each notebook.").tag(
        config=True
    )
    notebook_timeout = Integer(600, help="Seconds for all cells of a notebook together.").tag(config=True)

    kc: Any
    nb: Any

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        settings.setdefault("shutdown_kernel", "immediate")  # nothing of a submission is kept: no goodbyes
        super().__init__(*arguments, **settings)

    def preprocess(self, nb: NotebookNode, resources: Any = None, km: Any = None) -> tuple[NotebookNode, Any]:
        """Run a notebook; what its graded cells show is what was decided."""
        NotebookClient.__init__(self, nb, km)  # as nbconvert does: it begins anew with each notebook
        self.timeout_func = self._seconds
        self.reset_execution_trackers()
        self._check_assign_resources(resources)
        self.done: list[tuple[int, str]] = []  # cells to run again in a new kernel
        self.deaths, self.deadline = 0, time.monotonic() + self.notebook_timeout
        self.shown: dict[int, Outputs] = {}
        self._start()
        try:
            for index, cell in enumerate(nb.cells):
                if cell.cell_type == "code" and cell.source.strip():
                    self._cell(cell, index)
        finally:
            self._stop()
        for index, outputs in self.shown.items():  # no later message may have touched them
            nb.cells[index].outputs = outputs
        self.set_widgets_metadata()
        return nb, self.resources

    def _start(self) -> None:
        self.km = self.kc = None
        self.create_kernel_manager()
        self.start_new_kernel()
        self.start_new_kernel_client()
        about = self.wait_for_reply(self.kc.kernel_info())
        self.nb.metadata["language_info"] = about["content"]["language_info"]

    def _stop(self) -> None:
        if self.km is not None:
            self._cleanup_kernel()

    def _cell(self, cell: NotebookNode, index: int) -> None:
        """Run one cell, or decide it."""
        found = self._checks(cell)
        if found is None:
            self._run_cell(cell, index)
        else:
            cell.outputs = self.shown[index] = self._decided(found, index)

    def _checks(self, cell: NotebookNode) -> tuple[Check, ...] | None:
        if not is_grade(cell) or is_solution(cell):
            return None
        try:
            return checks(cell.source)
        except NoChecks as reason:
            name = cell.metadata.nbgrader["grade_id"]
            self.log.warning("Check %s is decided by its asserts, in the kernel: %s", name, reason)
            return None

    def _decided(self, found: tuple[Check, ...], index: int) -> Outputs:
        if why := self._over():
            return no_reply(why)
        outputs: Outputs = []
        try:
            outputs = decide(found, lambda answer: self._asker(answer, index))
        finally:
            self._responds()
        return outputs

    def _asker(self, answer: str, index: int) -> Ask:
        """The way to ask about one answer: a cell of our own, whose output carries the reply."""

        def ask(request: str) -> str:
            cell = new_code_cell(ASK.format(answer=answer, request=request))
            if why := self._over() or self._execute(cell, index, keep=False):
                raise NoReply(why)
            return _reply(cell)

        return ask

    def _run_cell(self, cell: NotebookNode, index: int) -> None:
        why = self._over() or self._execute(cell, index)
        if why:
            cell.outputs = [*cell.get("outputs", []), _error("NotRun", why)]
            self.shown[index] = cell.outputs

    def _over(self) -> str:
        """Why nothing more is run."""
        if self.kc is None:
            return f"{ENDED}, and it was started anew {self.revivals} times before"
        if time.monotonic() > self.deadline:
            return f"the notebook had been running for {self.notebook_timeout} s"
        return ""

    def _execute(self, cell: NotebookNode, index: int, keep: bool = True) -> str:
        """Run a cell; "" or why there is no result. The kernel is a living one afterwards, if there may be one."""
        original, source = self.nb.cells[index], cell.source
        try:
            self.execute_cell(cell, index, store_history=True)
        except Exception as problem:  # a dead kernel, or messages that make no sense: it begins anew
            self.log.warning("The kernel ended in cell %d: %s", index, problem)
            self._revive()
            return ENDED
        finally:
            self.nb.cells[index] = original
            if not keep:
                self.clear_display_id_mapping(index)
        if _timed_out(cell):
            self._responds()
        elif keep:
            self.done.append((index, source))
        return ""

    def _seconds(self, cell: Any) -> int:
        left = max(int(self.deadline - time.monotonic()), 1)
        return min(self.timeout, left) if self.timeout and self.timeout > 0 else left

    def _responds(self) -> None:
        """A kernel that no longer answers is replaced."""
        if self.kc is None:
            return
        try:
            alive = run_sync(self._answers)()
        except (DeadKernelError, RuntimeError):
            alive = False
        if not alive:
            self._revive()

    async def _answers(self) -> bool:
        asked, until = self.kc.kernel_info(), time.monotonic() + ANSWERS_WITHIN
        while time.monotonic() < until:
            try:
                message = await self.kc.shell_channel.get_msg(timeout=0.5)
            except Empty:
                await self._async_check_alive()
                continue
            if message["parent_header"].get("msg_id") == asked:
                return True
        return False

    def _revive(self) -> None:
        """A new kernel, in which the cells that had worked run again. Another death in one of them uses one up too."""
        self._stop()
        while self.deaths < self.revivals and self.kc is None and time.monotonic() < self.deadline:
            self.deaths += 1
            self._start()
            if not all(self._again(*cell) for cell in self.done):
                self._stop()

    def _again(self, index: int, source: str) -> bool:
        original, copy = self.nb.cells[index], new_code_cell(source)
        try:
            self.execute_cell(copy, index, store_history=True)
        except Exception:
            return False
        finally:
            self.nb.cells[index] = original
        return not _timed_out(copy)


def _timed_out(cell: NotebookNode) -> bool:
    return any(output.get("ename") == "CellTimeoutError" for output in cell.outputs if output.output_type == "error")


def _error(name: str, text: str) -> Any:
    return new_output("error", ename=name, evalue=text, traceback=[f"{name}: {text}."])


def _reply(cell: NotebookNode) -> str:
    """What the kernel says, or the error that it met before it could say anything."""
    for output in cell.outputs:
        said = output.get("data", {}).get(ANSWERS)
        if isinstance(said, str):
            return said
    for output in cell.outputs:
        if output.output_type == "error":
            raise _undefined(output)
    raise NoReply("the program of the notebook said nothing")


def _undefined(output: Any) -> Exception:
    name, text = str(output.get("ename"))[:100], str(output.get("evalue"))[:1000]
    if name == "CellTimeoutError":
        return NoReply("it took too long")
    return Undefined(name, text, [f"{name}: {text}"])
