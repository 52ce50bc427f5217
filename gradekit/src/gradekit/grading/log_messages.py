"""Log messages of nbgrader and of gradekit's preprocessors -> sentences for the instructor."""

from __future__ import annotations

import os
import re

from gradekit.errors import in_a_line
from gradekit.submissions.names import some

EDITED = r"Check (\S+) was edited"

# The pattern of a message, the sentence for it, and the sentence for many of its kind.
MESSAGES = (
    (
        r"Notebook (.+) is from an earlier release \((?!.*added since)(.*)\)",
        r"\1 was made from an earlier release (\2): it was graded with the current checks.",
        "",
    ),
    (
        r"Notebook (.+) is from an earlier release \((.*added since.*)\)",
        r"\1 was made from an earlier release (\2): it was graded with the current checks. "
        r"Added answers count 0 until they are handed in with the current release, or a person gives the points.",
        "",
    ),
    (
        r"Cell (\S+) appears more than once",
        r"the cell \1 appears more than once: the first was graded.",
        "{} cells appear more than once ({}): the first of each was graded.",
    ),
    (
        r"Cell (\S+) was missing",
        r"the cell \1 was missing: it was added and graded.",
        "{} cells were missing ({}): they were added and graded.",
    ),
    (
        r"Cell (\S+) was moved",
        r"the cell \1 was moved: it was graded in its original position.",
        "{} cells were moved ({}): they were graded in their original positions.",
    ),
    (
        r"Cell (\S+) was turned into (\w+)",
        r"the cell \1 was turned into \2: it was graded with its original type.",
        "{} cells were turned into others ({}): they were graded with their original types.",
    ),
    (
        r"Cell (\S+) is needed by others",
        r"the cell \1, which others need, was missing or not code: it was restored.",
        "{} cells, which others need, were missing or not code ({}): they were restored.",
    ),
    (
        r"Cell (.+) is not of this notebook",
        r"the cell \1 is not in the course's notebook: it counts nothing.",
        "{} cells are not in the course's notebook ({}): they count nothing.",
    ),
    (
        EDITED,
        r"the check \1 differs from the release: the original was graded.",
        "{} checks differ from the release ({}): the originals were graded.",
    ),
    (
        r"Check (\S+) is of an earlier release",
        r"the check \1 is that of an earlier release: the current one was graded.",
        "{} checks are those of an earlier release ({}): the current ones were graded.",
    ),
    (
        r"Metadata of (\S+) differs",
        r"the cell \1 has other nbgrader metadata than the release: the release's counts.",
        "{} cells have other nbgrader metadata than the release ({}): the release's counts.",
    ),
    (
        r"The (metadata) is lost",
        r"its nbgrader \1 is lost, as some editors drop it: cells were found by their text and position.",
        "",
    ),
    (
        r"Answer (\S+) was missing",
        r"the answer \1 was not found: it waits for a person.",
        "{} answers were not found ({}): they wait for a person.",
    ),
    (
        r"Answer (\S+) is empty next to a new cell",
        r"the answer \1 is empty, and a cell next to it is new: it waits for a person.",
        "{} answers are empty, with new cells next to them ({}): they wait for a person.",
    ),
    (r"Kernel for (.+) instead of (.+)", r"it was handed in for \1: it was run with \2.", ""),
    (r"Repaired (.+?): (.*)", r"\1 was repaired and graded: \2.", ""),
    (r"The kernel was ended: (.*)", r"the kernel was ended: \1", ""),
    (
        r"Answer (\S+) is correct, and may need a library whose functions are forbidden: (.+)",
        r"\1 is correct, and may need a library whose functions are forbidden (\2): its points wait in formgrader.",
        "",
    ),
    (r"A layer of the sandbox is missing: (.*)", r"a layer of the sandbox is missing: \1", ""),
    (r"Answer (\S+) (may .*)", r"look at the answer \1: it \2.", ""),
    (r"The notebook (reaches into what runs it: .*)", r"look at the notebook: it \1.", ""),
    (
        r"^Cell (\d+) of ((?:(?! stopped at ).)+) ended its kernel",
        r"cell \1 of \2 ended the kernel: a new one ran the cells after it.",
        "{} cells ended their kernel (cells {}): a new one ran the cells after each.",
    ),
    (
        r"^Cell (\d+) of ((?:(?! stopped at ).)+) took too long",
        r"cell \1 of \2 ran into its time limit: the rest was graded.",
        "{} cells ran into their time limit (cells {}): the rest was graded.",
    ),
    (
        r"^Cell (\d+) of ((?:(?! stopped at ).)+) held its kernel up",
        r"cell \1 of \2 left a background task running that blocked the kernel: it was graded without that cell.",
        "{} cells left background tasks running that blocked the kernel (cells {}): they were graded without them.",
    ),
    (r"Files were not kept: (.*)", r"the notebook wrote too many or too large files, which were not kept: \1.", ""),
    (r"Cell (\d+) of (.+?) (stopped at .*)", r"cell \1 of \2 \3.", ""),
    (r"Nothing is run from cell (\d+) of (.+?) on: (.*)", r"nothing was run from cell \1 of \2 on: \3.", ""),
    (r"No submitted file: .*?([^/\\]+)\.ipynb$", r"\1 was not handed in: its checks count 0.", ""),
    (
        r"Skipping unknown notebook: .*?([^/\\]+\.ipynb)$",
        r"\1 is not a notebook of this assignment, and was ignored.",
        "",
    ),
)
MANY = 3  # more of one kind become one line


def sentences(logged: list[str]) -> list[str]:
    """The sentences for log messages, each once, and many of a kind as one.

    >>> sentences(["Cell a appears more than once: the first counts"])
    ['the cell a appears more than once: the first was graded.']
    >>> sentences(["Cell 2 of my notebook took too long"])
    ['cell 2 of my notebook ran into its time limit: the rest was graded.']
    >>> sentences(["Cell 2 of hw stopped at ValueError: it took too long"])
    ['cell 2 of hw stopped at ValueError: it took too long.']
    >>> sentences(["Nothing is run from cell 3 of my notebook on: its kernel ended"])
    ['nothing was run from cell 3 of my notebook on: its kernel ended.']
    >>> sentences([f"Cell {name} was missing" for name in "abcde"])
    ['5 cells were missing (a, b, c and 2 more): they were added and graded.']
    """
    lines: dict[str, tuple[str, str]] = {}  # the sentence -> the one for many, and what it is about
    for message in logged:
        for pattern, line, several in MESSAGES:
            if found := re.search(pattern, message):
                lines[found.expand(line)] = several or line, found[1]
    return list(dict.fromkeys(_one_or_many(line, several, lines) for line, (several, _) in lines.items()))


def _one_or_many(line: str, several: str, lines: dict[str, tuple[str, str]]) -> str:
    alike = [about for kind, about in lines.values() if kind == several]
    return several.format(len(alike), some(alike)) if "{}" in several and len(alike) > MANY else line


def reason(logged: list[str]) -> str:
    """The cause in what nbgrader logged: the last line of the first traceback."""
    traceback = next((text for text in logged if "Traceback" in text), None)
    if traceback and (machine := re.search(r"\[Errno (\d+)\] [^\n]*?(?:: '([^\n]*)')?\n", traceback + "\n")):
        number, place = int(machine[1]), machine[2]
        return in_a_line(OSError(number, os.strerror(number), place))
    if traceback is None:
        return next(iter(sentences(logged)), logged[-1] if logged else "nbgrader gave no reason")
    last = next(
        (line for line in reversed(traceback.strip().splitlines()) if re.match(r"[\w.]+(Error|Exception)?:", line)), ""
    )
    return last or traceback.strip().splitlines()[-1]
