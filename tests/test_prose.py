"""Every number in a notebook's prose is what its code computes."""

from __future__ import annotations

import re

import nbformat
import pytest

from tests.conftest import FURTHER, NOTEBOOKS
from tests.prose import facts, in_code, numbers, sections, unsupported, wrong_facts, wrong_sums

GRADED = re.compile(r"# Graded, (\d) points?\b")
LARGE = re.compile(r"(?<![\w.,/-])\d\d+(?![\w.,%])")
IN_WORDS = re.compile(r"\((\d) points\)")
TOTALS = {"conv2d": 7, "conv2d-further": 4}  # notebooks of each assignment
EACH = pytest.mark.parametrize("path", [*NOTEBOOKS, *FURTHER], ids=lambda path: path.stem)


class Prose:
    """A notebook's prose, section by section, with the numbers that its code and its table give."""

    def __init__(self, path, names, printed) -> None:
        self.cells = nbformat.read(path, as_version=4).cells
        about = [cell.metadata.nbgrader for cell in self.cells if "nbgrader" in cell.metadata]
        points = {setting.grade_id: setting.get("points", 0) for setting in about}
        self.table = facts(path.stem, {**names, "points": points})
        in_cells = {
            cell.id: in_code(cell.source) | {value for _, value in numbers(printed.get(cell.id, ""))}
            for cell in code(self.cells)
        }
        self.sections = [
            (
                [cell for cell in section if cell.cell_type == "markdown"],
                {number for cell in code(section) or code(self.cells) for number in in_cells[cell.id]}
                | set(self.table.values()),
            )
            for section in sections(self.cells)
        ]

    def findings(self) -> list[str]:
        text = "\n".join(cell.source for cell in self.cells if cell.cell_type == "markdown")
        found = wrong_facts(self.table, text)
        for cells, held in self.sections:
            found += [line for cell in cells for line in unsupported(cell.source, held)]
        return found

    def changed(self):
        """Each number of two digits and more, with another in its place: what is found then."""
        for cells, held in self.sections:
            for cell in cells:
                for number in LARGE.finditer(cell.source):
                    other = f"{cell.source[: number.start()]}{int(number[0]) + 7}{cell.source[number.end() :]}"
                    if numbers(other) != numbers(cell.source):  # not in a name
                        yield unsupported(other, held)


def code(cells) -> list:
    return [cell for cell in cells if cell.cell_type == "code"]


@EACH
def test_numbers_in_a_notebook_are_what_its_code_computes(path, lesson, printed):
    found = Prose(path, lesson[path.stem], printed[path.stem]).findings()
    assert not found, "\n".join(found)


@EACH
def test_most_numbers_cannot_be_changed_unseen(path, lesson, printed):
    found = list(Prose(path, lesson[path.stem], printed[path.stem]).changed())
    assert sum(map(bool, found)) >= 0.8 * len(found), f"{sum(map(bool, found))} of {len(found)}"


@EACH
def test_the_points_in_the_text_are_those_of_the_cell(path):
    for cell in nbformat.read(path, as_version=4).cells:
        about = cell.metadata.get("nbgrader", {})
        if not about.get("points"):
            continue
        (said,) = (IN_WORDS if about["task"] else GRADED).findall(cell.source)
        assert int(said) == about["points"], cell.id
        if about["task"]:
            scheme = cell.source.split("=== BEGIN MARK SCHEME ===")[1]
            assert sum(map(int, re.findall(r"^(\d) points?:", scheme, re.MULTILINE))) == about["points"], cell.id


@EACH
def test_a_notebook_says_which_one_it_is(path):
    title = nbformat.read(path, as_version=4).cells[0].source
    assert f"Notebook {path.stem[0]} of {TOTALS[path.parent.name]} on" in title


def test_the_notebooks_of_an_assignment_are_numbered():
    for paths, name in ((NOTEBOOKS, "conv2d"), (FURTHER, "conv2d-further")):
        assert [path.stem[:2] for path in paths] == [f"{number + 1}-" for number in range(TOTALS[name])]


@EACH
def test_a_notebook_that_is_named_is_there(path):
    for cell in nbformat.read(path, as_version=4).cells:
        for *named, lesson in re.findall(r"[Nn]otebooks? (\d)(?: (?:to|and) (\d))?( of the lesson)?", cell.source):
            total = TOTALS["conv2d" if lesson else path.parent.name]
            assert all(1 <= int(number) <= total for number in named if number)
        for name in re.findall(r"`([\w-]+\.ipynb)`", cell.source):
            assert (path.parent / name).exists(), name


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("It has 28 parameters.", [28]),
        ("It has three filters.", [3]),
        ("That is half of it, 74% or 1,024.", [0.5, 0.74, 1024]),
        ("The output is (6, 6, 2), from a 3x3 kernel.", [6, 6, 2, 3, 3]),
        ("A `Conv2D` layer, `tf.nn.conv2d`, float32, Keras 3 and VGG16: names.", []),
        ("Next: `2-padding.ipynb`, [a page](https://host/2).", []),
        ("One of them is someone's.", []),
    ],
)
def test_which_numbers_a_text_states(text, stated):
    assert [value for _, value in numbers(text)] == stated


def test_a_sentence_can_be_reworded_and_a_number_can_not_be_added():
    held = {9.0, 3.0}
    assert unsupported("Each of the 3 kernels has 9 weights.", held) == []
    assert unsupported("There are 9 weights in each of three kernels.", held) == []
    assert unsupported("It has 9 weights.\nAnd 28 numbers.", held) == ["28 in: And 28 numbers."]
    assert unsupported("So 3 x 9 = 27, and 27 + 1 = 28.", {1.0, *held}) == []
    assert unsupported("So 3 x 9 = 28.", held) == ["does not add up: 3 x 9 = 28"]


def test_a_sum_has_to_come_out():
    assert wrong_sums("2 x (3 - 1) + 1 = 5 and 14,714,688 + 2 = 14,714,690.") == []
    assert wrong_sums("56 + 76 = 131") == ["56 + 76 = 131"]


def test_a_table_has_no_number_that_is_wrong_or_not_needed():
    assert wrong_facts({"9": 9.0}, "It has 9 weights.") == []
    assert wrong_facts({"9": 8.0}, "It has 9 weights.") == ["9 is 8 in numbers.toml"]
    assert wrong_facts({"9": 9.0}, "It has weights.") == ["the text does not state 9"]
