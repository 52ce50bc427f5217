"""The released notebooks, executed once, with explorers that play: what the lesson's pages are made from."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import nbclient
import nbformat

from gradekit import forkserver

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "build" / "lesson"
SOURCES = ("convkit", "gradekit/src")  # what the outputs depend on
ANSWER_IS_MISSING = ["NotImplementedError", "NameError", "NotYet"]  # any other error ends the build
NOTE = """```{note}
This is notebook %s as students get it, with its outputs. Cells that need your answer show none: run the notebook to
write one.
```"""


def executed(source: Path) -> Path:
    """A copy of the notebook with its outputs; an earlier one is kept if it is newer than notebook and packages."""
    target = TARGET / source.parent.name / source.name
    if not target.exists() or target.stat().st_mtime < newest(source):
        notebook = nbformat.read(source, as_version=4)
        execute(notebook)
        leave_out_errors(notebook)
        refer_to_text(notebook)
        notebook.cells.insert(1, nbformat.v4.new_markdown_cell(NOTE % f"`{source.name}`"))
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, target)
    return target


def newest(source: Path) -> float:
    """The time of the last change of the notebook, of this file and of the packages."""
    packages = (file for name in SOURCES for file in (ROOT / name).rglob("*") if file.suffix in {".py", ".js", ".css"})
    return max(file.stat().st_mtime for file in (source, Path(__file__), *packages))


def execute(notebook: nbformat.NotebookNode) -> None:
    """Run it as for a reader, so that explorers have controls, in a kernel that is forked with TensorFlow loaded."""
    os.environ["JUPYTER_PATH"] = str(forkserver.jupyter_path())
    os.environ["GRADEKIT_PRELOAD"] = "convkit.lesson.preload"
    with tempfile.TemporaryDirectory() as folder:
        resources = {"metadata": {"path": folder}}
        client = nbclient.NotebookClient(
            notebook, kernel_name=forkserver.KERNEL_NAME, allow_error_names=ANSWER_IS_MISSING, resources=resources
        )

        def let_a_reader_in(notebook: nbformat.NotebookNode) -> None:
            client.kc.allow_stdin = True  # how a kernel knows that there is one

        client.on_notebook_start = let_a_reader_in
        client.execute(stderr=subprocess.DEVNULL)  # of the process; what cells write there is an output


def leave_out_errors(notebook: nbformat.NotebookNode) -> None:
    """Remove the outputs of cells that stopped with an error: a student's answer is missing."""
    for cell in notebook.cells:
        if any(output.output_type == "error" for output in cell.get("outputs", ())):
            cell.outputs = []


def refer_to_text(notebook: nbformat.NotebookNode) -> None:
    """Give figures a text in place of their file's name; the lesson describes each one below it."""
    for cell in notebook.cells:
        if any("image/png" in output.get("data", ()) for output in cell.get("outputs", ())):
            cell.metadata["mystnb"] = {"image": {"alt": "A figure; the text below says what it shows."}}
