"""`import convkit` brings NumPy and the standard library, and nothing that makes a notebook wait."""

from __future__ import annotations

import subprocess
import sys

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


def test_importing_convkit_loads_numpy_alone():
    loaded = loaded_by("import convkit")
    assert "numpy" in loaded
    assert loaded & HEAVY == set()
    assert loaded - loaded_by("import numpy") - sys.stdlib_module_names == {"convkit"}


@pytest.mark.parametrize("module", ["rich", "scipy"])
def test_a_heavy_import_would_be_seen(module):
    assert loaded_by(f"import convkit, {module}") & HEAVY >= {module}


def test_a_convolution_and_its_arithmetic_load_nothing_heavy():
    use = "import convkit, numpy; convkit.conv2d(numpy.ones((1, 5, 5, 1)), numpy.ones((3, 3, 1, 2)), padding='SAME')"
    assert loaded_by(use) & HEAVY == set()
    assert "concurrent" not in loaded_by(use), "small inputs start no threads"
