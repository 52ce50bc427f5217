"""Settings of this course for every nbgrader command, for formgrader, and for `convkit release | grade | report`."""

import os
from pathlib import Path

c = get_config()  # noqa: F821  nbgrader puts it here

c.CourseDirectory.course_id = "convkit"
c.CourseDirectory.root = str(Path(__file__).resolve().parent)

# What stands in a released notebook where the solution was.
c.ClearSolutions.code_stub = {"python": 'raise NotImplementedError("write your answer here")'}
c.ClearSolutions.text_stub = "Write your answer here."

# Seconds for one cell. The first cell of a notebook imports TensorFlow: 10 s on a small machine, longer on a busy one.
c.Execute.timeout = 60
c.Execute.extra_arguments = ["--log-level=CRITICAL"]  # a kernel's warnings about itself are no news to an instructor

# Kernels that have TensorFlow loaded already: a second for a notebook instead of sixteen. Without them, ordinary ones.
try:
    from convkit.course.warm import KERNEL_NAME, jupyter_path
except ImportError:  # a system that cannot fork
    pass
else:
    known = os.environ.get("JUPYTER_PATH", "").split(os.pathsep)
    if str(jupyter_path()) not in known:
        os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, [str(jupyter_path()), *known]))
    c.Execute.kernel_name = KERNEL_NAME

# A student may copy, delete or break a cell: the first copy of a graded cell counts, and a deleted check comes back.
c.Autograde.sanitize_preprocessors = [
    "nbgrader.preprocessors.ClearOutput",
    "convkit.course.sanitize.RestoreMarks",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# Feedback pages show what a student wrote and what each check said: no hidden test, no scheme, no path, no network.
c.GenerateFeedback.preprocessors = [
    "nbgrader.preprocessors.GetGrades",
    "convkit.course.feedback.HideSecrets",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]
c.GenerateFeedback.exporter_class = "convkit.course.feedback.OfflinePage"
