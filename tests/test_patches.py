"""Each patch does what it replaces, and the library still needs it."""

from __future__ import annotations

import importlib.util
import inspect
import io
import subprocess
import sys

import matplotlib
import numpy as np
import pytest
from ipykernel import debugger, ipkernel, zmqshell
from ipykernel.kernelapp import IPKernelApp
from IPython.core import shellapp
from IPython.core.pylabtools import print_figure
from nbgrader.api import Gradebook, MissingEntry
from PIL import Image
from sqlalchemy import event

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.backends.backend_agg import FigureCanvasAgg

from gradekit.course import listening
from gradekit.grading.gradebook import Scratch
from gradekit.patches import draw_figures_once, run_on_pipe

PAPER, INK = 255, 0


def photograph():
    figure, axis = plt.subplots(figsize=(4, 3))
    axis.imshow(np.random.default_rng(1).random((40, 30, 3)))
    axis.set_axis_off()
    return figure


def line(**settings):
    figure, axis = plt.subplots(**settings)
    axis.plot([1, 3, 2], label="one")
    axis.set(title="a title", xlabel="x", ylabel="y")
    return figure


def legend_outside():
    figure = line()
    figure.axes[0].legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def animated():
    figure = line()
    figure.axes[0].lines[0].set_animated(True)
    return figure


#   figure                                                 cut out  why this row exists
FIGURES = [
    (line, True, "axes with words"),
    (photograph, True, "an image"),
    (lambda: line(layout="constrained"), True, "a layout that is found while drawing, up to the edge"),
    (lambda: line(facecolor="pink"), True, "another paper"),
    (lambda: line(facecolor="none"), True, "no paper"),
    (lambda: plt.subplots(2, 2, figsize=(9, 7), dpi=60)[0], True, "several axes, another resolution"),
    (animated, True, "an artist that is drawn for a file alone"),
    (legend_outside, False, "a legend beside the canvas"),
    (lambda: line(figsize=(1.5, 1)), False, "words beyond the canvas"),
]
each = pytest.mark.parametrize(("make", "cut"), [row[:2] for row in FIGURES], ids=[row[2] for row in FIGURES])


@pytest.fixture
def drawn_once(monkeypatch):
    monkeypatch.setattr(FigureCanvasAgg, "print_figure", FigureCanvasAgg.print_figure)  # taken back at the end
    draw_figures_once()


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def shown(figure, **named):
    with Image.open(io.BytesIO(print_figure(figure, **named))) as image:
        return image.convert("RGBA")


def ink(image):
    """Rows and columns that hold something."""
    pixels = np.asarray(image).astype(int)
    return (np.abs(pixels - pixels[0, 0]).max(axis=2) > 8).nonzero()


@each
def test_the_same_is_shown(make, cut, request):
    usual = shown(make())
    request.getfixturevalue("drawn_once")
    ours = shown(make())
    assert np.abs(np.subtract(ours.size, usual.size)).max() <= (2 if cut else 0)
    assert ours.getpixel((0, 0)) == usual.getpixel((0, 0))
    (rows, columns), (their_rows, their_columns) = ink(ours), ink(usual)
    assert abs(np.ptp(rows) - np.ptp(their_rows)) <= 2
    assert abs(np.ptp(columns) - np.ptp(their_columns)) <= 2
    assert len(rows) == pytest.approx(len(their_rows), rel=0.1)


@each
def test_it_is_drawn_once(make, cut, drawn_once, monkeypatch):
    figure, times, draw = make(), [], type(plt.figure()).draw
    monkeypatch.setattr(type(figure), "draw", lambda self, renderer: (times.append(self), draw(self, renderer))[1])
    shown(figure)
    assert times.count(figure) == (1 if cut else 3)


def test_whatever_else_is_asked_for_is_done_as_ever(drawn_once, tmp_path):
    assert print_figure(line(), fmt="svg").startswith("<?xml")
    assert print_figure(plt.figure()) is None
    assert shown(line(dpi=50), bbox_inches=None).size == (320, 240)
    assert shown(line(), fmt="retina").size[0] > 1.9 * shown(line()).size[0]
    line().savefig(tmp_path / "a.jpg")
    line().savefig(tmp_path / "a.png", bbox_inches="tight")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jpg", "a.png"]


# Whether the libraries still do what the patches replace


def test_jsonschema_would_build_a_grammar_of_addresses():
    """Without the patch, importing it imports rfc3987_syntax, where that is installed."""
    code = "import sys; {}import jsonschema._format; print(bool(sys.modules.get('rfc3987_syntax')))"
    patched = "from gradekit import patches; patches.skip_iri_grammar(); "
    usual, ours = (python(code.format(before)) for before in ("", patched))
    assert ours == "False"
    assert usual == str(importlib.util.find_spec("rfc3987_syntax") is not None)


def test_a_worker_builds_no_grammar_of_addresses():
    """A worker imports nbconvert before anything else of gradekit."""
    code = "import sys, gradekit.grading.nbgrader_steps; print(bool(sys.modules.get('rfc3987_syntax')))"
    assert python(code) == "False"


def test_nbgrader_would_make_an_engine_for_each_gradebook_and_a_query_for_each_cell(tmp_path):
    with listening():  # a new gradebook starts alembic, which has to be on the path
        Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}").close()
    scratch, sent = Scratch(tmp_path), []
    event.listen(scratch.engine, "before_cursor_execute", lambda *about: sent.append(about[2]))
    with scratch.used_by_nbgrader():
        with Gradebook(scratch.url) as one, Gradebook(scratch.url) as other:
            assert one.engine is other.engine is scratch.engine
            fill(one)
        with Gradebook(scratch.url) as book:
            found, several = ids(book), len(sent)
            assert ids(book) == found
            assert len(sent) == several  # each kind of row was read once
            assert book.find_graded_cell("task1", "two", "toy").max_score == 3
            with pytest.raises(MissingEntry, match="No such grade"):
                book.find_grade("text0", "one", "toy", "ada")
    with Gradebook(scratch.url) as book:
        assert book.engine is not scratch.engine
        assert ids(book) == found


def fill(book):
    """An assignment with two notebooks whose cells have the same names, and a student's work."""
    book.add_assignment("toy")
    for notebook in ("one", "two"):
        book.add_notebook(notebook, "toy")
        for n in range(2):
            book.add_grade_cell(f"check{n}", notebook, "toy", max_score=n + 1, cell_type="code")
            book.add_solution_cell(f"text{n}", notebook, "toy")
            book.add_task_cell(f"task{n}", notebook, "toy", max_score=3, cell_type="markdown")
            book.add_source_cell(f"check{n}", notebook, "toy", cell_type="code", source=f"{n}")
    book.add_student("ada")
    book.add_submission("toy", "ada")


def ids(book):
    """Ids of the rows that nbgrader's steps look for, cell by cell."""
    cells = [(notebook, n) for notebook in ("one", "two") for n in range(2)]
    return [
        found.id
        for notebook, n in cells
        for found in (
            *(book.find_grade(f"{name}{n}", notebook, "toy", "ada") for name in ("check", "task")),
            *(book.find_comment(f"{name}{n}", notebook, "toy", "ada") for name in ("text", "task")),
            book.find_graded_cell(f"check{n}", notebook, "toy"),
            book.find_source_cell(f"check{n}", notebook, "toy"),
        )
    ]


def test_ipykernel_would_poll_its_parent():
    assert "ParentPollerUnix" in inspect.getsource(IPKernelApp.init_poller)


def test_a_shell_line_would_need_a_terminal():
    from IPython.utils._process_posix import ProcessHandler

    assert "pexpect" in inspect.getsource(ProcessHandler.system)
    assert zmqshell.system.__self__.__class__ is ProcessHandler


def test_ipykernel_and_ipython_would_list_all_modules():
    assert "sys.modules" in inspect.getsource(shellapp) + inspect.getsource(ipkernel)
    assert ipkernel.sys is shellapp.sys is sys
    assert hasattr(ipkernel, "_is_debugpy_available") or hasattr(debugger, "_is_debugpy_available")


FAILING = """
import inspect
from IPython.core.interactiveshell import InteractiveShell

shell, looked, usual = InteractiveShell.instance(), [], inspect.ismodule
inspect.ismodule = lambda one: looked.append(one) or usual(one)
shell.run_cell("def half(x):\\n    return x / 0\\n\\nhalf(1)")
looked.clear()  # the files of IPython are known now
shell.run_cell("half('a')")
shell.run_cell("import inspect; print(inspect.getsource(half))")
print(len(looked) > 1000)
"""


def test_an_error_in_a_cell_would_search_all_modules():
    usual, ours = (
        python(before + FAILING).splitlines() for before in ("", "from gradekit import patches; patches.name_cells()")
    )
    assert [usual[-1], ours[-1]] == ["True", "False"]
    assert usual[:-1] == ours[:-1]
    assert sum("Error" in line for line in usual) > 2


@pytest.mark.parametrize(("command", "shown", "code"), [("echo a; echo b >&2", "a\nb\n", 0), ("exit 3", "", 3)])
def test_a_shell_line_on_a_pipe(capsys, command, shown, code):
    assert run_on_pipe(command) == code
    assert capsys.readouterr().out == shown


def python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
