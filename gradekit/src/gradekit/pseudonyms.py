"""Pseudonyms for a report that others see: the same in every report of a course, and known to this course alone."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from gradekit.report import Work

KEY = ".gradekit-pseudonyms"  # in the course's folder; without this file no one can tell who is who
SHORTEST = 3  # letters of a name that is replaced in a text


class Pseudonyms:
    """A course's pseudonyms, from a key that its first use makes."""

    def __init__(self, root: Path) -> None:
        file = root / KEY
        if not file.exists():
            file.touch(0o600, exist_ok=False)
            file.write_text(secrets.token_hex(32))
        self._key = file.read_bytes()

    def of(self, student: str) -> str:
        """The pseudonym of a student."""
        digest = hmac.new(self._key, student.encode("utf-8", "surrogateescape"), hashlib.sha256)
        return f"student-{digest.hexdigest()[:8]}"

    def works(self, works: Iterable[Work]) -> list[Work]:
        """The work of a class with pseudonyms, in their order."""
        return sorted(map(self._work, works), key=lambda work: work.row.student)

    def _work(self, work: Work) -> Work:
        row, alias = work.row, self.of(work.row.student)
        names = {name for name in (row.student, *row.name.split(), row.name) if len(name) >= SHORTEST}
        longest = sorted(map(re.escape, names), key=len, reverse=True)
        own = re.compile(rf"(?<!\w)(?:{'|'.join(longest)})(?!\w)", re.IGNORECASE) if longest else None

        def hide(value: Any) -> Any:
            """Replace the student's own name in all texts of a value."""
            if isinstance(value, str):
                return own.sub(alias, value) if own else value
            if isinstance(value, dict):
                return {name: hide(item) for name, item in value.items()}
            return [hide(item) for item in value] if isinstance(value, list) else value

        lost = tuple(replace(loss, message=hide(loss.message)) for loss in row.lost)
        books = {
            name: book
            and replace(book, messages=hide(book.messages), records=hide(book.records), answers=hide(book.answers))
            for name, book in work.notebooks.items()
        }
        return Work(replace(row, student=alias, name="", lost=lost), work.grades, books)
