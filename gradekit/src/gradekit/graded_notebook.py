"""What reports take from a graded notebook: the message of each failing check, its diagnosis, and the answers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gradekit.judge import records
from gradekit.judge.causes import STOPPED
from gradekit.notebook import mark

Cell = dict[str, Any]
LONGEST = 300  # characters of a message that stands for a mistake
# Of cells, in a file of nbformat, which sorts its keys. Texts in JSON have no line breaks.
START, BETWEEN, END = b'{\n "cells": [\n  {\n', b"\n  },\n  {\n", b'\n  }\n ],\n "metadata": {'
ADDED = "added to the course after the release that this notebook was made from"


@dataclass(frozen=True)
class GradedNotebook:
    """A notebook in autograded/; all by grade_id."""

    messages: dict[str, str] = field(default_factory=dict)  # of checks that failed
    records: dict[str, dict[str, Any]] = field(default_factory=dict)  # their diagnoses, where there is one
    answers: dict[str, str] = field(default_factory=dict)  # the code of solution cells
    released: str = ""  # when the release that the student worked from was released, UTC; "" where that is unknown
    added: tuple[str, ...] = ()  # grade_ids that the course has added since
    variant: str = ""  # the name whose variant was graded; "" where no question has variants

    def causes(self) -> dict[str, list[str]]:
        """Why each check failed, in a few words that later submissions can be compared with."""
        failed = {cell: message for cell, message in self.messages.items() if message != ADDED}
        return {cell: self._causes(cell, message) for cell, message in failed.items()}

    def _causes(self, cell: str, message: str) -> list[str]:
        if found := self.records.get(cell):
            return found["mistakes"] or [f"no known mistake in {found['exercise']}"]
        short = in_short(message)
        return ["not written" if is_blank(short) else short[:LONGEST]]


def read_graded(path: Path) -> GradedNotebook | None:
    """A graded notebook; None where there is none. The grader wrote it, so it is not validated again."""
    if not path.exists():
        return None
    nb = json.loads(_with_grade_ids(path.read_bytes()))
    found = GradedNotebook(**_graded_as(nb["metadata"]))
    for cell in nb["cells"]:
        about = mark(cell)
        if cell["cell_type"] != "code" or "grade_id" not in about:
            continue
        if about.get("grade") and (message := _message(cell["outputs"])):
            unknown = message.startswith("NameError") or is_blank(in_short(message))
            found.messages[about["grade_id"]] = ADDED if unknown and about["grade_id"] in found.added else message
            if diagnosis := records.read(cell["outputs"]):
                found.records[about["grade_id"]] = diagnosis
        if about.get("solution"):
            found.answers[about["grade_id"]] = "".join(cell["source"])
    return found


def _with_grade_ids(data: bytes) -> bytes:
    """The JSON of a notebook with only the cells that have a grade_id: most bytes are pictures in the others.

    A notebook that is not written as nbformat writes it is returned whole. Megabytes are searched once, and not copied.
    """
    stop = data.rfind(END)
    if not data.startswith(START) or stop < 0:
        return data
    kept, end = list[bytes](), len(START)
    while (found := data.find(b'"grade_id"', end, stop)) >= 0:
        before, after = data.rfind(BETWEEN, end, found), data.find(BETWEEN, found, stop)
        begin = end if before < 0 else before + len(BETWEEN)
        end = stop if after < 0 else after
        kept.append(data[begin:end])
        end += len(BETWEEN)
    return START + BETWEEN.join(kept) + data[stop:] if kept else data


def _graded_as(metadata: dict[str, Any]) -> dict[str, Any]:
    """The release, by `release_history.Origin.record`, and the variant, by the judge.

    `nbgrader autograde` alone keeps what is handed in, which can be anything.
    """
    found = metadata.get("gradekit")
    about = found if isinstance(found, dict) else {}
    added = about.get("added")
    return {
        "released": str(about.get("released", "")),
        "added": tuple(added) if isinstance(added, list) else (),
        "variant": str(metadata.get("gradekit_variant", "")),
    }


def _message(outputs: list[Cell]) -> str | None:
    """The last error of a cell in one line, or the first line that it wrote to stderr, which costs the points too.

    Where a name is missing because a cell before stopped, its line is the message: the cause, not the consequence.
    """
    printed = {name: _stream(outputs, name) for name in ("stdout", "stderr")}
    for output in reversed(outputs):
        if output["output_type"] == "error":
            if cause := STOPPED.match(printed["stdout"]):
                return cause[0]
            text, name = " ".join(output["evalue"].split()), str(output["ename"])
            return text if name == "NotYet" else f"{name}: {text}" if text else name
    return f"wrote to stderr: {printed['stderr'].strip().splitlines()[0]}" if printed["stderr"].strip() else None


def _stream(outputs: list[Cell], name: str) -> str:
    """What a cell wrote to one stream."""
    return "".join("".join(one["text"]) for one in outputs if one["output_type"] == "stream" and one["name"] == name)


def in_short(message: str) -> str:
    """The sentence of a message that names the mistake, or its first one without the call that it begins with.

    >>> in_short("layer_params(filters=3) returned 12, but 15 is correct. Cause: It has no bias.")
    'It has no bias.'
    >>> in_short("conv2d(x=<1 x 5 x 5 x 1>, strides=1, padding='SAME') is not written yet.")
    'Is not written yet.'
    >>> in_short("leap, on a fresh case, stopped with KeyError.")
    'leap, on a fresh case, stopped with KeyError.'
    """
    done = re.search(r"Cause: (.+?)(?: And: | Hint: |$)", message)
    rest = done[1] if done else re.sub(r"^\w+\([^()]*(?:\([^()]*\)[^()]*)*\):? ", "", message)
    first = re.split(r"(?<=[.?!]) ", rest)[0]
    starts_with_name = re.match(r"\w*_|\w+, on a fresh case", first)
    return first if starts_with_name else first[:1].upper() + first[1:]


def is_blank(message: str) -> bool:
    """Whether a message says that the answer is as it was released.

    >>> is_blank("Is not written yet."), is_blank("NotImplementedError: write your answer here")
    (True, True)
    """
    return message.startswith("NotImplementedError") or message.lower().endswith("is not written yet.")
