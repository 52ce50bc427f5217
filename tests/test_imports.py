"""`import convkit` brings the standard library, and NumPy at first use: nothing that makes a notebook wait."""

from __future__ import annotations

import ast
import subprocess
import sys
import textwrap
from pathlib import Path

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


ROOT = Path(__file__).parents[1]
# convkit from top to bottom: a module imports what is further down. Those of one line may import one another.
CONVKIT = (
    ("cli",),
    ("explore",),
    ("lesson", "picture"),
    ("summary", "explain"),
    ("receptive", "from_keras"),
    ("model",),
    ("layers", "ops", "_conv2d"),
    ("arithmetic",),
    ("arguments",),
)
# What a room of gradekit imports of the others.
GRADEKIT = {
    "exercise": set(),
    "forkserver": {"patches"},
    "kernel": set(),
    "sandbox": {"errors", "forkserver", "kernel", "patches"},
    "judge": {"errors", "exercise", "forkserver", "limits", "sandbox"},
}


def imports(package: Path) -> set[tuple[str, str, str]]:
    """(first module below the package, package that it imports from, first module there) of all imports."""
    found = set()
    for path in package.rglob("*.py"):
        inside = [package.name, *path.relative_to(package).with_suffix("").parts]
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names = [alias.name.split(".") for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                base = inside[: len(inside) - node.level] if node.level else []
                names = [[*base, *(node.module or "").split("."), alias.name] for alias in node.names]
            else:
                continue
            for name in names:
                top, *rest = [part for part in name if part]
                found.add((inside[1], top, rest[0] if rest else ""))
    return found


def test_imports_of_convkit_point_down():
    level = {module: number for number, modules in enumerate(CONVKIT) for module in modules}
    arrows = {(start, end) for start, package, end in imports(ROOT / "convkit") if package == "convkit"}
    known = {(start, end) for start, end in arrows if start in level and end in level}
    assert {start for start, _ in known} >= {*level} - {"arguments"}
    assert {(start, end) for start, end in known if level[start] > level[end]} == set()


def test_gradekit_never_imports_convkit_and_its_rooms_keep_apart():
    found = imports(ROOT / "gradekit/src/gradekit")
    assert {package for _, package, _ in found} & {"convkit", "tests"} == set()
    for room, allowed in GRADEKIT.items():
        others = {end for start, package, end in found if (start, package) == (room, "gradekit")} - {room}
        assert others <= allowed, room
