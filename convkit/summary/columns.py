"""The columns that convkit adds, which no framework prints."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from ..arguments import ArgumentError, did_you_mean
from .rows import Report, Row

Align = Literal["left", "right", "center"]


@dataclass(frozen=True)
class Column:
    """A heading, the side that its cells keep to, and the text of a row's cell."""

    title: str
    align: Align
    cell: Callable[[Row], str]


def _by(pair: tuple[int, int] | None, unknown: str) -> str:
    return unknown if pair is None else f"{pair[0]}x{pair[1]}"


EXTRA = {
    "kernel": Column("Kernel", "right", lambda row: _by(row.figures.kernel, "-")),
    "macs": Column("MACs", "right", lambda row: "?" if row.figures.macs is None else f"{row.figures.macs:,}"),
    "receptive_field": Column("Receptive field", "right", lambda row: _by(row.figures.receptive_field, "?")),
    "params_sum": Column("Param # as a sum", "left", lambda row: row.figures.params_sum or "-"),
}


def chosen(columns: str | Iterable[str]) -> list[Column]:
    """The columns of these names, in this order; "all" is all of them.

    >>> [column.title for column in chosen("all")]
    ['Kernel', 'MACs', 'Receptive field', 'Param # as a sum']
    """
    names = [columns] if isinstance(columns, str) or not isinstance(columns, Iterable) else list(columns)
    names = list(EXTRA) if names == ["all"] else names
    for name in names:
        if not isinstance(name, str) or name not in EXTRA:
            known = ", ".join(map(repr, EXTRA))
            raise ArgumentError(
                f"there is no column {name!r}. Columns that can be added: {known}, or 'all'.{did_you_mean(name, EXTRA)}"
            )
    return [EXTRA[name] for name in names]


def macs_line(report: Report) -> str:
    """The sum of the MACs column, and what it leaves out."""
    known = sum(row.figures.macs or 0 for row in report.rows if row.level == 0)
    unknown = sum(row.figures.macs is None for row in report.rows if row.level == 0)
    missing = f"; without {unknown} layer{'s' if unknown > 1 else ''} marked ?" if unknown else ""
    return f"Total MACs: {known:,} (one multiply and one add each, for one image{missing})"
