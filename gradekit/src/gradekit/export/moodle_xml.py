"""Moodle XML: a <result> for each student, found by the idnumber of the assignment and of the student."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree

from gradekit.errors import CourseError

from .lms_file import Columns, FileEntry, LmsFile

UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 can't hold


@dataclass
class XmlFile(LmsFile):
    """The results of one assignment; those of others in the same file are kept."""

    tree: ElementTree.Element = field(default_factory=lambda: ElementTree.Element("results"))
    results: dict[int, ElementTree.Element] = field(default_factory=dict)

    def filled(self, scores: Mapping[int, str], feedback: Mapping[int, str]) -> bytes:
        for tag, values in (("score", scores), ("feedback", feedback)):
            for row, text in values.items():
                result = self.results[row]
                child = result.find(tag)
                child = ElementTree.SubElement(result, tag) if child is None else child
                child.text = UNWRITABLE.sub(" ", text)
        return ElementTree.tostring(self.tree, encoding="UTF-8", xml_declaration=True)


def read(data: bytes, assignment: str, columns: Columns) -> XmlFile:
    """The file, and which of its assignments is meant: --column names its idnumber where it has several."""
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise CourseError("the XML file defines entities, which no file of Moodle does. Download it again.")
    try:
        tree = ElementTree.fromstring(data)
    except ElementTree.ParseError as problem:
        raise CourseError(f"the file is not XML: {problem}. Download it again from Moodle.") from None
    if tree.tag != "results":
        raise CourseError(f"the file's root is <{tree.tag}>, and Moodle's grade export has <results>.")
    found = list(enumerate(tree.findall("result"), start=1))
    wanted = _idnumber(sorted({_text(result, "assignment") for _, result in found}), columns.score or assignment)
    results = {row: result for row, result in found if _text(result, "assignment") == wanted}
    entries = [
        FileEntry(
            row,
            {"student": _text(result, "student")},
            _text(result, "student"),
            _text(result, "score"),
            _text(result, "feedback"),
        )
        for row, result in results.items()
    ]
    return XmlFile("Moodle XML", entries, has_feedback=True, tree=tree, results=results)


def _idnumber(there: list[str], name: str) -> str:
    if name in there:
        return name
    raise CourseError(
        f"the file has no assignment with the ID number {name!r}. Name one: --column ID. There are:", tuple(there)
    )


def _text(result: ElementTree.Element, tag: str) -> str:
    return (result.findtext(tag) or "").strip()
