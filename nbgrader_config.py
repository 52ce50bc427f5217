"""Settings of this course for every nbgrader command, for formgrader, and for `gradekit release | grade | report`."""

from pathlib import Path

from gradekit.sandbox.config import for_nbgrader as fenced_kernels
from gradekit.judge import STEPS

c = get_config()  # noqa: F821  nbgrader puts it here

c.CourseDirectory.course_id = "convkit"
c.CourseDirectory.root = str(Path(__file__).resolve().parent)

# What stands in a released notebook where the solution was.
c.ClearSolutions.code_stub = {"python": 'raise NotImplementedError("write your answer here")'}
c.ClearSolutions.text_stub = "Write your answer here."

# Seconds for one cell. The first cell of a notebook imports TensorFlow: 10 s on a small machine, longer on a busy one.
c.Execute.timeout = 60
c.Execute.extra_arguments = ["--log-level=CRITICAL"]  # a kernel's warnings about itself are no news to an instructor

# Every submission runs inside a fence, in a kernel that has TensorFlow loaded already: `gradekit doctor` says what the
# fence is made of here. required=["all"] grades nothing where a part is missing; memory=2000 is one of the limits.
fenced_kernels(c)

# A damaged file is read as far as it can be; c.HandedIn.largest_notebook = 300 is one of the limits, in MB.
c.Autograde.exporter_class = "gradekit.repair.exporter.Forgiving"

# A student may copy, delete or break a cell: the first copy of a graded cell counts, and a deleted check comes back.
c.Autograde.sanitize_preprocessors = [
    "nbgrader.preprocessors.ClearOutput",
    "gradekit.repair.restore.RestoreMarks",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# A kernel says what a student's function gives; whether that is right is decided outside of it, on fresh cases.
c.Autograde.autograde_preprocessors = STEPS

# Feedback pages show what a student wrote and what each check said: no hidden test, no scheme, no path, no network.
c.GenerateFeedback.preprocessors = [
    "nbgrader.preprocessors.GetGrades",
    "gradekit.feedback.HideSecrets",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]
c.GenerateFeedback.exporter_class = "gradekit.feedback.OfflinePage"
