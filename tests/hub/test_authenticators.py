"""A real hub loads each way to log in; where no outside service is needed, people log in."""

from __future__ import annotations

import grp
import json
import os
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlparse

import pytest
import requests

from tests.hub.small_hub import ROOT, Hub, packages

pytestmark = pytest.mark.days

FOLDER = ROOT / "deploy" / "authenticators"
PASSBACK = ROOT / "gradekit" / "docs" / "passback.md"
GROUP = "nogroup" if os.geteuid() == 0 else grp.getgrgid(os.getegid()).gr_name  # in the place of the grader's
CONFIG = """
load_subconfig({file!r})
c.JupyterHub.load_groups = {{"formgrade-convkit": {{"users": ["ruth"]}}, "nbgrader-convkit": {{"users": []}}}}
"""
CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership#"


@pytest.fixture(scope="session")
def library() -> str:
    return str(packages(FOLDER / "requirements.lock", ""))


def hub_with(name: str, folder, library: str, **environment: str) -> Hub:
    hub = Hub(folder, CONFIG, extra={"PYTHONPATH": library}, file=str(FOLDER / f"{name}.py"))
    hub.environment.update(environment)
    return hub.start()


@pytest.mark.parametrize(
    ("name", "environment", "sent"),
    [
        (
            "github",
            {"GITHUB_CLIENT_ID": "an-id", "GITHUB_CLIENT_SECRET": "a-secret", "GRADEKIT_ORGANIZATIONS": "school,club"},
            {"scope": "read:org"},
        ),
        (
            "gitlab",
            {
                "GITLAB_CLIENT_ID": "an-id",
                "GITLAB_CLIENT_SECRET": "a-secret",
                "GRADEKIT_GROUPS": "school",
                "GITLAB_URL": "https://gitlab.example.org",
            },
            {"scope": "read_api"},
        ),
    ],
    ids=["github", "gitlab"],
)
def test_oauth_redirects_to_the_provider(name, environment, sent, tmp_path, library):
    hub = hub_with(name, tmp_path, library, GRADEKIT_HUB="https://hub.example.org/", **environment)
    try:
        answer = requests.get(f"{hub.url}/hub/oauth_login", allow_redirects=False, timeout=300)
    finally:
        hub.stop()
    there = urlparse(answer.headers["Location"])
    asked = {key: values[0] for key, values in parse_qs(there.query).items()}
    assert there.netloc == urlparse(environment.get("GITLAB_URL", "https://github.com")).netloc
    assert asked["redirect_uri"] == "https://hub.example.org/hub/oauth_callback"
    assert asked["client_id"] == "an-id"
    assert asked.items() >= sent.items()
    assert "a-secret" not in answer.headers["Location"] + hub.log.read_text()


class Platform:
    """A learning platform: it has a key, publishes the public half, and signs launches."""

    def __init__(self, library: str) -> None:
        import sys

        sys.path.append(library)
        import jwt
        from cryptography.hazmat.primitives.asymmetric import rsa

        self.jwt, self.key = jwt, rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.other_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        keys = json.dumps({"keys": [{**public, "kid": "one", "use": "sig", "alg": "RS256"}]}).encode()

        class Keys(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(keys)

            def log_message(self, *_) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Keys)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def launch(self, hub: Hub, who: str, context: str, role: str, forged: bool = False) -> requests.Response:
        """Launch the hub from a course of the platform, as a user does."""
        browser = requests.Session()
        start = {"iss": self.url, "login_hint": who, "target_link_uri": f"{hub.url}/hub", "client_id": "tool"}
        away = browser.get(f"{hub.url}/hub/lti13/oauth_login", params=start, allow_redirects=False, timeout=300)
        asked = parse_qs(urlparse(away.headers["Location"]).query)
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": "tool",
            "sub": who,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"][0],
            CLAIM + "version": "1.3.0",
            CLAIM + "message_type": "LtiResourceLinkRequest",
            CLAIM + "deployment_id": "1",
            CLAIM + "target_link_uri": f"{hub.url}/hub",
            CLAIM + "resource_link": {"id": "7"},
            CLAIM + "context": {"id": context, "label": "CNN"},
            CLAIM + "roles": [ROLE + role],
            "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": {"lineitems": f"{self.url}/{context}/lineitems"},
            "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice": {
                "context_memberships_url": f"{self.url}/{context}/members",
                "service_versions": ["2.0"],
            },
        }
        key = self.other_key if forged else self.key
        token = self.jwt.encode(claims, key, algorithm="RS256", headers={"kid": "one"})
        back = {"id_token": token, "state": asked["state"][0]}
        return browser.post(f"{hub.url}/hub/lti13/oauth_callback", data=back, allow_redirects=False, timeout=300)


@pytest.fixture(scope="module")
def lti(tmp_path_factory, library) -> Iterator[tuple[Hub, Platform]]:
    platform = Platform(library)
    addresses = {
        "LTI_ISSUER": platform.url,
        "LTI_AUTHORIZE_URL": f"{platform.url}/auth",
        "LTI_JWKS_URL": f"{platform.url}/keys",
    }
    folder = tmp_path_factory.mktemp("lti")
    addresses["LTI_PEOPLE"] = str(folder / "people")
    (make,) = re.findall(r"`(install -d [^`]*)`", PASSBACK.read_text(encoding="utf-8"))
    make = make.replace("grader-convkit", GROUP).replace("/srv/lti-people", addresses["LTI_PEOPLE"])
    subprocess.run(make.split(), check=True)
    before = os.umask(0o077)  # as in the hub's unit
    hub = hub_with("lti13", folder, library, LTI_CLIENT_ID="tool", LTI_COURSES="42=convkit,43=other", **addresses)
    os.umask(before)
    yield hub, platform
    hub.stop()
    platform.server.shutdown()


def groups(hub: Hub, name: str) -> list[str]:
    """The groups of a user in the hub's database."""
    import sqlite3

    with sqlite3.connect(f"file:{hub.folder / 'hub.sqlite'}?mode=ro", uri=True) as db:
        rows = db.execute(
            "select groups.name from groups join user_group_map on groups.id = group_id "
            "join users on users.id = user_id where users.name = ? order by 1",
            (name,),
        )
        return [row[0] for row in rows]


def test_a_learner_takes_part_and_an_instructor_teaches(lti):
    hub, platform = lti
    for who, role in (("u-ada", "Learner"), ("u-ida", "Instructor")):
        answer = platform.launch(hub, who, "42", role)
        assert (answer.status_code, answer.headers.get("Location")) == (302, "/hub/spawn"), hub.log.read_text()[-3000:]
    assert groups(hub, "u-ada") == ["nbgrader-convkit"]
    assert groups(hub, "u-ida") == ["formgrade-convkit"]
    assert groups(hub, "ruth") == ["formgrade-convkit"]


def test_who_a_learner_is_on_the_platform_is_kept_for_grades_and_an_instructor_is_not(lti):
    hub, platform = lti
    platform.launch(hub, "Mixed-Case@7", "42", "Learner")
    platform.launch(hub, "Teacher-9", "42", "Instructor")
    folder = hub.folder / "people/convkit"
    about = (folder / "mixed-case%407.json").stat()
    assert (about.st_mode & 0o777, grp.getgrgid(about.st_gid).gr_name) == (0o640, GROUP)
    assert json.loads((folder / "mixed-case%407.json").read_text()) == {
        "name": "mixed-case@7",
        "sub": "Mixed-Case@7",
        "line_items": f"{platform.url}/42/lineitems",
        "members": f"{platform.url}/42/members",
    }
    assert not list(folder.glob("teacher*"))


def test_a_role_that_the_platform_removes_is_removed_on_the_hub(lti):
    hub, platform = lti
    platform.launch(hub, "u-mia", "42", "Instructor")
    platform.launch(hub, "u-mia", "43", "Learner")
    assert groups(hub, "u-mia") == ["formgrade-convkit", "nbgrader-other"]
    platform.launch(hub, "u-mia", "42", "Learner")
    assert groups(hub, "u-mia") == ["nbgrader-convkit", "nbgrader-other"]


@pytest.mark.parametrize(
    ("context", "role", "forged"),
    [("44", "Instructor", False), ("42", "Mentor", False), ("42", "Instructor", True)],
    ids=["an unknown course", "an unknown role", "signed with another key"],
)
def test_other_launches_are_refused(lti, context, role, forged):
    hub, platform = lti
    answer = platform.launch(hub, "u-eve", context, role, forged)
    assert answer.status_code in (400, 401, 403)
    assert groups(hub, "u-eve") == []
    assert "jupyterhub-session-id" not in answer.cookies or "jupyterhub-hub-login" not in answer.cookies


def test_native_accounts_wait_for_a_doorkeeper(tmp_path, library):
    hub = hub_with("native", tmp_path, library, GRADEKIT_DOORKEEPERS="ruth")
    password = "a long and rare one 8"
    try:
        for name, word in (("ruth", password), ("ada", password), ("ben", "password1234")):
            sign_up(hub, name, word)
        assert not log_in(hub, "ada", password)[1]
        ruth, inside = log_in(hub, "ruth", password)
        assert inside
        ruth.get(f"{hub.url}/hub/authorize/ada", timeout=300)
        assert log_in(hub, "ada", password)[1]
        assert not log_in(hub, "ada", "something else 9")[1]
        assert not log_in(hub, "ben", "password1234")[1]
    finally:
        hub.stop()


def sign_up(hub: Hub, name: str, password: str) -> None:
    form = {"username": name, "signup_password": password, "signup_password_confirmation": password}
    browser = requests.Session()
    browser.get(f"{hub.url}/hub/signup", timeout=300)
    browser.post(f"{hub.url}/hub/signup", data={**form, "_xsrf": xsrf(browser)}, timeout=300)


def log_in(hub: Hub, name: str, password: str) -> tuple[requests.Session, bool]:
    browser = requests.Session()
    browser.get(f"{hub.url}/hub/login", timeout=300)
    form = {"username": name, "password": password, "_xsrf": xsrf(browser)}
    answer = browser.post(f"{hub.url}/hub/login", data=form, allow_redirects=False, timeout=300)
    return browser, answer.status_code == 302


def xsrf(browser: requests.Session) -> str:
    return next(one.value for one in browser.cookies if one.name == "_xsrf" and one.path == "/hub/")
