"""Protect the instructor who opens formgrader: sanitized submissions, escaped values, a strict policy.

nbgrader 0.9.6 shows submissions and names as they were written, on pages that may set every score. Its settings for
a Jupyter server are replaced here when formgrader starts; see `gradekit.patches`.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from pathlib import Path
from typing import Any, ClassVar

from jinja2 import Environment, FileSystemLoader
from nbgrader.server_extensions.formgrader import handlers

from gradekit.page import HANDLER, NONCE, StudentPage, protected

# formgrader waits for MathJax to report that it is done. Formulas are MathML here, which needs no script.
NO_MATHJAX = (
    '<script nonce="{{ nonce() }}">'
    'window.MathJax = {Hub: {Startup: {signal: {Interest: (report) => report("End")}}}};'
    "</script>"
)
SANDBOX = "sandbox allow-scripts allow-same-origin allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox"
FILE_POLICY = "sandbox; default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'"
FRAMES = "frame-ancestors 'self'"  # formgrader is in a frame of JupyterLab


class SubmissionPage(StudentPage):
    """formgrader's view of a submission."""

    changes: ClassVar[dict[str, str]] = {**StudentPage.changes, "{{ mathjax() }}": NO_MATHJAX}


def settings(config: Any) -> dict[str, Any]:
    """The settings of a Jupyter server that formgrader reads, in place of nbgrader's own."""
    pages = Environment(loader=FileSystemLoader([handlers.template_path]), autoescape=True)
    return {"nbgrader_exporter": SubmissionPage(config=config), "nbgrader_jinja2_env": protected(pages)}


def page_policy(handler: Any) -> str:
    """The Content-Security-Policy of one answer: only the scripts of nbgrader's templates, only this server."""
    if not hasattr(handler, "_gradekit_nonce"):
        handler._gradekit_nonce = secrets.token_urlsafe(16)
    NONCE.set(handler._gradekit_nonce)
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src 'nonce-{handler._gradekit_nonce}' 'unsafe-hashes' {HANDLER_HASHES}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "form-action 'none'",
            "base-uri 'none'",
            FRAMES,
            SANDBOX,
        ]
    )


def file_policy(handler: Any) -> str:
    """The policy of a file that a student handed in: shown alone, it runs nothing and has no rights here."""
    return f"{FILE_POLICY}; {FRAMES}"


def _handler_hashes(folder: Path) -> str:
    """What templates have in onclick, as a policy names it."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*")) if path.suffix in {".tpl", ".j2"}]
    calls = sorted({call for text in texts for call in re.findall(HANDLER, text)})
    digests = [base64.b64encode(hashlib.sha256(call.encode()).digest()).decode() for call in calls]
    return " ".join(f"'sha256-{digest}'" for digest in digests)


HANDLER_HASHES = _handler_hashes(Path(handlers.template_path))
