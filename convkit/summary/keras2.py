"""A report as Keras 2 printed it: its last versions with sizes in bytes, earlier ones without them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from ..layers.ends import is_shape
from .columns import Column, macs_line
from .rows import Amount, Report, Row, size_text

CHAIN: tuple[int, list[float]] = (65, [0.45, 0.85, 1.0])
GRAPH: tuple[int, list[float]] = (98, [0.3, 0.6, 0.70, 1.0])
UNITS = ("Byte", "KB", "MB", "GB", "TB", "PB")
BREAKS = ("),", "},", "],", "',")  # a cell is broken behind these, even where it would fit


def text(
    report: Report, extra: list[Column], width: int | None = None, show_trainable: bool = False, sizes: bool = True
) -> str:
    """The lines of `model.summary()` in Keras 2; with extra columns, all columns are as wide as they need to be."""
    columns = [*_columns(report, show_trainable), *extra]
    rows = [[column.cell(row) for column in columns] for row in report.rows]
    header = [column.title for column in columns]
    stops = _fitting([header, *rows]) if extra else _stops(report, width, show_trainable)
    lines = [f'Model: "{report.name}"', "_" * stops[-1], *_row(header, stops), "=" * stops[-1]]
    for row in rows:
        lines += [*_row(row, stops), " " * stops[-1]]
    lines += ["=" * stops[-1], *_totals(report, sizes)]
    lines += [macs_line(report)] if any(column.title == "MACs" for column in extra) else []
    return "\n".join([*lines, "_" * stops[-1]]) + "\n"


def _columns(report: Report, show_trainable: bool) -> list[Column]:
    columns = [
        Column("Layer (type)", "left", lambda row: f"{row.name} ({row.kind})"),
        Column("Output Shape", "left", _shape),
        Column("Param #", "left", lambda row: "0 (unused)" if row.params is None else str(row.params)),
    ]
    if not report.chained:
        columns.append(Column("Connected to", "left", lambda row: str(list(row.connected))))
    if show_trainable:
        columns.append(Column("Trainable", "left", lambda row: "N" if row.trainable is False else "Y"))
    return columns


def _shape(row: Row) -> str:
    if row.shapes_differ:
        return "multiple"
    outputs: Any = [row.outputs] if row.kind == "InputLayer" and is_shape(row.outputs) else row.outputs
    return "?" if outputs is None else str(outputs)


def _stops(report: Report, width: int | None, show_trainable: bool) -> list[int]:
    widest, shares = CHAIN if report.chained else GRAPH
    width = width or widest
    stops = [int(width * share) for share in shares]
    return [*stops, width + 11] if show_trainable else stops


def _fitting(rows: list[list[str]]) -> list[int]:
    stops = [0]
    for column in zip(*rows, strict=True):
        stops.append(stops[-1] + max(map(len, column)) + 3)
    return stops[1:]


def _row(cells: list[str], stops: list[int]) -> list[str]:
    """A row as lines: what does not fit goes on in the next one."""
    lines, left = [], list(cells)
    while any(left):
        line = ""
        for column, (start, stop) in enumerate(pairwise([0, *stops])):
            last = column == len(stops) - 1
            piece = _piece(left[column], stop - start - (0 if last else 3))
            left[column] = left[column][len(piece) :]
            line += (" " if column == 0 else "") + piece + ("" if last else "  ")
            line = line.ljust(stop)
        lines.append(line)
    return lines


def _piece(cell: str, room: int) -> str:
    piece = cell[:room]
    ends = [piece.find(mark) + len(mark) for mark in BREAKS if mark in piece]
    return piece[: min(ends)] if ends else piece


def _totals(report: Report, sizes: bool) -> list[str]:
    amounts = {"Total": report.trained + report.frozen, "Trainable": report.trained, "Non-trainable": report.frozen}
    return [f"{title} params: {_amount(amount, sizes)}" for title, amount in amounts.items()]


def _amount(amount: Amount, sizes: bool) -> str:
    return f"{amount.count} ({size_text(amount.size, UNITS)})" if sizes else f"{amount.count:,}"
