"""Accounts of the hub's own, with passwords. People sign up at HUB/hub/signup, and an admin lets them in.

In the environment: GRADEKIT_DOORKEEPERS, the names of those who let people in at HUB/hub/authorize, with commas between
them. They sign up first, and are in at once. They are admins of the hub: nativeauthenticator knows no smaller right.
"""

import os

from nativeauthenticator import NativeAuthenticator
from nativeauthenticator.handlers import LoginHandler


class Accounts(NativeAuthenticator):
    """With the hub's own login page: nativeauthenticator's counts with something that JupyterHub 6 has no more."""

    def get_handlers(self, app):
        return [(path, handler) for path, handler in super().get_handlers(app) if handler is not LoginHandler]


c.JupyterHub.authenticator_class = Accounts
c.JupyterHub.template_vars = {"announcement_login": 'No account yet? <a href="signup">Sign up</a>, and wait a little.'}
c.Accounts.open_signup = False
c.Accounts.check_common_password = True
c.Accounts.minimum_password_length = 12
c.Accounts.allowed_failed_logins = 5
c.Accounts.seconds_before_next_try = 600
c.Authenticator.admin_users = set(os.environ["GRADEKIT_DOORKEEPERS"].split(","))
c.Authenticator.allow_all = True  # whom a doorkeeper has let in
