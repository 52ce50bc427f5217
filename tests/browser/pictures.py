"""The pictures in docs/pictures: explorers as saved pages, the report on a class, and the animation in the README.

    python -m tests.browser.pictures [FOLDER]

It needs Debian's chromium. Pictures have few colors, so that they are small.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image

import convkit
from convkit.explore.topics.filters import KERNELS, X

from .lab import WRONG, ExplorerOnPage
from .serve import chromium

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
PLANTED = Path(__file__).parents[2] / "gradekit/tests/planted_class.py"
SHOTS = [  # explorer, end of the file's name, steps from home (None: where it ends)
    ("parameters", "", None),
    ("padding", "", 9),
    ("stride", "", 5),
    ("pointwise", "", None),
    ("filters", "", 5),
    ("transposed", "", 2),
    ("pooling", "", 7),
    ("dilated", "", 6),
    ("receptive_field", "", 12),
    ("groups", "", 4),
    ("stride", "-dark", 5),
    ("pointwise", "-dark", None),
]
COLORS, EXACT, NEAR = 256, 128, 8


def main(folder: Path = FOLDER) -> None:
    """Write all pictures."""
    (folder / "convolution.gif").write_bytes(convkit.animate(X, KERNELS[0]).gif())
    with tempfile.TemporaryDirectory() as home, chromium() as browser:
        for name, ending, steps in SHOTS:
            scheme = "dark" if ending else "light"
            context = browser.new_context(viewport={"width": 1000, "height": 900}, color_scheme=scheme)
            page = context.new_page()
            page.goto(getattr(convkit.explore, name)().save(Path(home, f"{name}.html")).as_uri())
            page.wait_for_selector(".cvx-panels[data-serial]")
            explorer = ExplorerOnPage(page, page.locator(f".convkit-{name}"))
            write(folder / f"explore-{name}{ending}.png", taken(explorer, WRONG[name], steps))
            context.close()
        page = browser.new_page(viewport={"width": 1100, "height": 900})
        page.goto(class_report(Path(home, "class")).as_uri())
        write(folder / "class-report.png", page.locator(".first").screenshot())


def class_report(course: Path) -> Path:
    """The page of a class of twelve, in which three mistakes are planted."""
    report = [sys.executable, "-m", "gradekit.cli", "report", "--html", "report.html"]
    subprocess.run([sys.executable, PLANTED, course], check=True)
    subprocess.run(report, check=True, cwd=course, stdout=subprocess.DEVNULL)
    return course / "report.html"


def taken(explorer: ExplorerOnPage, prediction: str, steps: int | None) -> bytes:
    """An explorer with its answer, some steps from home."""
    explorer.predict(prediction)
    explorer.page.wait_for_timeout(500)
    if explorer.box.get_by_role("button", name="Pause", exact=True).count():
        explorer.page.wait_for_timeout(5000)  # a picture that fills by itself
    if steps is not None:
        explorer.press("Home")
        for _ in range(steps):
            explorer.press("Step")
    explorer.page.mouse.move(0, 0)
    explorer.page.evaluate("() => document.activeElement.blur()")
    explorer.page.wait_for_timeout(500)
    return explorer.box.screenshot()


def write(path: Path, picture: bytes) -> None:
    """As small as PNG gets with few colors."""
    image: Any = Image.open(io.BytesIO(picture)).convert("RGB")
    image.quantize(palette=palette(image), dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path.name}: {image.width} x {image.height} pixels, {path.stat().st_size // 1024} kB")


def palette(image: Any) -> Any:
    """The most frequent colors exactly, the rest as near as may be."""
    counted = sorted(image.getcolors(image.width * image.height), reverse=True)[:EXACT]
    found = image.quantize(COLORS).getpalette()
    chosen: list[tuple[int, ...]] = []
    for color in [color for _, color in counted] + [tuple(found[n : n + 3]) for n in range(0, len(found), 3)]:
        # Pillow looks colors up in steps of 4: one too near to another would take its place.
        if all(max(abs(a - b) for a, b in zip(color, other, strict=True)) > NEAR for other in chosen):
            chosen.append(color)
    made: Any = Image.new("P", (1, 1))
    made.putpalette([part for color in chosen[:COLORS] for part in color])
    return made


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
