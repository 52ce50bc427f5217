"""`gradekit roster` without a hub: the file, and nbgrader's list of students."""

from __future__ import annotations

import pytest

from gradekit.cli import main
from gradekit.roster import read
from tests import toy


def students(root):
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        return {one.id: (one.first_name, one.last_name, one.email, one.lms_user_id) for one in book.students}


def test_the_columns_have_the_names_that_schools_give_them(tmp_path):
    file = tmp_path / "class.csv"
    file.write_text(
        "\ufeffSurname,First name,ID number,Email address,Group,Username\nLi,Bo,7,b@x.org,B,BoLi\n\n", "utf-8"
    )
    (member,) = read(file)
    assert (member.login, member.id, member.email, member.section) == ("boli", "7", "b@x.org", "B")
    assert (member.first_name, member.last_name) == ("Bo", "Li")


@pytest.mark.days  # nbgrader's new gradebook takes seconds: alembic starts in a process of its own
def test_without_a_hub_the_list_of_nbgrader_is_changed(tmp_path, capsys):
    toy.make(tmp_path)
    assert main(["roster", "add", "ada", "--course", str(tmp_path)]) == 0
    assert "Only nbgrader's list" in capsys.readouterr().out
    assert set(students(tmp_path)) == {"ada"}


@pytest.mark.days  # as above
def test_a_student_with_submissions_stays_in_the_list_and_a_line_says_so(tmp_path, capsys):
    from nbgrader.api import Gradebook

    toy.make(tmp_path)
    (tmp_path / "class.csv").write_text("login\nada\nben\neve\n")
    assert main(["roster", "import", str(tmp_path / "class.csv"), "--course", str(tmp_path)]) == 0
    with Gradebook(f"sqlite:///{tmp_path}/gradebook.db") as book:
        book.add_assignment("toy")
        book.add_submission("toy", "ada")
    (tmp_path / "class.csv").write_text("login\neve\n")
    again = ["roster", "import", str(tmp_path / "class.csv"), "--course", str(tmp_path), "--remove-missing"]
    assert main(again) == 1
    said = capsys.readouterr().out
    assert "1 removed: ben" in said
    assert "ada was refused: has submissions, and stays in the gradebook with the grades." in said
    assert set(students(tmp_path)) == {"ada", "eve"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("surname,points\nLi,3\n", "no column is called login or id"),
        ("login\nada\nAda\n", "line 3: ada occurs twice"),
        ("login,name\n,Ada\n", "line 2: no login"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line(tmp_path, capsys, text, said):
    toy.make(tmp_path)
    (tmp_path / "class.csv").write_text(text)
    assert main(["roster", "import", str(tmp_path / "class.csv"), "--course", str(tmp_path)]) == 1
    assert said in capsys.readouterr().err
