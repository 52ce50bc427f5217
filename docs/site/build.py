"""Collect the pages of the site and run Sphinx on them.

Sphinx reads a copy of the documents, with the same folders as in the repository, so that their links stay as they are.
What it warns of is an error.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from sphinx.cmd.build import build_main

from convkit import animate, explore
from convkit.picture.theme import variables

from . import api, lesson, links

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TARGET = ROOT / "build" / "site"
DOCUMENTS = (
    *("CONTRIBUTING.md", "CHANGELOG.md", "docs/*.md", "docs/pictures/*"),
    *("gradekit/README.md", "gradekit/docs/*.md"),
)
MENU = {
    "Learn": ("lesson", "explorers"),
    "Teach": ("docs/teaching", "docs/grading", "docs/submissions", "docs/honest-grading", "docs/explorers"),
    "Run a hub": ("docs/administrator", "docs/hub", "docs/sizing", "docs/privacy"),
    "Grade any course": ("gradekit/README", "gradekit/docs/*"),
    "Look up": ("api", "docs/architecture", "docs/accessibility", "CONTRIBUTING", "CHANGELOG"),
}


def build(target: Path = TARGET) -> int:
    """Write the site into a new folder, or over the last one in build/; return 0, or 1 after printing what is wrong."""
    if target != TARGET and target.exists():
        print(f"{target} exists already; name a folder that does not", file=sys.stderr)
        return 1
    shutil.rmtree(target, ignore_errors=True)
    with TemporaryDirectory() as folder:
        work = Path(folder, "pages")
        collect(work)
        options = ["-q", "-W", "--keep-going", "-d", str(Path(folder, "doctrees"))]
        if build_main([*options, str(work), str(target)]):
            return 1
    problems = links.problems(target)
    for line in problems:
        print(line, file=sys.stderr)
    if not problems:
        print(target / "index.html")
    return int(bool(problems))


def collect(work: Path) -> None:
    """Fill the folder that Sphinx reads."""
    for path in (path for pattern in DOCUMENTS for path in ROOT.glob(pattern)):
        copy(path, work / path.relative_to(ROOT))
    for source in sorted(ROOT.glob("release/*/*.ipynb")):
        copy(lesson.executed(source), work / "lesson" / source.parent.name / source.name)
    explorers = explore.pages(work / "_extra" / "explorers")
    api.write(work / "_extra" / "api", has_site=True)
    write(work / "index.md", read(ROOT / "README.md"), *(menu(pages, title) for title, pages in MENU.items()))
    write(work / "explorers.md", read(HERE / "explorers.md"), *played(explorers))
    write(work / "_static" / "site.css", read(HERE / "site.css"), dark())
    for name in ("conf.py", "api.md", "lesson.md"):
        copy(HERE / name, work / name)


def menu(pages: tuple[str, ...], title: str) -> str:
    """A part of the navigation, as MyST writes it."""
    return "\n".join(["", "```{toctree}", ":glob:", ":hidden:", f":caption: {title}", "", *pages, "```", ""])


def played(explorers: list[Path]) -> Iterator[str]:
    """The sections of the page with all explorers, and animations with and without padding, strides and gaps."""
    for page in explorers:
        explorer = getattr(explore, page.stem)()
        own = f'<a href="explorers/{page.name}">On a page of its own</a>'
        yield f"\n## {explorer.topic.title}\n\n{own}\n\n{raw(explorer.fragment())}"
    yield "\n## Animations\n"
    image = np.random.default_rng(2).integers(0, 5, size=(5, 5))
    kernel = [[0, 1, 0], [1, 2, 1], [0, 1, 0]]
    for settings in ({}, {"padding": "SAME", "strides": 2}, {"padding": "SAME", "dilations": 2}):
        animation = animate(image, kernel, **settings)
        yield f"\n### {animation.title}\n\n{raw(animation.fragment())}"


def raw(html: str) -> str:
    """HTML that MyST leaves as it is."""
    return f"```{{raw}} html\n{html}\n```\n"


def dark() -> str:
    """The colors of pictures on a dark page; Furo's theme can follow the system, or a choice of the reader."""
    rule = f".cv-picture{{{variables(dark=True)}}}"
    return f'body[data-theme="dark"] {rule}\n@media (prefers-color-scheme: dark) {{ body[data-theme="auto"] {rule} }}\n'


def read(path: Path) -> str:
    """The text of a file."""
    return path.read_text(encoding="utf-8")


def write(path: Path, *parts: str) -> None:
    """Write a file, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(parts), encoding="utf-8")


def copy(source: Path, path: Path) -> None:
    """Copy a file, and make the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, path)
