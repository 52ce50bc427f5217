"""The `convkit` command: each subcommand calls the function of the same name."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from .arguments import ArgumentError, ShapeError, did_you_mean

COURSE = "folder of the course, with source/ in it"
PAGE = "report.html"  # what the class got wrong, in the folder of the demo


def length(options: argparse.Namespace) -> int:
    """Print the number of positions of a kernel along one axis."""
    from .arithmetic import output_length

    names = ("n", "kernel_size", "strides", "padding", "dilation_rate")
    arguments = {name: getattr(options, name) for name in names}
    answer = output_length(**arguments)
    asked = {**arguments, "output_length": answer}
    print(json.dumps(asked, indent=2) if options.json else f"{options.n} -> {answer}")
    return 0


def pages(options: argparse.Namespace) -> int:
    """Write the explorers as pages that play without a kernel and without a network: for an LMS or a slide."""
    from .explore import pages

    written = pages(options.folder)
    data = [{"file": str(path), "bytes": path.stat().st_size} for path in written]
    lines = [f"{path} ({path.stat().st_size // 1000} kB)" for path in written]
    print(json.dumps(data, indent=2) if options.json else "\n".join(lines))
    return 0


def demo(options: argparse.Namespace) -> int:
    """Release, let a sample class work, grade it, and show the result. Takes a few minutes."""
    from gradekit.class_report.analysis import class_report
    from gradekit.class_report.page import write_page
    from gradekit.console import progress_bar, tables, terminal, troubles
    from gradekit.demo import demo

    from .lesson.sample_class import CLASS, hand_in

    console = terminal()

    def say(line: str) -> None:
        console.print(line, highlight=False, soft_wrap=True)

    done = demo(hand_in, options.course, options.into, lambda: progress_bar(console, "grading"), say)
    for rows, outcome in zip(done.reports, done.outcomes, strict=True):
        tables(console, rows, {student.id: student.about for student in CLASS})
        troubles(console, outcome)
    if done.outcomes[-1].interrupted:
        return 130
    page = write_page([class_report(done.root, outcome.assignment) for outcome in done.outcomes], done.root / PAGE)
    say(f"Feedback pages: {done.root / 'feedback'}")
    say(f"What the class got wrong, as a page: {_at_hand('python')} -m webbrowser {page.as_uri()}")
    say(f"To go on as an instructor: cd {done.root} && {_at_hand('jupyter')} lab")
    say("The points for words are given there: menu Nbgrader, Formgrader.")
    return 0


def lab(options: argparse.Namespace) -> int:
    """Open JupyterLab on a student's own copy of the release. Notebooks that are there already are kept."""
    from gradekit.course import assignments
    from gradekit.course import course as find
    from gradekit.forkserver.preload import chosen
    from gradekit.lab import prepare, serve

    names = [options.assignment] if options.assignment else assignments(options.course)
    found = find(options.course, names[0] if names else None)
    notebooks = []
    for name in names:
        for copied in prepare(options.course, options.into, name):
            print(f"{copied.what:5} {options.into}/{name}/{copied.file}", flush=True)
            notebooks += [f"{name}/{copied.file}"] if copied.file.endswith(".ipynb") else []
    arguments = tuple(options.jupyter)
    opened = notebooks[0] if notebooks else ""  # of several assignments, the first is the main lesson
    code = serve(options.into, opened, arguments, chosen(found.config(), os.environ))
    if code and _is_root() and "--allow-root" not in arguments:
        _message(f"JupyterLab refuses to run as root; add --allow-root: {_at_hand('convkit')} lab -- --allow-root")
    return code


class _Parser(argparse.ArgumentParser):
    """Suggests the nearest command, and shows usage for a mistake in one."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(2, f"{self.prog}: {message}\n")


def _parser() -> tuple[_Parser, dict[str, _Parser]]:
    parser = _Parser(
        prog="convkit",
        description="A teaching kit for the Conv2D layer: its arithmetic, and the lesson around it for a class.",
        epilog="Try: convkit length 32 --kernel-size 5 · convkit demo · convkit lab",
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    added: dict[str, _Parser] = {}

    def add(command: Any, example: str) -> _Parser:
        one: _Parser = commands.add_parser(
            command.__name__, help=command.__doc__, description=command.__doc__, epilog=f"Try: convkit {example}"
        )
        one.set_defaults(run=command)
        added[command.__name__] = one
        return one

    one = add(length, "length 32 --kernel-size 5 --strides 2 --padding same")
    one.add_argument("n", type=int, help="pixels along one axis")
    one.add_argument("-k", "--kernel-size", "--kernel", type=int, required=True, help="pixels")
    one.add_argument("-s", "--strides", type=int, default=1)
    one.add_argument("-p", "--padding", type=_padding, default="valid", help="valid, same, or BEFORE,AFTER in pixels")
    one.add_argument("-d", "--dilation-rate", type=int, default=1)
    one.add_argument("--json", action="store_true", help="print JSON, for scripts")

    one = add(pages, "pages site/explorers")
    one.add_argument("folder", help="folder to write into; made if it is missing")
    one.add_argument("--json", action="store_true", help="print JSON, for scripts")

    one = add(demo, "demo --into /tmp/demo")
    one.add_argument("--course", default=".", help=COURSE)
    one.add_argument("--into", default="build/demo", help="folder for all of it; an earlier demo there is replaced")

    one = add(lab, "lab -- --no-browser")
    one.add_argument("--course", default=".", help=COURSE)
    one.add_argument("--assignment", help="folder in source/; all of them by default")
    one.add_argument("--into", default="work", help="the student's folder")
    one.add_argument("jupyter", nargs="*", help="after --: arguments for JupyterLab")
    return parser, added


def _padding(text: str) -> str | tuple[int, int]:
    before, comma, after = text.partition(",")
    if not comma:
        return text
    try:
        return int(before), int(after)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not BEFORE,AFTER in pixels, such as 1,1.") from None


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _at_hand(command: str) -> str:
    """How to call a command of this Python: by its name where the shell finds it, by its path elsewhere."""
    from shutil import which

    path = os.path.join(os.path.dirname(sys.executable), command)
    return command if which(command) == path else path


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code: 0 done, 1 a mistake that one line explains, 2 wrong usage.

    >>> main(["length", "32", "--kernel-size", "5"])
    32 -> 28
    0
    """
    for stream in (sys.stdout, sys.stderr):  # what an encoding lacks is escaped, rather than the end of a run
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    arguments = sys.argv[1:] if argv is None else list(argv)
    parser, commands = _parser()
    try:
        if arguments and arguments[0] not in commands and not arguments[0].startswith("-"):
            hint = did_you_mean(arguments[0], commands)
            parser.error(f"there is no command {arguments[0]!r}; there are {', '.join(commands)}.{hint}")
        options = parser.parse_args(arguments)
        return int(options.run(options))
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        return _message("stopped.", code=130)
    except (ArgumentError, ShapeError) as error:
        return _message(str(error))
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("convkit"):
            raise
        package = str(error.name).partition(".")[0]
        return _message(
            f"{package} is not installed. It is in the extra 'course'. In the kit's folder: pip install '.[course]'"
        )
    except Exception as error:
        line = _known(error)
        if line is None:
            raise
        return _message(line)


def _known(error: Exception) -> str | None:
    """A mistake of the user's, as gradekit says it in a line; None for any other error."""
    from gradekit.errors import CourseError, in_a_line

    if isinstance(error, CourseError):
        return "\n  ".join([str(error), *error.lines])
    return in_a_line(error) if isinstance(error, OSError) else None


def _message(line: str, code: int = 1) -> int:
    print(f"convkit: {line}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
