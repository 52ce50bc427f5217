"""Adopt gradekit in an nbgrader course: one line in its `nbgrader_config.py`.

    import gradekit.adopt; gradekit.adopt.course(c)

Then `nbgrader autograde`, formgrader's button and `gradekit grade` all use it. What a course adds:

    c.Preload.modules = ["pandas"]                   # loaded once, before kernels are forked
    c.Judge.exercises = ["questions:EXERCISES"]      # questions that are decided outside of the kernel
"""

from __future__ import annotations

from typing import Any

from gradekit.judge import STEPS
from gradekit.patches import protect_formgrader
from gradekit.sandbox.config import for_nbgrader


def course(c: Any, required: list[str] | None = None, **limits: int) -> None:
    """Set up sandboxed grading, repair of damaged notebooks, and feedback without hidden tests.

    `c` is nbgrader's configuration. `required` names layers of the sandbox without which no submission runs;
    `limits` are those of `gradekit.sandbox.spec.Limits`, such as memory=2000 in MB.
    """
    for_nbgrader(c, required, **limits)
    c.Execute.extra_arguments = ["--log-level=CRITICAL"]  # a kernel's warnings about itself don't help an instructor
    # A damaged file is read as far as it can be; c.SubmissionLimits.largest_notebook = 300 is one of the limits, in MB.
    c.Autograde.exporter_class = "gradekit.repair.exporter.RepairingExporter"
    # A student may copy, delete or break a cell: the first copy of a graded cell counts, a deleted check comes back.
    # All metadata is the gradebook's, so no CheckCellMetadata follows.
    c.Autograde.sanitize_preprocessors = [
        "nbgrader.preprocessors.ClearOutput",
        "gradekit.repair.restore.RestoreCells",
        "nbgrader.preprocessors.OverwriteKernelspec",
        "nbgrader.preprocessors.OverwriteCells",
    ]
    # A kernel reports what a student's function returns; whether that is correct is decided outside of it.
    c.Autograde.autograde_preprocessors = STEPS
    # Feedback pages show what a student wrote and what each check reported: no hidden test, scheme, path or network.
    c.GenerateFeedback.preprocessors = [
        "gradekit.feedback.Scores",
        "gradekit.feedback.HideSecrets",
        "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
    ]
    c.GenerateFeedback.exporter_class = "gradekit.feedback.FeedbackPage"
    # What a student wrote runs nothing in the browser of an instructor.
    protect_formgrader()
