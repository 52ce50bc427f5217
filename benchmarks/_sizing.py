"""How big a hub has to be for so many students: what `hub_load` and `hub_scale` measured, and what follows from it.

python -m benchmarks._sizing      prints the tables of docs/sizing.md
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

MEASURED = Path(__file__).with_name("hub_load.json")
SCALE = Path(__file__).with_name("hub_scale.json")
DISK = Path(__file__).with_name("class_disk.json")
STUDENTS = (30, 100, 300, 1000, 3000, 10_000)
PODS = 8  # cores that grade at the same time, of one machine or of pods
RUSH = 300  # seconds in which a class that comes all at once shall be at work


def load(path: Path = MEASURED) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def memory_gb(students: int, one: dict[str, float]) -> float:
    """Of the hub, the proxy, one course server, and students who are all there at once; in GB (10^9 bytes).

    >>> memory_gb(100, {"hub_mb": 100, "proxy_mb": 30, "course_server_mb": 370, "student_mb": 500})
    50.5
    """
    return (one["hub_mb"] + one["proxy_mb"] + one["course_server_mb"] + students * one["student_mb"]) / 1000


def cores(students: int, one: dict[str, float]) -> int:
    """That let all of them log in, run the first notebook's Keras cells and submit within `RUSH` seconds.

    >>> cores(100, {"student_cpu_s": 8.0, "hub_cpu_s": 0.7, "proxy_cpu_s": 0.3})
    3
    """
    return math.ceil(students * (one["student_cpu_s"] + one["hub_cpu_s"] + one["proxy_cpu_s"]) / RUSH)


def minutes_to_come_in(students: int, one: dict[str, float]) -> float:
    """The hub is one process on one core: so long it computes for all of them.

    >>> minutes_to_come_in(600, {"hub_cpu_s": 0.5})
    5.0
    """
    return students * one["hub_cpu_s"] / 60


def exchange_mb(students: int, one: dict[str, float]) -> float:
    """Of one submission each, of the whole lesson.

    >>> exchange_mb(50, {"submission_kb": 120})
    6.0
    """
    return students * one["submission_kb"] / 1000


def between(students: int, key: str, scale: list[dict[str, float]]) -> float:
    """What was measured at some counts, on the straight line between two of them.

    >>> between(20, "database_kb", [{"students": 10, "database_kb": 1}, {"students": 30, "database_kb": 3}])
    2.0
    """
    below = max((one for one in scale if one["students"] <= students), key=lambda one: one["students"])
    above = min((one for one in scale if one["students"] >= students), key=lambda one: one["students"])
    if above == below:
        return below[key]
    part = (students - below["students"]) / (above["students"] - below["students"])
    return below[key] + part * (above[key] - below[key])


def mark(value: str, measured: bool) -> str:
    """Measured figures are bold."""
    return f"**{value}**" if measured else value


def table(measured: Any, scale: Any) -> list[str]:
    """A row for each number of students."""
    rows = []
    for students in STUDENTS:
        cold, warm = measured["cold"], measured["warm"]
        here = students == cold["students"]
        there = any(one["students"] == students for one in scale)
        cells = [
            mark(f"{memory_gb(students, cold):.3g} GB", here),
            mark(f"{memory_gb(students, warm):.3g} GB", here and warm["students"] == students),
            str(cores(students, cold)),
            str(cores(students, warm)),
            f"{minutes_to_come_in(students, cold):.2g} min",
            mark(f"{between(students, 'database_kb', scale) / 1000:.2g} MB", there),
            mark(f"{between(students, 'proxy_mb', scale):.2g} MB", there),
            mark(f"{exchange_mb(students, cold):.3g} MB", here),
        ]
        rows.append(f"| {students:,} | {' | '.join(cells)} |")
    return rows


def storage(disk: Any) -> list[str]:
    """A row for each number of students: the disk of one assignment in GB (10^9 bytes), and the time to grade it."""
    in_course = ("submitted_kb", "autograded_kb", "feedback_kb", "gradebook_kb")
    in_exchange = ("submitted_kb", "feedback_kb")
    rows = []
    for students in STUDENTS:
        sizes = [students * sum(disk[key] for key in keys) / 1e6 for keys in (in_course, in_exchange)]
        cells = [f"{size:.3g} GB" for size in (*sizes, sum(sizes))]
        hours = students * disk["grading_cpu_s"] / 3600
        cells += [f"{hours:.2g} h", f"{hours / PODS:.2g} h"]
        rows.append(f"| {students:,} | {' | '.join(cells)} |")
    return rows


def figures(measured: Any) -> list[str]:
    """What was measured with the class."""
    from benchmarks.hub_load import ROWS

    cold, warm = measured["cold"], measured["warm"]
    return [f"| {label} | {shown(cold, key)} | {shown(warm, key)} |" for label, key in ROWS.items()]


def shown(one: dict[str, float], key: str) -> str:
    return f"{one[key]:.4g}" if key in one else "not measured"


if __name__ == "__main__":
    print("\n".join([*figures(load()), "", *table(load(), load(SCALE)), "", *storage(load(DISK))]))
