"""How fast is a class graded? `gradekit grade` with two workers against `nbgrader autograde` as nbgrader comes.

    python -m benchmarks.grading [COURSE] [STUDENTS [STUDENTS_OF_PLAIN [NOTEBOOKS]]]

One run, one machine, the same notebooks. COURSE is `quickstart`, nbgrader's example of pure Python; `pandas`, which
draws with Matplotlib too, and needs pandas installed; or `conv2d`, the lesson: all seven notebooks, or the first so
many. Most of what the seventh costs is the training in its cells, which no grader can save;
`python -m benchmarks.notebooks` tells each notebook's part.
nbgrader takes every student one after the other at the same pace, so a few are enough to know it: throughput is
notebooks in a second. Half of them are graded before ours and half after it, because a machine that is lent is not
always as quick. Ours writes the feedback pages too, so another row says what nbgrader takes for both; our time begins
with nothing loaded. The floor is what the cells cost when all are run in one process that has everything loaded
already: no grader that runs them once, on one processor, can be faster. A further run tells where the processor time
goes, by part.
"""

from __future__ import annotations

import resource
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks import _parts
from benchmarks._classroom import ASSIGNMENT, MB, Use, classroom, environment, grade
from benchmarks._timing import show
from benchmarks.notebooks import cost, warmed
from gradekit.course import assignments
from gradekit.report import report

WORKERS = 2
PLAIN = 'c = get_config()\nc.CourseDirectory.course_id = "plain"\nc.Execute.timeout = 120\n'  # 30 s is too little


def plain(root: Path, assignment: str, students: list[str]) -> tuple[dict[str, float], float, float]:
    """nbgrader without anything of ours, on some students: (points by student, seconds, with feedback pages)."""
    there = root.parent / f"plain-{students[0]}"
    for folder in (root / "submitted" / name for name in students):
        shutil.copytree(folder, there / "submitted" / folder.name)
    shutil.copytree(root / "source", there / "source")
    (there / "nbgrader_config.py").write_text(PLAIN)
    _nbgrader(there, "generate_assignment", assignment)
    begun = time.perf_counter()
    _nbgrader(there, "autograde", assignment)
    graded = time.perf_counter()
    _nbgrader(there, "generate_feedback", assignment)
    done = time.perf_counter()
    return {row.student: row.score for row in report(there)}, graded - begun, done - begun


def _nbgrader(root: Path, command: str, assignment: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", command, assignment],
        cwd=root, env=environment(root), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]


def parts(root: Path, assignment: str, notebooks: int) -> None:
    """Grade the class again, and print its processor time by part."""
    folder = root.parent / "parts"
    folder.mkdir()
    _parts.preloaded(root / "nbgrader_config.py")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    grade(root, "--again", "--workers", str(WORKERS), assignment=assignment, more=_parts.environment(folder))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = _parts.read(folder)
    found["start-up and end: command"] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    rows = [(part, f"{used:.1f}", f"{used / notebooks:.3f}") for part, used in found.most_common()]
    total = sum(found.values())
    show(
        f"Processor time of {notebooks} notebooks, {WORKERS} workers",
        ("", "seconds", "seconds a notebook"),
        [*rows, ("together", f"{total:.1f}", f"{total / notebooks:.3f}")],
    )


def floor(root: Path, students: int) -> float:
    """Seconds for a notebook whose cells are run in one process, as `floor_of` does; another process, a clean one."""
    command = [sys.executable, "-m", "benchmarks.grading", "--floor", str(root / "submitted"), str(students)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment(root))
    return float(done.stdout.split()[-1])


def floor_of(submitted: Path, students: int) -> float:
    """Run the notebooks of some students in this process; the first student's once before, to have all loaded."""
    shell = warmed(with_keras=(submitted.parent / "source" / ASSIGNMENT).is_dir())
    files = [sorted(folder.glob("*/*.ipynb")) for folder in sorted(submitted.iterdir())[:students]]
    paths = [*files[0], *(path for own in files for path in own)]
    seconds = [cost(shell, path, time.perf_counter, every_cell=True) for path in paths]
    return statistics.mean(seconds[len(files[0]) :])


def main(course_name: str = ASSIGNMENT, students: int = 40, few: int = 2, first: int | None = None) -> None:
    """Measure and print."""
    with classroom(students, first, course_name) as root:
        (assignment,) = assignments(root)
        notebooks = len(list((root / "source" / assignment).glob("*.ipynb")))
        names = sorted(folder.name for folder in (root / "submitted").iterdir())[:few]
        points, slow, both = plain(root, assignment, names[: few // 2])
        summary, fast = grade(root, "--workers", str(WORKERS), assignment=assignment)
        rest, *seconds = plain(root, assignment, names[few // 2 :])
        points, slow, both = points | rest, slow + seconds[0], both + seconds[1]
        per_plain = slow / few / notebooks
        per_ours = fast / students / notebooks
        ours = {row.student: row.score for row in report(root, assignment)}
        least = floor(root, few)
        use = Use()
        some = [f"--student={name}" for name in sorted(ours)[:few]]
        grade(root, "--again", "--workers", "1", *some, use=use, assignment=assignment)
        parts(root, assignment, students * notebooks)
    rows = [
        ("nbgrader autograde", few * notebooks, slow, per_plain),
        ("nbgrader autograde, generate_feedback", few * notebooks, both, both / few / notebooks),
        (f"gradekit grade --workers {WORKERS}", students * notebooks, fast, per_ours),
        ("floor: the cells alone, one process", few * notebooks, least * few * notebooks, least),
    ]
    show(
        f"Grading: a class of {students} with {notebooks} notebooks each",
        ("", "notebooks", "seconds", "seconds a notebook", "throughput"),
        [(name, str(n), f"{all_:.1f}", f"{each:.2f}", f"{per_plain / each:.1f} x") for name, n, all_, each in rows],
        f"{summary['seconds']:.1f} s of ours by its own count; feedback pages are in it, start-up too.",
    )
    peaks = [peak / MB for peak in sorted(use.kernels.values())]
    print(f"private memory of a kernel at its peak: median {peaks[len(peaks) // 2]:.0f} MB, most {peaks[-1]:.0f} MB")
    different = {name: (points[name], ours[name]) for name in points if points[name] != ours[name]}
    print(f"points that differ between the two: {different or 'none'}")
    ratio = per_plain / per_ours
    print(f"ratio: {ratio:.1f}, and {ratio * both / slow:.1f} against nbgrader with feedback pages.")
    print(f"Cells alone on two processors would be {per_plain / least * 2:.1f}.")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--floor"]:
        print(floor_of(Path(sys.argv[2]), int(sys.argv[3])))
    else:
        named = [argument for argument in sys.argv[1:2] if not argument.isdigit()]
        main(*(named or [ASSIGNMENT]), *(int(argument) for argument in sys.argv[1 + len(named) :]))
