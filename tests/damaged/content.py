"""Damage inside a notebook file: encodings, JSON, formats, cells that are none."""

from __future__ import annotations

import json
from typing import Any

from tests.damaged.files import not_graded
from tests.damaged.kind import Kind, cell, in_bytes, in_json, in_text
from tests.damaged.lesson import FIRST

DAMAGED = not_graded("the file is damaged, or no notebook at all. Ask for it again.")


def repaired(what: str) -> str:
    return f"{FIRST} was repaired and graded: {what}."


def no_notebook(what: str) -> str:
    return not_graded(f"the file holds {what}, and no notebook. Ask for the notebook itself.")


def latin(text: str) -> bytes:
    return text.replace("# Counting", "# Z\u00e4hlen").encode("latin-1")


def half(text: str) -> str:
    return text[: text.index('"id": "area-fresh"')]


def conflict(text: str, mine: str, theirs: str) -> str:
    """The marks that git leaves in a line of a file."""
    both = f"<<<<<<< HEAD\n{mine}\n=======\n{theirs}\n>>>>>>> main\n"
    return text.replace(f"{mine}\n", both, 1)


def merged_answer(text: str) -> str:
    line = next(line for line in text.splitlines() if "return n * n" in line)
    return conflict(text, line, line.replace("n * n", "n + n"))


def merged_format(text: str) -> str:
    return conflict(text, ' "nbformat_minor": 5', ' "nbformat_minor": 4')


def old(nb: Any) -> Any:
    """Format 3: a work sheet, `input` for code, headings of their own."""
    cells = []
    for one in nb["cells"]:
        text = {"input" if one["cell_type"] == "code" else "source": one["source"]}
        kept = {"cell_type": one["cell_type"], "metadata": one["metadata"], **text}
        cells.append({**kept, "language": "python", "outputs": []} if one["cell_type"] == "code" else kept)
    cells[0] = {"cell_type": "heading", "level": 1, "source": ["Counting"], "metadata": {}}
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": cells}]}


def very_old(nb: Any) -> Any:
    return {**old(nb), "nbformat": 2}


def without_ids(nb: Any) -> None:
    nb["nbformat_minor"] = 0
    for one in nb["cells"]:
        del one["id"]


def of_format(major: Any, minor: int) -> Any:
    return lambda nb: nb.update(nbformat=major, nbformat_minor=minor)


def no_format(nb: Any) -> None:
    del nb["nbformat"], nb["nbformat_minor"]


def same_ids(nb: Any) -> None:
    for one in nb["cells"]:
        one["id"] = "same"


def bad_ids(nb: Any) -> None:
    for number, one in enumerate(nb["cells"]):
        one["id"] = [7, "a b c", "x" * 200, None, "\u00e9"][number % 5]


def strange_sources(nb: Any) -> None:
    cell(nb, "title")["source"] = None
    cell(nb, "end")["source"] = 42
    cell(nb, "why-answer")["source"] = {"text": "?"}
    cell(nb, "area")["source"] = ["def area(n):", "    return n * n"]


def no_metadata(nb: Any) -> None:
    del nb["metadata"]
    for one in nb["cells"]:
        if "nbgrader" not in one["metadata"]:
            del one["metadata"]


def no_outputs(nb: Any) -> None:
    for one in nb["cells"]:
        one.pop("outputs", None)
        one.pop("execution_count", None)


def other_cells(nb: Any) -> None:
    nb["cells"][1:1] = [7, None, "print(1)"]


def deep(text: str) -> str:
    return text.replace('"metadata": {}', '"metadata": {"deep": ' + "[" * 100_000 + "]" * 100_000 + "}", 1)


def colab(nb: Any) -> None:
    nb["metadata"]["colab"] = {"provenance": [], "collapsed_sections": ["a"]}
    nb["metadata"]["accelerator"] = "GPU"
    nb["nbformat_minor"] = 0
    for one in nb["cells"]:
        one["metadata"].update(id=one.pop("id") + "_x", colab={"base_uri": "https://localhost/"}, outputId="1-2")


def other_programs(nb: Any) -> None:
    nb["metadata"].update(
        jupytext={"text_representation": 7}, deepnote={"is_reactive": False}, vscode={"interpreter": []}
    )
    for one in nb["cells"]:
        one["metadata"].update(vscode={"languageId": "python"}, deepnote_cell_type="code", tags="a tag", jupyter=[])


def widgets(nb: Any) -> None:
    nb["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": [None], "version_major": "two"}}
    for one in nb["cells"]:
        one["metadata"]["execution"] = {"iopub.status.busy": 7}


def attached(nb: Any) -> None:
    answer = cell(nb, "why-answer")
    answer["source"] = "![](attachment:lost.png) ![](attachment:broken.png) ![a b](attachment:a%20b.png)"
    answer["attachments"] = {"broken.png": "no bundle", "other.png": {"image/png": "!!"}}
    cell(nb, "area")["attachments"] = {}


def wide_outputs(text: str) -> str:
    nb = json.loads(text)
    lines = ["a line of output with some eighty characters in it, as a program prints it: [0]\n"] * 20_000
    cell(nb, "end")["outputs"] = [{"output_type": "stream", "name": "stdout", "text": lines}] * 3
    return json.dumps(nb)


def skipped(nb: Any) -> None:
    for one in nb["cells"]:
        one["metadata"]["tags"] = ["skip-execution"]
    cell(nb, "area")["source"] = "pass"


def halves_of_letters(nb: Any) -> None:
    cell(nb, "area")["source"] = "def area(n):\n    '\ud83d'\n    return n * n"


ENCODINGS = [
    Kind(
        "a byte order mark",
        in_bytes(lambda data: b"\xef\xbb\xbf" + data),
        repaired("it is UTF-8 with a byte order mark"),
    ),
    Kind("UTF-16", in_bytes(lambda data: data.decode().encode("utf-16")), repaired("it is UTF-16")),
    Kind("UTF-16 without a mark", in_bytes(lambda data: data.decode().encode("utf-16-le")), repaired("it is UTF-16")),
    Kind("UTF-32", in_bytes(lambda data: data.decode().encode("utf-32")), repaired("it is UTF-32")),
    Kind(
        "Latin-1",
        in_bytes(lambda data: latin(data.decode())),
        repaired("it is not UTF-8: it was read as Windows-1252"),
    ),
    Kind("line ends of Windows", in_bytes(lambda data: data.replace(b"\n", b"\r\n"))),
    Kind("line ends of Windows in the cells", in_text(lambda text: text.replace("\\n", "\\r\\n"))),
    Kind(
        "NUL bytes at the end",
        in_bytes(lambda data: data + b"\x00" * 4096),
        repaired("it has NUL bytes, which were left out"),
    ),
    Kind("halves of letters", in_json(halves_of_letters)),
]
NO_NOTEBOOKS = [
    Kind("an empty file", in_bytes(lambda data: b""), not_graded("the file is empty. Ask for it again."), None),
    Kind(
        "nothing but NUL bytes",
        in_bytes(lambda data: b"\x00" * 900),
        not_graded("the file is empty. Ask for it again."),
        None,
    ),
    Kind("a list", in_json(lambda nb: [1, 2]), no_notebook("a list"), None),
    Kind("null", in_text(lambda text: "null"), no_notebook("null"), None),
    Kind("a number", in_text(lambda text: "7"), no_notebook("a number"), None),
    Kind(
        "JSON without cells",
        in_json(lambda nb: {"a": 1}),
        not_graded("the file has no cells, so it is no notebook. Ask for the notebook itself."),
        None,
    ),
    Kind(
        "a picture with the notebook's name",
        in_bytes(lambda data: b"\x89PNG\r\n\x1a\n\x00"),
        not_graded("the file is a picture, and no notebook. Ask for the notebook itself."),
        None,
    ),
    Kind(
        "a web page with the notebook's name",
        in_text(lambda text: "<!DOCTYPE html><html></html>"),
        not_graded("the file is a web page, and no notebook. Ask for the notebook itself."),
        None,
    ),
    Kind("a script with the notebook's name", in_text(lambda text: "print('hello')\n"), DAMAGED, None),
]
JSON = [
    Kind("a file that breaks off early", in_text(lambda text: text[:40]), DAMAGED, None),
    Kind(
        "half a file",
        in_text(half),
        repaired("it is damaged, and 7 of its cells could be read")
        + "".join(
            f"\nthe cell {name} was deleted: it was put back and graded." for name in ("area-fresh", "why", "in-words")
        ),
    ),
    Kind(
        "commas too many",
        in_text(lambda text: text.replace("\n  }", ",\n  }").replace("\n ]", ",\n ]")),
        repaired("it has commas that do not belong there"),
    ),
    Kind(
        "text behind the end", in_text(lambda text: text + "\nEOF"), repaired("what stands behind its end was left out")
    ),
    Kind(
        "a merge of two answers",
        in_text(merged_answer),
        not_graded("it has two versions at once, between the marks of a merge (<<<<<<<). Ask which one counts."),
        None,
    ),
    Kind(
        "a merge that concerns no cell",
        in_text(merged_format),
        repaired("the marks of a merge were taken out of it: both versions have the same cells"),
    ),
    Kind("100,000 lists in each other", in_text(deep), repaired("what is nested too deeply in it was left out")),
    Kind(
        "100,000 lists in each other, behind a quote too many",
        in_text(lambda text: '"' + deep(text)),
        repaired("it is damaged, and 11 of its cells could be read"),
    ),
]
FORMATS = [
    Kind("format 2", in_json(very_old), repaired("it is in notebook format 2, an old one")),
    Kind("format 3", in_json(old), repaired("it is in notebook format 3, an old one")),
    Kind("format 4.0, without ids", in_json(without_ids)),
    Kind("format 4.99", in_json(of_format(4, 99))),
    Kind(
        "format 9, from the future",
        in_json(of_format(9, 0)),
        repaired("it is in notebook format 9, newer than known: what is like format 4 was read"),
    ),
    Kind("no format named", in_json(no_format), repaired("it does not say its notebook format")),
    Kind("a format that is a word", in_json(of_format("four", 5)), repaired("it does not say its notebook format")),
    Kind("one id for all cells", in_json(same_ids)),
    Kind("ids that are not valid", in_json(bad_ids)),
    Kind("texts of cells that are no texts", in_json(strange_sources)),
    Kind("no metadata", in_json(no_metadata)),
    Kind("no outputs and no counts", in_json(no_outputs)),
    Kind(
        "cells that are no cells",
        in_json(other_cells),
        repaired("3 of its cells are no cells, and were left out"),
    ),
    Kind("Google Colab's metadata", in_json(colab)),
    Kind("metadata of VS Code, Deepnote and Jupytext", in_json(other_programs)),
    Kind("widgets that are broken", in_json(widgets)),
    Kind("pictures that are lost", in_json(attached)),
    Kind("outputs of megabytes", in_text(wide_outputs)),
    Kind("cells that ask not to be run", in_json(skipped), first=1.0),
]
KINDS = [*ENCODINGS, *NO_NOTEBOOKS, *JSON, *FORMATS]
