"""Log in with GitLab: everybody in one of these groups.

In the environment: GITLAB_CLIENT_ID and GITLAB_CLIENT_SECRET of an application, whose callback address is
HUB/hub/oauth_callback and whose one scope is read_api; GRADEKIT_HUB, the address that people know, such as
https://hub.example.org; GRADEKIT_GROUPS, with commas between them; GITLAB_URL for a GitLab of your own.
"""

import os

c.JupyterHub.authenticator_class = "oauthenticator.gitlab.GitLabOAuthenticator"
c.GitLabOAuthenticator.oauth_callback_url = os.environ["GRADEKIT_HUB"].rstrip("/") + "/hub/oauth_callback"
c.GitLabOAuthenticator.allowed_gitlab_groups = set(os.environ["GRADEKIT_GROUPS"].split(","))
c.GitLabOAuthenticator.scope = ["read_api"]  # groups are not told to a smaller one
