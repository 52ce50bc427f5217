"""A plane of numbers as cells, upright or seen at an angle, so that the planes of channels stand one behind another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .boxes import Box, Data, Label, Outline
from .frame import Items
from .numerals import numeral

GAP, INDEX = 16.0, 26.0  # pixels between planes, and for row numbers at the left of one


def cell(
    key: str,
    role: str,
    place: tuple[float, float, float, float],
    value: Any,
    states: tuple[str, ...] = (),
    data: Data = (),
    short: bool = False,
) -> Box:
    """A cell with its number, if that is known; place: left, top, width and height in pixels."""
    (x, y, width, height), text = place, "" if value is None else numeral(value, short)
    return Box(key, role, x, y, width, height, text, "", value, states, data)


@dataclass(frozen=True)
class Sheet:
    """Where the cells of a plane are: each column is `slant` pixels higher than the one before."""

    plane: int
    left: float
    top: float  # of the first cell
    width: float  # of a cell
    height: float
    slant: float = 0.0
    states: tuple[str, ...] = ("small",)  # of every cell

    def box(
        self, key: str, role: str, row: int, column: int, value: Any, states: tuple[str, ...] = (), short: bool = False
    ) -> Box:
        """The cell in a row and a column; negative ones and those after the last are padding."""
        place = (*self.corner(row, column), self.width, self.height)
        data = (("plane", self.plane), ("row", row), ("col", column))
        box = cell(f"{key}.{row}.{column}", role, place, value, (*self.states, *states), data, short)
        return box._replace(slant=self.slant)

    def outline(self, key: str, kind: str, rows: Sequence[int], columns: Sequence[int]) -> Outline:
        """A frame from the first to the last of some rows and columns."""
        x, y = self.corner(rows[0], columns[0])
        across, down = columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1
        return Outline(key, kind, x, y, across * self.width, down * self.height, across * self.slant)

    def indices(self, key: str, rows: int, columns: int, edge: tuple[int, int] = (0, 0)) -> Items:
        """Row numbers at the left, column numbers above; `edge` is the first row and column that are drawn."""
        found: Items = []
        for row in range(rows):
            x, y = self.corner(row, edge[1])
            found.append(Label(f"{key}-r{row}", "index", x - 5, y + self.height / 2 + 4, str(row), "end"))
        for column in range(columns):
            x, y = self.corner(edge[0], column)
            x, y = x + self.width / 2, y - self.slant / 2 - 5
            found.append(Label(f"{key}-c{column}", "index", x, y, str(column), "middle"))
        return found

    def corner(self, row: int, column: int) -> tuple[float, float]:
        """The upper left corner of a cell."""
        return self.left + column * self.width, self.top + row * self.height - column * self.slant
