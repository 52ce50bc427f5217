"""What is the same for every student, and is worked out once? Colours of code, and a schema's own validity.

Most cells of a page are the lesson's own, and nbgrader checks its schema of marks anew for every cell.
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

MOST = 2000  # texts whose colours are kept

_validators: dict[str, Any] = {}  # by the text of a schema: nbgrader reads it from its file again and again


@contextlib.contextmanager
def remembered() -> Iterator[None]:
    """In the block, both are remembered."""
    kind: Any = Highlight2HTML
    usual, known = kind.__call__, dict[tuple[Any, ...], str]()

    def colour(self: Any, source: str, language: str | None = None, metadata: Any = None) -> str:
        magic = (metadata or {}).get("magics_language")
        key = source, language, magic, self.pygments_lexer, repr(self.extra_formatter_options)
        if key not in known:
            if len(known) >= MOST:
                known.clear()
            known[key] = usual(self, source, language, metadata)
        return known[key]

    kind.__call__ = colour
    common.jsonschema = SimpleNamespace(**{**vars(jsonschema), "validate": validate})
    try:
        yield
    finally:
        kind.__call__ = usual
        common.jsonschema = jsonschema


def validate(instance: Any, schema: Any) -> None:
    """As `jsonschema.validate`, which looks at the schema itself each time too."""
    text = json.dumps(schema)
    if text not in _validators:
        kind = jsonschema.validators.validator_for(schema)
        kind.check_schema(schema)
        _validators[text] = kind(schema)
    error = jsonschema.exceptions.best_match(_validators[text].iter_errors(instance))
    if error is not None:
        raise error
