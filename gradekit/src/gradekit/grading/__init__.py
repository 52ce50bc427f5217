"""Grading a class: workers side by side, each student's result put in place in one step.

| the file | the question it answers |
|---|---|
| `outcome.py` | what did a run do? |
| `crew.py` | who hands out the work, and what happens when a worker ends? |
| `worker.py` | what does a worker do, and how does it end? |
| `student.py` | how is one student graded, so that nothing is ever half done? |
| `convert.py` | what does nbgrader do, and what of it is done once instead of every time? |
| `alternatives.py` | how does a feedback page get its alternative texts? |
| `remembered.py` | what is the same for every student, and is worked out once? |
| `book.py` | how do one student's rows leave the gradebook, and come back in one transaction? |
| `record.py` | who is graded already, and on which files? |
| `claims.py` | who takes which student, when several graders are at work? |
"""
