"""gradekit's wheel in an environment without convkit and TensorFlow grades nbgrader's quickstart as plain nbgrader."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from gradekit.notebook import read, write
from gradekit.solutions import answer_file, right_answers

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the environment is made of links")

ROOT = Path(__file__).parents[1]
INSTALLED = Path(sysconfig.get_path("purelib"))
ABSENT = ("convkit", "gradekit", "_editable", "__editable__", "tensorflow", "keras", "torch", "jax")
# Prints the scores of a course by student and cell, as the gradebook has them.
SCORES = """
import json, sys
from nbgrader.api import Gradebook
with Gradebook("sqlite:///" + sys.argv[1]) as book:
    print(json.dumps({work.student.id: {f"{grade.notebook.name}/{grade.name}": grade.auto_score
        for notebook in work.notebooks for grade in notebook.grades} for work in book.assignment_submissions("ps1")}))
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory) -> Path:
    """A Python with gradekit's wheel and links to what is installed here, without what ABSENT names."""
    home = tmp_path_factory.mktemp("alone")
    venv.create(home / "venv", symlinks=True)
    (site,) = (home / "venv/lib").glob("python*/site-packages")
    for path in INSTALLED.iterdir():
        if not path.name.startswith(ABSENT) and path.suffix != ".pth":
            (site / path.name).symlink_to(path)
    data = Path("share/jupyter/nbconvert")  # templates, which nbconvert's wheel installs outside of site-packages
    (home / "venv" / data).parent.mkdir(parents=True)
    (home / "venv" / data).symlink_to(Path(sysconfig.get_path("data")) / data)
    wheel = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*wheel, "--wheel-dir", str(home), str(ROOT)], check=True, timeout=300)
    (built,) = home.glob("gradekit-*.whl")
    shutil.unpack_archive(built, site, "zip")
    return home / "venv/bin/python"


def run(python: Path, *arguments: str, cwd: Path) -> str:
    # nbgrader starts alembic by name for a new gradebook
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "GRADEKIT"))}
    done = subprocess.run(
        [str(python), *arguments], cwd=cwd, capture_output=True, text=True, env={**env, "PATH": path}, timeout=900
    )
    assert done.returncode == 0, done.stderr[-3000:] + done.stdout[-3000:]
    return done.stdout


def test_nothing_else_is_there(python, tmp_path):
    code = "import importlib.util as u, gradekit; print(gradekit.__file__, *map(u.find_spec, sys.argv[1:]))"
    out = run(python, "-c", f"import sys; {code}", "convkit", "tensorflow", "keras", cwd=tmp_path).split()
    assert out[0].startswith(str(python.parents[1]))
    assert out[1:] == ["None"] * 3


def wrong(answers: dict[str, str]) -> dict[str, str]:
    return {**answers, "squares": "def squares(n):\n    return [i ** 2 for i in range(n)]"}


def unfinished(answers: dict[str, str]) -> dict[str, str]:
    return {**answers, "squares": "def squares(n):\n    return ["}


def stopped(answers: dict[str, str]) -> dict[str, str]:
    return {**answers, "sum_of_squares": "1 / 0"}


def loud(answers: dict[str, str]) -> dict[str, str]:
    noise = "import sys\nprint('what is this?', file=sys.stderr)\n"
    return {**answers, "squares": noise + answers["squares"]}


#          six kinds of submissions: what changes the right answers, or None for an untouched release
KINDS = {"blank": None, "right": dict, "wrong": wrong, "unfinished": unfinished, "stopped": stopped, "loud": loud}


def hand_in(root: Path) -> None:
    right = right_answers(root / "source/ps1")
    assert {"squares", "sum_of_squares"} <= set(right), "quickstart has other exercises now"
    for student, change in KINDS.items():
        for released in (root / "release/ps1").glob("*.ipynb"):
            own = root / "submitted" / student / "ps1" / released.name
            answer_file(released, own, change(right) if change else {})
            nb = read(own)
            for cell in nb.cells:
                if change and "YOUR ANSWER HERE" in cell.source and cell.cell_type == "markdown":
                    cell.source = "In words."
            write(nb, own)


@pytest.mark.days
def test_six_kinds_of_submissions_get_the_scores_of_plain_nbgrader(python, tmp_path):
    run(python, "-m", "nbgrader", "quickstart", "course", cwd=tmp_path)
    plain = tmp_path / "course"
    run(python, "-m", "nbgrader", "generate_assignment", "ps1", cwd=plain)
    hand_in(plain)
    ours = shutil.copytree(plain, tmp_path / "ours")
    (ours / "gradebook.db").unlink()
    with (ours / "nbgrader_config.py").open("a") as config:
        config.write("\nimport gradekit.adopt; gradekit.adopt.course(c)\n")
        config.write(f"c.SandboxedProvisioner.readable = [{str(INSTALLED)!r}]\n")  # where the links point to
        config.write(f"c.CourseDirectory.root = {str(ours)!r}\n")
    run(python, "-m", "nbgrader", "autograde", "ps1", cwd=plain)
    out = json.loads(run(python, "-m", "gradekit.cli", "grade", "--json", cwd=ours))
    assert (out["graded"], out["failed"], out["slow"]) == (sorted(KINDS), [], "")
    found = {name: json.loads(run(python, "-c", SCORES, str(root / "gradebook.db"), cwd=root)) for name, root in
             (("ours", ours), ("plain", plain))}  # fmt: skip
    blank = [found[name]["blank"].pop("problem1/cell-938593c4a215c6cc") for name in ("plain", "ours")]
    assert blank == [None, 0.0], "plain nbgrader leaves a blank task without a score, which counts 0"
    assert found["ours"] == found["plain"]
    assert len({json.dumps(scores) for scores in found["ours"].values()}) > 3, "the kinds differ"
