"""`import convkit` brings the standard library, and NumPy at first use: nothing that makes a notebook wait."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

HEAVY = {
    "IPython",
    "anywidget",
    "ipywidgets",
    "keras",
    "matplotlib",
    "nbclient",
    "nbformat",
    "nbgrader",
    "pandas",
    "rich",
    "scipy",
    "tensorflow",
    "typer",
}


def loaded_by(statement: str) -> set[str]:
    """Top-level modules of a fresh interpreter after a statement."""
    code = f"{statement}\nimport sys\nprint(*sys.modules, sep='\\n')"
    modules = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    return {name.partition(".")[0] for name in modules.split()}


@pytest.mark.parametrize("use", ["", "; convkit.layers; convkit.conv2d; convkit.trace; convkit.output_length(8, 3)"])
def test_importing_convkit_loads_at_most_numpy(use):
    loaded = loaded_by(f"import convkit{use}")
    assert loaded & HEAVY == set()
    assert loaded - loaded_by("import numpy") - sys.stdlib_module_names == {"convkit"}


def test_every_public_name_is_there_before_and_after_its_module_is_imported():
    code = """
        import convkit.summary.rows, convkit.explain.trace, convkit.from_keras
        assert all(callable(getattr(convkit, name)) for name in ("summary", "explain", "trace", "conv2d", "animate"))
        assert set(convkit.__all__) <= set(dir(convkit))
        for name in convkit.__all__:
            getattr(convkit, name)
        from convkit import *
        assert summary is convkit.summary and layers.Conv2D(2, 3).filters == 2
        try:
            convkit.nothing
        except AttributeError as error:
            print(error)
    """
    said = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True)
    assert said.stdout == "module 'convkit' has no attribute 'nothing'\n"


@pytest.mark.parametrize("module", ["rich", "scipy"])
def test_a_heavy_import_would_be_seen(module):
    assert loaded_by(f"import convkit, {module}") & HEAVY >= {module}


def test_a_convolution_and_its_arithmetic_load_nothing_heavy():
    use = "import convkit, numpy; convkit.conv2d(numpy.ones((1, 5, 5, 1)), numpy.ones((3, 3, 1, 2)), padding='SAME')"
    assert loaded_by(use) & HEAVY == set()
    assert "concurrent" not in loaded_by(use), "small inputs start no threads"
