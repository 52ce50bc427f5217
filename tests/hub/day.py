"""What users do on a hub in a browser: log in, fetch, work, submit; release, collect, grade, give feedback."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import TimeoutError

SLOW = 180_000  # milliseconds: a server starts, a notebook is graded, and the machine may be busy
# A page of formgrader loses what is typed before it has fetched the points and the comments.
KNOWS_THE_POINTS = """async () => {
  const there = () => ["grades", "comments"].every((kind) => window.formgrader?.[kind]?.loaded);
  while (!there()) await new Promise((done) => setTimeout(done, 50));
}"""


class Visitor:
    """A user of the hub with a browser."""

    def __init__(self, hub: Any, browser: Any, name: str) -> None:
        self.hub, self.person = hub, hub.people[name]
        self.context = browser.new_context(viewport={"width": 1360, "height": 900})
        self.page = self.context.new_page()
        self.page.set_default_timeout(SLOW)
        self.outside: list[str] = []  # requests that left this machine
        outside = re.compile(f"^(?!{re.escape(hub.url)}|data:|blob:)")
        self.context.route(outside, self._refuse)  # at once: a network that does not answer delays pages

    def _refuse(self, route: Any) -> None:
        self.outside.append(route.request.url)
        route.abort()

    def log_in(self, then: str) -> None:
        """Log in with name and password."""
        self.page.goto(f"{self.hub.url}/hub/login?next={urllib.parse.quote(then, safe='/')}")
        self.page.fill("#username_input", self.person.name)
        self.page.fill("#password_input", self.person.password)
        self.page.click("#login_submit")

    def picture(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=folder / f"{name}.png")

    def menu(self, *names: str) -> None:
        """Choose an entry of Lab's menu bar."""
        for patience in (5_000, 20_000, SLOW):  # on a busy machine a menu closes again under the mouse
            self.page.get_by_role("menuitem", name=names[0], exact=True).click()
            try:
                self.page.locator(".lm-Menu-item", has_text=names[1]).first.click(timeout=patience)
                return
            except TimeoutError:
                self.page.keyboard.press("Escape")

    def menu_names(self, name: str) -> list[str]:
        """The entries of a menu."""
        self.page.get_by_role("menuitem", name=name, exact=True).click()
        self.page.locator(".lm-Menu-itemLabel").first.wait_for()
        names = self.page.locator(".lm-Menu-itemLabel").all_inner_texts()
        self.page.keyboard.press("Escape")
        return [text for text in names if text]

    def close(self) -> None:
        self.context.close()


class StudentAtWork(Visitor):
    """A student in JupyterLab."""

    def start(self) -> None:
        self.log_in("/hub/user-redirect/lab")
        self.page.wait_for_selector("#jp-main-dock-panel")

    def open_lesson(self) -> None:
        """Open the link for students, which fetches the assignment."""
        course, assignment = self.hub.course.id, self.hub.assignment
        self.log_in(f"/hub/user-redirect/gradekit/open/{course}/{assignment}")
        self._notebook().wait_for()
        assert f"/lab/tree/{course}/{assignment}/1-" in self.page.url

    def _notebook(self) -> Any:
        return self.page.locator(".jp-Notebook .jp-Cell").first

    @contextmanager
    def away(self) -> Iterator[None]:
        """Close JupyterLab while files are changed: it saves open notebooks every two minutes, and would ask first."""
        address = self.page.url
        self.page.goto("about:blank")
        yield
        self.page.goto(address)
        self._notebook().wait_for()  # it opens last, and in front of what was opened before it

    # ---- the Assignment List

    def assignment_list(self) -> Any:
        self.menu("Nbgrader", "Assignment List")
        shown = self.page.locator("#nbgrader-assignment-list")
        shown.locator("#released_assignments_list_loading").wait_for(state="hidden")
        return shown

    def row(self, what: str) -> Any:
        """The assignment in a list: released, fetched or submitted."""
        return self.page.locator(f"#{what}_assignments_list > .list_item")

    def fetch(self) -> None:
        self.row("released").get_by_role("button", name="Fetch").click()
        self.row("fetched").wait_for()

    def notebooks(self) -> dict[str, Any]:
        """The notebooks of the fetched assignment: name -> row."""
        rows = self.row("fetched").locator(".assignment-notebooks .list_item", has=self.page.locator("button"))
        if not rows.first.is_visible():
            self.row("fetched").locator("a.assignment-notebooks-link").click()
        rows.first.wait_for()
        return {rows.nth(at).locator(".item_name").inner_text().strip(): rows.nth(at) for at in range(rows.count())}

    def validate(self, notebook: str) -> str:
        """Validate a notebook before it is submitted, and return nbgrader's message."""
        self.notebooks()[notebook].get_by_role("button", name="Validate").click()
        message = self.page.locator("#validation-message")
        message.wait_for()
        text = message.inner_text()
        self.page.locator(".jp-Dialog button").last.click()
        return text

    def submit(self) -> None:
        before = self.submissions()
        self.row("fetched").get_by_role("button", name="Submit").click()
        self._submissions.nth(before).wait_for()

    @property
    def _submissions(self) -> Any:
        return self.page.locator("#submitted_assignments_list .assignment-notebooks > .list_item", has_text="UTC")

    def submissions(self) -> int:
        """The number of submissions."""
        return self._submissions.count()

    def fetch_feedback(self) -> None:
        self.row("submitted").get_by_role("button", name="Fetch Feedback").click()
        self.row("submitted").get_by_text("view feedback").first.wait_for()

    def read_feedback(self, notebook: str) -> Any:
        """Open a page of feedback in Lab, and return its frame."""
        self.row("submitted").get_by_text("view feedback").first.click()
        self.page.locator(".jp-DirListing-item", has_text=f"{notebook}.html").dblclick()
        return self.page.frame_locator(".jp-HTMLViewer iframe")

    # ---- a notebook

    def open(self, notebook: str) -> None:
        self.notebooks()[notebook].locator(".item_name a").click()
        self.page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
        self.page.get_by_text("| Idle").wait_for()

    def write(self, beginning: str, text: str) -> None:
        """Type an answer into the cell that begins with these words."""
        cell = self.page.locator(".jp-CodeCell", has_text=beginning).first
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)

    def run_all(self) -> None:
        self.menu("Run", "Run All Cells")

    def save(self) -> None:
        self.page.keyboard.press("Control+s")

    # ---- files

    def contents(self, path: str, data: Any = None) -> Any:
        """Read or write a file in the student's home through the student's server, as Lab's file browser does."""
        address = f"{self.hub.url}/user/{self.person.name}/api/contents/{urllib.parse.quote(path)}"
        (token,) = (one["value"] for one in self.context.cookies(address) if one["name"] == "_xsrf")
        method, headers = "GET" if data is None else "PUT", {"X-XSRFToken": token}
        answer = self.context.request.fetch(address, method=method, headers=headers, data=data, timeout=SLOW)
        assert answer.ok, answer.text()
        return answer.json()


class InstructorAtWork(Visitor):
    """An instructor in the course server's Lab, with formgrader inside."""

    def start(self) -> None:
        self.log_in(f"/services/{self.hub.course.id}/lab?formgrader=true")
        self.assignment.wait_for()

    @property
    def formgrader(self) -> Any:
        return self.page.frame_locator("#formgrader-iframe iframe")

    def go(self, name: str) -> None:
        """Open a page of formgrader; from a submission by way of Manual Grading."""
        link = self.formgrader.get_by_role("link", name=name, exact=True)
        if not link.count():
            self._follow(self.formgrader.get_by_role("link", name="Manual Grading", exact=True))
        self._follow(link.first)

    def _follow(self, link: Any) -> None:
        """Click, and wait for another document: a click in the one that is left would be lost."""
        self.formgrader.locator("body").evaluate("body => { body.dataset.left = 'yes' }")
        link.click()
        self.formgrader.locator("body:not([data-left])").wait_for(state="attached")

    def press(self, row: Any, what: str) -> str:
        """Press a button in a row of formgrader's tables, and return the text of the window that opens."""
        row.locator(f".{what} a").click()
        return self.answer()

    def answer(self) -> str:
        window = self.formgrader.locator(".modal.in")
        window.locator(".modal-title").wait_for()
        text = window.inner_text()
        window.locator(".modal-footer button").first.click()
        self.formgrader.locator(".modal-backdrop").wait_for(state="detached")
        return text

    @property
    def assignment(self) -> Any:
        return self.formgrader.locator("tr", has_text=self.hub.assignment).first

    def submissions(self) -> None:
        """Open the table of submissions."""
        self.go("Manage Assignments")
        self.assignment.locator(".num-submissions a").click()
        self.formgrader.locator("td.student-id").first.wait_for()

    def submission(self, student: str) -> Any:
        return self.formgrader.locator("tr", has=self.page.locator(f"td.student-id:text-is('{student}')"))

    def read_submission(self, student: str, notebook: str, task: str) -> None:
        """Open the page where an instructor reads a notebook and gives points."""
        self.submissions()
        self.submission(student).locator(".student-name a").click()
        self.formgrader.get_by_role("link", name=notebook, exact=True).click()
        field = self.formgrader.locator(f"#{task}")
        field.wait_for()
        field.evaluate(KNOWS_THE_POINTS)

    def give(self, task: str, points: float, comment: str) -> None:
        """Type points and a comment for a task; both are saved when the field loses focus."""
        with self.page.expect_response(lambda answer: "/api/grade/" in answer.url and answer.ok):
            self.formgrader.locator(f"#{task}").fill(str(points))
            self.formgrader.locator(f"#{task}").press("Tab")
        with self.page.expect_response(lambda answer: "/api/comment/" in answer.url and answer.ok):
            self.formgrader.locator(f"#{task}-comment").fill(comment)
            self.formgrader.locator(f"#{task}-comment").press("Tab")

    def cell(self, row: Any, name: str) -> str:
        return row.locator(f".{name}").inner_text().strip()
