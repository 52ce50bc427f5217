"""The values of a function in a kernel: cases are sent as JSON, replies decoded as plain data."""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from typing import Any

from gradekit.errors import CourseError
from gradekit.exercise.run import Elsewhere, Outcome
from gradekit.exercise.serialize import clean, decode, decode_outcome, encode
from gradekit.exercise.verify import SECONDS

Send = Callable[[str], str]  # a request as JSON -> the reply as JSON


class NoReply(Exception):
    """There is no reply that can be decoded; the text tells the student why."""


class NoKernel(CourseError):
    """There is no kernel on this machine, through no fault of the answer: the notebook is not graded."""


class Remote(Elsewhere):
    """A student's function in a kernel, known by the results that the kernel reports."""

    def __init__(self, send: Send, forbidden: Sequence[str] = ()) -> None:
        self._send, self._forbidden = send, forbidden
        self._known: dict[str, deque[Outcome]] = defaultdict(deque)
        self.unproven = ""  # why the answer needs what is forbidden, "" where it doesn't

    def outcome(self, args: Sequence[Any], seconds: float = 10.0, times: int = 1) -> Outcome:
        """What one call did: from the last reply, or from a new request."""
        key = _key(args, times)
        if not self._known[key]:
            sent = request([args], seconds, times=times, forbidden=self._forbidden)
            self.keep([args], parsed(self._send(sent)), times)
        if not self._known[key]:
            raise NoReply("it returned nothing for one of the cases")
        return self._known[key].popleft()

    def prepare(self, cases: Sequence[Sequence[Any]], seconds: float, altogether: float | None = None) -> None:
        """Request many cases at once."""
        self._known.clear()
        self.keep(cases, parsed(self._send(request(cases, seconds, altogether, forbidden=self._forbidden))))

    def keep(self, cases: Sequence[Sequence[Any]], reply: dict[str, Any], times: int = 1) -> None:
        """Keep the outcomes of these cases, the first of the request."""
        self.unproven = self.unproven or reply["unproven"]
        for args, said in zip(cases, reply["outcomes"], strict=False):
            try:
                self._known[_key(args, times)].append(decode_outcome(said, args))
            except ValueError:
                raise NoReply("its answer is not plain data") from None


def answer(send: Send, cases: Sequence[Sequence[Any]] = (), forbidden: Sequence[str] = ()) -> Any:
    """The answer in a notebook: a value such as an array, or a Remote with the outcomes of these cases."""
    reply = parsed(send(request(cases, SECONDS, forbidden=forbidden)))
    if reply["function"]:
        remote = Remote(send, forbidden)
        remote.keep(cases, reply)
        return remote
    try:
        return decode(reply["value"])
    except ValueError:
        raise NoReply("its answer is not plain data") from None


def request(
    cases: Sequence[Sequence[Any]],
    seconds: float,
    altogether: float | None = None,
    times: int = 1,
    forbidden: Sequence[str] = (),
    isolated: bool = False,
) -> str:
    """A request as JSON. `isolated` asks for a fork to which cases can be sent.

    >>> request([(3,)], 10.0)
    '{"cases": [[{"int": "3"}]], "seconds": 10.0, "altogether": null, "times": 1, "forbidden": [], "isolated": false}'
    """
    sent = [[encode(value) for value in args] for args in cases]
    asked = {"cases": sent, "seconds": seconds, "altogether": altogether, "times": times}
    return json.dumps({**asked, "forbidden": list(forbidden), "isolated": isolated})


def in_isolation(send: Send, isolate: Callable[[], Any], asked: str) -> str:
    """The reply to a request whose cases only an isolated fork receives, and the kernel itself where that fails."""
    fork = request([], SECONDS, forbidden=json.loads(asked)["forbidden"], isolated=True)
    for _ in range(2):  # again where an earlier cell has ended the kernel
        with isolate() as isolated:
            if not parsed(reply := send(fork))["function"]:
                return reply  # a value, which needs no case
            found = isolated.result()
        if found is not None:
            break
    why, alone = found or ("its kernel has ended", "")
    if not why and all_returned(alone):
        return str(alone)
    whole = send(asked)
    unproven = (why or "it fails without them") if all_returned(whole) else ""
    return json.dumps({**parsed(whole), "unproven": unproven})


def all_returned(reply: str) -> bool:
    """Whether a function returned in all cases that a reply has.

    >>> all_returned('{"outcomes": [{"error": null}]}'), all_returned('{"outcomes": [{"error": {}}]}')
    (True, False)
    """
    return all(isinstance(one, dict) and one.get("error") is None for one in parsed(reply)["outcomes"])


def parsed(reply: str) -> dict[str, Any]:
    """Decode a reply; fields that are missing have their defaults.

    >>> parsed('{"function": true, "outcomes": []}')["function"]
    True
    """
    try:
        found = json.loads(reply)
    except (ValueError, RecursionError):
        raise NoReply("its answer could not be read") from None
    if not isinstance(found, dict) or not isinstance(found.get("outcomes"), list):
        raise NoReply("its answer could not be read")
    return {
        "function": found.get("function") is True,
        "value": found.get("value"),
        "outcomes": found["outcomes"],
        "unproven": clean(str(found.get("unproven") or ""))[:200],
    }


def _key(args: Sequence[Any], times: int) -> str:
    return json.dumps([times, [encode(value) for value in args]])
