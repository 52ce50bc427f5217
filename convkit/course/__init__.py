"""The instructor's side, over nbgrader: release, grade, feedback, report, and a sample class."""
