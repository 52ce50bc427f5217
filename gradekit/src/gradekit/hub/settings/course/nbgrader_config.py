"""nbgrader's settings in the course server; the rest is in the course's own nbgrader_config.py."""

import os

from gradekit.patches import protect_formgrader

c = get_config()  # noqa: F821  nbgrader puts it here

c.CourseDirectory.course_id = os.environ["GRADEKIT_COURSE"]
c.Authenticator.plugin_class = "gradekit.hub.auth_plugin.CourseServer"

# nbgrader trusts the name of a submission's folder and follows links out of it; OwnCollect does neither.
c.ExchangeFactory.collect = "gradekit.hub.exchange.OwnCollect"
c.ExchangeFactory.release_assignment = "gradekit.hub.private_submit.OwnRelease"
c.OwnCollect.system_name = os.environ["GRADEKIT_SYSTEM_NAME"] or "{username}"
c.OwnCollect.check_owner = bool(os.environ["GRADEKIT_SYSTEM_NAME"])  # none: all are one system user, for trying only

# Formgrader renders students' work in an instructor's browser; a course need not use gradekit itself.
protect_formgrader()
