"""Log in with GitHub: everybody in one of these organizations.

In the environment: GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET of an OAuth app, whose callback address is
HUB/hub/oauth_callback; GRADEKIT_HUB, the address that people know, such as https://hub.example.org;
GRADEKIT_ORGANIZATIONS, with commas between them.
"""

import os

c.JupyterHub.authenticator_class = "oauthenticator.github.GitHubOAuthenticator"
c.GitHubOAuthenticator.oauth_callback_url = os.environ["GRADEKIT_HUB"].rstrip("/") + "/hub/oauth_callback"
c.GitHubOAuthenticator.allowed_organizations = set(os.environ["GRADEKIT_ORGANIZATIONS"].split(","))
c.GitHubOAuthenticator.scope = ["read:org"]  # who a user is, and in which organizations; no repository
