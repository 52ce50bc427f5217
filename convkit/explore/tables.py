"""Facts under a picture, as HTML that a screen reader can walk through."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

CELL = 'style="padding:3px 10px"'  # a feedback page sets no room around cells: columns would touch


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose first row and first column are headings."""
    first, *others = head
    corner = f'<th scope="col" {CELL}>{escape(first)}</th>' if first else "<td></td>"
    top = corner + "".join(f'<th scope="col" {CELL}>{escape(cell)}</th>' for cell in others)
    body = "".join(map(_row, rows))
    caption_row = f'<caption style="color:inherit">{escape(caption)}</caption>'  # feedback pages write it in pale gray
    return f"<table>{caption_row}<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _row(row: Sequence[str]) -> str:
    cells = "".join(f"<td {CELL}>{escape(cell)}</td>" for cell in row[1:])
    return f'<tr><th scope="row" {CELL}>{escape(row[0])}</th>{cells}</tr>'


def bullets(heading: str, lines: Iterable[str]) -> str:
    """A heading and a list."""
    listed = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<p><strong>{escape(heading)}</strong></p><ul>{listed}</ul>"


def preformatted(heading: str, text: str) -> str:
    """Text as a program prints it."""
    style = "font-family:monospace;line-height:1.2"  # nbconvert's pages set no font here: columns part
    return f'<p><strong>{escape(heading)}</strong></p><pre style="{style}">{escape(text)}</pre>'
