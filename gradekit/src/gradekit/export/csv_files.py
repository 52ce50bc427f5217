"""The CSV files of Canvas and Moodle: which column is what.

Canvas matches a column by the id in its header and students by ID, SIS User ID or SIS Login ID. Moodle's grade CSV has
any header, and its offline grading worksheet localized ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from gradekit.errors import CourseError

from .lms_file import Columns, FileEntry, LmsFile, mentions, named_column, number, one_column
from .sheet import Sheet

CANVAS_KEYS = ("ID", "SIS User ID", "SIS Login ID", "Integration ID")
CANVAS_TITLE = re.compile(r"(?P<title>.*\S) \((?P<id>\d+)\)")
POINTS_POSSIBLE = "points possible"

# Headers of a column with an id, e-mail or login in Moodle's languages; others are named with --by.
KEY = re.compile(
    r"\b(id|idnumber|id[- ]?n\w+|identifier|username|user name|login|e-?mail\w*|anmeldename|matrikel\w*|"
    r"nom d.utilisateur|identifiant|courriel|correo|usuario|identificador)\b",
    re.IGNORECASE,
)
NOT_POINTS = re.compile(r"\((percentage|letter|prozentsatz|buchstabe|pourcentage|lettre|porcentaje|letra)\)$", re.I)
IS_FEEDBACK = re.compile(r"\((feedback|rückmeldung|retroalimentación)\)$", re.IGNORECASE)
PARTICIPANT = re.compile(r"\D+ ?\d+")
NO, YES_OR_NO = {"no", "nein", "non"}, {"yes", "no", "ja", "nein", "oui", "non", "sí"}

# What Moodle calls the worksheet's columns: English, German, French, Spanish.
WORKSHEET_GRADE = ("grade", "bewertung", "note", "calificación")
WORKSHEET_MAXIMUM = ("maximum grade", "bestwertung", "note maximale", "calificación máxima")
WORKSHEET_FEEDBACK = ("feedback comments", "feedback als kommentar", "commentaires", "comentarios de retroalimentación")


@dataclass
class CsvFile(LmsFile):
    """A table with a row for each person."""

    sheet: Sheet = field(default_factory=lambda: Sheet(b""))
    score_column: int = 0
    feedback_column: int | None = None

    def filled(self, scores: Mapping[int, str], feedback: Mapping[int, str]) -> bytes:
        for row, score in scores.items():
            self.sheet.set(row - 1, self.score_column, score)
        for row, text in feedback.items():
            if self.feedback_column is not None:
                self.sheet.set(row - 1, self.feedback_column, text)
        return self.sheet.data()


def read(data: bytes, assignment: str, columns: Columns) -> CsvFile:
    """The file of one of the three formats; CourseError says what it lacks."""
    sheet = Sheet(data)
    if not sheet.rows or len(sheet.rows[0]) < 2:
        raise CourseError("the file has no header with columns. Download it again from the LMS.")
    header = [name.strip() for name in sheet.rows[0]]
    return _reader(sheet, header, assignment)(sheet, header, assignment, columns)


def _reader(sheet: Sheet, header: list[str], assignment: str) -> Callable[[Sheet, list[str], str, Columns], CsvFile]:
    if "Student" in header[0] and header[1] == "ID":
        return _canvas
    if any(mentions(name, assignment) for name in header) and not _among(header, WORKSHEET_GRADE):
        return _moodle  # whose first column may have logins such as s001
    first = [sheet.get(row, 0) for row in sheet.filled()]
    prefixes = {value.rstrip("0123456789") for value in first}
    return _worksheet if first and len(prefixes) == 1 and all(map(PARTICIPANT.fullmatch, first)) else _moodle


def _canvas(sheet: Sheet, header: list[str], assignment: str, columns: Columns) -> CsvFile:
    column = _canvas_column(header, columns.score or assignment)
    possible = [row for row in sheet.filled() if POINTS_POSSIBLE in sheet.get(row, 0).casefold()]
    points = sheet.get(possible[0], column) if possible else ""
    if "read only" in points.casefold():
        raise CourseError(f"{header[column]!r} is a total that Canvas computes. Name an assignment: --column HEADER.")
    keys = [header.index(name) for name in CANVAS_KEYS if name in header]
    rows = [row for row in sheet.filled() if row not in possible and any(sheet.get(row, key) for key in keys)]
    made = _file("Canvas gradebook", sheet, header, columns, rows, keys, column, None, names=[0])
    limit = _points(points)
    made.limit, made.limit_from = (float("inf"), "no limit") if limit is None else (limit, "Points Possible in Canvas")
    return made


def _canvas_column(header: list[str], name: str) -> int:
    """The column of an assignment that Canvas has: by whole header, by title or by id."""
    titles = {i: found for i, head in enumerate(header) if (found := CANVAS_TITLE.fullmatch(head))}
    fits = [
        i
        for i, found in titles.items()
        if name.casefold() in (header[i].casefold(), found["title"].casefold(), found["id"])
    ]
    there = [header[i] for i in titles]
    if not there:
        raise CourseError(
            "the file has no assignment of Canvas. Make the assignment there, and download the file again."
        )
    if len(fits) != 1:
        count = f"{len(fits)} assignments in the file are called" if fits else "no assignment in the file is called"
        raise CourseError(f"{count} {name!r}. Name one: --column HEADER. There are:", tuple(there))
    return fits[0]


def _worksheet(sheet: Sheet, header: list[str], assignment: str, columns: Columns) -> CsvFile:
    if columns.score:
        column = named_column(header, columns.score, "--column")
    else:
        column = one_column(header, _among(header, WORKSHEET_GRADE), "the grade", "--column")
    feedback = _feedback(header, columns, _among(header, WORKSHEET_FEEDBACK))
    keys = _keys(header, columns, {column, feedback})
    made = _file(
        "Moodle offline grading worksheet", sheet, header, columns, sheet.filled(), keys, column, feedback, [1]
    )
    locked = _locked(sheet, len(header))
    made.entries = [replace(entry, locked=entry.row - 1 in locked) for entry in made.entries]
    maximum = _among(header, WORKSHEET_MAXIMUM)
    if maximum:
        limits = {
            value for entry in made.entries if (value := _points(sheet.get(entry.row - 1, maximum[0]))) is not None
        }
        if len(limits) == 1:
            made.limit, made.limit_from = limits.pop(), header[maximum[0]]
    return made


def _moodle(sheet: Sheet, header: list[str], assignment: str, columns: Columns) -> CsvFile:
    about = [i for i, name in enumerate(header) if mentions(name, assignment)]
    if columns.score:
        column = named_column(header, columns.score, "--column")
    else:
        points = [i for i in about if not NOT_POINTS.search(header[i]) and not IS_FEEDBACK.search(header[i])]
        column = one_column(header, points, f"the points of {assignment!r}", "--column")
    feedback = _feedback(header, columns, [i for i in about if i != column and IS_FEEDBACK.search(header[i])])
    keys = _keys(header, columns, {column, feedback})
    return _file("Moodle grade CSV", sheet, header, columns, sheet.filled(), keys, column, feedback, [0, 1])


def _locked(sheet: Sheet, columns: int) -> set[int]:
    """Rows that the column of yes and no, "Grade can be changed" in English, closes."""
    said = [{row: sheet.get(row, column).casefold() for row in sheet.filled()} for column in range(columns)]
    found = [answers for answers in said if {*answers.values()} <= YES_OR_NO]
    return {row for answers in found for row, answer in answers.items() if answer in NO}


def _among(header: list[str], names: tuple[str, ...]) -> list[int]:
    return [i for i, name in enumerate(header) if name.casefold() in names]


def _feedback(header: list[str], columns: Columns, found: list[int]) -> int | None:
    if columns.feedback:
        return named_column(header, columns.feedback, "--feedback-column")
    return found[0] if len(found) == 1 else None


def _keys(header: list[str], columns: Columns, others: set[int | None]) -> list[int]:
    """Columns with an id, e-mail or login. Names are not used: two students may share one."""
    return [i for i, name in enumerate(header) if i not in others and KEY.search(name)]


def _file(
    kind: str,
    sheet: Sheet,
    header: list[str],
    columns: Columns,
    rows: list[int],
    keys: list[int],
    column: int,
    feedback: int | None,
    names: list[int],
) -> CsvFile:
    if columns.key:
        keys = [named_column(header, columns.key, "--by")]
    if not keys:
        raise CourseError("no column has an id, e-mail or login. Name one: --by HEADER. There are:", tuple(header))
    entries = [
        FileEntry(
            row=row + 1,
            keys={header[key]: sheet.get(row, key) for key in keys},
            label=" ".join(sheet.get(row, name) for name in names),
            score=sheet.get(row, column),
            feedback="" if feedback is None else sheet.get(row, feedback),
        )
        for row in rows
    ]
    return CsvFile(
        kind,
        entries,
        has_feedback=feedback is not None,
        decimal_comma=sheet.has_decimal_commas(column),
        sheet=sheet,
        score_column=column,
        feedback_column=feedback,
    )


def _points(text: str) -> float | None:
    try:
        return number(text)
    except ValueError:
        return None
