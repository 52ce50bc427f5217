"""Work that would keep the grading busy for ever, or end it for everybody: each is done with in a moment."""

from __future__ import annotations

import ast
import io
import json
import os
import socket
import subprocess
import threading
import zipfile
from types import SimpleNamespace

import pytest

from convkit.course import needed, zips
from convkit.course.feedback import offline
from convkit.course.grading import alternatives, crew, record
from convkit.course.grading.outcome import Outcome, silent
from convkit.course.judge import doubts
from convkit.course.names import closeness
from convkit.course.salvage import Unreadable, salvage

TAGS = ["<img ", "<!--", "<script ", "<script>", "<style>", "<link ", "<img ' \" "]


@pytest.mark.parametrize("name", ["copy " * 48 + "x", "copy1 " * 40 + "x", " 1" * 120 + "x"])
def test_a_name_made_of_copies(name):
    assert closeness(f"{name}.ipynb", "1-first") is None


def test_nothing_but_marks_of_a_merge():
    with pytest.raises(Unreadable, match="two versions at once"):
        salvage(b"{\n<<<<<<<\n" + b"|||||||\n" * 100_000 + b"=======\n" * 100_000)


def test_empty_lines_without_end():
    assert needed.names("\n" * 1_000_000 + "x = (") == ({"x"}, {"x"})


def test_one_line_that_names_thousands():
    line = "=".join(f"v{i}" for i in range(20_000))
    bound = doubts._bound([ast.parse(f"def answer():\n    return v0\n{line}=conv2d")])
    assert set(doubts._reachable("answer", bound)) == {"conv2d"}


@pytest.mark.parametrize("tag", TAGS)
def test_tags_without_end(tag):
    page = f"<p>{tag * 100_000} alt='' '</p>"
    assert str(alternatives.Page(page)) == page
    assert offline(page) == page


def test_a_folder_deeper_than_python_calls(tmp_path, monkeypatch):
    deep = "/".join("a" * 500)
    monkeypatch.chdir(tmp_path)
    for _ in range(3):
        os.makedirs(deep)
        os.chdir(deep)
    one = record.digest(tmp_path)
    with open("b", "w", encoding="utf-8") as file:
        file.write("b")
    two = record.digest(tmp_path)
    os.chdir(tmp_path)
    subprocess.run(["rm", "-r", "a"], check=True)  # shutil.rmtree calls itself
    assert one != two


def test_an_archive_that_is_packed_in_another_way_and_broken(tmp_path):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("1-first.ipynb", os.urandom(3000))
    data = bytearray(file.getvalue())
    data[60:200] = bytes(140)
    (tmp_path / "a.zip").write_bytes(data)
    assert zips.members(tmp_path / "a.zip", 10_000) == ["1-first.ipynb"]
    assert zips.read(tmp_path / "a.zip", "1-first.ipynb", 10_000) == b""


class Small(crew.Crew):
    """A crew whose workers are threads. They have the claim of some students only when asked again."""

    taken: dict[str, int]

    def _hire(self) -> None:
        ours, theirs = socket.socketpair()
        threading.Thread(target=self._work, args=(theirs,), daemon=True).start()
        hand = crew.Hand(SimpleNamespace(wait=lambda timeout: None), ours, "/nowhere")
        self.hands.append(hand)
        self.selector.register(ours, crew.selectors.EVENT_READ, hand)

    def _work(self, connection: socket.socket) -> None:
        with connection, connection.makefile() as lines:
            for student in (json.loads(line)["student"] for line in lines):
                if student == "crash":
                    connection.shutdown(socket.SHUT_RDWR)
                    return
                self.taken[student] = self.taken.get(student, 0) - 1
                what = "elsewhere" if self.taken[student] >= 0 else "graded"
                result = {"student": student, "what": what, "lines": [], "whole": True}
                connection.sendall(json.dumps({"result": result}).encode() + b"\n")


@pytest.mark.parametrize(("students", "workers"), [(["ada", "bob", "eve"], 2), (["ada", "crash"], 1)])
def test_a_student_whom_another_grader_had_is_graded_at_last(students, workers, monkeypatch):
    monkeypatch.setattr(crew, "MORE", 0.01)
    monkeypatch.setattr(crew, "longest", lambda here: 60.0)
    small = Small(None, False, dict.fromkeys(students), Outcome(), silent)
    small.taken = {"ada": 2}
    small.work(workers)
    assert sorted([*small.outcome.graded, *small.outcome.failed]) == sorted(students)
    assert small.outcome.failed == [name for name in students if name == "crash"]
