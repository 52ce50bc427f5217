"""The types of public names, read by mypy from the installed package."""

from __future__ import annotations

import subprocess
import sys
from importlib.resources import files
from pathlib import Path

USE = Path(__file__).with_name("typed_use.py")


def mypy(path: Path, cache: Path) -> subprocess.CompletedProcess[str]:
    """Run mypy away from the repository, so that it finds convkit as any user's does."""
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(cache), str(path)]
    return subprocess.run(command, cwd=cache, capture_output=True, text=True, check=False)


def test_the_package_says_that_it_has_types():
    assert files("convkit").joinpath("py.typed").is_file()


def test_public_names_have_the_types_that_they_state(tmp_path):
    checked = mypy(USE, tmp_path)
    assert checked.stdout == "Success: no issues found in 1 source file\n", checked.stdout


def test_a_wrong_type_is_found(tmp_path):
    wrong = tmp_path / "wrong.py"
    wrong.write_text("import convkit\n\nlength: str = convkit.output_length(8, 3)\n")
    assert (
        'Incompatible types in assignment (expression has type "int", variable has type "str")'
        in mypy(wrong, tmp_path).stdout
    )
