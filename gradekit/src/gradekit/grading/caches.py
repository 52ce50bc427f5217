"""Work of nbconvert and nbgrader that is the same for every student, done once: colors and schemas.

Most cells of a page are the course's own, and nbgrader validates its metadata schema itself for every cell.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import jsonschema  # type: ignore[import-untyped]
from nbconvert.filters.highlight import Highlight2HTML
from nbgrader.nbgraderformat import common

MOST_TEXTS = 2000  # texts whose highlighted form is kept

_validators: dict[str, Any] = {}  # by the text of a schema, which nbgrader reads again for each cell


@contextlib.contextmanager
def cached() -> Iterator[None]:
    """Cache highlighted code and validated schemas in the block."""
    kind: Any = Highlight2HTML
    usual, known = kind.__call__, dict[tuple[Any, ...], str]()

    def highlight(self: Any, source: str, language: str | None = None, metadata: Any = None) -> str:
        magic = (metadata or {}).get("magics_language")
        key = source, language, magic, self.pygments_lexer, repr(self.extra_formatter_options)
        if key not in known:
            if len(known) >= MOST_TEXTS:
                known.clear()
            known[key] = usual(self, source, language, metadata)
        return known[key]

    kind.__call__ = highlight
    common.jsonschema = SimpleNamespace(**{**vars(jsonschema), "validate": validate})
    try:
        yield
    finally:
        kind.__call__ = usual
        common.jsonschema = jsonschema


def validate(instance: Any, schema: Any) -> None:
    """Like `jsonschema.validate`, but check each schema itself only once."""
    text = json.dumps(schema)
    if text not in _validators:
        kind = jsonschema.validators.validator_for(schema)
        kind.check_schema(schema)
        _validators[text] = kind(schema)
    error = jsonschema.exceptions.best_match(_validators[text].iter_errors(instance))
    if error is not None:
        raise error
