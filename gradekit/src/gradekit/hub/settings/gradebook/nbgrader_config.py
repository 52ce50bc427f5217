"""Keep the gradebook in a database such as PostgreSQL. In JUPYTER_CONFIG_PATH this comes before `course`."""

import os

c = get_config()  # noqa: F821  nbgrader puts it here

# postgresql+psycopg://NAME:PASSWORD@HOST/DATABASE; a secret that comes from a file often ends with a newline
c.CourseDirectory.db_url = os.environ["GRADEKIT_GRADEBOOK"].strip()
