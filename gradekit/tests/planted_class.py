"""A class without kernels: answers are decided by the judge's own code in this process, and recorded as grading does.

    python gradekit/tests/planted_class.py FOLDER [STUDENTS]

writes a course with the answers of CLASS, or with as many students as are given, each with an answer drawn from it.
"""

from __future__ import annotations

import itertools
import json
import random
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from sqlalchemy import text

from gradekit.course import CourseFolder, course, listening, open_gradebook
from gradekit.exercise import kernel_side
from gradekit.graded_notebook import read_graded
from gradekit.grading import gradebook, ledger
from gradekit.judge.evaluate import decide
from gradekit.judge.parse_checks import checks
from gradekit.notebook import mark, read, write
from gradekit.release import release
from gradekit.solutions import answer

Answers = Mapping[str, str]  # grade_id of a solution cell -> its code
DUE = "2026-03-06 12:00:00"
MODULE = "planted_questions"
QUESTIONS = '''"""The questions of a first course in Python."""

import gradekit
from gradekit import Exercise, Mistake


MARKED, CELL = "background:light-dark(#dcf3ea,#123d31)", "padding:.1rem .35rem"


def strip(exercise, args, correct, returned):
    """The numbers, a row of cells for each count: one more and one fewer can be seen."""
    n, size, step = args
    if not isinstance(returned, int):
        raise TypeError("only a count can be drawn")
    rows = [("correct", correct), ("mistake", returned)]
    cells = "".join(
        f'<tr><th scope="row">{name}: {count}</th>'
        + "".join(f'<td style="{MARKED};border:1px solid;{CELL}">{k + 1}</td>' for k in range(count)) + "</tr>"
        for name, count in rows
    )
    call = exercise.call(args)
    return f"<p><code>{call}</code>, a cell for each window:</p><table>{cells}</table><script>alert(1)</script>"


def growth(exercise, args, correct, returned):
    """The worth after each year, and what the answer returned for the last."""
    capital, percent, years = args
    rows = [(year, exercise.rule(capital, percent, year)) for year in range(years + 1)]
    cells = "".join(f'<tr><th scope="row">{year}</th><td>{worth:.2f}</td></tr>' for year, worth in rows)
    head = '<tr><th scope="col">after years</th><th scope="col">worth</th></tr>'
    return f"<p>{returned:.2f} was returned for the last year:</p><table>{head}{cells}</table>"


def in_order(exercise, args, correct, returned):
    """The numbers in order, with the middle in color."""
    numbers = sorted(args[0])
    style = [f"{MARKED};font-weight:700" if 2 * n + 1 == len(numbers) else "" for n in range(len(numbers))]
    cells = "".join(f'<td style="{CELL};{one}">{number}</td>' for one, number in zip(style, numbers))
    return f"<p>In order. {correct} is the middle, {returned} was returned:</p><table><tr>{cells}</tr></table>"


EXERCISES = [
    Exercise(
        "windows", "windows", ("n", "size", "step"), lambda n, size, step: (n - size) // step + 1,
        asks="How many windows of `size` numbers fit into `n` numbers, a window every `step` numbers?",
        visible=[(10, 3, 1), (10, 4, 2)], probes=[(9, 3, 3), (11, 4, 3), (7, 7, 2)],
        fresh=lambda rng: [(int(n), 3, int(step)) for n, step in zip(rng.integers(20, 40, 6), [1, 2, 3, 4, 5, 6])],
        mistakes=[
            Mistake("fence-post", lambda n, size, step: (n - size) // step,
                    "It counts the steps between windows.", "Draw three windows. How many steps are between them?"),
            Mistake("step-ignored", lambda n, size, step: n - size + 1,
                    "It counts a window at every number.", "Where does the second window begin when `step` is 2?"),
            Mistake("size-ignored", lambda n, size, step: n // step,
                    "It lets windows stick out at the end.", "Which numbers are in the last window that you count?"),
        ],
        picture=strip,
    ),
    Exercise(
        "savings", "savings", ("capital", "percent", "years"),
        lambda capital, percent, years: capital * (1 + percent / 100) ** years,
        asks="What is `capital` worth after `years` years with `percent` percent of interest a year?",
        visible=[(100.0, 10, 1), (100.0, 10, 2)], probes=[(200.0, 5, 3), (50.0, 20, 4)],
        fresh=lambda rng: [(float(c), 7, 5) for c in rng.integers(100, 900, 5)],
        mistakes=[
            Mistake("simple-interest", lambda capital, percent, years: capital * (1 + years * percent / 100),
                    "It pays no interest on interest.", "What is 10 percent of the second year's capital?"),
            Mistake("percent-as-factor", lambda capital, percent, years: capital * (1 + percent) ** years,
                    "It takes 10 percent for a factor of 10.", "How much is 1 percent of 100?"),
        ],
        picture=growth,
    ),
    Exercise(
        "middle", "middle", ("numbers",), lambda numbers: sorted(numbers)[len(numbers) // 2],
        asks="What is the median of an odd number of `numbers`?",
        visible=[([3, 1, 2],), ([5, 9, 1, 7, 3],)], probes=[([4],), ([8, 6, 1, 2, 9, 9, 1],)],
        fresh=lambda rng: [(rng.integers(0, 50, 7).tolist(),) for _ in range(5)],
        mistakes=[
            Mistake("not-sorted", lambda numbers: numbers[len(numbers) // 2],
                    "It takes the middle without sorting.", "Is the list in order when you take its middle?"),
        ],
        picture=in_order,
    ),
    Exercise(
        "leap", "leap", ("year",), lambda year: year % 4 == 0 and (year % 100 != 0 or year % 400 == 0),
        asks="Is `year` a leap year?",
        visible=[(2024,), (2023,), (1900,)], probes=[(2000,), (2100,), (1996,), (1999,)],
        fresh=lambda rng: [(int(year),) for year in (*rng.integers(1600, 2400, 6), 1800, 1600)],
        mistakes=[Mistake("centuries-forgotten", lambda year: year % 4 == 0,
                          "Every fourth year is a leap year to it.", "Was February 1900 a day longer?")],
    ),
]
'''
HEADS = {
    "windows": "def windows(n, size, step):",
    "savings": "def savings(capital, percent, years):",
    "middle": "def middle(numbers):",
    "leap": "def leap(year):",
}
RIGHT = {
    "windows": "return (n - size) // step + 1",
    "savings": "return capital * (1 + percent / 100) ** years",
    "middle": "return sorted(numbers)[len(numbers) // 2]",
    "leap": "return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)",
}
VISIBLE = {
    "windows": "n=10, size=3, step=1, gives=8",
    "savings": "capital=100.0, percent=10, years=2, gives=121.0",
    "middle": "numbers=[3, 1, 2], gives=2",
    "leap": "year=1900, gives=False",
}
BLANK = "raise NotImplementedError"
# Three mistakes are planted: fence-post, simple-interest, and, unknown to the exercises, the middle from the wrong end.
CLASS: dict[str, dict[str, str]] = {
    "ada": {},
    "ben": {"windows": "return (n - size) // step", "savings": "return capital * (1 + percent / 100 * years)"},
    "cleo": {"windows": "count = (n - size) // step\n    return count", "middle": BLANK, "leap": BLANK},
    "dan": {"savings": "interest = capital * percent / 100\n    return capital + years * interest"},
    "eve": {"windows": "return int((n - size) / step)", "leap": "return year % 4 == 0"},
    "finn": {"savings": "return capital + capital * percent * years / 100", "middle": "return sorted(numbers)[0]"},
    "gita": {"middle": "numbers = sorted(numbers)\n    return numbers[len(numbers) // 2 - 1]"},
    "hugo": {"middle": "return sorted(numbers)[len(numbers) // 2 - 1]  # from 0"},
    "iris": {"middle": "return sorted(numbers)[(len(numbers) - 2) // 2]", "savings": "return capital * years"},
    "jan": {"windows": "return n // step", "savings": "return capital * (1 + percent) ** years"},
    "kim": dict.fromkeys(RIGHT, BLANK),
    "luis": {"windows": "return (n - size) // step", "savings": "return 1 / 0"},
}


def make(root: Path, students: Mapping[str, Mapping[str, str]], again: Mapping[str, Mapping[str, str]] = {}) -> Path:
    """Write a course with a graded class. `again`: an earlier submission of some of them."""
    here = _course(root)
    with listening(), open_gradebook(here) as book:
        for pragma in ("PRAGMA synchronous=OFF", "PRAGMA journal_mode=MEMORY"):
            book.db.execute(text(pragma))
        book.update_or_create_assignment("ps1", duedate=f"{DUE} UTC")
        minutes = itertools.count(1)
        for student, wrong in students.items():
            if student in again:
                hand_in(here, book, student, again[student], next(minutes))
            hand_in(here, book, student, wrong, next(minutes))
    return root


def _course(root: Path) -> CourseFolder:
    (root / f"{MODULE}.py").write_text(QUESTIONS)
    (root / "nbgrader_config.py").write_text(
        "import gradekit.adopt\n\nc = get_config()\ngradekit.adopt.course(c)\n"
        f'c.Judge.exercises = ["{MODULE}:EXERCISES"]\n'
    )
    cells = [new_markdown_cell("# Numbers", id="title")]
    for name, head in HEADS.items():
        solved = f"{head}\n    ### BEGIN SOLUTION\n    {RIGHT[name]}\n    ### END SOLUTION"
        checked = f'verify("{name}", {name}, {VISIBLE[name]})'
        cells += [
            _cell(name, solved, solution=True),
            _cell(f"{name}-small", checked, 1, grade=True, locked=True),
            _cell(f"{name}-fresh", f'verify_fresh("{name}", {name})', 2, grade=True, locked=True),
        ]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    (root / "source/ps1").mkdir(parents=True)
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), root / "source/ps1/numbers.ipynb")
    release(root)
    return course(root)


def _cell(name: str, source: str, points: int | None = None, **flags: bool) -> Any:
    about = {"grade_id": name, "grade": False, "solution": False, "locked": False, "task": False, **flags}
    about |= {"schema_version": 3} | ({} if points is None else {"points": points})
    return new_code_cell(source, id=name, metadata={"nbgrader": about})


def hand_in(here: CourseFolder, book: Any, student: str, wrong: Answers, minutes: int) -> None:
    """A submission, graded."""
    from gradekit.exercise.registry import load

    load(f"{MODULE}:EXERCISES", str(here.root))
    nb = read(here.release / "numbers.ipynb")
    code = {name: _code(name, wrong.get(name, RIGHT[name])) for name in HEADS}
    answer(nb, code)
    submitted = here.place("submitted", student)
    write(nb, submitted / "numbers.ipynb")
    names: dict[str, Any] = {}
    for source in code.values():
        exec(source, names)
    for cell in nb.cells:
        if mark(cell).get("grade"):
            cell.outputs = _decided(cell.source, names)
    write(nb, here.place("autograded", student) / "numbers.ipynb")
    book.update_or_create_student(student)
    book.update_or_create_submission("ps1", student, timestamp=f"2026-03-{1 + minutes % 7:02} 10:00:00 UTC")
    for cell in nb.cells:
        if mark(cell).get("grade"):
            grade = book.find_grade(mark(cell)["grade_id"], "numbers", "ps1", student)
            failed = any(output.output_type == "error" for output in cell.outputs)
            grade.auto_score, grade.needs_manual_grade = 0 if failed else mark(cell)["points"], False
    book.db.commit()
    _record(here, student)


def _code(name: str, body: str) -> str:
    return f"{HEADS[name]}\n    {body}"


def _decided(source: str, names: dict[str, Any]) -> list[Any]:
    def sender_for(answer: str) -> Any:
        return lambda request: kernel_side.answers(lambda: eval(answer, names), json.loads(request))

    return decide(checks(source), sender_for)


def _record(here: CourseFolder, student: str) -> None:
    """Note in the ledger what this submission got wrong, as grading does."""
    engine = gradebook.engine(here.directory().db_url)
    ledger.make(engine)
    graded = read_graded(here.place("autograded", student) / "numbers.ipynb")
    files = ledger.digest_of(here, student)
    entry = ledger.Entry("ps1", student, files[:32], files, ledger.place(here), time.time(), True, "{}")
    with engine.begin() as connection:
        ledger.write(connection, entry)
        ledger.write_history(connection, entry, {f"numbers/{cell}": why for cell, why in graded.causes().items()})
    engine.dispose()


def many(count: int) -> dict[str, dict[str, str]]:
    """A large class: each student with an answer of CLASS, in code that differs a little."""
    rng, kinds = random.Random(1), list(CLASS.values())
    return {f"s{n:03}": {name: f"# {n}\n    {body}" for name, body in rng.choice(kinds).items()} for n in range(count)}


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True)
    make(folder, many(int(sys.argv[2])) if len(sys.argv) > 2 else CLASS)
