"""`gradekit hub`: a hub to try things on, what is said about it, and its end."""

from __future__ import annotations

import contextlib
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from gradekit.errors import CourseError
from gradekit.hub.local_hub import LocalHub, Say, local_hub

PORT = 8000


class StopRequested(BaseException):
    """A signal to end the hub. What is being started ends too, and what was made for it is removed."""


def demonstrate(
    root: str | Path = ".", assignment: str | None = None, port: int | None = None, say: Say = print
) -> None:
    """Run a hub until Ctrl-C or SIGTERM. Its port is the usual one of hubs where that is free, unless it is named."""
    say("Starting a JupyterHub on this machine, with the lesson. It takes half a minute.")
    with (
        contextlib.suppress(StopRequested),
        _signals(),
        local_hub(root, assignment, port=port or _usual(), say=say) as hub,
    ):
        for line in lines(hub):
            say(line)
        while hub.keeper.poll() is None:
            time.sleep(0.5)
        raise CourseError("the hub has ended by itself.", tuple(hub.last_words()))
    say("The hub has ended, and all of it is removed.")


def lines(hub: LocalHub) -> list[str]:
    """The lines that say how to use the hub."""
    width = max(map(len, hub.people))
    return [
        "",
        f"This JupyterHub is a demonstration. It is at {hub.url}, and this machine alone can reach it.",
        "",
        *(f"  {p.name:{width}}  {p.role:10}  password {p.password}" for p in hub.people.values()),
        "",
        "Students find the lesson in the menu: Nbgrader, Assignment List. The instructor's Formgrader is at",
        hub.formgrader,
        _isolation(hub),
        "Ctrl-C ends it. Everything done in it is deleted then.",
    ]


def _isolation(hub: LocalHub) -> str:
    users = sorted(person.system_user for person in hub.people.values() if person.system_user)
    if users and hub.course.grader:
        named = ", ".join([hub.course.grader, *users])
        return f"Each server runs as a system user that was made for it and is removed at the end: {named}."
    return "All servers here run as you: a student can reach the others' files and the grades."


@contextlib.contextmanager
def _signals() -> Iterator[None]:
    """The first Ctrl-C or SIGTERM ends the hub; those that follow cannot disturb that."""

    def ask(number: int, frame: object) -> None:
        for one in before:
            signal.signal(one, signal.SIG_IGN)
        raise StopRequested

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _usual() -> int | None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", PORT))
        except OSError:
            return None
    return PORT
