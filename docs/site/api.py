"""The API reference of both packages, from their docstrings: `make api` writes it to build/api."""

from __future__ import annotations

import sys
from pathlib import Path

import pdoc

import convkit
import gradekit

TARGET = Path(__file__).parents[2] / "build" / "api"
TEMPLATES = Path(__file__).parent / "api_pages"  # pdoc's own, with a link to the site
LEFT_OUT = ("!gradekit.hub.settings", "!gradekit.hub.ngshare", "!convkit.lesson.preload")


def write(target: Path = TARGET, has_site: bool = False) -> Path:
    """Write the pages into a folder, which may be a part of a site: pages then link to it. Returns the first page."""
    for house in (convkit, gradekit):  # pdoc does not see what a package loads at its first use
        for name in house.__all__:
            vars(house)[name] = getattr(house, name)
    pdoc.render.configure(template_directory=TEMPLATES)
    pdoc.render.env.globals["has_site"] = has_site
    pdoc.pdoc("convkit", "gradekit", *LEFT_OUT, output_directory=target)
    return target / "index.html"


if __name__ == "__main__":
    print(write(Path(sys.argv[1]) if sys.argv[1:] else TARGET))
