"""A student's folder -> the notebooks of the assignment, and extra files, in a copy.

| module | content |
|---|---|
| `walk.py` | all ordinary files of the folder; no link is followed |
| `find_notebooks.py` | which file is which notebook |
| `archives.py` | notebooks in ZIP archives |
| `extra_files.py` | data and modules that the work may need |
| `names.py` | names of files: compared, and shown in messages |
| `mirror.py` | the copy that nbgrader opens |

Damage inside a notebook is the subject of `gradekit.repair`.
"""
