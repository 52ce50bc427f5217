"""What Canvas and Moodle do with a file: their importers' rules, written from their source, as the tests' oracle.

Nothing here is shared with gradekit: files are read with Python's csv and xml modules.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from xml.etree import ElementTree


class Aborted(Exception):
    """Moodle imports nothing."""


@dataclass
class Imported:
    """What a gradebook has after an import."""

    scores: dict[str, float | None] = field(default_factory=dict)  # by the LMS's own id of a student
    excused: set[str] = field(default_factory=set)
    feedback: dict[str, str] = field(default_factory=dict)
    new_assignments: list[str] = field(default_factory=list)
    new_points: dict[str, float] = field(default_factory=dict)


def canvas(data: bytes, students: list[dict[str, str]], assignments: dict[str, tuple[str, float]]) -> Imported:
    """Canvas' gradebook importer. `students` have id, sis_user, login, name; `assignments` id -> (title, points)."""
    text = data.decode("utf-8-sig")
    delimiter = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    header = rows[0]
    assert "Student" in header[0], "not a gradebook"
    assert header[1] == "ID", "not a gradebook"
    first = max(header.index(name) for name in ("ID", "SIS User ID", "SIS Login ID", "Section") if name in header) + 1
    done = Imported()
    columns = {}
    for column in range(first, len(header)):
        found = re.search(r"\((\d+)\)$", header[column])
        by_title = [key for key, (title, _) in assignments.items() if title == header[column]]
        if found and found[1] in assignments:
            columns[column] = found[1]
        elif by_title:
            columns[column] = by_title[0]
        else:
            done.new_assignments.append(header[column])
    for row in rows[1:]:
        if not any(row) or "Points Possible" in row[0]:
            for column, key in columns.items() if any(row) else ():
                if row[column] and float(row[column].replace(",", ".")) != assignments[key][1]:
                    done.new_points[key] = float(row[column])
            continue
        student = _canvas_student(dict(zip(header, row, strict=False)), row[0], students)
        for column in columns:
            cell = row[column].strip() if column < len(row) else ""
            if student is None:
                continue
            if cell.upper() == "EX":
                done.excused.add(student)
            else:
                done.scores[student] = None if cell in ("", "-") else float(cell.replace(",", "."))
    return done


def _canvas_student(row: dict[str, str], name: str, students: list[dict[str, str]]) -> str | None:
    for header, key in (("ID", "id"), ("SIS User ID", "sis_user"), ("SIS Login ID", "login")):
        value = row.get(header, "").strip()
        for student in students:
            if value and student[key] == value:
                return student["id"]
    return next((student["id"] for student in students if student["name"] == name), None)


def moodle_csv(
    data: bytes,
    users: dict[str, str],
    user: str,
    grade: str,
    feedback: str = "",
    limit: float = 100,
    comma: bool = False,
) -> Imported:
    """Moodle's gradeimport_csv with the headers that a teacher maps. `users`: value of the column -> id."""
    text = data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";" if ";" in text.partition("\n")[0] else ","))
    done = Imported()
    for row in rows:
        if row[user] not in users:
            raise Aborted(f"unknown user {row[user]}")
        student, cell = users[row[user]], (row[grade] or "").strip()
        done.scores[student] = None
        if cell not in ("", "-"):
            try:
                done.scores[student] = float(cell.replace(",", ".") if comma else cell)
            except ValueError:
                raise Aborted(f"{cell} is not a number") from None
            if done.scores[student] > limit:
                raise Aborted(f"{cell} is over {limit}")
        if feedback and row[feedback]:
            done.feedback[student] = row[feedback]
    return done


def moodle_worksheet(data: bytes, participants: dict[str, str], grade: str = "Grade", comments: str = "") -> Imported:
    """assignfeedback_offline: UTF-8 and commas, a person by the number in `Participant N`."""
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert rows, "empty worksheet"
    done = Imported()
    for row in rows:
        student = participants[re.search(r"\d+$", row["Identifier"])[0]]
        cell = row[grade].strip()
        done.scores[student] = None if cell in ("", "-") else float(cell)
        if comments and row[comments]:
            done.feedback[student] = row[comments]
    return done


def moodle_xml(data: bytes, assignment: str, users: dict[str, str]) -> Imported:
    """gradeimport_xml: one unknown student or assignment aborts."""
    done = Imported()
    for result in ElementTree.fromstring(data).findall("result"):
        if result.findtext("assignment") != assignment:
            continue
        if result.findtext("student") not in users:
            raise Aborted(f"unknown user {result.findtext('student')}")
        student, score = users[result.findtext("student")], (result.findtext("score") or "").strip()
        done.scores[student] = None if score in ("", "-") else float(score)
        if result.findtext("feedback"):
            done.feedback[student] = result.findtext("feedback")
    return done
