"""What nbgrader says on the way -> sentences for the instructor."""

from __future__ import annotations

import os
import re

from .trouble import in_a_line

SAYINGS = (
    (r"Cell (\S+) stands more than once", r"the cell \1 stands more than once: the first was graded."),
    (r"Cell (\S+) was deleted", r"the cell \1 was deleted: it was put back and graded."),
    (r"Check (\S+) was edited", r"the check \1 was edited: the original was graded."),
    (r"The kernel was ended: (.*)", r"the kernel was ended: \1"),
    (r"A part of the fence is missing: (.*)", r"a part of the fence is missing: \1"),
    (r"No submitted file: .*?([^/\\]+)\.ipynb$", r"\1 was not handed in: its checks count 0."),
    (r"Skipping unknown notebook: .*?([^/\\]+\.ipynb)$", r"\1 is no notebook of this assignment: it was left alone."),
)


def told(heard: list[str]) -> list[str]:
    """The sentences for what nbgrader logged, each once.

    >>> told(["Cell a stands more than once: the first counts"])
    ['the cell a stands more than once: the first was graded.']
    """
    matches = (
        re.search(pattern, said) and re.sub(rf"(?s).*?{pattern}.*", line, said)
        for said in heard
        for pattern, line in SAYINGS
    )
    return list(dict.fromkeys(line for line in matches if line))


def reason(heard: list[str]) -> str:
    """The line that matters in what nbgrader logged: the last one of the first traceback."""
    traceback = next((text for text in heard if "Traceback" in text), None)
    if traceback and (machine := re.search(r"\[Errno (\d+)\] [^\n]*?(?:: '([^\n]*)')?\n", traceback + "\n")):
        number, place = int(machine[1]), machine[2]
        return in_a_line(OSError(number, os.strerror(number), place))
    if traceback is None:
        return next(iter(told(heard)), heard[-1] if heard else "nbgrader gave no reason")
    last = next(
        (line for line in reversed(traceback.strip().splitlines()) if re.match(r"[\w.]+(Error|Exception)?:", line)), ""
    )
    return last or traceback.strip().splitlines()[-1]
