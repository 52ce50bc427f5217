"""A report as Keras 2 printed it: its last versions with sizes in bytes, earlier ones without them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from ..arguments import ArgumentError
from .keras3 import size_text
from .rows import Amount, Column, Dimensions, Report, Row, fit, macs_line

CHAIN = (65, [0.45, 0.85, 1.0])
GRAPH = (98, [0.3, 0.6, 0.70, 1.0])
UNITS = ("Byte", "KB", "MB", "GB", "TB", "PB")
BREAKS = ("),", "},", "],", "',")  # a cell is broken after these, even where it would fit


def text(
    report: Report,
    extra: list[Column],
    line_length: int | None = None,
    positions: Sequence[float] | None = None,
    show_trainable: bool = False,
    *,
    sizes: bool = True,
) -> str:
    """The lines of `model.summary()` in Keras 2; with extra columns, all columns are as wide as they need to be."""
    if not report.built:
        raise ArgumentError(
            "this model has not yet been built, and Keras 2 has no summary of it. Build it first: call model.build() "
            "with the input shape, or call the model on a batch of data. style='keras3' shows it as unbuilt."
        )
    columns = [*_columns(report, show_trainable), *extra]
    rows = [[column.cell(row) for column in columns] for row in report.rows]
    header = [column.title for column in columns]
    if extra:
        stops = _fitting([header, *rows])
        length = stops[-1]
    else:
        length, stops = _stops(report, line_length, positions, show_trainable)
        fit(stops, header)
    lines = [f'Model: "{report.name}"', "_" * length, *_row(header, stops), "=" * length]
    for place, (row, cells) in enumerate(zip(report.rows, rows, strict=True)):
        after = report.rows[place + 1].level if place + 1 < len(rows) else 0
        lines += [*_row(cells, stops, row.level), *_rules(row.level, after, length)]
    lines += ["=" * length, *_totals(report, sizes)]
    lines += [macs_line(report)] if any(column.title == "MACs" for column in extra) else []
    return "\n".join([*lines, "_" * length]) + "\n"


def _rules(level: int, after: int, length: int) -> Iterator[str]:
    """What is between two rows: a blank line, or the edge of a nested model for each level that begins or ends."""
    if after > level:
        yield _edge(after, "¯", length)
    elif after == level:
        yield _edge(level, " ", length)
    yield from (_edge(outer, "¯", length) for outer in range(level - 1, after - 1, -1))


def _edge(level: int, mark: str, length: int) -> str:
    return "|" * level + mark * (length - 2 * level) + "|" * level


def _columns(report: Report, show_trainable: bool) -> list[Column]:
    columns = [
        Column("Layer (type)", "left", lambda row: f"{row.name} ({row.kind})"),
        Column("Output Shape", "left", _shape),
        Column("Param #", "left", lambda row: "0 (unused)" if row.params is None else str(row.params)),
    ]
    if not report.chained:
        columns.append(Column("Connected to", "left", lambda row: str(list(row.connected))))
    if show_trainable:
        columns.append(Column("Trainable", "left", lambda row: "Y" if row.trainable else "N"))
    return columns


def _shape(row: Row) -> str:
    if not row.calls or any(str(call) != str(row.calls[0]) for call in row.calls):
        return "multiple"  # where one call is not like another, and in models that are not made of calls
    shapes = _plain(row.calls[0])
    return str([shapes] if row.kind == "InputLayer" and isinstance(row.calls[0], Dimensions) else shapes)


def _plain(outputs: Any) -> Any:
    """Shapes as Python prints them, with a comma after a single size."""
    if isinstance(outputs, dict):
        return {name: _plain(shape) for name, shape in outputs.items()}
    if isinstance(outputs, Dimensions):
        return tuple(outputs)
    return type(outputs)(map(_plain, outputs))


def _stops(
    report: Report, line_length: int | None, positions: Sequence[float] | None, show_trainable: bool
) -> tuple[int, list[int]]:
    """The length of a line, and where each column ends: `positions` are shares of the length, or characters."""
    widest, shares = CHAIN if report.chained else GRAPH
    length, stops = line_length or widest, list(positions or shares)
    if stops[-1] <= 1:
        stops = [length * share for share in stops]
    if show_trainable:
        length += 11
        stops.append(length)
    ends = [int(stop) for stop in stops]
    deepest = max((row.level for row in report.rows), default=0)
    if min(stop - start for start, stop in pairwise([0, *ends])) < 4 + deepest:
        raise ArgumentError(f"line_length={length} leaves a column too narrow. Use line_length={widest}.")
    return length, ends


def _fitting(rows: list[list[str]]) -> list[int]:
    stops = [0]
    for column in zip(*rows, strict=True):
        stops.append(stops[-1] + max(map(len, column)) + 3)
    return stops[1:]


def _row(cells: list[str], stops: list[int], level: int = 0) -> Iterator[str]:
    """A row as lines: what does not fit goes on in the next one. Inside nested models, bars are at both sides."""
    left, last = list(cells), len(stops) - 1
    while any(left):
        line = ""
        for column, (start, stop) in enumerate(pairwise([0, *stops[: len(left)]])):
            room = stop - start - (0 if column == last else 3) - (level if column == 0 else 0)
            piece = _piece(left[column], room)
            left[column] = left[column][len(piece) :]
            line += (f"{'|' * level} " if column == 0 else "") + piece + ("" if column == last else "  ")
            line = line.ljust(stop - (level if column == last else 0))
        yield line + "|" * level


def _piece(cell: str, room: int) -> str:
    piece = cell[:room]
    ends = [piece.find(mark) + len(mark) for mark in BREAKS if mark in piece]
    return piece[: min(ends)] if ends else piece


def _totals(report: Report, sizes: bool) -> list[str]:
    amounts = {"Total": report.trained + report.frozen, "Trainable": report.trained, "Non-trainable": report.frozen}
    return [f"{title} params: {_amount(amount, sizes)}" for title, amount in amounts.items()]


def _amount(amount: Amount, sizes: bool) -> str:
    return f"{amount.count} ({size_text(amount.size, UNITS)})" if sizes else f"{amount.count:,}"
