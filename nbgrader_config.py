"""Settings of this course for every nbgrader command, for formgrader, and for `gradekit release | grade | report`."""

from pathlib import Path

import gradekit.adopt

c = get_config()  # noqa: F821  nbgrader puts it here

# Sandboxed kernels, repair of damaged notebooks, checks decided outside of the kernel, feedback without hidden tests.
# required=["all"] grades nothing where a layer of the sandbox is missing; memory=2000 is one of the limits.
gradekit.adopt.course(c)

# TensorFlow, Keras and convkit are loaded once, and kernels are forked from there.
c.Preload.modules = ["convkit.lesson.preload"]

c.CourseDirectory.course_id = "convkit"
c.CourseDirectory.root = str(Path(__file__).resolve().parent)

# What a released notebook shows where the solution was.
c.ClearSolutions.code_stub = {"python": 'raise NotImplementedError("write your answer here")'}
c.ClearSolutions.text_stub = "Write your answer here."

# Seconds for one cell. The first cell of a notebook imports TensorFlow: 10 s on a small machine, longer on a busy one.
c.Execute.timeout = 60
