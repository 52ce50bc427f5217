"""A CSV file <-> its cells; cells that are not changed keep their bytes."""

from __future__ import annotations

import re

from gradekit.errors import CourseError

BOM = b"\xef\xbb\xbf"
DELIMITERS = ",;\t"
COMMA_NUMBER, POINT_NUMBER = re.compile(r"-?\d+,\d+"), re.compile(r"-?\d+\.\d+")


class Sheet:
    """Cells by row and column, from 0. Raises CourseError for bytes that are not CSV in UTF-8.

    >>> sheet = Sheet(b'Name;Grade\\r\\n"Li; Bo";\\r\\n')
    >>> sheet.rows
    [['Name', 'Grade'], ['Li; Bo', '']]
    >>> sheet.set(1, 1, "7,5")
    >>> sheet.data()
    b'Name;Grade\\r\\n"Li; Bo";7,5\\r\\n'
    """

    def __init__(self, data: bytes) -> None:
        self._bom = data[:3] if data.startswith(BOM) else b""
        try:
            text = data[len(self._bom) :].decode("utf-8")
        except UnicodeDecodeError:
            raise CourseError("the file is not in UTF-8. Download it again, or save it as CSV UTF-8.") from None
        self.delimiter = _delimiter(text)
        self._cells, self._ends = _split(text, self.delimiter)
        self.rows = [[_value(cell) for cell in row] for row in self._cells]

    def set(self, row: int, column: int, value: str) -> None:
        """Replace one cell; a row that ends before it is filled up with blank cells."""
        missing = column + 1 - len(self.rows[row])
        self._cells[row] += [""] * missing
        self.rows[row] += [""] * missing
        self._cells[row][column] = quoted(value, self.delimiter)
        self.rows[row][column] = value

    def get(self, row: int, column: int) -> str:
        """A cell without the spaces around it; blank where the row ends before it."""
        return self.rows[row][column].strip() if column < len(self.rows[row]) else ""

    def filled(self) -> list[int]:
        """The rows below the header that are not blank."""
        return [row for row in range(1, len(self.rows)) if any(cell.strip() for cell in self.rows[row])]

    def has_decimal_commas(self, column: int) -> bool:
        """Whether most decimals in a column have a comma; those of the whole file count where it has none."""
        own = [self.get(row, column) for row in range(len(self.rows))]
        for cells in (own, [cell.strip() for row in self.rows for cell in row]):
            commas, points = (sum(map(bool, map(form.fullmatch, cells))) for form in (COMMA_NUMBER, POINT_NUMBER))
            if commas or points:
                return commas > points
        return False

    def data(self) -> bytes:
        """The file's bytes."""
        lines = (self.delimiter.join(cells) + end for cells, end in zip(self._cells, self._ends, strict=True))
        return self._bom + "".join(lines).encode()


def _delimiter(text: str) -> str:
    """The delimiter that the first line has most often outside of quotes; a colon where it has no other."""
    first = re.sub(r'"[^"]*"', "", text).lstrip("\r\n").partition("\n")[0]
    found = max(DELIMITERS, key=first.count)
    return found if found in first else ":"


def _split(text: str, delimiter: str) -> tuple[list[list[str]], list[str]]:
    """Raw cells by row, and what ends each row."""
    cell = re.compile(rf'("(?:[^"]++|"")*+"|[^"{delimiter}\r\n][^{delimiter}\r\n]*+|)({delimiter}|\r\n|\n|\r|\Z)')
    rows: list[list[str]] = []
    ends: list[str] = []
    row: list[str] = []
    position = 0
    while position < len(text) or row:
        found = cell.match(text, position)
        if found is None:
            raise CourseError(f"row {len(rows) + 1} has a quotation mark that does not close. Download the file again.")
        row.append(found[1])
        position = found.end()
        if found[2] != delimiter:
            rows.append(row)
            ends.append(found[2])
            row = []
    return rows, ends


def _value(cell: str) -> str:
    return cell[1:-1].replace('""', '"') if cell.startswith('"') else cell


def quoted(value: str, delimiter: str = ",") -> str:
    """A cell as CSV, in quotes where it needs them.

    >>> quoted("7.5"), quoted("7,5"), quoted('a "b" c')
    ('7.5', '"7,5"', '"a ""b"" c"')
    """
    needs = any(letter in value for letter in (delimiter, '"', "\r", "\n")) or value != value.strip()
    return '"' + value.replace('"', '""') + '"' if needs else value
