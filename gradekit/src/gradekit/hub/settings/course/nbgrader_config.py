"""What nbgrader has to know in the course server; the rest is in the course's own nbgrader_config.py."""

import os

from gradekit.patches import protect_formgrader

c = get_config()  # noqa: F821  nbgrader puts it here

c.CourseDirectory.course_id = os.environ["GRADEKIT_COURSE"]
c.Authenticator.plugin_class = "gradekit.hub.classlist.CourseServer"

# nbgrader takes a submission for whose it says it is, and follows links out of it. This one does not.
c.ExchangeFactory.collect = "gradekit.hub.exchange.OwnCollect"
c.ExchangeFactory.release_assignment = "gradekit.hub.handin.OwnRelease"
c.OwnCollect.system_name = os.environ["GRADEKIT_SYSTEM_NAME"] or "{username}"
c.OwnCollect.check_owner = bool(os.environ["GRADEKIT_SYSTEM_NAME"])  # none: all are one system user, for trying only

# Formgrader shows what students wrote in the browser of an instructor, also where the course has no line of gradekit.
protect_formgrader()
