"""A notebook page in a browser: open it, run its cells, use an explorer, and listen to what the page says."""

from __future__ import annotations

import json
from typing import Any

import nbformat

from .cells import ALONE, READ_CELLS
from .serve import write_setting

# For each explorer at its opening settings the right answer, and a wrong one with a known cause.
RIGHT = {
    "parameters": "76",
    "padding": "1, 1",
    "stride": "4 x 4",
    "pointwise": "8",
    "filters": "10",
    "transposed": "5 x 5",
    "pooling": "4 x 4 x 3",
    "dilated": "5 x 5",
    "receptive_field": "7",
    "groups": "76",
}
WRONG = {
    "parameters": "72",
    "padding": "2, 0",
    "stride": "3 x 3",
    "pointwise": "6",
    "filters": "11",
    "transposed": "6 x 6",
    "pooling": "4 x 4 x 1",
    "dilated": "7 x 7",
    "receptive_field": "5",
    "groups": "148",
}
SLOW = 120_000  # milliseconds that a page has, where a machine has much else to do
# What JupyterLab itself logs in an ordinary session; everything else would be ours.
THEIRS = ("/lsp/", "favicon", "net::ERR_ABORTED", "/api/me", "lab/api/news", "workspaces")


class Lab:
    """One page of JupyterLab, and everything that its console and its sockets carried."""

    def __init__(self, server: dict, browser: Any) -> None:
        self.server = server
        self.context = browser.new_context(viewport={"width": 1280, "height": 900})
        self.context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.console: list[str] = []
        self.requests: list[str] = []
        self.sent = 0  # messages to the kernel
        self.page = self._new_page()

    def _new_page(self) -> Any:
        page = self.context.new_page()
        page.set_default_timeout(SLOW)
        page.on("console", lambda message: self.console.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.console.append(f"error: {error}"))
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("websocket", lambda socket: socket.on("framesent", self._count))
        return page

    def _count(self, _: Any) -> None:
        self.sent += 1

    def theme(self, name: str) -> None:
        """'JupyterLab Light' or 'JupyterLab Dark', for pages that are opened after this."""
        write_setting(self.server["settings"], "apputils-extension", "themes", {"theme": name})

    def open(self, name: str, cells: list[str], width: int = 1280, height: int = 900, run: int | None = None) -> Any:
        """A notebook with these cells, all of them or the first `run` run; the page."""
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        (self.server["notebooks"] / f"{name}.ipynb").write_text(nbformat.writes(notebook))
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.goto(f"{self.server['url']}/doc/tree/{name}.ipynb?token={self.server['token']}&reset")
        self.page.wait_for_selector(".jp-Notebook .jp-CodeCell")
        self.page.get_by_text("| Idle").wait_for()  # a cell that is run before that is lost
        self.run_cells(len(cells) if run is None else run)
        return self.page

    def run_cells(self, count: int) -> None:
        """The first cells, one after the other, by Shift+Enter."""
        self.page.click(".jp-Notebook .jp-CodeCell .jp-InputArea-editor")
        self.page.keyboard.press("Escape")
        for _ in range(count):
            self.page.keyboard.press("Shift+Enter")

    def explorer(self, name: str) -> ExplorerOnPage:
        """The explorer of this name, when it is on the page, and in sight: elsewhere a browser leaves it out."""
        self.page.wait_for_selector(f".convkit-{name} .cvx-panels[data-serial]", state="attached")
        found = ExplorerOnPage(self.page, self.page.locator(f".convkit-{name}").first)
        found.box.evaluate("(host) => host.scrollIntoView({ block: 'nearest' })")
        found.box.locator(".cvx-head").wait_for()
        return found

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


class ExplorerOnPage:
    """What a person does with an explorer, and what a person sees of it."""

    def __init__(self, page: Any, box: Any) -> None:
        self.page, self.box = page, box

    # ---- to do

    def predict(self, text: str) -> str:
        """Type a prediction and press Enter; what is said to it."""
        field = self.box.get_by_label("Your prediction")
        field.fill(text)
        field.press("Enter")
        return self.verdict

    def still(self) -> None:
        """Stop a picture that fills by itself."""
        pause = self.box.get_by_role("button", name="Pause", exact=True)
        if pause.count():
            pause.click()

    def press(self, name: str) -> None:
        """A button, by mouse."""
        self.box.get_by_role("button", name=name, exact=True).click()

    def slider(self, label: str) -> Any:
        """The handle of a slider, found by the name that a screen reader says."""
        return self.box.get_by_role("slider", name=label, exact=True)

    def turn(self, label: str, key: str = "ArrowRight", times: int = 1) -> None:
        """A slider, by keyboard."""
        for _ in range(times):
            self.slider(label).press(key)

    def click_slider(self, handle: Any, part: float) -> None:
        """The same by mouse: click on the bar, at a part of its length."""
        handle.scroll_into_view_if_needed()
        bar = handle.bounding_box()
        self.page.mouse.click(bar["x"] + part * bar["width"], bar["y"] + bar["height"] / 2)

    def choose(self, label: str, option: str) -> None:
        """An option of a list."""
        self.box.get_by_label(label, exact=True).select_option(option)

    def type(self, label: str, text: str) -> None:
        """A number into a field."""
        self.box.get_by_label(label, exact=True).fill(text)

    # ---- to see

    @property
    def verdict(self) -> str:
        found = self.box.locator(".cvx-verdict")
        return found.inner_text() if found.is_visible() else ""

    @property
    def moment(self) -> str:
        return self.box.locator(".cvx-moment").inner_text()

    @property
    def place(self) -> str:
        return self.box.locator(".cvx-place").inner_text()

    @property
    def spoken(self) -> str:
        self.box.evaluate(  # the live region waits a little, so that a slider does not chatter
            "async (box) => { while (box.closest('.convkit-explorer').stage.speaking)"
            " await new Promise((wait) => setTimeout(wait, 20)); }"
        )
        return self.box.locator("[role=status]").inner_text()

    def drawn(self, panel: int = 0) -> list[dict[str, str]]:
        """The cells of a panel as its picture lists them; none where there is no such panel."""
        look = (
            f"(box, n) => JSON.stringify([...box.querySelectorAll('.cvx-panel')].slice(n, n + 1).flatMap({READ_CELLS}))"
        )
        return json.loads(self.box.evaluate(look, panel))

    def cells(self, role: str, panel: int = 0, plane: int | None = None) -> Any:
        """The exact values of the cells of a role as {(row, column): value}."""
        return {
            (int(cell["row"]), int(cell["col"])): float(cell["value"])
            for cell in self.drawn(panel)
            if cell["role"] == role and (plane is None or int(cell["plane"]) == plane)
        }

    def value(self, role: str) -> float:
        """The exact value of the only cell of a role."""
        (cell,) = [cell for cell in self.drawn() if cell["role"] == role]
        return float(cell["value"])

    def lit(self, panel: int = 0) -> set[tuple[int, int]]:
        """Rows and columns of the input pixels that are marked as read."""
        return {
            (int(cell["row"]), int(cell["col"])) for cell in self.drawn(panel) if "cv-tap" in cell["classes"].split()
        }

    def place_of(self, role: str, row: int, column: int, plane: int = 0) -> dict[str, Any]:
        """Where a cell is on the screen, when the picture is in sight: left, top, width, height, and its middle."""
        self.box.locator(".cvx-panel svg").first.scroll_into_view_if_needed()
        wanted = {"role": role, "row": str(row), "col": str(column), "plane": str(plane)}
        look = f"""(box, wanted) => {{
          const is = (cell) => Object.entries(wanted).every(([name, value]) => cell[name] === value);
          const place = {ALONE}({READ_CELLS}(box).find(is), (cell) => cell.getBoundingClientRect());
          return {{ ...place.toJSON(), middle: [place.x + place.width / 2, place.y + place.height / 2] }};
        }}"""
        return self.box.evaluate(look, wanted)

    def hover(self, *cell: Any) -> None:
        """The mouse over a cell; arguments as for `place_of`."""
        self.page.mouse.move(*self.place_of(*cell)["middle"])

    def click(self, *cell: Any) -> None:
        """The same, and a click. What the picture says of the cell below the mouse may move it."""
        self.hover(*cell)
        self.page.mouse.click(*self.place_of(*cell)["middle"])
