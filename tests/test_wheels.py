"""The two wheels, in an environment where the source tree can't be imported."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the environment is made of links")

ROOT = Path(__file__).parents[1]
INSTALLED = Path(sysconfig.get_path("purelib"))
OURS = ("convkit", "gradekit", "_editable", "__editable__")


@pytest.fixture(scope="module")
def wheels(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheels")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*command, "--wheel-dir", folder, ROOT / "gradekit", ROOT], check=True, timeout=300)
    return folder


@pytest.fixture(scope="module")
def python(wheels, tmp_path_factory) -> Path:
    """A Python with the two wheels, and links to what is installed here."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, symlinks=True)
    (site,) = (home / "lib").glob("python*/site-packages")
    for path in INSTALLED.iterdir():
        if not path.name.startswith(OURS) and path.suffix != ".pth":
            (site / path.name).symlink_to(path)
    for wheel in wheels.glob("*.whl"):
        shutil.unpack_archive(wheel, site, "zip")
    return home / "bin/python"


def run(python: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "GRADEKIT"))}
    return subprocess.run([python, *arguments], cwd=cwd, env=env, capture_output=True, text=True, timeout=300)


def test_a_wheel_holds_no_solution_and_no_test(wheels, tmp_path):
    for wheel in wheels.glob("*.whl"):
        shutil.unpack_archive(wheel, tmp_path, "zip")
    names = {path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*")}
    assert {name for name in names if not name.endswith(".dist-info")} == {"convkit", "gradekit"}
    assert not list(tmp_path.rglob("*.ipynb"))


NUMBERS = "import convkit, numpy as np; x, kernel = np.ones((1, 4, 4, 1)), np.ones((2, 2, 1, 1)); "
WORKS = {
    "the core": f"{NUMBERS} print(convkit.conv2d(x, kernel).shape)",
    "a picture": f"{NUMBERS} print(convkit.animate(x, kernel))",
    "a question": "import convkit; print(convkit.check('layer-params', lambda k, c, f: (k * k * c + 1) * f).right)",
    "practice": "import convkit; print(convkit.practice('layer-params').title)",
    "an explorer": "import convkit; print(type(convkit.explore.stride()).__name__)",
    "the hub's settings": "import os; from gradekit.hub.config import settings_of; print(os.listdir(settings_of()))",
}


@pytest.mark.parametrize("what", WORKS)
def test_it_works_from_the_wheels(python, tmp_path, what):
    done = run(python, "-c", WORKS[what], cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip()


@pytest.mark.parametrize("command", ["convkit", "gradekit"])
def test_the_commands_work_from_the_wheels(python, tmp_path, command):
    code = f"import sys; from {command}.cli import main; sys.exit(main(['--help']))"
    assert run(python, "-c", code, cwd=tmp_path).returncode == 0
    where = run(python, "-c", f"import {command}; print({command}.__file__)", cwd=tmp_path).stdout
    assert str(python.parents[1]) in where
