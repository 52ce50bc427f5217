"""A question, and how its answers are checked, verified and practiced. Needs NumPy alone.

| module | content |
|---|---|
| `model.py` | `Exercise`: everything about one question |
| `mistake.py` | a wrong rule with a name and words; what was found in an answer, as data |
| `variant.py` | the cases of one student, drawn from a name in the notebook |
| `registry.py` | exercises by their id |
| `verdict.py` | `check`, the order of its lines, and the same as HTML |
| `trial.py` | the answer tried on the visible cases and the probes |
| `run.py` | one call of a student's function: result, error, prints, time |
| `compare.py` | a result and the expected one; the words for a wrong type, shape or value |
| `find_mistake.py` | the known mistake that fits; the words where none does |
| `generic_mistakes.py` | mistakes that need no rule, such as no return |
| `error_hints.py` | the words for an error in a student's code |
| `verify.py` | `verify`, `verify_fresh`, `verify_unchanged` and `NotYet`, for graded cells |
| `oracle.py` | correct results for grading, from this process or another |
| `practice.py` | practice questions |
| `kernel_side.py`, `serialize.py` | the kernel's side of grading, and its plain data |
"""
