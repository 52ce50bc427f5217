"""The same in Notebook 7, which handles keys before the page's own listeners do."""

from __future__ import annotations

import nbformat

from .lab import Lab
from .serve import jupyter_lab


def test_an_explorer_works_in_notebook_7(tmp_path, browser):
    with jupyter_lab(tmp_path, "notebook") as server:
        page = Lab(server, browser)
        try:
            works(page)
        finally:
            page.close()


def works(lab):
    cells = [nbformat.v4.new_code_cell(cell) for cell in ("from convkit import explore", "explore.stride()")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    (lab.server["notebooks"] / "one.ipynb").write_text(nbformat.writes(notebook))
    lab.page.goto(f"{lab.server['url']}/notebooks/one.ipynb?token={lab.server['token']}")
    lab.page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    for _ in range(10):  # until the kernel is there, a cell that is run is lost
        lab.run_cells(len(cells))
        lab.page.wait_for_timeout(2000)
        if lab.page.locator(".convkit-stride").count():
            break
    explorer = lab.explorer("stride")
    assert "would be right for" in explorer.predict("3 x 3")
    explorer.press("Step")
    assert explorer.place == "Position 2 of 16"
    explorer.turn("Stride down (px)")
    assert explorer.place == "Position 2 of 12"
    before = lab.page.locator(".jp-Notebook .jp-CodeCell").count()
    lab.page.keyboard.press("a")
    assert lab.page.locator(".jp-Notebook .jp-CodeCell").count() == before
    assert lab.outside() == []
