"""Damaged submissions of every kind, in one class: each is graded or reported, and none is in the way of the others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from convkit.course.grade import grade
from convkit.course.report import report
from tests.damaged import cells, content, files, lesson
from tests.damaged.kind import Kind

SOUND = [Kind(f"sound {number}", lambda folder: None, student=f"sound-{number}") for number in range(1, 4)]
KINDS = [*SOUND, *files.KINDS, *content.KINDS, *cells.KINDS]
DOCS = Path(__file__).parents[1] / "docs/submissions.md"


def contents(folder: Path) -> dict[str, object]:
    """Everything below a folder, links as links and nothing followed."""
    found: dict[str, object] = {}
    for place, folders, names in os.walk(folder):
        for name in [*folders, *names]:
            path = Path(place) / name
            about = path.lstat()
            key = about.st_mode, about.st_mtime_ns, about.st_size if not path.is_dir() else 0
            small = path.is_file() and not path.is_symlink() and about.st_size < 10_000_000
            found[str(path)] = (key, path.read_bytes() if small else None)
    return found


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The class, graded once: (outcome, rows by student, submitted/ before, submitted/ after)."""
    root = lesson.make(tmp_path_factory.mktemp("damaged"))
    for kind in KINDS:
        kind.damage(lesson.hand_in(root, kind.id))
    before = contents(root / "submitted")
    outcome = grade(root)
    rows = {row.student: row for row in report(root)}
    return outcome, rows, before, contents(root / "submitted")


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_work_gets_what_it_is_worth_and_the_instructor_a_line(graded, kind):
    outcome, rows, _, _ = graded
    name = kind.id if kind.id.isprintable() else ascii(kind.id)
    told = [trouble.what for trouble in outcome.troubles if trouble.student == name]
    assert "\n".join(told) == kind.line
    assert all("\n" not in line for line in told)
    assert (kind.id in outcome.graded) == kind.graded
    if kind.graded:
        assert rows[kind.id].scores == {lesson.FIRST: kind.first, lesson.SECOND: kind.second}
