"""What gradekit replaces in other libraries at run time, each with the version it was written for."""

from __future__ import annotations

import sys


def skip_iri_grammar() -> None:
    """Keep jsonschema (4.25) from building a grammar of web addresses: it takes 1.7 s, and no notebook needs one."""
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


skip_iri_grammar()
