"""The gradebook is in a database of its own, such as PostgreSQL. These settings stand in front of the course's."""

import os

c = get_config()  # noqa: F821  nbgrader puts it here

# postgresql+psycopg://NAME:PASSWORD@HOST/DATABASE; a secret that was made of a file often ends with a line's end
c.CourseDirectory.db_url = os.environ["GRADEKIT_GRADEBOOK"].strip()
