"""Files made to hold up the grading or to fill its memory: each is done with at once, or refused."""

from __future__ import annotations

import base64
import json
import os
import re
import zipfile
from pathlib import PurePath

import nbformat
import pytest
from damaged.content import PICTURE
from hypothesis import example, given, settings
from hypothesis import strategies as st
from nbconvert.filters.markdown_mistune import MarkdownWithMath
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from gradekit.course import CourseFolder
from gradekit.limits import LONGEST_PARSED, OutOfTime, SubmissionLimits, time_limit
from gradekit.page import Renderer
from gradekit.repair import Unreadable, arrange, exporter, repair
from gradekit.repair.files import load
from gradekit.submissions import archives, extra_files, find_notebooks, mirror, walk
from gradekit.submissions.find_notebooks import Assignment
from gradekit.submissions.names import closeness

LIMITS = SubmissionLimits()


@pytest.mark.parametrize("name", ["copy " * 48 + "x", "copy1 " * 40 + "x", " 1" * 120 + "x"])
def test_a_name_made_of_copies(name):
    assert closeness(f"{name}.ipynb", "1-first") is None


def test_nothing_but_marks_of_a_merge():
    with pytest.raises(Unreadable, match="two versions"):
        repair(b"{\n<<<<<<<\n" + b"|||||||\n" * 100_000 + b"=======\n" * 100_000)


def test_a_cell_too_long_to_be_parsed_defines_nothing():
    assert arrange.names("x = y") == ({"x"}, {"y"})
    assert arrange.names("x = y" + " " * LONGEST_PARSED) == (set(), {"x", "y"})


def test_a_million_empty_lines():
    assert arrange.names("\n" * 1_000_000 + "x = (") == (set(), {"x"})


@pytest.mark.parametrize("begin", ['{" "cells": [', '{"a": ", "cells": ['], ids=["a quote too many", "a text too long"])
def test_what_is_nested_without_end_after_a_quote_too_many(begin):
    deep, good = '{"cell_type": "code", "source": ' + "[" * 100_000, '{"cell_type": "code", "source": "x = 1"}'
    with pytest.raises(Unreadable, match="unreadable"):
        repair(f"{begin}{deep}".encode())
    found = repair(f"{begin}{deep}, {good}]}}".encode())
    assert [cell["source"] for cell in found.notebook["cells"]] == ["x = 1"]


@pytest.mark.parametrize("bomb", ["[]", "{}", '""', '{"a": '])
def test_a_notebook_of_millions_of_values_is_not_parsed(bomb):
    with pytest.raises(Unreadable, match=f"more than {LIMITS.most_values} JSON values"):
        repair(b'{"cells": [' + bomb.encode() * 1_500_000)


PIECES = st.sampled_from(
    [
        "![x](attachment:",
        "attachment:",
        "a.png",
        "a b.png",
        "a%20b.png",
        "(1)",
        ")",
        "<",
        ">",
        '"',
        "'",
        " ",
        "\n\n",
        "é",
    ]
)
MORE_PIECES = st.sampled_from(
    ["[r]: ", "![x][r]", '<img src="attachment:', "&amp;", "\\)", "![x](<attachment:", ' "title")', "`", "$", "/>"]
)


@example("![x](attachment:[r]: )")
@example("![x](attachment:\\))")
@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES | MORE_PIECES, max_size=9).map("".join))
def test_a_text_with_missing_attachments_is_rendered(text):
    MarkdownWithMath(renderer=Renderer(escape=False, attachments={})).render(text)


def test_a_picture_whose_name_is_escaped_in_the_text_is_shown():
    renderer = Renderer(escape=False, attachments={"a b.png": PICTURE})
    shown = MarkdownWithMath(renderer=renderer).render("![x](attachment:a%20b.png) ![y](attachment:lost.png)")
    assert f'base64,{PICTURE["image/gif"]}" alt="x"' in shown
    drawn, alt = re.findall(r'svg\+xml;base64,([^"]*)" alt="([^"]*)"', shown)[0]
    assert ("(missing picture)" in base64.b64decode(drawn).decode(), alt) == (True, "y")


def test_an_archive_with_a_long_list_of_files_is_not_read(tmp_path):
    for number, name in ((10, "few"), (6000, "many")):
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
            archive.writestr("1-first.ipynb", "{}")
            for at in range(number):
                archive.writestr(f"{at}{'x' * 180}", "")
    assert dict(archives.notebooks(tmp_path / "few.zip", LIMITS)) == {"1-first.ipynb": b"{}"}
    assert dict(archives.notebooks(tmp_path / "many.zip", LIMITS)) == {}


def test_a_notebook_that_is_larger_than_its_archive_says_is_not_read(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("1-first.ipynb", b" " * 5_000_000)
    assert path.stat().st_size < 10_000
    assert dict(archives.notebooks(path, SubmissionLimits(largest_text=1))) == {}
    data = path.read_bytes().replace((5_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    path.write_bytes(data)
    assert set(dict(archives.notebooks(path, SubmissionLimits(largest_text=1))).values()) <= {b"", b" " * 10}


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_archives_that_need_much_memory_to_unpack_are_not_read(tmp_path, method):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", method) as archive:
        archive.writestr("1-first.ipynb", "{}")
    assert dict(archives.notebooks(tmp_path / "a.zip", LIMITS)) == {}


def test_a_larger_list_of_files_can_be_allowed(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for at in range(6000):
            archive.writestr(f"{at}{'x' * 180}", "")
        archive.writestr("1-first.ipynb", "{}")
    assert dict(archives.notebooks(tmp_path / "a.zip", SubmissionLimits(largest_index=2))) == {"1-first.ipynb": b"{}"}


def test_an_archive_that_is_damaged_in_the_middle(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("1-first.ipynb", os.urandom(3000))
    data = bytearray(path.read_bytes())
    data[60:200] = bytes(140)
    path.write_bytes(data)
    assert dict(archives.notebooks(path, LIMITS)) == {}
    assert archives.notebook(path, "1-first.ipynb", LIMITS) == b""


def test_only_so_many_archives_and_notebooks_in_them_are_read(tmp_path):
    for number in range(5):
        with zipfile.ZipFile(tmp_path / f"{number}.zip", "w") as archive:
            for member in "abc"[: number + 1]:
                archive.writestr(f"{member}.ipynb", '{"grade_id": "one"}')

    def packed(**limits: int) -> list[str]:
        there, about = walk.listing(tmp_path, LIMITS), Assignment({}, {}, tmp_path)
        read = find_notebooks._packed(there, about, SubmissionLimits(**limits))
        return [f"{PurePath(one.file.name).stem} {PurePath(one.member).stem}" for one in read]

    assert packed()[:4] == ["0 a", "1 a", "1 b", "2 a"]
    assert packed(most_archives=1) == ["0 a"]
    assert packed(most_archives=2) == ["0 a", "1 a"]
    assert packed(most_archives=4) == ["0 a", "1 a", "1 b", "2 a"]
    assert packed(most_unpacked=0) == []


def test_hundreds_of_copies_are_one_line(tmp_path):
    source, work = tmp_path / "source", tmp_path / "submitted"
    for folder, names in {source: ["1"], work: ["1", *(f"1-Copy{number}" for number in range(300))]}.items():
        folder.mkdir()
        for name in names:
            (folder / f"{name}.ipynb").write_text('{"grade_id": "one", "cells": []}')
    (line,) = find_notebooks.find(walk.listing(work, LIMITS), source, tmp_path / "release", LIMITS).lines
    assert line.endswith(" and 297 more are other versions of 1, and were not graded. Look at them.")


def test_notebooks_of_gigabytes_are_not_all_read(tmp_path):
    limits = SubmissionLimits(most_read=1)
    for name in ("a.ipynb", "b.ipynb", "c.ipynb"):
        (tmp_path / name).write_text('{"grade_id": "one"}' + " " * 600_000)
    about = Assignment({"c": frozenset({"one"})}, {}, tmp_path)
    read = find_notebooks._candidates(list(walk.listing(tmp_path, LIMITS).files), about, limits)
    assert [(one.name, sorted(one.ids)) for one in read] == [("c.ipynb", ["one"]), ("a.ipynb", []), ("b.ipynb", [])]


def forever() -> None:
    with time_limit(0.05, "reading the notebook"):
        while True:
            pass


def test_a_step_that_does_not_end_is_interrupted():
    with pytest.raises(OutOfTime, match=r"reading the notebook took longer than 0.05 s\."):
        forever()


def test_a_step_that_does_not_end_is_reported(tmp_path, monkeypatch):
    def endless(*arguments: object) -> None:
        while True:
            pass

    config = Config({"SubmissionLimits": {"step_timeout": 1}, "CourseDirectory": {"root": str(tmp_path)}})
    monkeypatch.setattr(CourseFolder, "config", lambda self: config)
    monkeypatch.setattr(mirror, "_examine", endless)
    monkeypatch.setattr(exporter, "load", endless)
    (tmp_path / "submitted/ada/toy").mkdir(parents=True)
    (line,) = mirror.examine(CourseFolder(tmp_path, "toy"), "ada").lines
    assert line.startswith("not graded: looking through the files took longer than 1 s. ")
    with pytest.raises(Unreadable, match=r"took longer than 1 s\. .* c\.SubmissionLimits\.step_timeout"):
        exporter.RepairingExporter(config=config).from_filename(str(tmp_path / "1.ipynb"))


def test_a_notebook_that_is_large_without_its_outputs_is_not_read(tmp_path):
    path = tmp_path / "1.ipynb"
    path.write_text(json.dumps({"cells": [{"cell_type": "markdown", "source": "x" * 3_000_000}]}))
    with pytest.raises(Unreadable, match=r"it has 3 MB without its outputs, more than 2\. .*largest_text"):
        load(path, SubmissionLimits(largest_text=2))
    assert len(load(path, SubmissionLimits(largest_text=4))) == path.stat().st_size


def test_extra_files_that_are_large_together_are_left_out(tmp_path):
    for name, size in {"a.csv": 600, "b.csv": 700, "c.csv": 900}.items():
        (tmp_path / name).write_bytes(b"1" * size)
    found = extra_files.choose(
        walk.listing(tmp_path, LIMITS), tmp_path / "source", set(), CourseDirectory(max_dir_size=2), SubmissionLimits()
    )
    assert [name for _, name in found.data] == ["a.csv", "b.csv"]
    assert found.lines[0].startswith("c.csv was left out: ")


def test_a_picture_in_a_cell_survives_the_repair():
    cell = {"cell_type": "markdown", "source": "![x](attachment:a.png)", "attachments": {"a.png": PICTURE}}
    made = repair(json.dumps({"cells": [cell]}).encode()).notebook
    assert made["cells"][0]["attachments"] == {"a.png": PICTURE}
    nbformat.validate(nbformat.from_dict(made))
