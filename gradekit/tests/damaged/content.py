"""Damage inside a notebook file: encodings, JSON, formats, cells that are none."""

from __future__ import annotations

import json
from typing import Any

from damaged.files import not_graded
from damaged.kind import Kind, cell, in_bytes, in_json, in_text
from damaged.small_course import FIRST

DAMAGED = not_graded("unreadable: ask for it again.")


def repaired(what: str) -> str:
    return f"{FIRST} was repaired and graded: {what}."


def no_notebook() -> str:
    return not_graded("the file has no cells, so it is not a notebook. Ask for the notebook itself.")


def latin(text: str) -> bytes:
    return text.replace("# Counting", "# Z\u00e4hlen").encode("latin-1")


MIXED = "bytes that are not UTF-8 were read as Windows-1252"


def one_bad_byte(data: bytes) -> bytes:
    """An answer that needs its letters, in UTF-8, and a title that Windows wrote."""
    data = data.replace(b"# Counting", b"# Counting it\x92s")
    return data.replace(b"return n * n", "gr\u00f6\u00dfe = n; return gr\u00f6\u00dfe * gr\u00f6\u00dfe".encode())


def half(text: str) -> str:
    return text[: text.index('"id": "area-fresh"')]


def merged_answer(text: str) -> str:
    """The marks that git leaves in a file with two versions."""
    line = next(line for line in text.splitlines() if "return n * n" in line)
    other = line.replace("n * n", "n + n")
    return text.replace(f"{line}\n", f"<<<<<<< HEAD\n{line}\n=======\n{other}\n>>>>>>> main\n", 1)


def old(nb: Any) -> Any:
    """Format 3: a worksheet, `input` for code."""
    cells = [
        {**one, "input": one["source"], "language": "python"} if one["cell_type"] == "code" else one
        for one in nb["cells"]
    ]
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": cells}]}


def without_ids(nb: Any) -> None:
    nb["nbformat_minor"] = 0
    for one in nb["cells"]:
        del one["id"]


def of_format(major: int, minor: int) -> Any:
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


PICTURE = {"image/gif": "R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="}


def attached(nb: Any) -> None:
    answer = cell(nb, "why-answer")
    answer["source"] = "![](attachment:lost.png) ![](attachment:broken.png) ![a b](attachment:a%20b.png)"
    answer["attachments"] = {"broken.png": "no bundle", "other.png": {"image/png": "!!"}, "a b.png": PICTURE}
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
    Kind("a byte order mark", in_bytes(lambda data: b"\xef\xbb\xbf" + data)),
    Kind("UTF-16", in_bytes(lambda data: data.decode().encode("utf-16")), repaired("it is UTF-16")),
    Kind("UTF-16 without a mark", in_bytes(lambda data: data.decode().encode("utf-16-le")), repaired("it is UTF-16")),
    Kind("UTF-32", in_bytes(lambda data: data.decode().encode("utf-32")), repaired("it is UTF-32")),
    Kind("Latin-1", in_bytes(lambda data: latin(data.decode())), repaired(MIXED)),
    Kind("UTF-8 with one byte that is not", in_bytes(one_bad_byte), repaired(MIXED)),
    Kind("line ends of Windows", in_bytes(lambda data: data.replace(b"\n", b"\r\n"))),
    Kind("line ends of Windows in the cells", in_text(lambda text: text.replace("\\n", "\\r\\n"))),
    Kind(
        "NUL bytes at the end",
        in_bytes(lambda data: data + b"\x00" * 4096),
        repaired("NUL bytes at its end were removed"),
    ),
    Kind("half of a surrogate pair", in_json(halves_of_letters), repaired("halves of characters were replaced")),
]
NO_NOTEBOOKS = [
    Kind("an empty file", in_bytes(lambda data: b""), not_graded("the file is empty. Ask for it again."), None),
    Kind(
        "nothing but NUL bytes",
        in_bytes(lambda data: b"\x00" * 900),
        not_graded("the file is empty. Ask for it again."),
        None,
    ),
    Kind("a list", in_json(lambda nb: [1, 2]), no_notebook(), None),
    Kind("null", in_text(lambda text: "null"), no_notebook(), None),
    Kind("a number", in_text(lambda text: "7"), no_notebook(), None),
    Kind(
        "JSON without cells",
        in_json(lambda nb: {"a": 1}),
        no_notebook(),
        None,
    ),
    Kind(
        "a picture with the notebook's name",
        in_bytes(lambda data: b"\x89PNG\r\n\x1a\n\x00"),
        not_graded("the file is a picture, not a notebook. Ask for the notebook itself."),
        None,
    ),
    Kind(
        "a web page with the notebook's name",
        in_text(lambda text: "<!DOCTYPE html><html></html>"),
        not_graded("the file is a web page, not a notebook. Ask for the notebook itself."),
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
        + "".join(f"\nthe cell {name} was missing: it was added and graded." for name in ("area-fresh", "why"))
        + "\nthe answer in-words was not found: it waits for a person.",
    ),
    Kind(
        "commas too many",
        in_text(lambda text: text.replace("\n  }", ",\n  }").replace("\n ]", ",\n ]")),
        repaired("superfluous commas were removed"),
    ),
    Kind("text behind the end", in_text(lambda text: text + "\nEOF"), repaired("what follows its end was ignored")),
    Kind(
        "a merge of two answers",
        in_text(merged_answer),
        not_graded("it has two versions, between the marks of a merge conflict (<<<<<<<). Ask which one counts."),
        None,
    ),
    Kind("100,000 nested lists", in_text(deep), DAMAGED, None),
]
FORMATS = [
    Kind("format 3", in_json(old), not_graded("unreadable: ask for it again. It is in a format before 4."), None),
    Kind("format 4.0, without ids", in_json(without_ids)),
    Kind("format 4.99", in_json(of_format(4, 99))),
    Kind("no format named", in_json(no_format)),
    Kind("one id for all cells", in_json(same_ids)),
    Kind("ids that are not valid", in_json(bad_ids)),
    Kind("sources of cells that are not text", in_json(strange_sources)),
    Kind("no metadata", in_json(no_metadata)),
    Kind("no outputs and no counts", in_json(no_outputs)),
    Kind(
        "entries that are not cells",
        in_json(other_cells),
        repaired("3 entries that are not cells were removed"),
    ),
    Kind("Google Colab's metadata", in_json(colab)),
    Kind("metadata of VS Code, Deepnote and Jupytext", in_json(other_programs)),
    Kind("widgets that are broken", in_json(widgets)),
    Kind("pictures that are lost", in_json(attached)),
    Kind("outputs of megabytes", in_text(wide_outputs)),
    Kind("cells that ask not to be run", in_json(skipped), first=1.0),
]
KINDS = [*ENCODINGS, *NO_NOTEBOOKS, *JSON, *FORMATS]
