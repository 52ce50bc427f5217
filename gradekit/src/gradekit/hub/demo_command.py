"""`gradekit hub`: run a demonstration hub until Ctrl-C, and print how to use it."""

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
    """Raised by a signal that ends the hub, also while it starts, so that all of it is removed."""


def demonstrate(
    root: str | Path = ".", assignment: str | None = None, port: int | None = None, say: Say = print
) -> None:
    """Run a hub until Ctrl-C or SIGTERM. By default its port is 8000 where that is free, otherwise any free one."""
    say("Starting a JupyterHub with the course on this machine. It takes half a minute.")
    with (
        contextlib.suppress(StopRequested),
        _signals(),
        local_hub(root, assignment, port=port or _usual(), say=say) as hub,
    ):
        for line in lines(hub):
            say(line)
        while hub.keeper.poll() is None:
            time.sleep(0.5)
        raise CourseError("the hub ended by itself. The end of its log:", tuple(hub.last_words()))
    say("The hub has ended, and its files and users are removed.")


def lines(hub: LocalHub) -> list[str]:
    """The lines that say how to use the hub."""
    width = max(map(len, hub.people))
    return [
        "",
        f"This JupyterHub is a demonstration. It is at {hub.url}, and only this machine can reach it.",
        "",
        *(f"  {p.name:{width}}  {p.role:10}  password {p.password}" for p in hub.people.values()),
        "",
        "Students find the assignment in the menu Nbgrader, Assignment List. The instructor's Formgrader is at",
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
    """Let the first Ctrl-C or SIGTERM end the hub, and ignore later ones."""

    def stop(number: int, frame: object) -> None:
        for one in before:
            signal.signal(one, signal.SIG_IGN)
        raise StopRequested

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _usual() -> int | None:
    with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", PORT)):
        return PORT
    return None
