"""A notebook page in a browser: open it, run its cells, and listen to what it says."""

from __future__ import annotations

import json
from typing import Any

import nbformat

# What Lab itself logs in an ordinary session; everything else would be ours.
THEIRS = ("/lsp/", "favicon", "net::ERR_ABORTED", "jupyterlab_widgets", "/api/me", "lab/api/news", "workspaces")


class Lab:
    """One page of JupyterLab, and everything that its console and its sockets carried."""

    def __init__(self, server: dict, browser: Any) -> None:
        self.server = server
        self.context = browser.new_context(viewport={"width": 1280, "height": 900})
        self.console: list[str] = []
        self.requests: list[str] = []
        self.sent = 0  # messages to the kernel
        self.page = self.new_page()

    def new_page(self) -> Any:
        page = self.context.new_page()
        page.on("console", lambda message: self.console.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.console.append(f"error: {error}"))
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("websocket", lambda socket: socket.on("framesent", self._count))
        return page

    def _count(self, _: Any) -> None:
        self.sent += 1

    def theme(self, name: str) -> None:
        """'JupyterLab Light' or 'JupyterLab Dark', for pages that are opened after this."""
        from .conftest import write_setting

        write_setting(self.server["settings"], "themes", {"theme": name})

    def open(self, name: str, cells: list[str]) -> Any:
        """A notebook with these cells, run; the page, when its last explorer stands."""
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        (self.server["notebooks"] / f"{name}.ipynb").write_text(nbformat.writes(notebook))
        self.page.goto(f"{self.server['url']}/doc/tree/{name}.ipynb?token={self.server['token']}&reset")
        self.page.wait_for_selector(".jp-Notebook .jp-CodeCell")
        self.page.get_by_text("| Idle").wait_for()  # a cell that is run before that is lost
        self.run_all()
        return self.page

    def run_all(self) -> None:
        """All cells, one after the other, by Shift+Enter."""
        self.page.click(".jp-Notebook .jp-CodeCell .jp-InputArea-editor")
        self.page.keyboard.press("Escape")
        for _ in range(self.page.locator(".jp-Notebook .jp-CodeCell").count()):
            self.page.keyboard.press("Shift+Enter")

    def ours(self) -> list[str]:
        """What the console said that Lab alone does not say."""
        bad = [line for line in self.console if line.startswith(("error", "warning"))]
        return [line for line in bad if not any(word in line for word in THEIRS)]

    def outside(self) -> list[str]:
        """Requests that left this machine."""
        home = (self.server["url"], self.server["url"].replace("http", "ws"), "data:", "blob:")
        return [url for url in self.requests if not url.startswith(home)]

    def close(self) -> None:
        self.context.close()


def numbers_of(page: Any, selector: str) -> list[float]:
    """The exact values of cells, in the order of the page."""
    return json.loads(
        page.evaluate(
            "(s) => JSON.stringify([...document.querySelectorAll(s)].filter((c) => !c.closest('[hidden]'))"
            ".map((c) => Number(c.dataset.value)))",
            selector,
        )
    )
