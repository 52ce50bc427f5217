"""A report as Keras 3 prints it."""

from __future__ import annotations

import shutil
from itertools import pairwise

from ..arguments import ArgumentError
from .box import fitting_widths, fixed_widths, table
from .columns import Align, Column, macs_line
from .rows import Amount, Report, Row, shape_text, size_text

CHAIN: tuple[int, list[float]] = (88, [0.45, 0.80, 1.0])
GRAPH: tuple[int, list[float]] = (108, [0.3, 0.56, 0.74, 1.0])


def text(report: Report, extra: list[Column], width: int | None = None, show_trainable: bool = False) -> str:
    """The lines of `model.summary()`; with extra columns, all columns are as wide as they need to be."""
    columns = [*_columns(report, show_trainable), *extra]
    rows = [[column.cell(row) for column in columns] for row in report.rows]
    header: list[str] = [column.title for column in columns]
    widths = fitting_widths([header, *rows]) if extra else _widths(report, width, show_trainable)
    aligns: list[Align] = [column.align for column in columns]
    lines = [f'Model: "{report.name}"', *table(header, rows, widths, aligns), *_totals(report)]
    lines += [f" {macs_line(report)}"] if any(column.title == "MACs" for column in extra) else []
    return "\n".join(lines) + "\n"


def _columns(report: Report, show_trainable: bool) -> list[Column]:
    columns = [
        Column("Layer (type)", "left", _name),
        Column("Output Shape", "left", lambda row: shape_text(row.outputs)),
        Column("Param #", "right", lambda row: "0 (unbuilt)" if row.params is None else f"{row.params:,}"),
    ]
    if not report.chained:
        columns.append(Column("Connected to", "left", lambda row: ", ".join(row.connected) or "-"))
    if show_trainable:
        columns.append(Column("Trainable", "center", lambda row: {None: "-", True: "Y", False: "N"}[row.trainable]))
    return columns


def _name(row: Row) -> str:
    return f"{'   ' * row.level}{'└ ' if row.level else ''}{row.name} ({row.kind})"


def _widths(report: Report, width: int | None, show_trainable: bool) -> list[int]:
    widest, shares = CHAIN if report.chained else GRAPH
    if show_trainable:
        widest, shares = widest + 12, [*(share * 0.90 for share in shares), 1.0]
    width = width or min(widest, shutil.get_terminal_size().columns - 4)
    stops = [0, *(int(share * width) for share in shares)]
    if any(stop - start < 4 for start, stop in pairwise(stops)):
        raise ArgumentError(f"width={width} leaves a column less than 4 characters. Use width={widest}.")
    return fixed_widths(shares, width)


def _totals(report: Report) -> list[str]:
    total = report.trained + report.frozen
    lines = [("Trainable", report.trained), ("Non-trainable", report.frozen)]
    if report.optimizer is not None:
        total += report.optimizer
        lines.append(("Optimizer", report.optimizer))
    return [_total(title, amount) for title, amount in [("Total", total), *lines]]


def _total(title: str, amount: Amount) -> str:
    return f" {title} params: {amount.count:,} ({size_text(amount.size)})"
