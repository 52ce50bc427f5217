"""A check that fails for what an earlier cell didn't define names that cell, its line and its error."""

from __future__ import annotations

import logging
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from gradekit.graded_notebook import read_graded
from gradekit.grading.log_messages import sentences as told
from gradekit.judge.preprocessor import Judge
from gradekit.sandbox import config

ANSWER = "def area(n):\n    return np.prod([n, n])"
#   cells of the student, answers in graded checks               what the instructor reads; None for nothing
NOTEBOOKS = [
    (
        ["import no_such_thing\nimport numpy as np", ANSWER],
        "cell 1 of a stopped at its first line: ModuleNotFoundError: No module named 'no_such_thing'; "
        "2 checks depended on it.",
    ),
    (
        ["import numpy as np", "def area(n:\n    return n"],
        "cell 2 of a stopped at its first line: SyntaxError: '(' was never closed; 2 checks depended on it.",
    ),
    (
        ["x = 1\n1 / 0\nimport numpy as np", "side = np.ones(2)\ndef area(n):\n    return n * n"],
        "cell 1 of a stopped at line 2: ZeroDivisionError: division by zero; 2 checks depended on it.",
    ),
    (
        ["raise ValueError('\\x1b[2Jforged\\nline')", "import numpy as np\n1 / 0\n" + ANSWER],
        "cell 2 of a stopped at line 2: ZeroDivisionError: division by zero; 2 checks depended on it.",
    ),
    (["import numpy as np", "def area(n):\n    return numpy.prod([n, n])"], None),
    (["1 / 0", "import numpy as np\ndef area(n):\n    return n"], None),
]


def graded(sources: list[str]) -> nbformat.NotebookNode:
    cells = [new_code_cell(source) for source in sources]
    for number in (1, 2):
        about = {"grade": True, "solution": False, "locked": True, "grade_id": f"check{number}", "points": 1}
        cells.append(new_code_cell(f"assert area({number}) == {number**2}", metadata={"nbgrader": about}))
        cells[-1].metadata.nbgrader.update(schema_version=3, task=False)
    return new_notebook(cells=cells)


@pytest.fixture
def judged(tmp_path, caplog, monkeypatch):
    """A function that runs a notebook in a kernel; what the instructor reads of cells that stopped."""
    monkeypatch.setattr(logging.getLogger("traitlets"), "propagate", True)

    def judged(nb: nbformat.NotebookNode, kernel: str) -> list[str]:
        resources = {"metadata": {"path": str(tmp_path)}, "nbgrader": {"notebook": "a"}}
        with caplog.at_level(logging.WARNING):
            Judge(kernel_name=kernel).preprocess(nb, resources)
        return [said for said in told(caplog.messages) if "stopped at" in said]

    return judged


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the sandbox needs Linux")
def test_a_package_out_of_the_kernels_reach_is_named_with_the_mend(judged, tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_PATH", str(config.jupyter_path()))
    monkeypatch.syspath_prepend(str(tmp_path / "shared"))
    (tmp_path / "shared/course_tools").mkdir(parents=True)
    (tmp_path / "shared/course_tools/__init__.py").touch()
    nb = graded(["import course_tools, math\ndef area(n):\n    return n * n"])
    assert judged(nb, config.KERNEL_NAME) == [
        "cell 1 of a stopped at its first line: ModuleNotFoundError: No module named 'course_tools'; 2 checks depended "
        f"on it (it is in {tmp_path / 'shared'}: add that to c.SandboxedProvisioner.readable)."
    ]


@pytest.mark.parametrize(("sources", "line"), NOTEBOOKS)
def test_a_cause_is_named(sources, line, judged, tmp_path):
    nb = graded(sources)
    lines = judged(nb, "python3")
    assert lines == ([line] if line else [])
    for check in nb.cells[-2:]:
        shown = [output.text for output in check.outputs if output.output_type == "stream"]
        expected = line.replace(" of a", "").partition(";")[0].replace("cell", "Cell", 1) + "\n" if line else ""
        assert shown == ([expected] if line else [])
    nbformat.write(nb, tmp_path / "a.ipynb")
    reported = read_graded(tmp_path / "a.ipynb").messages
    assert not line or set(reported.values()) == {expected.strip()}
    assert line or not any("stopped at" in message for message in reported.values())
