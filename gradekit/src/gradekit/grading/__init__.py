"""Grading a class: workers grade in parallel, and each student's result is put in place as a whole.

| module | content |
|---|---|
| `grade.py` | lists who has to be graded, and runs the pool |
| `pool.py` | gives students to workers, and replaces workers that end |
| `worker.py` | a worker process |
| `student.py` | grades one student so that nothing is ever half done |
| `nbgrader_steps.py` | nbgrader's Autograde and GenerateFeedback for one student |
| `written_answers.py` | answers in words: blank, changed, or to be read |
| `gradebook.py` | one student's rows: into a scratch gradebook, and back in one transaction |
| `ledger.py` | which files were graded for whom, with which release, and what the pages show |
| `locks.py` | locks on students, for several graders at once |
| `log_messages.py` | log messages -> sentences for the instructor |
| `result.py` | what a run did |
"""

from gradekit.patches import skip_iri_grammar

skip_iri_grammar()  # before a module of this package imports nbconvert or nbgrader
