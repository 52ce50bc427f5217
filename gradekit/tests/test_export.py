"""Grades in the files of the LMSs, read back by ports of the importers' rules."""

from __future__ import annotations

import csv
import io
import json
from xml.sax.saxutils import escape

import lms_importers
import pytest
from documents import commands
from gradebooks import ASSIGNMENT, Student, make
from nbgrader.plugins.export import CsvExportPlugin

from gradekit.cli import main
from gradekit.course import course, open_gradebook
from gradekit.errors import CourseError
from gradekit.export import export, export_into, plain_csv, plain_json
from gradekit.export.lms_file import Columns
from gradekit.export.sheet import Sheet

FORMATS = ("canvas", "moodle", "worksheet", "xml")
SUFFIX = {"xml": "xml"}
MOODLE_GRADE, MOODLE_FEEDBACK = "Assignment: hw1 (Real)", "Assignment: hw1 (Feedback)"


def rows_of(kind, students, scores):
    """What the LMS would have in its file: a table for a CSV."""
    blank = scores or {}
    if kind == "canvas":
        head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "hw0 (70)", "hw1 (71)", "Final Score"]
        points = ["    Points Possible", "", "", "", "", "5", "10", "(read only)"]
        body = [
            [f"{s.last_name}, {s.first_name}", str(900 + n), "", s.id, "A", "3", blank.get(s.id, ""), "44.1"]
            for n, s in enumerate(students)
        ]
        return [head, points, *body, ["Student, Test", "999", "", "f00", "A", "", "", ""]]
    if kind == "moodle":
        head = ["First name", "Last name", "Email address", MOODLE_GRADE, MOODLE_FEEDBACK]
        return [head, *([s.first_name, s.last_name, s.email, blank.get(s.id, "-"), ""] for s in students)]
    head = ["Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade"]
    head += ["Grade can be changed", "Last modified (grade)", "Feedback comments"]
    body = [
        [f"Participant {n}", f"{s.first_name} {s.last_name}", s.email, "", blank.get(s.id, ""), "10.00", "Yes", "-", ""]
        for n, s in enumerate(students)
    ]
    return [head, *body]


def as_csv(rows, delimiter=",", bom=False, end="\r\n"):
    text = io.StringIO(newline="")
    for row in rows:  # with "\n" as its line end, Python's writer would not quote a "\r"
        line = io.StringIO(newline="")
        csv.writer(line, delimiter=delimiter).writerow(row)
        text.write(line.getvalue().removesuffix("\r\n") + end)
    return (b"\xef\xbb\xbf" if bom else b"") + text.getvalue().encode()


def as_xml(students, scores):
    results = "".join(
        f"<result><assignment>hw1</assignment><student>{escape(s.id)}</student><score>{(scores or {}).get(s.id, '')}"
        "</score></result>"
        for s in students
    )
    return f"<results>{results}<result><assignment>hw0</assignment><student>x</student></result></results>".encode()


def lms_file(root, kind, students, scores=None, **csv_options):
    path = root / f"{kind}.{SUFFIX.get(kind, 'csv')}"
    made = as_xml(students, scores) if kind == "xml" else as_csv(rows_of(kind, students, scores), **csv_options)
    path.write_bytes(made)
    return path


def imported(kind, path, students, comma=False):
    """What the LMS's importer makes of the file, by nbgrader's ids."""
    data = path.read_bytes()
    if kind == "canvas":
        known = [
            {"id": s.id, "sis_user": "-none-", "login": s.id, "name": f"{s.last_name}, {s.first_name}"}
            for s in students
        ]
        return lms_importers.canvas(data, known, {"70": ("hw0", 5), "71": ("hw1", 10)})
    if kind == "moodle":
        by_email = {s.email: s.id for s in students}
        return lms_importers.moodle_csv(data, by_email, "Email address", MOODLE_GRADE, MOODLE_FEEDBACK, comma=comma)
    if kind == "worksheet":
        return lms_importers.moodle_worksheet(
            data, {str(n): s.id for n, s in enumerate(students)}, comments="Feedback comments"
        )
    return lms_importers.moodle_xml(data, "hw1", {s.id: s.id for s in students})


CLASS = (
    Student("ada", 7.5, "Ada", "Lovelace", "ada@x.org"),
    Student("ben", 0, "Ben", "Bit", "ben@x.org"),
    Student("cy", None, "Cy", "Nothing", "cy@x.org"),
    Student("dee", 8, "Dee", "Late", "dee@x.org", penalty=2.5),
    Student("eve", 1, "Eve", "Very late", "eve@x.org", penalty=5),
    Student("fay", 7.33333, "Fay", "Thirds", "fay@x.org"),
)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A course with CLASS in its gradebook; each test has an LMS's file of its own."""
    return make(tmp_path_factory.mktemp("class"), CLASS)


NET = {"ada": 7.5, "ben": 0.0, "cy": None, "dee": 5.5, "eve": 0.0, "fay": 7.33333}


@pytest.mark.parametrize("kind", FORMATS)
def test_an_importer_reads_exactly_the_scores(tmp_path, root, kind):
    path = lms_file(tmp_path, kind, CLASS)
    made = export_into(path, root, dry_run=False)
    read = imported(kind, path, CLASS)
    assert read.scores == NET
    assert (read.new_assignments, read.new_points) == (["Final Score"] if kind == "canvas" else [], {})
    assert (len(made.changes), made.same, made.blank) == (5, 0, 1)
    again = export_into(path, root, dry_run=False)
    assert (again.changes, again.feedback, again.same) == ([], {}, 5)


def test_scores_are_those_of_nbgraders_export_but_for_no_submission(tmp_path, root):
    with open_gradebook(course(root)) as book:
        CsvExportPlugin(to=str(tmp_path / "theirs.csv")).export(book)
    theirs = {row["student_id"]: row for row in csv.DictReader((tmp_path / "theirs.csv").open())}
    for grade in export(root):
        row = theirs[grade.student]
        assert grade.score == (None if grade.student == "cy" else pytest.approx(float(row["score"])))
        assert (grade.late_penalty, grade.max_score) == (float(row["late_submission_penalty"]), float(row["max_score"]))


#   first name           last name         why this row exists
NAMES = [
    ("Ada", "Lovelace", "plain"),
    ("Jürgen", "Müßig", "umlauts"),
    ("Łukasz", "Żółw", "Polish"),
    ("José", "Ñúñez", "Spanish"),
    ("Jose\u0301", "decomposed", "a combining accent"),
    ("李", "小龙", "Chinese"),
    ("محمد", "علي", "right to left"),
    ("Ол", "Ґ", "Cyrillic"),
    ("Ann", "O'Neill", "an apostrophe"),
    ("Bob", "Smith, Jr.", "a comma"),
    ("Cat", "a;b", "a semicolon"),
    ("Dan", "a\tb", "a tab"),
    ('Di "Dee"', "Quote", "quotation marks inside"),
    ('"Ed"', '"All"', "quotation marks around"),
    ('"', '""', "quotation marks alone"),
    ("Flo", "two\nlines", "a line break"),
    ("Gus", "two\r\nlines", "a Windows line break"),
    ("Hal", "two\rlines", "an old Mac line break"),
    ("Ivy", " spaces ", "spaces around"),
    ("", "Mononym", "no first name"),
    ("Kim", "", "no last name"),
    ("", "", "no name"),
    ("Lea", "=1+1", "a formula"),
    ("Max", "@SUM(A1)", "another formula"),
    ("Ned", "-", "a dash, which is not a score"),
    ("Oda", "EX", "what Canvas calls excused"),
    ("Pam", "7,5", "a decimal comma"),
    ("Quin", "Points", "half of a marker"),
    ("Ray", "\u200bzero width", "a zero-width space"),
    ("Sam", "\u202eoverride", "an override"),
    ("Tea", "👩‍🏫", "an emoji of three"),
    ("Uwe", "x" * 300, "very long"),
    ("Vic", "<b>&amp;</b>", "HTML"),
    ("Will", "C:\\path\\n", "backslashes"),
    ("Xi", "0042", "leading zeros"),
]


ODD = [Student(f"s{n}", float(n % 8), first, last, f"s{n}@x.org") for n, (first, last, _) in enumerate(NAMES)]


@pytest.fixture(scope="module")
def odd_root(tmp_path_factory):
    """A course whose gradebook knows the ids and e-mails of ODD."""
    return make(tmp_path_factory.mktemp("odd"), [Student(one.id, one.score, email=one.email) for one in ODD])


#   format       how its CSV is written
WRITTEN = [
    *[(kind, {"end": "\r\n"}) for kind in ("canvas", "moodle", "worksheet")],
    *[(kind, {"end": "\n", "bom": True}) for kind in ("canvas", "moodle", "worksheet")],
    *[(kind, {"delimiter": ";"}) for kind in ("canvas", "moodle")],  # Moodle's worksheet always has commas
]


@pytest.mark.parametrize(("kind", "options"), WRITTEN)
def test_odd_names_keep_their_bytes(tmp_path, odd_root, kind, options):
    expected = lms_file(tmp_path, kind, ODD, {s.id: f"{s.score:g}" for s in ODD}, **options).read_bytes()
    path = lms_file(tmp_path, kind, ODD, **options)
    export_into(path, odd_root, dry_run=False)
    assert imported(kind, path, ODD).scores == {s.id: s.score for s in ODD}
    written = Sheet(path.read_bytes())
    for column, name in enumerate(written.rows[0]):
        for row in range(1, len(written.rows) if "eedback" in name else 0):
            written.set(row, column, "")
    assert written.data() == expected


#   id in nbgrader      in the LMS's file        found  why
KEYS = [
    ({"id": "ada"}, "ada", True, "the id"),
    ({"id": "ada"}, "ADA", True, "a hub lower-cases names"),
    ({"id": "ada"}, " ada ", True, "spaces around"),
    ({"id": "u1", "email": "ada@x.org"}, "Ada@X.org", True, "the e-mail in another case"),
    ({"id": "u1", "lms_user_id": "4711"}, "4711", True, "the LMS's own id"),
    ({"id": "jose\u0301"}, "josé", True, "the same letter in two encodings"),
    ({"id": "ada"}, "ada2", False, "a longer login"),
    ({"id": "ada", "email": "ada@x.org"}, "ada@y.org", False, "another domain"),
    ({"id": "0042"}, "42", False, "leading zeros are part of an id"),
    ({"id": "ada", "first_name": "Ada", "last_name": "Byron"}, "Byron, Ada", False, "a name is not a key"),
]


@pytest.mark.parametrize(("known", "login", "found", "why"), KEYS, ids=[row[-1] for row in KEYS])
def test_students_are_found_by_id_email_or_login(tmp_path, known, login, found, why):
    root = make(tmp_path, [Student(score=4, **known), Student("other", 1)])
    path = tmp_path / "canvas.csv"
    head = ["Student", "ID", "SIS Login ID", "Section", "hw1 (71)"]
    path.write_bytes(as_csv([head, ["A", "900", login, "S", ""], ["B", "901", "other", "S", ""]]))
    made = export_into(path, root)
    assert {change.student for change in made.changes} == ({known["id"], "other"} if found else {"other"})
    assert bool(made.refused) is not found


ROSTERS = [
    ([Student("ada", 4), Student("ben", 4)], ["ada"], "ben: not in the file (SIS Login ID)", "unknown"),
    ([Student("ada", 4)], ["ada", "ada"], "ada: rows 2 and 3 are both of this student (SIS Login ID)", None),
    ([Student("ada", 4)], ["Ada", "ADA"], "ada: rows 2 and 3 are both of this student (SIS Login ID)", None),
    ([Student("ada", 4), Student("u2", 3, email="ada")], ["ada"], "ada: row 2 is also the row of u2", None),
    ([Student("ada", 4), Student("Ada", 3)], ["ada"], "Ada: row 2 is also the row of ada", None),
    (
        [Student("ada", 8, penalty=-5)],
        ["ada"],
        "ada: 13 is over the limit of 10 (Points Possible in Canvas)",
        "over-limit",
    ),
    ([Student("ada", 4, waits=True)], ["ada"], "ada: 2 points await manual grading", "waiting"),
]


@pytest.mark.parametrize(("students", "logins", "line", "allow"), ROSTERS, ids=[row[2][:40] for row in ROSTERS])
def test_what_is_refused_is_named_and_nothing_is_written(tmp_path, students, logins, line, allow):
    root = make(tmp_path, students)
    path = tmp_path / "canvas.csv"
    head = [["Student", "ID", "SIS Login ID", "Section", "hw1 (71)"], ["Points Possible", "", "", "", "10"]]
    rows = [["N", str(900 + n), login, "S", ""] for n, login in enumerate(logins)]
    path.write_bytes(as_csv([head[0], *rows, head[1]]))
    before = path.read_bytes()
    with pytest.raises(CourseError, match="nothing is written") as refused:
        export_into(path, root, dry_run=False)
    assert any(text.startswith(line) for text in refused.value.lines), refused.value.lines
    assert path.read_bytes() == before
    assert list(tmp_path.glob(".canvas*")) == []
    if allow:
        assert export_into(path, root, allow=[allow], dry_run=False).refused == []
        assert path.read_bytes() != before


def test_handed_in_and_not_graded_is_refused(tmp_path):
    root = make(tmp_path, [Student("ada", 4), Student("ben")])
    (root / f"submitted/ben/{ASSIGNMENT}").mkdir(parents=True)
    (root / f"submitted/ben/{ASSIGNMENT}/1.ipynb").write_text("{}")
    path = lms_file(tmp_path, "xml", [Student("ada"), Student("ben")])
    assert export_into(path, root).refused == ["ben: handed in and not graded. Grade first, or --allow ungraded"]
    assert export_into(path, root, allow=["ungraded"]).refused == []


def test_a_student_whom_the_gradebook_has_never_had_is_refused_too(tmp_path):
    root = make(tmp_path, [Student("ada", 4)])
    (root / f"submitted/zoe/{ASSIGNMENT}").mkdir(parents=True)
    (root / f"submitted/zoe/{ASSIGNMENT}/1.ipynb").write_text("{")  # damaged: grading has left no row
    path = lms_file(tmp_path, "xml", [Student("ada"), Student("zoe")])
    assert export_into(path, root).refused == ["zoe: handed in and not graded. Grade first, or --allow ungraded"]
    (made,) = (grade for grade in export(root) if grade.student == "zoe")
    assert (made.score, made.ungraded, made.max_score) == (None, True, 10)


def test_excused_students_and_a_persons_feedback_are_kept(tmp_path, root):
    path = lms_file(tmp_path, "canvas", CLASS, {"ada": "EX"})
    assert "row 3 (ada) is excused: kept" in export_into(path, root, dry_run=False).notes
    assert imported("canvas", path, CLASS).excused == {"ada"}
    rows = rows_of("moodle", CLASS, None)
    rows[1][-1] = "Come and see me."
    (tmp_path / "moodle.csv").write_bytes(as_csv(rows))
    export_into(tmp_path / "moodle.csv", root, dry_run=False)
    read = imported("moodle", tmp_path / "moodle.csv", CLASS)
    assert read.feedback["ada"] == "Come and see me."
    assert read.feedback["dee"] == "5.5 of 10 points; 2.5 off for late work; most points were lost in words."
    assert "cy" not in read.feedback


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_decimal_commas_stay_decimal_commas(tmp_path, root, delimiter):
    path = lms_file(tmp_path, "moodle", CLASS, {"ben": "1,25"}, delimiter=delimiter)
    export_into(path, root, dry_run=False)
    assert b"7,33333" in path.read_bytes()
    assert imported("moodle", path, CLASS, comma=True).scores == NET


WORKSHEET = "Identifier,Email address,Grade,Maximum Grade,Grade can be changed\n"
#   file                                                   after                                 why
ODD_FILES = [
    ("Username,hw1\ns1,-\ns2,\n", "Username,hw1\ns1,7.5\ns2,5.5\n", "logins like Participant 1"),
    ('Email:"Quiz: hw1"\ns1@x.org:-\ns2@x.org:\n', 'Email:"Quiz: hw1"\ns1@x.org:7.5\ns2@x.org:5.5\n', "colons"),
    ('Email,Group,hw1\ns1@x.org,"1,2",-\ns2@x.org,"1,3",0.5\n',
     'Email,Group,hw1\ns1@x.org,"1,2",7.5\ns2@x.org,"1,3",5.5\n', "a group that looks like a decimal comma"),
    (WORKSHEET + "Participant 1,s1@x.org,,10.00,No\nParticipant 2,s2@x.org,,10.00,Yes\n",
     WORKSHEET + "Participant 1,s1@x.org,,10.00,No\nParticipant 2,s2@x.org,5.5,10.00,Yes\n", "a locked grade"),
    ("Kennung;E-Mail;Bewertung;Bestwertung;Änderbar\nTeilnehmer/in 1;s1@x.org;;10,00;Nein\n"
     "Teilnehmer/in 2;s2@x.org;;10,00;Ja\n",
     "Kennung;E-Mail;Bewertung;Bestwertung;Änderbar\nTeilnehmer/in 1;s1@x.org;;10,00;Nein\n"
     "Teilnehmer/in 2;s2@x.org;5,5;10,00;Ja\n", "a locked grade in German"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "why"), ODD_FILES, ids=[row[-1] for row in ODD_FILES])
def test_a_file_is_understood_as_its_lms_means_it(tmp_path, before, after, why):
    root = make(tmp_path, [Student("s1", 7.5, email="s1@x.org"), Student("s2", 5.5, email="s2@x.org")])
    path = tmp_path / "lms.csv"
    path.write_text(before, encoding="utf-8")
    made = export_into(path, root, dry_run=False)
    assert path.read_text(encoding="utf-8") == after
    assert made.notes == (["row 2 (s1) is locked: kept"] if "locked" in why else [])
    assert export_into(path, root).changes == []


def test_a_link_stays_a_link_to_the_file_that_was_filled(tmp_path, root):
    path, link = lms_file(tmp_path, "xml", CLASS), tmp_path / "link.xml"
    link.symlink_to(path.name)
    export_into(link, root, dry_run=False)
    assert link.is_symlink()
    assert imported("xml", path, CLASS).scores == NET


def test_a_score_without_a_submission_is_kept_and_listed(tmp_path, root):
    path = lms_file(tmp_path, "canvas", CLASS, {"cy": "3"})
    made = export_into(path, root, dry_run=False)
    assert "row 5 (cy) has 3, and no submission here: kept" in made.notes
    assert made.blank == 0
    assert imported("canvas", path, CLASS).scores["cy"] == 3


def test_ungraded_work_of_a_student_who_is_not_in_the_file_is_refused(tmp_path):
    root = make(tmp_path, [Student("ada", 4), Student("ben")])
    (root / f"submitted/ben/{ASSIGNMENT}").mkdir(parents=True)
    (root / f"submitted/ben/{ASSIGNMENT}/1.ipynb").write_text("{}")
    path = lms_file(tmp_path, "xml", [Student("ada")])
    assert export_into(path, root).refused == [
        "ben: not in the file (student). --allow unknown leaves this student out"
    ]


#   header of Moodle's file                              option                    what it says
HEADERS = [
    (["Email address", "Kurs"], {}, "no column fits for the points of 'hw1'"),
    (["Email address", "hw1 (Real)", "Quiz: hw1 (Real)"], {}, "2 columns fit for the points of 'hw1'"),
    (["Name", "hw1"], {}, "no column has an id, e-mail or login"),
    (["Email address", "hw1"], {"score": "hw2"}, "no column fits for --column 'hw2'"),
    (["Email address", "Assignment: hw10 (Real)"], {}, "no column fits"),
    (["Email address", "hw1 (Percentage)"], {}, "no column fits"),
]


@pytest.mark.parametrize(("header", "options", "message"), HEADERS)
def test_an_open_question_about_columns_is_an_error_with_the_headers(tmp_path, root, header, options, message):
    path = tmp_path / "moodle.csv"
    path.write_bytes(as_csv([header, ["ada@x.org"] + [""] * (len(header) - 1)]))
    with pytest.raises(CourseError) as error:
        export_into(path, root, columns=Columns(**options))
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no header with columns"),
        ("Name,E-Mail\nJürgen,1".encode("latin-1"), "not in UTF-8"),
        (b'Email address,hw1\n"ada', "quotation mark that does not close"),
        (b"<results><result>", "the file is not XML"),
        (b"<quiz/>", "root is <quiz>"),
        (b'<!DOCTYPE r [<!ENTITY a "b">]><results/>', "defines entities"),
        (b"Email address,hw1\n", "the file has no students"),
        (b"Email address,hw1\nx@y.z,\n", "no student of the gradebook is in the file"),
        (b"Student,ID,Section,hw2 (9)\n", "no assignment in the file is called 'hw1'"),
        (b"Student,ID,Section,hw1\n", "no assignment of Canvas"),
        (b"Student,ID,Section,hw1 (1),hw1 (2)\n", "2 assignments in the file are called 'hw1'"),
        (b"Student,ID,Section,hw1 (1)\nPoints Possible,,,(read only)\n", "a total that Canvas computes"),
    ],
)
def test_a_file_that_cannot_be_filled_is_an_error_in_a_line(tmp_path, root, data, message):
    (tmp_path / "lms.csv").write_bytes(data)
    with pytest.raises(CourseError) as error:
        export_into(tmp_path / "lms.csv", root)
    assert message in str(error.value)
    assert str(error.value).startswith("lms.csv: ")


def test_a_scale_and_a_text_are_not_overwritten(tmp_path, root):
    path = lms_file(tmp_path, "worksheet", CLASS, {"ada": "Good"})
    assert export_into(path, root).refused == ["ada: row 2 has 'Good' where points should be"]


def test_the_worksheets_maximum_is_the_limit(tmp_path):
    root = make(tmp_path, [Student("ada", 10.5, "A", "L", "ada@x.org")], max_score=12)
    path = lms_file(tmp_path, "worksheet", [Student("ada", None, "A", "L", "ada@x.org")])
    (line,) = export_into(path, root).refused
    assert line.startswith("ada: 10.5 is over the limit of 10 (Maximum Grade)")
    assert export_into(path, root, columns=Columns(limit=12)).refused == []


def test_plain_csv_and_json_give_the_scores_back(tmp_path):
    students = [Student(f"s{n}", n / 8, first, last) for n, (first, last, _) in enumerate(NAMES)]
    found = export(make(tmp_path, [*students, Student("none")]))
    assert [bool(one.feedback) for one in found] == [one.score is not None for one in found]
    read = {row["student"]: row for row in csv.DictReader(io.StringIO(plain_csv(found), newline=""))}
    for student in students:
        row = read[student.id]
        assert (float(row["score"]), row["first_name"], row["last_name"]) == (
            round(student.score, 5),
            student.first_name,
            student.last_name,
        )
    assert read["none"]["score"] == ""
    assert {row["student"]: row["score"] for row in json.loads(plain_json(found))}["none"] is None


def test_the_commands_of_the_page_show_the_difference_and_write_with_yes(tmp_path, root, capsys, monkeypatch):
    path = lms_file(tmp_path, "canvas", CLASS, {"ada": "1"}).rename(tmp_path / "gradebook.csv")
    before = path.read_bytes()
    monkeypatch.chdir(tmp_path)
    shown = commands(("gradekit/docs/export.md",), "text")
    to_csv, to_json, dry_run, command, and_yes = ([*one.split()[1:], "--course", str(root)] for one in shown)
    assert main(to_csv) == 0
    assert capsys.readouterr().out == plain_csv(export(root))
    assert main(dry_run) == 0
    out = capsys.readouterr().out
    assert "  ada  1 -> 7.5\n" in out
    assert "5 scores change, 0 are the same, 0 get feedback, 1 handed in nothing and stay blank." in out
    assert main(command) == 1
    assert "--yes writes without asking" in capsys.readouterr().err
    assert path.read_bytes() == before
    assert main(and_yes) == 0
    assert imported("canvas", path, CLASS).scores == NET
    capsys.readouterr()
    assert main(to_json) == 0
    assert json.loads(capsys.readouterr().out)[0]["score"] == 7.5
    assert main([*command, "--allow", "all"]) == 1
    assert "There is unknown, ungraded, waiting, over-limit." in capsys.readouterr().err
