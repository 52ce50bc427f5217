"""docs/sizing.md shows the measured figures, and its estimates follow from them."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks._sizing import DISK, RUSH, SCALE, STUDENTS, figures, load, storage, table

DOCS = (Path(__file__).parents[2] / "docs" / "sizing.md").read_text(encoding="utf-8").splitlines()


def test_the_disk_of_a_student_is_the_one_that_was_measured():
    disk = load(DISK)
    (line,) = [line for line in DOCS if line.startswith("| a student, one assignment |")]
    assert [float(cell.split()[0]) for cell in line.strip("|").split("|")[1:]] == [
        *(round(disk[f"{name}_kb"]) for name in ("submitted", "autograded", "feedback", "gradebook")),
        round(disk["grading_cpu_s"], 2),
    ]


def cells(students: int) -> list[str]:
    row = next(line for line in DOCS if line.startswith(f"| {students:,} |"))
    return [cell.strip().replace("**", "") for cell in row.strip("|").split("|")][1:]


def test_the_document_has_the_tables_of_the_benchmarks():
    for line in (*figures(load()), *table(load(), load(SCALE)), *storage(load(DISK))):
        assert line in DOCS


@pytest.mark.parametrize("students", STUDENTS)
@pytest.mark.parametrize(("kind", "memory", "cores"), [("cold", 0, 2), ("warm", 1, 3)])
def test_a_row_follows_from_the_measured_class(students: int, kind: str, memory: int, cores: int):
    one = load()[kind]
    size = one["hub_mb"] + one["proxy_mb"] + one["course_server_mb"] + students * one["student_mb"]
    assert float(cells(students)[memory].split()[0]) == pytest.approx(size / 1000, rel=0.01)
    computing = students * (one["student_cpu_s"] + one["hub_cpu_s"] + one["proxy_cpu_s"])
    assert int(cells(students)[cores]) - 1 < computing / RUSH <= int(cells(students)[cores])


def test_only_what_was_measured_is_bold():
    bold = {line.split("|")[1].strip().replace(",", ""): line.count("**") // 2 for line in table(load(), load(SCALE))}
    of_the_class = 5 if load()["warm"]["students"] == 30 else 4
    assert bold == {"30": of_the_class, "100": 0, "300": 0, "1000": 2, "3000": 0, "10000": 2}


@pytest.mark.parametrize("kind", ["cold", "warm"])
def test_nothing_was_lost_within_five_minutes(kind: str):
    one = load()[kind]
    assert one["collected_intact"] == one["students"]
    assert kind == "warm" or one["students"] == 30
    assert one["submitted_within_s"] <= RUSH
