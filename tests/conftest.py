"""One TensorFlow for the whole run, and the two settings that every test shares."""

from __future__ import annotations

import ast
import contextlib
import io
import os
import warnings
from pathlib import Path

import hypothesis
import nbformat
import pytest

SOURCE = Path(__file__).parents[1] / "source"
NOTEBOOKS = sorted((SOURCE / "conv2d").glob("*.ipynb"))
FURTHER = sorted((SOURCE / "conv2d-further").glob("*.ipynb"))

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

# A first call of TensorFlow builds kernels and takes long; a deadline would blame the example that met it.
hypothesis.settings.register_profile("convkit", deadline=None, print_blob=True)
hypothesis.settings.load_profile("convkit")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/golden/ from what the code prints now")


@pytest.fixture(scope="session")
def tf():
    """TensorFlow, imported once: it takes ten seconds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import tensorflow

    return tensorflow


@pytest.fixture(scope="session")
def keras(tf):
    """Keras 3 on TensorFlow."""
    import keras

    return keras


@pytest.fixture(scope="session")
def _ran(keras):
    """The notebooks of source/, run here with their solutions: a name -> what `run_notebook` returns."""
    import matplotlib

    matplotlib.use("Agg")
    keras.utils.set_random_seed(1)
    with matplotlib.rc_context():  # a notebook's style stays its own
        return {path.stem: run_notebook(path) for path in (*NOTEBOOKS, *FURTHER)}


@pytest.fixture(scope="session")
def lesson(_ran):
    """A notebook of source/ -> the names that its code leaves."""
    return {name: names for name, (names, _) in _ran.items()}


@pytest.fixture(scope="session")
def printed(_ran):
    """A notebook of source/ -> what each of its code cells prints, by the cell's id."""
    return {name: texts for name, (_, texts) in _ran.items()}


@pytest.fixture
def golden(request: pytest.FixtureRequest):
    """Compare text with a file in tests/golden/, or rewrite the file with --update-golden and then read the diff."""

    def compare(name: str, text: str) -> None:
        path = request.config.rootpath / "tests" / "golden" / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8"), f"{name} differs; if it should, run pytest --update-golden"

    return compare


def run_notebook(path: Path) -> tuple[dict, dict[str, str]]:
    """Run the code cells of a notebook in this process: the names that they leave, and what each cell prints.

    The value of a cell's last line is printed as well, as its repr.
    """
    names: dict = {"__name__": "__main__"}
    printed = {}
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            with contextlib.redirect_stdout(io.StringIO()) as out:
                _run_cell(cell.source, cell.id, names)
            printed[cell.id] = out.getvalue()
    return names, printed


def _run_cell(source: str, name: str, names: dict) -> None:
    body = ast.parse(source).body
    last = ast.Expression(body.pop().value) if body and isinstance(body[-1], ast.Expr) else None
    exec(compile(ast.Module(body, []), name, "exec"), names)
    value = None if last is None else eval(compile(last, name, "eval"), names)
    if value is not None:
        print(repr(value))
