"""Links that open an assignment in JupyterLab, and fetch it first where the student has not.

    https://HUB/hub/user-redirect/gradekit/open/COURSE/ASSIGNMENT

The hub lets the student log in and starts the server, on which this is an extension.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from tornado import web


class OpenAssignment(JupyterHandler):
    """Redirect to the first notebook of an assignment."""

    @web.authenticated
    def get(self, course: str, assignment: str) -> None:
        """Open what is there; an assignment that was fetched is not changed."""
        lister = self.settings["assignment_list_manager"]  # nbgrader's
        folder = Path(course, assignment)
        here = Path(lister.root_dir, folder)
        if folder.parts != (course, assignment) or ".." in folder.parts:
            raise web.HTTPError(404)
        if not here.is_dir():
            lister.fetch_assignment(course, assignment)
        if not here.is_dir():
            raise web.HTTPError(403, f"{course} has no released assignment {assignment}, or you are not in the course.")
        first = min((folder / path.name for path in here.glob("*.ipynb")), default=folder)
        self.redirect(url_path_join(self.base_url, "lab/tree", quote(first.as_posix())))


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(app: Any) -> None:
    pattern = url_path_join(app.web_app.settings["base_url"], "gradekit/open/([^/]+)/([^/]+)")
    app.web_app.add_handlers(".*$", [(pattern, OpenAssignment)])
