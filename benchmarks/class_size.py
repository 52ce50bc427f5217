"""How do the time and the memory of `gradekit grade` grow with the class?

    python -m benchmarks.class_size [STUDENTS ...]

Memory is that of all its processes together, with what they share counted once (PSS): grader, fork server, workers,
kernels and their watchers.
"""

from __future__ import annotations

import sys

from benchmarks._classroom import MB, Use, classroom, grade
from benchmarks._timing import show

SIZES = (30, 300)


def main(sizes: tuple[int, ...] = SIZES) -> None:
    """Measure and print."""
    rows, first = [], None
    for students in sizes:
        use = Use()
        with classroom(students) as root:
            _, seconds = grade(root, use=use)
        first = first or (students, seconds, use.together)
        growth = tuple(
            f"{now / then:.2f} x" for now, then in zip((students, seconds, use.together), first, strict=True)
        )
        rows.append((str(students), f"{seconds:.0f}", f"{seconds / students:.2f}", f"{use.together / MB:.0f}", *growth))
    columns = ("students", "seconds", "seconds a student", "peak MB", "students grow", "time grows", "memory grows")
    show("gradekit grade: a class in one go", columns, rows)


if __name__ == "__main__":
    main(tuple(int(argument) for argument in sys.argv[1:]) or SIZES)
