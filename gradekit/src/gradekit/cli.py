"""The command line. Each command calls the function of the same name; heavy modules load when one runs."""

from __future__ import annotations

import atexit
import gc
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer

from gradekit import console as show
from gradekit.errors import CourseError, in_a_line
from gradekit.patches import skip_iri_grammar

app = typer.Typer(
    name="gradekit",
    help="Release, grade and report an nbgrader course: sandboxed, in parallel, and with the mistake named.",
    epilog="Try: gradekit release · gradekit grade · gradekit report · gradekit export",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

# Modules that an extra other than `course` brings.
EXTRAS = {"authlib": "lti", "joserfc": "lti", "jupyterhub": "hub", "psycopg": "postgres"}

Course = Annotated[str, typer.Option("--course", help="Folder of the course, with source/ in it.")]
Assignment = Annotated[str | None, typer.Option(help="Folder in source/; all of them unless one is named.")]
Name = Annotated[str | None, typer.Argument(metavar="ASSIGNMENT", help="As --assignment.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


@app.command(epilog="Try: gradekit release --dry-run")
def release(
    name: Name = None,
    course: Course = ".",
    assignment: Assignment = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be written, and write nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Make the students' notebooks in release/ from source/, and check that they give nothing away."""
    from gradekit.release import release

    data, told = [], "would be" if dry_run else "is"
    for one in _assignments(course, _one(name, assignment)):
        changes = release(course, one, dry_run)
        data += [{"assignment": one, "file": change.file, "what": change.what} for change in changes]
        _print(None, "\n".join(f"{change.what:8} {one}/{change.file}" for change in changes), as_json)
        count = "1 file" if len(changes) == 1 else f"{len(changes)} files, each"
        _print(None, f"{one}: {count} {told} free of solutions, hidden tests and outputs.", as_json)
    if as_json:
        _print(data, "", as_json)


@app.command(epilog="Try: gradekit grade --student ada --student ben · gradekit grade conv2d --workers 4 --json")
def grade(
    name: Name = None,
    course: Course = ".",
    assignment: Assignment = None,
    student: Annotated[list[str] | None, typer.Option(help="Only this folder in submitted/.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Also students who handed in nothing new.")] = False,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Students at a time; as many as there are processors."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Grade what is in submitted/STUDENT/ASSIGNMENT/, and write the feedback pages that are missing or stale.

    It may be stopped at any time, and goes on where it was. `docs/grading.md` has its exit status and its summary.
    """
    from gradekit.grading.grade import as_json as data
    from gradekit.grading.grade import grade

    console = show.terminal(stderr=as_json)
    names = _assignments(course, _one(name, assignment))
    outcomes = []
    for one in names:
        if len(names) > 1:
            console.print(f"{one}:", style="bold", highlight=False)
        with show.progress_bar(console, "grading") as progress:
            outcomes.append(grade(course, one, tuple(student or ()), again, progress, workers))
        show.troubles(console, outcomes[-1])
        if outcomes[-1].interrupted:
            break
    if as_json:
        found = [data(outcome) for outcome in outcomes]
        _print(found if len(names) > 1 else found[0], "", as_json)
    raise typer.Exit(max(outcome.exit_code for outcome in outcomes))


@app.command(epilog="Try: gradekit report --json > class.json · gradekit report conv2d --html report.html")
def report(
    name: Name = None,
    course: Course = ".",
    assignment: Assignment = None,
    mistakes: Annotated[
        bool, typer.Option("--mistakes", help="What the class got wrong, question by question, in place of students.")
    ] = False,
    html: Annotated[str | None, typer.Option(metavar="FILE", help="Write --mistakes as a page.")] = None,
    history: Annotated[
        bool, typer.Option("--history", help="How each score came about: when, by which run, and why.")
    ] = False,
    student: Annotated[list[str] | None, typer.Option(help="With --history: only this student.")] = None,
    pseudonyms: Annotated[bool, typer.Option("--pseudonyms", help="Show no names: docs/privacy.md.")] = False,
    as_json: Json = False,
) -> None:
    """Print each student's points, late penalty, what awaits manual grading, and what was lost and why.

    With several assignments and none named: the totals over all of them.
    """
    from gradekit.class_report.analysis import class_report
    from gradekit.report import as_json as data
    from gradekit.report import report, totals
    from gradekit.score_history import score_history

    names = _assignments(course, _one(name, assignment))
    if student and not history:
        raise typer.BadParameter("--student goes with --history.")
    if history:
        _histories([score_history(course, one, student or (), pseudonyms) for one in names], as_json)
        return
    with show.progress_bar(show.terminal(stderr=True), "reading", quiet=True) as progress:
        step = None if pseudonyms else progress  # which shows names
        if mistakes or html:
            _class_reports([class_report(course, one, step, pseudonyms) for one in names], html, as_json)
            return
        reports = [report(course, one, step, pseudonyms) for one in names]
    if as_json and len(names) == 1:
        _print(data(reports[0]), "", as_json)
    elif as_json:
        by_name = {one: data(rows) for one, rows in zip(names, reports, strict=True)}
        _print({"assignments": by_name, "totals": data(totals(reports))}, "", as_json)
    elif len(names) == 1:
        show.tables(show.terminal(), reports[0])
    else:
        show.totals(show.terminal(), totals(reports))


def _class_reports(reports: list[Any], html: str | None, as_json: bool) -> None:
    from gradekit.class_report.page import write_page
    from gradekit.class_report.terminal import show as tables

    if html:
        written = write_page(reports, html)
        show.terminal(stderr=as_json).print(f"Written: {written}", soft_wrap=True)
    if as_json:
        _print([asdict(one) for one in reports], "", as_json)
    elif not html:
        for one in reports:
            tables(show.terminal(), one)


def _histories(histories: list[list[Any]], as_json: bool) -> None:
    from gradekit.score_history import history_table

    if as_json:
        _print([asdict(entry) for entries in histories for entry in entries], "", as_json)
        return
    if not any(histories):
        show.terminal().print("No score has a history yet: gradekit grade begins it.")
    for entries in filter(None, histories):
        show.terminal().print(f"{entries[0].assignment}:", history_table(entries))


@app.command(epilog="Try: gradekit forget --before 2026-03-31 --dry-run")
def forget(
    before: Annotated[str, typer.Option(metavar="DATE", help="Work handed in before this day (UTC).")],
    name: Name = None,
    course: Course = ".",
    assignment: Assignment = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List it, and remove nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Remove without asking.")] = False,
    as_json: Json = False,
) -> None:
    """Remove old submissions with their graded notebooks, feedback pages, points and comments, for good."""
    from gradekit.forget import run

    run(course, _assignments(course, _one(name, assignment)), before, dry_run, yes, as_json)


@app.command(epilog="Try: gradekit hub --port 8080")
def hub(
    course: Course = ".",
    assignment: Assignment = None,
    port: Annotated[int | None, typer.Option(help="The port on this machine.")] = None,
) -> None:
    """Try the course on a real JupyterHub, on this machine alone: an instructor, a course server, and students."""
    from gradekit.hub.demo_command import demonstrate

    demonstrate(course, assignment, port, show.echo)


@app.command(epilog="Try: gradekit doctor --json")
def doctor(
    hub: Annotated[bool, typer.Option("--hub", help="Check a JupyterHub for a course.")] = False,
    config: Annotated[str | None, typer.Option(help="With --hub: its jupyterhub_config.py.")] = None,
    as_json: Json = False,
) -> None:
    """Check this machine: what is installed, and which layers of the sandbox work here."""
    from gradekit.doctor import doctor, lines
    from gradekit.hub import course_checks

    if config and not hub:
        raise typer.BadParameter("--config goes with --hub.")
    if hub:
        from gradekit.hub.doctor import doctor as hub_doctor

        found = hub_doctor(config)
    else:
        found = [*(course_checks.findings() if course_checks.in_course_server() else ()), *doctor()]
    data = [{"group": one.group, "name": one.name, "ok": one.ok, "text": one.text} for one in found]
    _print(data, "\n".join(lines(found)), as_json)
    raise typer.Exit(int(any(one.ok is False for one in found)))


@app.command(epilog="Try: gradekit export conv2d > grades.csv · gradekit export conv2d --into canvas.csv --dry-run")
def export(
    name: Name = None,
    course: Course = ".",
    assignment: Assignment = None,
    into: Annotated[str | None, typer.Option(metavar="FILE", help="A file that Canvas or Moodle gave.")] = None,
    column: Annotated[str | None, typer.Option(metavar="HEADER", help="The column for the points.")] = None,
    feedback_column: Annotated[str | None, typer.Option(metavar="HEADER", help="The column for a sentence.")] = None,
    by: Annotated[str | None, typer.Option(metavar="HEADER", help="The column with ids, e-mails or logins.")] = None,
    limit: Annotated[float | None, typer.Option(help="Most points that the LMS takes.")] = None,
    allow: Annotated[
        list[str] | None,
        typer.Option(help="Do not refuse: unknown, ungraded, waiting or over-limit."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the differences, and write nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking.")] = False,
    as_json: Json = False,
) -> None:
    """Put the grades into a file that an LMS gave, or print them as CSV."""
    from gradekit.export import command

    named = command.Columns(column, feedback_column, by, limit)
    command.run(course, _one(name, assignment), into, named, tuple(allow or ()), dry_run, yes, as_json)


roster = typer.Typer(no_args_is_help=True, help="Add people to a course and remove them: hub groups and gradebook.")
app.add_typer(roster, name="roster")


@roster.command("add", epilog="Try: gradekit roster add ada ben")
def roster_add(
    logins: Annotated[list[str], typer.Argument(metavar="LOGIN")], course: Course = ".", as_json: Json = False
) -> None:
    """Add students by their login; `import` also takes names and e-mail addresses."""
    from gradekit.roster import Member, add

    _roster_result(add(course, [Member(login.lower()) for login in logins]), as_json)


@roster.command("remove", epilog="Try: gradekit roster remove ada")
def roster_remove(
    logins: Annotated[list[str], typer.Argument(metavar="LOGIN")], course: Course = ".", as_json: Json = False
) -> None:
    """Remove students: they lose the course on the hub at once. Grades and submissions stay."""
    from gradekit.roster import remove

    _roster_result(remove(course, logins), as_json)


@roster.command("import", epilog="Try: gradekit roster import class.csv")
def roster_import(
    file: Annotated[str | None, typer.Argument(metavar="FILE", help="CSV: id, e-mail, name, section, login.")] = None,
    course: Course = ".",
    lms: Annotated[bool, typer.Option("--lms", help="The learners whom the LMS lists, by LTI Advantage.")] = False,
    remove_missing: Annotated[
        bool, typer.Option("--remove-missing", help="Also remove those who are not listed.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Add or update the students of a CSV file or of the LMS, and list those in the course who are not in it."""
    from gradekit.roster import import_file, import_lms

    if lms == bool(file):
        raise typer.BadParameter("name a FILE, or --lms.")
    _roster_result(import_file(course, file, remove_missing) if file else import_lms(course, remove_missing), as_json)


def _roster_result(done: Any, as_json: bool) -> None:
    from gradekit.roster import lines

    _print(asdict(done), "\n".join(lines(done)), as_json)
    raise typer.Exit(int(bool(done.refused)))


@app.command(epilog="Try: gradekit passback conv2d --dry-run")
def passback(
    name: Name = None,
    course: Course = ".",
    assignment: Assignment = None,
    allow: Annotated[list[str] | None, typer.Option(help="Do not refuse: ungraded, waiting or over-limit.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would be pushed, and push nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Push without asking.")] = False,
    keys: Annotated[
        bool, typer.Option("--keys", help="Print the public key for the registration on the LMS; make one first.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Push the grades to the LMS that people come to the hub from, by LTI Advantage."""
    from gradekit.passback.command import run

    raise typer.Exit(run(course, _one(name, assignment), tuple(allow or ()), dry_run, yes, keys, as_json))


def _assignments(root: str, named: str | None) -> list[str]:
    """The assignment that is named, or all of the course."""
    from gradekit.course import assignments, course

    return [named] if named else (assignments(root) or [course(root).assignment])  # which raises where there is none


def _one(name: str | None, assignment: str | None) -> str | None:
    if name and assignment and name != assignment:
        raise typer.BadParameter(f"two assignments are named, {name} and {assignment}.")
    return name or assignment


def _print(data: Any, text: str, as_json: bool) -> None:
    if not as_json:
        show.echo(text)
    elif data is not None:
        show.echo_json(data)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code: 0 done, 1 an error that one line explains, 2 wrong usage."""
    skip_iri_grammar()  # before any command imports nbformat
    show.never_fail_to_print()
    atexit.register(gc.freeze)  # at its end, Python would visit each object of large libraries several times
    try:
        app(list(argv) if argv is not None else None, prog_name="gradekit")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        return _error("stopped.", code=130)
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package == "gradekit":
            raise
        extra = EXTRAS.get(package, "course")
        return _error(f"{package} is not installed. pip install 'gradekit[{extra}]' brings it.")
    except CourseError as error:
        return _error(str(error), *error.lines)
    except OSError as error:
        return _error(in_a_line(error))
    return 0


def _error(line: str, *details: str, code: int = 1) -> int:
    print("\n  ".join([f"gradekit: {show.clean(line)}", *map(show.clean, details)]), file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
