"""Grades that student code can't write: a kernel returns values, which are checked outside of it.

A graded cell says what to check: `verify("layer-params", layer_params, ...)`. It is parsed, not executed.
The kernel receives cases, some of them drawn during grading, and returns plain data. The correct results come from
live Keras and TensorFlow outside of the kernel, and are never sent to one. Whatever a notebook does to `verify`, to
IPython or to its outputs, it can only report what its function returns, and an incorrect answer stays incorrect.

| module | content |
|---|---|
| `parse_checks.py` | the checks of a graded cell |
| `remote.py` | the values of a function in a kernel |
| `evaluate.py` | the decision, and the outputs of a graded cell |
| `oracle_process.py` | the correct results, where this process has not loaded the framework |
| `causes.py` | the cell whose error made a check fail |
| `preprocessor.py` | runs a notebook, and replaces kernels that end |
| `messages.py` | filters a kernel's messages |
| `outputs.py` | outputs that can be written to a file |
| `own_work.py` | the values of an answer without the functions that its question forbids |
| `records.py` | the diagnosis of an answer, in an output of its graded cell |
| `scores.py` | saves scores |
| `static_analysis.py` | what a person should look at |

It is a step of nbgrader's own autograding, which a course names in its `nbgrader_config.py`. Without it, and where a
graded cell holds other code, the cell runs in the kernel as nbgrader always does, and its asserts decide.
"""

NOTEBOOK_TIMEOUT = 600  # seconds for all cells of a notebook together, unless a course says otherwise
STEPS = [
    "gradekit.judge.preprocessor.Judge",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "gradekit.judge.scores.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
]
