"""nbgrader's settings in every server of the hub: the exchange, and the hub as the source of course lists."""

import os

c = get_config()  # noqa: F821  nbgrader puts it here

c.Exchange.root = os.environ["GRADEKIT_EXCHANGE"]
c.Exchange.path_includes_course = True  # a student may take two courses that call an assignment the same
c.Authenticator.plugin_class = "nbgrader.auth.JupyterHubAuthPlugin"
