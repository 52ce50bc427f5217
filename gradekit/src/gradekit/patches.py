"""What gradekit replaces in other libraries at run time, each with the version it was written for."""

from __future__ import annotations

import sys
from typing import Any


def skip_iri_grammar() -> None:
    """Keep jsonschema (4.25) from building a grammar of web addresses: it takes 1.7 s, and no notebook needs one."""
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


def protect_formgrader() -> None:
    """Let formgrader (nbgrader 0.9.6) start with sanitized pages and a Content-Security-Policy.

    It offers no setting for its exporter, its templates or its headers.
    """
    from nbgrader.server_extensions.formgrader import base, handlers
    from nbgrader.server_extensions.formgrader.formgrader import FormgradeExtension

    usual = FormgradeExtension.init_tornado_settings
    if usual.__module__ == __name__:
        return

    def init_tornado_settings(self: Any, webapp: Any) -> None:
        from gradekit import formgrader

        usual(self, webapp)
        webapp.settings.update(formgrader.settings(self.config))
        base.BaseHandler.content_security_policy = property(formgrader.page_policy)
        handlers.SubmissionFilesHandler.content_security_policy = property(formgrader.file_policy)

    FormgradeExtension.init_tornado_settings = init_tornado_settings


skip_iri_grammar()
