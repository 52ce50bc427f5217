"""Grades that student code can't write: a kernel is asked for answers, and whether they are right is decided here.

A graded cell says what to check: `verify("layer-params", layer_params, ...)`. It is read, and not run.
The kernel is sent cases, some of them drawn now, and sends plain data back. The right results come from live Keras and
TensorFlow in this process; no kernel ever sees them. Whatever a notebook does to `verify`, to IPython or to what it
shows, it can only say what its function gives, and a wrong answer stays wrong.

| the file | the question it answers |
|---|---|
| `checks.py` | what does a graded cell check? |
| `remote.py` | what does a function in a kernel answer? |
| `decide.py` | is it right, and what does the cell show? |
| `oracle.py` | what do Keras and TensorFlow answer, when this process has not loaded them? |
| `causes.py` | which cell stopped, so that a check failed? |
| `execute.py` | how is a notebook run, whatever it does to its kernel? |
| `hear.py` | which of a kernel's messages count? |
| `outputs.py` | what may a cell show? |
| `own_work.py` | what does an answer do without the functions that its question forbids? |
| `scores.py` | which score is saved? |
| `doubts.py` | what should a person look at? |

It is a step of nbgrader's own autograding, which a course names in its `nbgrader_config.py`. Without it, and where a
graded cell holds other code, the cell is run in the kernel as nbgrader always does, and its asserts decide.
"""

NOTEBOOK_TIMEOUT = 600  # seconds for all cells of a notebook together, unless a course says otherwise
STEPS = [
    "gradekit.judge.preprocessor.Judge",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "gradekit.judge.scores.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
