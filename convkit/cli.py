"""arguments -> calls -> text. Every command is a function of the same name; nothing heavy loads before one runs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any, Optional

import typer

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


@app.command(epilog="Try: convkit demo --into /tmp/demo")
def demo(
    course: Course = ".",
    into: Annotated[
        str, typer.Option(help="Folder where all of it happens; an earlier demo there is made anew.")
    ] = "build/demo",
) -> None:
    """Release, let a sample class work, grade it, and show the result. Takes a few minutes."""
    from gradekit.console import progress_bar, tables, terminal, troubles
    from gradekit.demo import demo

    from .lesson.sample_class import CLASS, hand_in

    console = terminal()
    with progress_bar(console, "grading") as progress:
        done = demo(
            hand_in,
            course,
            into,
            progress=progress,
            say=lambda line: console.print(line, highlight=False, soft_wrap=True),
        )
    for rows, outcome in zip(done.reports, done.outcomes, strict=True):
        tables(console, rows, {student.id: student.about for student in CLASS})
        troubles(console, outcome)
    if done.outcomes[-1].interrupted:
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
    from gradekit.course import course as find
    from gradekit.forkserver.preload import chosen
    from gradekit.lab import prepare, serve
    from gradekit.report import assignments

    names = [assignment] if assignment else assignments(course) or [find(course).assignment]
    for name in names:
        for copied in prepare(course, into, name):
            typer.echo(f"{copied.what:5} {into}/{name}/{copied.file}")
    opened = names[0] if len(names) == 1 else ""
    code = serve(into, opened, tuple(context.args), chosen(find(course, names[0]).config(), os.environ))
    if code and _is_root() and "--allow-root" not in context.args:
        typer.echo(f"Jupyter wants to be asked to run as root: {_at_hand('convkit')} lab -- --allow-root", err=True)
    raise typer.Exit(code)


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _at_hand(command: str) -> str:
    """How to call a command of this Python: by its name where the shell finds it, by its path elsewhere."""
    from shutil import which

    beside = os.path.join(os.path.dirname(sys.executable), command)
    return command if which(command) == beside else beside


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
    from gradekit.errors import CourseError, in_a_line

    from .arguments import ArgumentError, ShapeError

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
