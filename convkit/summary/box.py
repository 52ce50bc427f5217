"""Cells -> a table in box-drawing characters, cut and wrapped like the tables that Keras 3 prints with rich."""

from __future__ import annotations

import re
from itertools import pairwise, zip_longest

from .columns import Align


def fixed_widths(shares: list[float], width: int) -> list[int]:
    """Widths of the columns, spaces at both sides included, in a table of `width` characters.

    Keras gives the shares without thinking of spaces and borders, and rich then takes the excess from all alike.

    >>> fixed_widths([0.45, 0.80, 1.0], 76)
    [33, 24, 15]
    """
    stops = [0, *(int(share * width) for share in shares)]
    widths = [stop - start + 2 for start, stop in pairwise(stops)]
    excess = sum(widths) - (width - len(widths) - 1)
    for column, left in enumerate(range(len(widths), 0, -1)):
        cut = min(widths[column], round(excess / left))
        widths[column] -= cut
        excess -= cut
    return widths


def fitting_widths(rows: list[list[str]]) -> list[int]:
    """Widths at which no cell has to be cut."""
    return [max(map(len, column)) + 2 for column in zip(*rows, strict=True)]


def table(header: list[str], rows: list[list[str]], widths: list[int], aligns: list[Align]) -> list[str]:
    """The lines of a table with a heavy head and a rule between any two rows."""
    lines = [_rule("┏━┳┓", widths), *_row_lines(header, widths, aligns, "┃", bottom=True), _rule("┡━╇┩", widths)]
    for number, row in enumerate(rows):
        lines += [_rule("├─┼┤", widths)] if number else []
        lines += _row_lines(row, widths, aligns, "│")
    return [*lines, _rule("└─┴┘", widths)]


def _rule(marks: str, widths: list[int]) -> str:
    return marks[0] + marks[2].join(marks[1] * width for width in widths) + marks[3]


def _row_lines(cells: list[str], widths: list[int], aligns: list[Align], edge: str, bottom: bool = False) -> list[str]:
    wrapped = [wrap(cell, width - 2) for cell, width in zip(cells, widths, strict=True)]
    height = max(map(len, wrapped))
    if bottom:  # a heading stands on its rule
        wrapped = [[""] * (height - len(lines)) + lines for lines in wrapped]
    return [
        edge
        + edge.join(_aligned(text, width, align) for text, width, align in zip(line, widths, aligns, strict=True))
        + edge
        for line in zip_longest(*wrapped, fillvalue="")
    ]


def _aligned(text: str, width: int, align: Align) -> str:
    room = width - 2
    if align == "left":
        return f" {text:<{room}} "
    if align == "right":
        return f" {text.rstrip():>{room}} "
    left = (room - len(text.rstrip())) // 2
    return f" {' ' * left}{text.rstrip()}".ljust(width)


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` characters, broken between words; a longer word is cut and ends in an ellipsis.

    >>> wrap("input_layer_2 (InputLayer)", 19)
    ['input_layer_2 ', '(InputLayer)']
    >>> wrap("a_rather_long_name (Conv2D)", 12)
    ['a_rather_lo…', '(Conv2D)']
    """
    lines, used = [""], 0
    for word in re.findall(r"\s*\S+\s*", text):
        needed = len(word.rstrip())
        if used + needed > width and lines[-1]:
            lines.append("")
            used = 0
        lines[-1] += word
        used += len(word)
    return [_cut(line, width) for line in lines]


def _cut(line: str, width: int) -> str:
    spare = len(line) - len(line.rstrip())
    line = line[: len(line) - min(spare, max(len(line) - width, 0))]
    return line if len(line) <= width else line[: max(width - 1, 0)] + "…"
