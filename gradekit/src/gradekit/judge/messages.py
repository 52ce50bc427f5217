"""Filter a kernel's messages: any of them may be forged, malformed, or much longer than it should be.

A request has one answer: the first reply, or the first error before it. Other messages in between are ignored, and no
message ends the grading.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from nbclient.exceptions import CellExecutionComplete
from nbformat import NotebookNode
from nbgrader.preprocessors import Execute
from traitlets import Bool

from gradekit.exercise.kernel_side import ANSWERS
from gradekit.judge.outputs import clean, cleaned, error, new_output


class FilteredExecute(Execute):  # type: ignore[misc]
    """nbgrader's Execute, which trusts no message of a kernel."""

    asking = Bool(False)  # the cell that runs is a request of the grader
    leaving = Bool(False)  # the cell has requested the end of its kernel
    begun = Bool(False)  # the kernel has sent a message about the cell that runs

    def counted_apart(self) -> AbstractContextManager[Any]:
        """Count replies to the grader apart from the notebook's outputs, which have a limit."""
        apart = getattr(self.kc.iopub_channel.session, "apart", None)
        return apart() if apart and self.asking else nullcontext()

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> Any:
        """Process one message; a malformed one is ignored."""
        self.begun = True
        try:
            if self.asking:
                return keep_reply(msg, cell)
            return super().process_message(msg, cell, cell_index)
        except CellExecutionComplete:
            raise
        except Exception as problem:
            self.log.debug("A malformed message: %r", problem)
            return None

    def output(self, outs: list[NotebookNode], msg: dict[str, Any], display_id: str | None, cell_index: int) -> None:
        """Append an output. nbclient does it where one may replace another; it would validate each by a schema."""
        if display_id or self.clear_before_next_output or self.output_hook_stack[msg["parent_header"].get("msg_id")]:
            super().output(outs, msg, display_id, cell_index)
        else:
            outs += cleaned([{**msg["content"], "output_type": msg["msg_type"]}])

    def on_cell_executed(self, **about: Any) -> None:
        """Process the reply to a cell."""
        reply = about["execute_reply"]["content"]
        if not isinstance(reply, dict):
            about["cell"].outputs.append(error("NotRun", "the reply of the kernel is malformed"))
        elif any(isinstance(part, dict) and part.get("source") == "ask_exit" for part in _list(reply.get("payload"))):
            self.leaving = True
        elif not self.asking and reply.get("status") != "ok":
            shown = {name: clean(reply.get(name)) for name in ("ename", "evalue")}
            lines = [clean(line) for line in _list(reply.get("traceback"))]
            about["execute_reply"]["content"] = {**shown, "status": "error", "traceback": lines}
            super().on_cell_executed(**about)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def keep_reply(msg: dict[str, Any], cell: NotebookNode) -> None:
    """Keep the answer to a request in a cell's outputs: the reply, or an error."""
    kind, content = msg["msg_type"], msg["content"]
    if kind == "status" and content["execution_state"] == "idle":
        raise CellExecutionComplete()
    if cell.outputs:
        return
    if kind == "error":
        cell.outputs.append(error(content["ename"], content["evalue"], []))
    elif kind == "display_data" and isinstance(said := content["data"].get(ANSWERS), str):
        cell.outputs.append(new_output("display_data", data={ANSWERS: said}))
