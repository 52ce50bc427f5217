"""Which of a kernel's messages count? Any of them may be forged, out of shape, or much longer than it should be.

To a question there is one answer: the first reply, or the first error before it. Nothing else that is sent meanwhile
is looked at, and no message ends the grading.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from nbclient.exceptions import CellExecutionComplete
from nbformat import NotebookNode
from nbgrader.preprocessors import Execute
from traitlets import Bool

from gradekit.exercise.kernel_side import ANSWERS
from gradekit.judge.outputs import clean, error
from gradekit.judge.outputs import new_output as output

LONGEST_REPLY = 8_000_000  # characters
AGAIN = 5  # milliseconds until the next try to reach a kernel that is starting; ZeroMQ would wait a tenth of a second
LARGEST_MESSAGE = 64 << 20  # bytes; a larger one ends the connection before it is read


class Hearing(Execute):  # type: ignore[misc]
    """nbgrader's Execute, which takes nothing that a kernel says on trust."""

    asking = Bool(False)  # is the cell that runs a question of our own?
    leaving = Bool(False)  # has the cell that ran asked for the end of its kernel?
    begun = Bool(False)  # has the kernel said anything about the cell that runs?

    def new_client(self) -> Any:
        """A client that reads no message that would not fit into memory, and does not wait to be let in."""
        import zmq

        manager: Any = self.km
        client = manager.client()
        client.context.setsockopt(zmq.MAXMSGSIZE, LARGEST_MESSAGE)  # of a context of its own: not of its manager's
        client.context.setsockopt(zmq.RECONNECT_IVL, AGAIN)
        return client

    def counted_apart(self) -> AbstractContextManager[Any]:
        """Replies are no output of the notebook: they come through when it has shown all that it may."""
        apart = getattr(self.kc.iopub_channel.session, "apart", None)
        return apart() if apart and self.asking else nullcontext()

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> Any:
        """Take one message in. One that makes no sense is left out."""
        self.begun = True
        try:
            if self.asking:
                return heard(msg, cell)
            return super().process_message(msg, cell, cell_index)
        except CellExecutionComplete:
            raise
        except Exception as problem:
            self.log.debug("A message that makes no sense: %r", problem)
            return None

    def on_cell_executed(self, **about: Any) -> None:
        """What the reply to a cell says."""
        reply = about["execute_reply"]["content"]
        if not isinstance(reply, dict):
            about["cell"].outputs.append(error("NotRun", "the program's reply makes no sense"))
        elif "payload" in reply and any(_ends(part) for part in _list(reply["payload"])):
            self.leaving = True
        elif not self.asking and reply.get("status") != "ok":
            shown = {name: clean(reply.get(name)) for name in ("ename", "evalue")}
            lines = [clean(line) for line in _list(reply.get("traceback"))]
            about["execute_reply"]["content"] = {**shown, "status": "error", "traceback": lines}
            super().on_cell_executed(**about)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _ends(part: Any) -> bool:
    return isinstance(part, dict) and part.get("source") == "ask_exit"


def heard(msg: dict[str, Any], cell: NotebookNode) -> None:
    """Keep what answers a question: the reply, or an error."""
    kind, content = msg["msg_type"], msg["content"]
    if kind == "status" and content["execution_state"] == "idle":
        raise CellExecutionComplete()
    if cell.outputs:
        return
    if kind == "error":
        cell.outputs.append(error(content["ename"], content["evalue"], []))
    elif kind == "display_data" and isinstance(said := content["data"].get(ANSWERS), str):
        said = said if len(said) <= LONGEST_REPLY else ""
        cell.outputs.append(output("display_data", data={ANSWERS: said}))
