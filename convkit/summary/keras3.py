"""A report as Keras 3 prints it: with rich, as Keras does, so that both wrap, cut and align alike."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from ..arguments import ArgumentError
from .rows import Amount, Column, Report, Row, fit, macs_line

CHAIN = (88, [0.45, 0.80, 1.0])
GRAPH = (108, [0.3, 0.56, 0.74, 1.0])
AS_NEEDED = 100_000  # characters: no cell is wrapped


def text(
    report: Report,
    extra: list[Column],
    line_length: int | None = None,
    positions: Sequence[float] | None = None,
    show_trainable: bool = False,
) -> str:
    """The lines of `model.summary()`; with extra columns, all columns are as wide as they need to be."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Column as TableColumn
    from rich.table import Table

    columns = [*_columns(report, show_trainable), *extra]
    if extra:
        length, widths = None, [None] * len(columns)
    else:
        length, widths = _widths(report, line_length, positions, show_trainable)
        fit(widths, [column.title for column in columns])
    table = Table(
        *(TableColumn(column.title, justify=column.align, width=w) for column, w in zip(columns, widths, strict=False)),
        width=length,
        show_lines=True,
    )
    for row in report.rows:
        table.add_row(*(column.cell(row) for column in columns))
    console = Console(
        force_jupyter=False,
        width=AS_NEEDED if extra else None,
        highlight=False,
        force_terminal=False,
        color_system=None,
    )
    console.begin_capture()
    console.print(f'Model: "{escape(report.name)}"')
    console.print(table)
    for line in _totals(report):
        console.print(line)
    if any(column.title == "MACs" for column in extra):
        console.print(f" {macs_line(report)}")
    return console.end_capture()


def _columns(report: Report, show_trainable: bool) -> list[Column]:
    columns = [
        Column("Layer (type)", "left", _name),
        Column("Output Shape", "left", _shape),
        Column("Param #", "right", lambda row: "0 (unbuilt)" if row.params is None else f"{row.params:,}"),
    ]
    if not report.chained:
        columns.append(Column("Connected to", "left", lambda row: ", ".join(row.connected) or "-"))
    if show_trainable:
        columns.append(Column("Trainable", "center", lambda row: "YN"[not row.trainable] if row.has_weights else "-"))
    return columns


def _name(row: Row) -> str:
    from rich.markup import escape

    prefix = f"{'   ' * row.level}└ " if row.level else ""
    return f"{escape(prefix + row.name)} ({escape(row.kind)})"


def _shape(row: Row) -> str:
    """A shape, or a nesting of shapes without quotes."""
    return "?" if row.outputs is None else str(row.outputs).replace("'", "")


def _widths(
    report: Report, line_length: int | None, positions: Sequence[float] | None, show_trainable: bool
) -> tuple[int, list[Any]]:
    widest, shares = CHAIN if report.chained else GRAPH
    shares = list(positions or shares)
    if show_trainable:
        widest, shares = widest + 12, [*(share * 0.90 for share in shares), 1.0]
    length = line_length or min(widest, shutil.get_terminal_size().columns - 4)
    widths = [stop - start for start, stop in pairwise([0, *(int(share * length) for share in shares)])]
    if min(widths) < 4:
        raise ArgumentError(f"line_length={length} leaves a column less than 4 characters. Use line_length={widest}.")
    return length, widths


def _totals(report: Report) -> list[str]:
    total = report.trained + report.frozen + (report.optimizer or Amount())
    amounts = {"Total": total, "Trainable": report.trained, "Non-trainable": report.frozen}
    if report.optimizer is not None:
        amounts["Optimizer"] = report.optimizer
    return [f" {title} params: {one.count:,} ({size_text(one.size)})" for title, one in amounts.items()]


def size_text(size: float, units: tuple[str, ...] = ("B", "KB", "MB", "GB", "TB", "PB")) -> str:
    """Bytes as Keras prints them: a KB is 1024 bytes.

    >>> size_text(60), size_text(2048)
    ('60.00 B', '2.00 KB')
    """
    step = 0
    while size >= 1024 and step < len(units) - 1:
        size, step = size / 1024, step + 1
    return f"{size:.2f} {units[step]}"
