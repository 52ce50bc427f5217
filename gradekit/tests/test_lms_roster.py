"""The roster of an LMS by LTI 1.3, from servers that list members as Canvas, Moodle and the standard do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from gradebooks import Student, make
from lms_services import Canvas, Lms, Moodle, connect

from gradekit.cli import main
from gradekit.course import course, open_gradebook
from gradekit.errors import CourseError
from gradekit.roster import learners

ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership#"


def member(user: str, *roles: str, **about: str) -> dict:
    return {"user_id": user, "roles": [ROLE + role for role in roles or ("Learner",)], "status": "Active", **about}


@pytest.fixture(params=[Lms, Canvas, Moodle])
def lms(request, tmp_path):
    """One platform after the other; the course is in its `root`."""
    made = connect(make(tmp_path, [Student("old", 5)]), request.param)
    made.root = tmp_path
    name = {"given_name": "Ada", "family_name": "Lovelace", "name": "Ada Lovelace"}
    made.people = [
        member("Ada-7", **name, email="ada@example.org", lis_person_sourcedid="1001"),
        member("T1", "Instructor"),
        *(member(f"S{number}", name=f"Student {number}") for number in range(21)),
        {**member("gone"), "status": "Inactive"},
        {**member("dropped"), "status": "Deleted"},
        {"user_id": "short", "roles": ["Learner"]},  # the standard allows both: no status, and a role's short name
        member("both", "Learner", "Mentor"),
    ]
    file = tmp_path / "people" / "ada.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "members": f"{made.url}/7/members"}))
    yield made
    made.server.shutdown()
    made.server.server_close()


def run(lms: Lms, *more: str) -> int:
    return main(["roster", "import", "--lms", "--course", str(lms.root), *more])


def students(root: Path) -> dict[str, tuple]:
    with open_gradebook(course(root)) as book:
        return {one.id: (one.first_name, one.last_name, one.email, one.lms_user_id) for one in book.students}


def test_all_pages_are_read_and_only_active_learners_take_part(lms):
    found = {one.login: one for one in learners(lms.root)}
    assert set(found) == {"ada-7", *(f"s{number}" for number in range(21)), "short", "both"}
    assert (found["s3"].first_name, found["s3"].last_name) == ("Student", "3")
    assert len([one for one in lms.requests if one.endswith("/members")]) > 1


def test_learners_are_added_and_who_left_is_listed_and_then_removed(lms, capsys):
    assert run(lms) == 0
    assert students(lms.root)["ada-7"] == ("Ada", "Lovelace", "ada@example.org", "1001")
    lms.people[2]["status"] = "Inactive"
    capsys.readouterr()
    assert run(lms) == 0
    assert "2 in the course, but not listed (remove them with --remove-missing): old, s0" in capsys.readouterr().out
    assert run(lms, "--remove-missing") == 1
    assert "old was refused: has submissions" in capsys.readouterr().out
    assert set(students(lms.root)) == {"old", "ada-7", *(f"s{number}" for number in range(1, 21)), "short", "both"}


def test_an_empty_list_removes_no_one(lms, capsys):
    lms.people = [member("T1", "Instructor")]
    assert run(lms, "--remove-missing") == 1
    assert "lists no active learner of this course. Nothing is changed." in capsys.readouterr().err
    assert set(students(lms.root)) == {"old"}


def test_without_an_address_a_line_says_what_to_allow(lms):
    file = lms.root / "people" / "ada.json"
    file.write_text(json.dumps({"name": "ada", "sub": "Ada-UPPER"}))
    with pytest.raises(CourseError, match="Allow Names and Role Provisioning Services for the tool"):
        learners(lms.root)
    with (lms.root / "nbgrader_config.py").open("a") as settings:
        settings.write(f"c.Passback.members = {lms.url + '/7/members'!r}\nc.Passback.people = ''\n")
    assert len(learners(lms.root)) == 24


def test_a_file_or_the_lms_is_named(lms, capsys):
    assert main(["roster", "import", "--course", str(lms.root)]) == 2
    assert "name a FILE, or --lms" in capsys.readouterr().err
