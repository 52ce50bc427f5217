"""What the pages in docs/ show is run, and what they name exists."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import numpy as np
import pytest

from gradekit import NotYet, verify, verify_fresh
from gradekit.hub.config import configure
from tests.conftest import FURTHER, NOTEBOOKS

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/*.md")), *sorted(ROOT.glob("gradekit/**/*.md"))]
EACH = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def python_block(page: str, start: str) -> str:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    (block,) = (body for body in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if body.startswith(start))
    return block


def test_the_lines_for_explorers_are_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(1)
    names = {"image": rng.integers(0, 9, (1, 5, 5, 1)), "kernel": rng.integers(-1, 2, (2, 2, 1, 1))}
    exec(python_block("explorers.md", "import convkit"), names)
    assert (tmp_path / "stride.html").exists()
    assert len(list((tmp_path / "site/explorers").glob("*.html"))) >= 5


def test_the_graded_cell_of_honest_grading_accepts_a_correct_answer_only():
    cell = python_block("honest-grading.md", "verify(")
    names = {"verify": verify, "verify_fresh": verify_fresh}

    def layer_params(kernel_size, in_channels, filters):
        return (kernel_size * kernel_size * in_channels + 1) * filters

    exec(cell, {**names, "layer_params": layer_params})
    with pytest.raises(NotYet, match="204"):
        exec(cell, {**names, "layer_params": lambda kernel_size, in_channels, filters: filters})


@EACH
def test_arguments_of_configure_are_its_own(page):
    for arguments in re.findall(r"configure\(\.\.\., ([^)]*)\)", page.read_text(encoding="utf-8")):
        for name in re.findall(r"(\w+)=", arguments):
            assert name in inspect.signature(configure).parameters, name


@EACH
def test_files_and_links_exist(page):
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert target.startswith("https://") or (page.parent / target).exists(), target
    for name in re.findall(r"`((?:benchmarks|deploy|docs|gradekit|tests)/[\w./-]+\.(?:py|md|json|yaml))`", text):
        inside = ROOT / "gradekit/src" / name
        assert any(path.exists() for path in (ROOT / name, inside, page.parents[1] / name)), name
    for number, name in re.findall(r"`(\d)-([\w-]+)`", text) if page.name == "teaching.md" else ():
        assert f"{number}-{name}" in {path.stem for path in (*NOTEBOOKS, *FURTHER)}


@pytest.mark.parametrize("package", ["convkit", "gradekit/src/gradekit"])
def test_architecture_names_every_module_and_folder_of(package):
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    for path in (ROOT / package).iterdir():
        if path.suffix == ".py" and path.stem != "__init__":
            assert f"`{path.stem}`" in text
        elif (path / "__init__.py").exists():
            assert f"`{path.name}/`" in text
