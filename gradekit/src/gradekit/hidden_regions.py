"""What must not reach a student: text and pictures of solutions, hidden tests and marking schemes."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from gradekit.notebook import mark, read

# nbgrader's own delimiters, and what the lines between them are.
REGIONS = {"SOLUTION": "solution", "HIDDEN TESTS": "hidden test", "MARK SCHEME": "marking scheme"}
HIDDEN = ("HIDDEN TESTS", "MARK SCHEME")  # also after grading

# A line of at least so many characters is secret anywhere in a text. A shorter one, such as `total = 0`, is secret
# as a whole line, unless the visible part of the assignment contains it too.
TELLING = 24

EMBEDDED = re.compile(r"(?i:data:image/[\w.+-]{1,40}(?:;[\w.=-]{1,40}){0,5};base64,)([A-Za-z0-9+/=\n]+)")
PICTURES = {".png", ".svg", ".gif", ".jpg", ".jpeg", ".webp"}


@dataclass(frozen=True)
class Secret:
    """One line between two delimiters."""

    kind: str  # a value of REGIONS
    notebook: str
    cell: str  # grade_id
    line: str  # without the white space around it


def secrets(source: Path) -> list[Secret]:
    """Every line of a source folder that students must not see, in order."""
    found, visible = [], set()
    for path in sorted(source.glob("*.ipynb")):
        for cell in read(path).cells:
            grade_id = mark(cell).get("grade_id", "")
            for region, line in marked_lines(cell.source):
                if region:
                    found.append(Secret(REGIONS[region], path.stem, grade_id, line))
                else:
                    visible.add(line)
    return [secret for secret in found if _gives_away(secret.line, visible)]


def _gives_away(line: str, visible: set[str]) -> bool:
    if not any(letter.isalnum() for letter in line) or line.startswith(("import ", "from ")):
        return False
    return len(line) >= TELLING or line not in visible


def marked_lines(text: str) -> Iterator[tuple[str, str]]:
    """Lines of a cell, each with the name of its region, or ""; without delimiters and empty lines.

    >>> list(marked_lines("def f():\\n    ### BEGIN SOLUTION\\n    return 1\\n    ### END SOLUTION"))
    [('', 'def f():'), ('SOLUTION', 'return 1')]
    """
    for line, inside, delimiter in regions(text.splitlines(), REGIONS):
        if line.strip() and not delimiter:
            yield inside, line.strip()


def regions(lines: Iterable[str], names: Collection[str]) -> Iterator[tuple[str, str, bool]]:
    """Lines, each with the name of the region that it is in, or "", and whether it is a delimiter.

    A delimiter that begins a region is in it. A region that does not end goes to the end.
    """
    inside = ""
    for line in lines:
        begun = next((name for name in names if f"BEGIN {name}" in line), "")
        ended = not begun and any(f"END {name}" in line for name in names)
        inside = "" if ended else begun or inside
        yield line, inside, bool(begun) or ended


def visible_text(text: str, solution: bool) -> str:
    r"""The released part of a source cell's text: what is outside its regions; of a solution without regions nothing.

    >>> visible_text("a\n### BEGIN SOLUTION\nb\n### END SOLUTION", solution=True), visible_text("b", solution=True)
    ('a', '')
    """
    return "" if solution and "BEGIN SOLUTION" not in text else without_regions(text, REGIONS)


@dataclass(frozen=True)
class SecretPicture:
    """A picture that only a solution or a marking scheme shows."""

    notebook: str
    cell: str
    name: str
    data: str  # base64


def secret_pictures(source: Path) -> list[SecretPicture]:
    """Attached and embedded pictures, and files, that a text cell shows and the released text of no cell shows."""
    files = {path.relative_to(source).as_posix(): path for path in source.rglob("*") if path.suffix.lower() in PICTURES}
    named = {name: base64.b64encode(path.read_bytes()).decode() for name, path in files.items() if path.is_file()}
    hidden, visible = [], set()
    for path in sorted(source.glob("*.ipynb")):
        for cell in read(path).cells:
            about = mark(cell)
            shown = set(_pictures(cell, visible_text(cell.source, bool(about.get("solution"))), named))
            visible |= {data for _, data in shown}
            if cell.cell_type == "code":  # what code reads is data
                continue
            any_folder = {(name, data) for name, data in named.items() if _names(cell.source, Path(name).name, "/")}
            other = {*_pictures(cell, cell.source, named), *attached(cell), *any_folder} - shown
            name = about.get("grade_id", cell.get("id", ""))
            hidden += [SecretPicture(path.name, name, picture, data) for picture, data in sorted(other)]
    return [picture for picture in hidden if picture.data not in visible]


def _pictures(cell: Any, text: str, files: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(name, base64) of the pictures that a text shows, files of the assignment by their paths."""
    yield from ((name, data) for name, data in attached(cell) if shows(text, name))
    yield from (("an embedded picture", data) for data in embedded(text))
    yield from ((name, data) for name, data in files.items() if _names(text, name))


def shows(text: str, attachment: str) -> bool:
    """Whether a text shows a picture that is attached to its cell.

    >>> shows("![](attachment:my%20plan.png)", "my plan.png"), shows('![](attachment:plan.png "A plan")', "plan.png")
    (True, True)
    >>> [shows("![](attachment:plan.png.png)", name) for name in ("plan.png", "plan", "plan.png.png")]
    [False, False, True]
    """
    plain = unquote(re.sub(r"\\(?=[!-/:-@\[-`{-~])", "", html.unescape(text)))
    end = r"[)\]>\"']|\s+[\"'(]|\s*$"  # of a link's target, a title may follow
    return bool(re.search(rf"attachment:{re.escape(unquote(attachment))}(?={end})", plain, re.MULTILINE))


def _names(text: str, file: str, before: str = "") -> bool:
    """Whether a text has the name of a file, and not as a part of another; `before` may precede it nevertheless.

    >>> _names("![](./my%20plan.png)", "my plan.png"), _names("![](floor-plan.png)", "plan.png")
    (True, False)
    >>> _names("![](images/plan.png)", "plan.png"), _names("![](images/plan.png)", "plan.png", "/")
    (False, True)
    """
    letters = "".join(letter for letter in "./-" if letter != before)
    return bool(re.search(rf"(?<![\w{letters}]){re.escape(file)}(?!\w)", unquote(text).replace("./", "")))


def attached(cell: Any) -> Iterator[tuple[str, str]]:
    """(name, base64) of the pictures that are attached to a cell."""
    for name, kinds in (cell.get("attachments") or {}).items():
        yield from ((name, "".join("".join(data).split())) for data in kinds.values())


def embedded(text: str) -> list[str]:
    """The base64 of pictures in `data:` addresses of a text."""
    return ["".join(found.split()) for found in EMBEDDED.findall(text)]


def without_regions(text: str, names: Collection[str] = HIDDEN) -> str:
    """A cell without its regions of some names, delimiters included.

    >>> without_regions("a\\n### BEGIN HIDDEN TESTS\\nb\\n### END HIDDEN TESTS\\nc")
    'a\\nc'
    """
    found = regions(text.split("\n"), names)
    return "\n".join(line for line, inside, delimiter in found if not (inside or delimiter))


def given_away(texts: Iterable[str], guarded: Iterable[Secret]) -> list[Secret]:
    """The secrets that can be read in some texts: long lines anywhere in them, short ones as a line of their own.

    >>> lines = ["return (k * k * c + 1) * filters", "x = 1"]
    >>> guarded = [Secret("solution", "1-parameters", "layer-params", line) for line in lines]
    >>> [s.line for s in given_away(["so: return (k * k * c + 1) * filters!", "max = 1"], guarded)]
    ['return (k * k * c + 1) * filters']
    """
    whole = "\n".join(texts)
    lines = {line.strip() for line in whole.splitlines()}
    return [s for s in guarded if s.line in lines or (len(s.line) >= TELLING and s.line in whole)]


def strings(value: Any) -> Iterator[str]:
    """Every text in a JSON value, keys too; a list of lines, as notebooks keep a cell's source, as one text.

    >>> list(strings({"source": ["a\\n", "b"], "n": 1}))
    ['source', 'a\\nb', 'n']
    """
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from strings(inner)
    elif isinstance(value, list):
        if value and all(isinstance(inner, str) for inner in value):
            yield "".join(value)
        else:
            for inner in value:
                yield from strings(inner)
