"""Damage to cells and their marks: copied, deleted, moved, retyped, renamed, swapped, raised."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from damaged.kind import LOST, Damage, Kind, cell, in_cell, in_json
from damaged.small_course import FIRST

SMALL = "perimeter-small"
OTHER_METADATA = "have other nbgrader metadata than the release ({}): the release's counts."
NOT_FOUND = "the answer in-words was not found: it waits for a person."
ALL_MOVED = (
    f"4 cells were moved ({SMALL}, area-small, area-fresh and 1 more): they were graded in their original positions."
)


def mark(one: Any) -> Any:
    return one["metadata"]["nbgrader"]


def put_back(*names: str) -> str:
    return "\n".join(f"the cell {name} was missing: it was added and graded." for name in names)


def changed(*names: str) -> str:
    other = "has other nbgrader metadata than the release: the release's counts."
    return "\n".join(f"the cell {name} {other}" for name in names)


def turned(name: str, kind: str) -> str:
    return f"the cell {name} was turned into {kind}: it was graded with its original type."


def needed(name: str) -> str:
    return f"the cell {name}, which others need, was missing or not code: it was restored."


def retyped(name: str, kind: str) -> Damage:
    def change(one: Any) -> None:
        one["cell_type"] = kind
        one.pop("outputs", None), one.pop("execution_count", None)
        if kind == "code":
            one.update(outputs=[], execution_count=None)

    return in_cell(name, change)


def marked(name: str, value: Any) -> Damage:
    return in_cell(name, lambda one: one["metadata"].update(nbgrader=value))


def all_marked(value: Any) -> Damage:
    def change(nb: Any) -> None:
        for one in nb["cells"]:
            if "nbgrader" in one["metadata"]:
                one["metadata"]["nbgrader"] = value

    return in_json(change)


def version(number: int) -> Damage:
    def change(nb: Any) -> None:
        for one in nb["cells"]:
            if "nbgrader" in one["metadata"]:
                mark(one)["schema_version"] = number

    return in_json(change)


def deleted(*names: str) -> Damage:
    def change(nb: Any) -> None:
        nb["cells"] = [one for one in nb["cells"] if one["id"] not in names]

    return in_json(change)


def copied_to_the_end(name: str, **edits: Any) -> Damage:
    return in_json(lambda nb: nb["cells"].append({**copy.deepcopy(cell(nb, name)), "id": "again", **edits}))


def moved(name: str, at: int) -> Damage:
    def change(nb: Any) -> None:
        one = cell(nb, name)
        nb["cells"].remove(one)
        nb["cells"].insert(at, one)

    return in_json(change)


def reordered(order: Callable[[list[Any]], list[Any]]) -> Damage:
    return in_json(lambda nb: nb.update(cells=order(nb["cells"])))


def checks_first(cells: list[Any]) -> list[Any]:
    return sorted(cells, key=lambda one: not (one["metadata"].get("nbgrader") or {}).get("grade"))


def swapped_marks(one: str, other: str) -> Damage:
    def change(nb: Any) -> None:
        first, second = cell(nb, one)["metadata"], cell(nb, other)["metadata"]
        first["nbgrader"], second["nbgrader"] = second["nbgrader"], first["nbgrader"]

    return in_json(change)


def renamed(name: str, new: str) -> Damage:
    return in_cell(name, lambda one: mark(one).update(grade_id=new))


def points(nb: Any) -> None:
    for one in nb["cells"]:
        if "points" in mark(one) if "nbgrader" in one["metadata"] else False:
            mark(one)["points"] = 100


def unlocked(nb: Any) -> None:
    for one in nb["cells"]:
        if "nbgrader" in one["metadata"]:
            mark(one)["locked"] = False
            mark(one)["grade"] = False


def from_elsewhere(nb: Any) -> None:
    check = copy.deepcopy(cell(nb, SMALL))
    check["id"], check["source"] = "foreign", "assert double(4) == 8"
    mark(check)["grade_id"] = "double-small"
    nb["cells"].insert(0, check)


def many(nb: Any) -> None:
    empty = {"cell_type": "markdown", "metadata": {}, "source": "more"}
    nb["cells"] += [{**empty, "id": f"more-{number}"} for number in range(5000)]


def too_many(nb: Any) -> None:
    nb["cells"] = [{}] * 20_000


def large(nb: Any) -> None:
    cell(nb, "why-answer")["source"] = "words " * 2_000_000


def noisy(nb: Any) -> None:
    cell(nb, "area")["source"] = (
        "import sys, warnings\n"
        "def area(n):\n"
        "    warnings.warn('an old function', DeprecationWarning)\n"
        "    print('harmless', file=sys.stderr)\n"
        "    return n * n"
    )


def words_left_blank(nb: Any) -> None:
    cell(nb, "in-words")["source"] = "Write your answer here."


def words_below(nb: Any) -> None:
    words_left_blank(nb)
    at = nb["cells"].index(cell(nb, "in-words"))
    nb["cells"].insert(at + 1, {"cell_type": "markdown", "id": "mine", "metadata": {}, "source": "Four sides."})


def bare(nb: Any) -> None:
    nb.update(metadata={}, nbformat_minor=2)
    for one in nb["cells"]:
        one["metadata"] = {}
        del one["id"]


WORDS = [
    Kind("an answer in words left blank", in_json(words_left_blank)),
    Kind(
        "an answer in words in a new cell below",
        in_json(words_below),
        "the answer in-words is empty, and a cell next to it is new: it waits for a person.",
    ),
    Kind("an answer in words deleted", deleted("in-words"), NOT_FOUND),
]
RETYPED = [
    Kind("a solution turned into text", retyped("perimeter", "markdown"), turned("perimeter", "markdown")),
    Kind("a solution turned into raw text", retyped("area", "raw"), turned("area", "raw")),
    Kind("a check turned into text", retyped(SMALL, "markdown"), turned(SMALL, "markdown")),
    Kind("a check turned into raw text", retyped("area-fresh", "raw"), turned("area-fresh", "raw")),
    Kind("a task turned into code", retyped("why", "code"), turned("why", "code")),
    Kind("an answer in words turned into raw text", retyped("in-words", "raw"), turned("in-words", "raw")),
    Kind("a cell of the course switched off", retyped("load", "raw"), needed("load")),
]
DELETED = [
    Kind("a check deleted", deleted(SMALL), put_back(SMALL)),
    Kind("a task deleted", deleted("why"), put_back("why")),
    Kind("a cell that others need deleted", deleted("sizes"), needed("sizes")),
    Kind("cells that nothing needs deleted", deleted("title", "end")),
    Kind("a solution deleted", deleted("area"), first=1.0),
    Kind(
        "everything deleted",
        in_json(lambda nb: nb.update(cells=[])),
        f"4 cells were missing ({SMALL}, area-small, area-fresh and 1 more): they were added and graded.\n"
        f"{needed('load')}\n{needed('sizes')}\n{NOT_FOUND}",
        0.0,
    ),
]
COPIED = [
    Kind(
        "a check copied",
        copied_to_the_end(SMALL),
        f"the cell {SMALL} appears more than once: the first was graded.",
    ),
    Kind(
        "a solution copied and spoiled",
        copied_to_the_end("area", source="def area(n):\n    return 0"),
        "the cell area appears more than once: the first was graded.",
    ),
    Kind(
        "every cell twice",
        reordered(lambda cells: [*cells, *copy.deepcopy(cells)]),
        f"7 cells appear more than once (perimeter, {SMALL}, area and 4 more): the first of each was graded.",
    ),
    Kind(
        "a check of another notebook",
        in_json(from_elsewhere),
        "the cell double-small is not in the course's notebook: it counts nothing.",
    ),
]
MOVED = [
    Kind(
        "a check moved to the top",
        moved(SMALL, 0),
        f"the cell {SMALL} was moved: it was graded in its original position.",
    ),
    Kind(
        "all checks moved to the top",
        reordered(checks_first),
        ALL_MOVED,
    ),
    Kind(
        "a check moved to the end",
        moved(SMALL, 11),
        f"the cell {SMALL} was moved: it was graded in its original position.",
    ),
    Kind(
        "a solution moved to the end",
        moved("area", 11),
        "\n".join(
            f"the cell {name} was moved: it was graded in its original position."
            for name in ("area-small", "area-fresh", "why")
        ),
    ),
    Kind(
        "all cells in the opposite order",
        reordered(lambda cells: cells[::-1]),
        ALL_MOVED,
        2.0,  # what a check imports in a cell of its own comes after it
    ),
]
MARKS = [
    Kind(
        "points raised to 100",
        in_json(points),
        f"5 cells {OTHER_METADATA.format(f'{SMALL}, area-small, area-fresh and 2 more')}",
    ),
    Kind(
        "checks unlocked",
        in_json(unlocked),
        f"4 cells {OTHER_METADATA.format(f'{SMALL}, area-small, area-fresh and 1 more')}",
    ),
    Kind(
        "a check edited",
        in_cell(SMALL, lambda one: one.update(source="assert True")),
        f"the check {SMALL} differs from the release: the original was graded.",
    ),
    Kind("a check renamed", renamed(SMALL, "other"), changed(SMALL)),
    Kind("a solution renamed", renamed("perimeter", "other"), changed("perimeter")),
    Kind(
        "the marks of two checks swapped",
        swapped_marks("area-small", "area-fresh"),
        changed("area-small", "area-fresh"),
    ),
    Kind(
        "the marks of a solution and its check swapped",
        swapped_marks("area", "area-small"),
        changed("area-small"),
    ),
    Kind("the marks of a solution and an answer swapped", swapped_marks("area", "in-words")),
    Kind("a mark that is a list", marked(SMALL, [1]), changed(SMALL)),
    Kind("a mark that is a text", marked("area", "none of your business"), changed("area")),
    Kind("a mark that is a number", marked("in-words", 7), changed("in-words")),
    Kind("a mark that is null", marked(SMALL, None), changed(SMALL)),
    Kind("a mark that is empty", marked("area-fresh", {}), changed("area-fresh")),
    Kind("a mark with a list for a name", marked(SMALL, {"grade_id": ["a"], "grade": True}), changed(SMALL)),
    Kind(
        "no marks at all",
        all_marked({}),
        LOST,
    ),
    Kind("no metadata and no ids", in_json(bare), LOST),
    Kind("marks of version 1", version(1)),
    Kind("marks of version 2", version(2)),
    Kind("marks of version 99", version(99)),
]
SIZES = [
    Kind("5,000 cells more", in_json(many)),
    Kind(
        "20,000 cells",
        in_json(too_many),
        f"{FIRST} was not graded: it has 20000 cells, more than 10000. Ask for it again, or raise "
        "c.SubmissionLimits.most_cells.",
        None,
    ),
    Kind("an answer of 12 MB", in_json(large)),
    Kind("warnings and noise from right code", in_json(noisy)),
]


def kernel(**spec: Any) -> Damage:
    return in_json(lambda nb: nb["metadata"].update(kernelspec=spec, language_info={"name": spec.get("language")}))


KERNELS = [
    Kind(
        "a kernel for R",
        kernel(name="ir", display_name="R", language="R"),
        "it was handed in for R: it was run with python.",
    ),
    Kind(
        "a kernel for Julia",
        kernel(name="julia-1.11", display_name="Julia", language="julia"),
        "it was handed in for julia: it was run with python.",
    ),
    Kind(
        "a kernel for a language with a line break",
        kernel(name="x", display_name="X", language="x\nzoe: graded"),
        r"it was handed in for 'x\nzoe: graded': it was run with python.",
    ),
    Kind("a kernel that is not installed", kernel(name="my-env", display_name="Mine", language="python")),
    Kind("no kernel", in_json(lambda nb: nb.update(metadata={}))),
    Kind("a kernel that is a list", in_json(lambda nb: nb["metadata"].update(kernelspec=[1], language_info=7))),
]
KINDS = [*WORDS, *RETYPED, *DELETED, *COPIED, *MOVED, *MARKS, *SIZES, *KERNELS]
