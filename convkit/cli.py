"""arguments -> calls -> text. Every command is a function of the same name; nothing heavy loads before one runs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(
    name="convkit",
    help="A teaching kit for the Conv2D layer: its arithmetic, and the lesson around it for a class.",
    epilog="Try: convkit length 32 --kernel-size 5 · convkit demo · convkit lab",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Course = Annotated[str, typer.Option("--course", help="Folder of the course, with source/ in it.")]
Assignment = Annotated[
    Optional[str], typer.Option(help="Folder in source/; needed where there are several.")  # noqa: UP045  Typer reads it
]
Name = Annotated[Optional[str], typer.Argument(metavar="ASSIGNMENT", help="As --assignment.")]  # noqa: UP045
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


@app.command(epilog="Try: convkit length 32 --kernel-size 5 --strides 2 --padding same")
def length(
    n: Annotated[int, typer.Argument(help="Pixels along one axis.")],
    kernel_size: Annotated[int, typer.Option("--kernel-size", "--kernel", "-k")],
    strides: Annotated[int, typer.Option("--strides", "-s")] = 1,
    padding: Annotated[str, typer.Option("--padding", "-p", help="valid, same, or BEFORE,AFTER in pixels.")] = "valid",
    dilation_rate: Annotated[int, typer.Option("--dilation-rate", "-d")] = 1,
    as_json: Json = False,
) -> None:
    """The number of places for a kernel along one axis."""
    from . import output_length

    amounts = _padding(padding)
    answer = output_length(n, kernel_size, strides, amounts, dilation_rate)
    asked = {"n": n, "kernel_size": kernel_size, "strides": strides, "padding": amounts, "dilation_rate": dilation_rate}
    _print({**asked, "output_length": answer}, f"{n} -> {answer}", as_json)


def _padding(text: str) -> str | tuple[int, int]:
    before, comma, after = text.partition(",")
    if not comma:
        return text
    try:
        return int(before), int(after)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not BEFORE,AFTER in pixels, such as 1,1.") from None


@app.command(epilog="Try: convkit pages site/explorers")
def pages(
    folder: Annotated[str, typer.Argument(help="Folder to write into; made if it is missing.")],
    as_json: Json = False,
) -> None:
    """Write the explorers as pages that play without a kernel and without a network: for an LMS or a slide."""
    from .explore import pages

    written = pages(folder)
    data = [{"file": str(path), "bytes": path.stat().st_size} for path in written]
    _print(data, "\n".join(f"{path} ({path.stat().st_size // 1000} kB)" for path in written), as_json)


@app.command(epilog="Try: convkit release --dry-run")
def release(
    name: Name = None,
    course: Course = ".",
    assignment: Assignment = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be written, and write nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Make the students' notebooks in release/ from source/, and check that they give nothing away."""
    from .course.release import release

    changes = release(course, _one(name, assignment), dry_run)
    data = [{"file": change.file, "what": change.what} for change in changes]
    told = "would be" if dry_run else "is"
    _print(data, "\n".join(f"{change.what:8} {change.file}" for change in changes), as_json)
    _print(None, f"{len(changes)} files; every one {told} free of solutions, hidden tests and outputs.", as_json)


@app.command(epilog="Try: convkit grade --student ada --student ben · convkit grade conv2d --workers 4 --json")
def grade(
    name: Name = None,
    course: Course = ".",
    assignment: Assignment = None,
    student: Annotated[Optional[list[str]], typer.Option(help="Only this folder in submitted/.")] = None,  # noqa: UP045
    again: Annotated[bool, typer.Option("--again", help="Also who was graded and handed in nothing new.")] = False,
    workers: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(min=1, help="Students at a time; as many as there are processors."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Grade what lies in submitted/STUDENT/ASSIGNMENT/, and write the feedback pages.

    It may be stopped at any time, and goes on where it was. `docs/grading.md` has its exit status and its summary.
    """
    from .course.grade import as_json as data
    from .course.grade import grade
    from .course.show import progress_bar, troubles

    named = _one(name, assignment)
    console = _console(stderr=as_json)
    with progress_bar(console, "grading") as progress:
        outcome = grade(course, named, tuple(student or ()), again, progress, workers)
    troubles(console, outcome)
    if as_json:
        _print(data(outcome), "", as_json)
    raise typer.Exit(outcome.exit_code)


@app.command(epilog="Try: convkit report --json > class.json")
def report(name: Name = None, course: Course = ".", assignment: Assignment = None, as_json: Json = False) -> None:
    """Who has how many points, what waits for a person, and what each student lost and why."""
    from .course.report import as_json as data
    from .course.report import report
    from .course.show import tables

    rows = report(course, _one(name, assignment))
    if as_json:
        _print(data(rows), "", as_json)
    else:
        tables(_console(), rows)


@app.command(epilog="Try: convkit demo --into /tmp/demo")
def demo(
    course: Course = ".",
    into: Annotated[
        str, typer.Option(help="Folder where all of it happens; an earlier demo there is made anew.")
    ] = "build/demo",
) -> None:
    """Release, let a sample class work, grade it, and show the result. Takes a few minutes."""
    from .course.demo import demo
    from .course.sample import CLASS
    from .course.show import progress_bar, tables, troubles

    console = _console()
    with progress_bar(console, "grading") as progress:
        done = demo(
            course, into, progress=progress, say=lambda line: console.print(line, highlight=False, soft_wrap=True)
        )
    tables(console, done.rows, {student.id: student.about for student in CLASS})
    troubles(console, done.outcome)
    if done.outcome.interrupted:
        raise typer.Exit(130)
    console.print(f"Feedback pages: {done.root / 'feedback'}", soft_wrap=True, highlight=False)
    lab = f"cd {done.root} && {_at_hand('jupyter')} lab"
    console.print(f"To go on as an instructor: {lab}", soft_wrap=True, highlight=False)
    console.print("The points for words are given there: menu Nbgrader, Formgrader.", soft_wrap=True, highlight=False)


@app.command(epilog="Try: convkit lab -- --no-browser", context_settings={"allow_extra_args": True})
def lab(
    context: typer.Context,
    course: Course = ".",
    assignment: Assignment = None,
    into: Annotated[str, typer.Option(help="The student's folder.")] = "work",
) -> None:
    """Open JupyterLab on a student's own copy of the release. Notebooks that are there already are kept."""
    from .course.folder import course as find
    from .course.lab import prepare, serve

    found = find(course, assignment)
    for copied in prepare(course, into, assignment):
        typer.echo(f"{copied.what:5} {into}/{found.assignment}/{copied.file}")
    code = serve(into, found.assignment, tuple(context.args))
    if code and _is_root() and "--allow-root" not in context.args:
        typer.echo(f"Jupyter wants to be asked to run as root: {_at_hand('convkit')} lab -- --allow-root", err=True)
    raise typer.Exit(code)


@app.command(epilog="Try: convkit hub --port 8080")
def hub(
    course: Course = ".",
    assignment: Assignment = None,
    port: Annotated[Optional[int], typer.Option(help="Where it listens on this machine.")] = None,  # noqa: UP045
) -> None:
    """Try the course on a real JupyterHub, on this machine alone: an instructor, a course server, and students."""
    from .hub.demonstrate import demonstrate

    demonstrate(course, assignment, port, typer.echo)


@app.command(epilog="Try: convkit doctor --json")
def doctor(
    hub: Annotated[bool, typer.Option("--hub", help="Check a JupyterHub: is it fit for a course?")] = False,
    config: Annotated[Optional[str], typer.Option(help="With --hub: its jupyterhub_config.py.")] = None,  # noqa: UP045
    as_json: Json = False,
) -> None:
    """What is there on this machine, and which parts of the fence stand around submissions here."""
    from .course.doctor import doctor, lines

    if hub:
        from .hub.doctor import doctor as hub_doctor

        found = hub_doctor(config)
    else:
        found = doctor()
    data = [{"group": one.group, "name": one.name, "ok": one.ok, "text": one.text} for one in found]
    _print(data, "\n".join(lines(found)), as_json)
    raise typer.Exit(int(any(one.ok is False for one in found)))


def _one(name: str | None, assignment: str | None) -> str | None:
    if name and assignment and name != assignment:
        raise typer.BadParameter(f"two assignments are named, {name} and {assignment}.")
    return name or assignment


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _at_hand(command: str) -> str:
    """How to call a command of this Python: by its name where the shell finds it, by its path elsewhere."""
    from shutil import which

    beside = os.path.join(os.path.dirname(sys.executable), command)
    return command if which(command) == beside else beside


def _console(stderr: bool = False) -> Console:
    from rich.console import Console

    console = Console(stderr=stderr)
    return console if console.is_terminal else Console(stderr=stderr, width=120)


def _print(data: Any, text: str, as_json: bool) -> None:
    if not as_json:
        typer.echo(text)
    elif data is not None:
        typer.echo(json.dumps(data, indent=2, ensure_ascii=False))


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code: 0 done, 1 a mistake that one line explains, 2 wrong usage.

    >>> main(["length", "32", "--kernel-size", "5"])
    32 -> 28
    0
    """
    from .arguments import ArgumentError, ShapeError
    from .course.trouble import CourseError, in_a_line

    try:
        app(list(argv) if argv is not None else None, prog_name="convkit")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        return _mistake("stopped.", code=130)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("convkit"):
            raise
        return _mistake(
            f"{error.name} is not installed. The extra course has it. In the kit's folder: pip install '.[course]'"
        )
    except CourseError as error:
        return _mistake("\n  ".join([str(error), *error.lines]))
    except (ArgumentError, ShapeError) as error:
        return _mistake(str(error))
    except OSError as error:
        return _mistake(in_a_line(error))
    return 0


def _mistake(line: str, code: int = 1) -> int:
    print(f"convkit: {line}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
