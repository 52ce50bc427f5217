"""Grades pushed by LTI 1.3 to servers that check requests as Canvas, Moodle and the standard do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from documents import commands
from gradebooks import ASSIGNMENT, Student, make
from lms_services import Canvas, Lms, Moodle, connect, write_people

from gradekit.cli import main
from gradekit.course import course, open_gradebook
from gradekit.errors import CourseError
from gradekit.passback.push import passback, public_keys

CLASS = (
    Student("ada", 7.5),
    Student("ben", 0),
    Student("cy"),
    Student("dee", 8, penalty=2.5),
    Student("fay", 7.33333),
)
NET = {"Ada-UPPER": 7.5, "b2": 0, "d4": 5.5, "f5": pytest.approx(7.33, abs=0.005)}


@pytest.fixture(params=[Lms, Canvas, Moodle])
def lms(request, tmp_path):
    """One platform after the other; the course is in its `root`."""
    made = connect(make(tmp_path, CLASS), request.param)
    made.root = tmp_path
    yield made
    made.server.shutdown()
    made.server.server_close()


def push(lms, **options) -> dict[str, str]:
    return {one.student: one.what for one in passback(lms.root, ASSIGNMENT, **{"dry_run": False, **options})}


def give(root: Path, student: str, score: float) -> None:
    with open_gradebook(course(root)) as book:
        book.find_grade("program", "1", ASSIGNMENT, student).auto_score = score
        book.db.commit()


def test_a_platform_has_the_scores_and_nothing_for_nothing_handed_in(lms):
    assert push(lms) == {"ada": "pushed", "ben": "pushed", "cy": "blank", "dee": "pushed", "fay": "pushed"}
    assert lms.scores() == NET
    (item,) = lms.items.values()
    assert (item["resourceId"], item["scoreMaximum"]) == (ASSIGNMENT, 10)
    assert lms.given["1", "d4"].comments == ["5.5 of 10 points; 2.5 off for late work; most points were lost in words."]


def test_pushing_again_sends_nothing_that_is_there_already(lms):
    push(lms)
    sent = len([one for one in lms.requests if one.endswith("/scores")])
    assert push(lms) == {"ada": "same", "ben": "same", "cy": "blank", "dee": "same", "fay": "same"}
    assert len([one for one in lms.requests if one.endswith("/scores")]) == sent
    assert len(lms.items) == 1, "the line item was looked up before it would have been made"
    assert all(len(given.comments) == 1 for given in lms.given.values())


def test_a_score_that_changed_is_pushed_alone_and_is_no_other_attempt(lms):
    push(lms)
    give(lms.root, "ben", 3)
    for given in lms.given.values():
        given.time -= 10  # Moodle takes one score a second
    assert {name for name, what in push(lms).items() if what == "pushed"} == {"ben"}
    assert lms.scores() == {**NET, "b2": 3}
    assert all(given.attempts == 0 for given in lms.given.values()), "Canvas would count attempts"


def test_the_line_item_is_found_among_many_and_keeps_its_maximum(lms):
    for number in range(23):
        lms.add(f"other-{number}")
    lms.add(ASSIGNMENT, maximum=100)
    lms.filtered = lambda query: lms.items.values()  # a platform that ignores the filter
    push(lms)
    assert len(lms.items) == 24
    assert lms.scores()["Ada-UPPER"] == 75
    assert set(push(lms).values()) == {"same", "blank"}, "compared in points of the same maximum"


def test_what_failed_is_told_for_each_student_and_the_others_are_pushed(lms):
    lms.students -= {"b2"}
    done = {one.student: one for one in passback(lms.root, ASSIGNMENT, dry_run=False)}
    said = {Lms: "no such user", Canvas: "User not found in course or is not a student", Moodle: "Incorrect score"}
    assert done["ben"].what == "failed"
    assert said[type(lms)] in done["ben"].why
    assert [name for name, one in done.items() if one.what == "pushed"] == ["ada", "dee", "fay"]
    lms.students |= {"b2"}
    assert push(lms)["ben"] == "pushed", "the next push makes up for it"


def test_a_dry_run_changes_nothing(lms):
    assert push(lms, dry_run=True)["ada"] == "pushed"
    assert (lms.items, lms.given) == ({}, {})


def test_without_results_everything_is_pushed_each_time(lms):
    lms.shows_results = False
    assert push(lms)["ada"] == "pushed"
    assert lms.scores() == NET


@pytest.fixture
def root(tmp_path):
    return make(tmp_path, CLASS)


#   students                             refused                                                         with --allow
REFUSED = [
    ([Student("ada", 4, waits=True)], "2 points await manual grading. --allow waiting counts them as 0", "waiting"),
    ([Student("ada", 8, penalty=-5)], "13 is over the maximum of 10. --allow over-limit pushes it", "over-limit"),
    ([Student("zoe", 4)], "has never opened the hub from the LMS, so that the LMS's id is not known", None),
]


@pytest.mark.parametrize(("students", "why", "allow"), REFUSED, ids=[str(row[-1]) for row in REFUSED])
def test_what_is_refused_is_told_and_not_pushed(tmp_path, students, why, allow):
    lms = connect(make(tmp_path, students), Moodle)
    (one,) = passback(tmp_path, ASSIGNMENT, dry_run=False)
    assert (one.what, one.why, lms.given) == ("refused", why, {})
    if allow:
        (one,) = passback(tmp_path, ASSIGNMENT, dry_run=False, allow=[allow])
        assert (one.what, list(lms.given)) == ("pushed", [("1", "Ada-UPPER")])
    lms.server.shutdown()
    lms.server.server_close()


def test_another_key_gets_no_token(root):
    lms = connect(root, Lms)
    (root / "passback.pem").unlink()
    with pytest.raises(CourseError, match=r"there is no key .*gradekit passback --keys"):
        passback(root, ASSIGNMENT)
    public_keys(course(root, ASSIGNMENT))
    with pytest.raises(CourseError, match="gave no access token"):
        passback(root, ASSIGNMENT)
    assert (root / "passback.pem").stat().st_mode & 0o77 == 0
    lms.server.shutdown()
    lms.server.server_close()


def test_two_line_items_of_one_assignment_are_refused(root):
    lms = connect(root, Canvas)
    lms.add(ASSIGNMENT)
    lms.add(ASSIGNMENT)
    with pytest.raises(CourseError, match="2 line items"):
        passback(root, ASSIGNMENT, dry_run=False)
    assert lms.given == {}
    lms.server.shutdown()
    lms.server.server_close()


def test_an_address_of_another_host_gets_no_token(root):
    lms = connect(root, Lms)
    for number in range(3):
        lms.add(f"other-{number}")
    lms.link = lambda following: '<http://127.0.0.2:1/steal>; rel="next"'
    lms.filtered = lambda query: lms.items.values()
    assert {one.what for one in passback(root, ASSIGNMENT)} == {"pushed", "blank"}
    lms.server.shutdown()
    lms.server.server_close()


def test_settings_and_people_that_are_missing_are_an_error_in_a_line(root):
    with pytest.raises(CourseError, match=r"c\.Passback\.token_url is not set"):
        passback(root, ASSIGNMENT)
    lms = connect(root, Lms)
    write_people(root / "people", "")
    with pytest.raises(CourseError, match="no launch had an address for grades"):
        passback(root, ASSIGNMENT)
    write_people(root / "people", "http://a/1", {"ada": "1"})
    write_people(root / "people", "http://a/2", {"ben": "2"})
    with pytest.raises(CourseError, match="people of 2 courses"):
        passback(root, ASSIGNMENT)
    (root / "people/eve.json").write_text("[]")
    with pytest.raises(CourseError, match=r"eve\.json is not what the hub's login writes"):
        passback(root, ASSIGNMENT)
    lms.server.shutdown()
    lms.server.server_close()


def test_the_commands_of_the_page_tell_what_they_did(root, capsys):
    lms = connect(root, Canvas)
    lms.students -= {"b2"}
    shown = commands(("gradekit/docs/passback.md",), "text")
    dry_run, arguments, and_yes = ([*one.split()[1:], "--course", str(root)] for one in shown)
    assert main(dry_run) == 0
    assert "ada: 7.5 would be pushed" in capsys.readouterr().out
    assert main(arguments) == 1, "it asks, and no one is here to answer"
    assert lms.given == {}
    assert main(and_yes) == 1
    out = capsys.readouterr().out
    assert "ben: failed: HTTP 422: User not found in course or is not a student" in out
    assert "1 blank, 1 failed, 3 pushed." in out
    assert main([*arguments, "--keys"]) == 0
    assert set(json.loads(capsys.readouterr().out)["keys"][0]) == {"kty", "n", "e", "kid", "alg", "use"}
    lms.server.shutdown()
    lms.server.server_close()
