"""A course of two light notebooks with every kind of cell: checks by `verify` and by assert, a task, words to grade."""

from __future__ import annotations

import shutil
from pathlib import Path

from nbformat.v4 import new_code_cell, new_markdown_cell

from gradekit.release import release
from gradekit.solutions import answer_file, right_answers
from tests import toy

FIRST, SECOND = "1-counts", "2-more"
POINTS = {FIRST: 3.0, SECOND: 2.0}
WORDS = "It sees two channels."


def first() -> list:
    words = new_markdown_cell("Write your answer here.", id="in-words")
    words.metadata = toy._meta("in-words", 2, grade=True, solution=True)
    return [
        new_markdown_cell("# Counting", id="title"),
        new_code_cell("from gradekit import verify", id="load"),
        toy.solution("layer-params", "def layer_params(kernel_size, in_channels, filters):", toy.RIGHT),
        toy.check(
            "layer-params-small",
            1,
            'verify("layer-params", layer_params, kernel_size=2, in_channels=1, filters=3, gives=15)',
        ),
        new_code_cell("sizes = [3, 5]", id="sizes"),
        toy.solution("area", "def area(n):", "return n * n"),
        toy.check("area-small", 1, "assert area(sizes[0]) == 9, 'a square?'"),
        toy.check("area-fresh", 1, "assert area(sizes[1]) == 25, 'a square?'", "assert area(7) == 49, 'fresh'"),
        toy.task("why", 2),
        new_markdown_cell("Write your answer here.", id="why-answer"),
        words,
        new_code_cell("print('done')", id="end"),
    ]


def second() -> list:
    return [
        new_markdown_cell("# More", id="title"),
        toy.solution("double", "def double(n):", "return 2 * n"),
        toy.check("double-small", 2, "assert double(4) == 8, 'twice?'", "assert double(-3) == -6, 'fresh'"),
    ]


def make(root: Path) -> Path:
    """A released course in a folder, with the settings of the real one."""
    toy.write(root / "source/counts" / f"{FIRST}.ipynb", first())
    toy.write(root / "source/counts" / f"{SECOND}.ipynb", second())
    (root / "source/counts/images").mkdir()
    (root / "source/counts/images/one.png").write_bytes(b"\x89PNG, or nearly")
    shutil.copy(toy.CONFIG, root)
    release(root)
    return root


def hand_in(root: Path, student: str) -> Path:
    """A student's two notebooks with right answers."""
    answers = {**right_answers(root / "source/counts"), "why": WORDS, "in-words": WORDS}
    for released in (root / "release/counts").glob("*.ipynb"):
        answer_file(released, root / "submitted" / student / "counts" / released.name, answers)
    return root / "submitted" / student / "counts"
