"""The instructor's side, over nbgrader: release, grade, feedback, report, and a sample class."""

import sys

# jsonschema makes a grammar of web addresses as it is imported, if it finds this package. That takes longer than all
# else that a command of ours imports, and no schema of a notebook asks for one.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
