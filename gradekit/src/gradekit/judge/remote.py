"""What does a function in a kernel answer? It is sent cases as text, and what comes back is read as plain data."""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from typing import Any

from gradekit.errors import CourseError
from gradekit.exercise.run import Elsewhere, Outcome
from gradekit.exercise.serialize import clean, decode, decode_outcome, encode

Ask = Callable[[str], str]  # a request as JSON -> the reply as JSON


class NoReply(Exception):
    """Nothing came back that could be read; the text says why, for the student."""


class NoKernel(CourseError):
    """This machine has no kernel to ask. That is no fault of the answer: the notebook is not graded."""


class Remote(Elsewhere):
    """A student's function, by what a kernel says that it gives."""

    def __init__(self, ask: Ask, forbidden: Sequence[str] = ()) -> None:
        self._ask, self._forbidden = ask, forbidden
        self._known: dict[str, deque[Outcome]] = defaultdict(deque)
        self.unproven = ""  # why the answer needs what is forbidden, "" where it does without

    def outcome(self, args: Sequence[Any], seconds: float = 10.0, times: int = 1) -> Outcome:
        """What one call did there: from the last request, or asked now."""
        key = _key(args, times)
        if not self._known[key]:
            self.keep(
                [args], parsed(self._ask(request([args], seconds, times=times, forbidden=self._forbidden))), times
            )
        if not self._known[key]:
            raise NoReply("it gave no answer to a case")
        return self._known[key].popleft()

    def prepare(self, cases: Sequence[Sequence[Any]], seconds: float, altogether: float | None = None) -> None:
        """Ask about many cases in one go."""
        self._known.clear()
        self.keep(cases, parsed(self._ask(request(cases, seconds, altogether, forbidden=self._forbidden))))

    def keep(self, cases: Sequence[Sequence[Any]], reply: dict[str, Any], times: int = 1) -> None:
        """Remember what was said about these cases, which are the first that were asked."""
        self.unproven = self.unproven or reply["unproven"]
        for args, said in zip(cases, reply["outcomes"], strict=False):
            try:
                self._known[_key(args, times)].append(decode_outcome(said))
            except ValueError:
                raise NoReply("its answer is no plain data") from None


def answer(ask: Ask, cases: Sequence[Sequence[Any]] = (), seconds: float = 10.0, forbidden: Sequence[str] = ()) -> Any:
    """What a notebook hands over: a function, as a Remote that knows these cases, or a value, such as an array."""
    reply = parsed(ask(request(cases, seconds, forbidden=forbidden)))
    if reply["function"]:
        remote = Remote(ask, forbidden)
        remote.keep(cases, reply)
        return remote
    try:
        return decode(reply["value"])
    except ValueError:
        raise NoReply("its answer is no plain data") from None


def request(
    cases: Sequence[Sequence[Any]],
    seconds: float,
    altogether: float | None = None,
    times: int = 1,
    forbidden: Sequence[str] = (),
) -> str:
    """A request as JSON.

    >>> request([(3,)], 10.0)
    '{"cases": [[{"int": "3"}]], "seconds": 10.0, "altogether": null, "times": 1, "forbidden": []}'
    """
    sent = [[encode(value) for value in args] for args in cases]
    asked = {"cases": sent, "seconds": seconds, "altogether": altogether, "times": times}
    return json.dumps({**asked, "forbidden": list(forbidden)})


def parsed(reply: str) -> dict[str, Any]:
    """A reply with everything in it that a reply has.

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
