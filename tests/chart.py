"""The objects of deploy/kubernetes, as Helm's own library renders them.

The chart of Zero to JupyterHub is rendered with them where `helm dependency build deploy/kubernetes` has fetched it.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from tests.hub.small_hub import ROOT, packages

FOLDER = ROOT / "deploy" / "kubernetes"
VALUES = yaml.safe_load((FOLDER / "values.yaml").read_text(encoding="utf-8"))
RENDER = """
import helm_python, json, sys
with helm_python.Chart.load(sys.argv[1]) as chart:
    print(json.dumps(chart.render(json.loads(sys.argv[2]), name="hub", namespace="hub")))
"""

# What the files of deploy/authenticators/ want in the environment.
LOGINS = {
    "github": {"GRADEKIT_HUB": "https://hub.example.org", "GRADEKIT_ORGANIZATIONS": "school"},
    "gitlab": {"GRADEKIT_HUB": "https://hub.example.org", "GRADEKIT_GROUPS": "school"},
    "lti13": {
        **dict.fromkeys(("LTI_ISSUER", "LTI_CLIENT_ID", "LTI_AUTHORIZE_URL", "LTI_JWKS_URL"), "https://x.example.org"),
        "LTI_COURSES": "1=convkit",
    },
}


@functools.cache
def tools() -> Path:
    """A folder with what looks at deploy/: programs in bin/, and packages for Python."""
    return packages(ROOT / "tests" / "lint" / "requirements.lock", "")


def dependency() -> Path | None:
    """The archive of Zero to JupyterHub's chart, where it was fetched."""
    return next((FOLDER / "charts").glob("jupyterhub-*.tgz"), None)


def render(values: dict[str, Any] | None = None, *, hub: bool = False) -> list[dict[str, Any]]:
    """The objects with some values changed; `hub` renders Zero to JupyterHub's as well."""
    given = json.dumps({**(values or {}), **({} if hub else {"jupyterhub": {"enabled": False}})})
    done = subprocess.run(
        [sys.executable, "-c", RENDER, FOLDER, given],
        env={**os.environ, "PYTHONPATH": str(tools())},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    texts = [text for file, text in json.loads(done.stdout).items() if file.endswith(".yaml")]
    return [one for text in texts for one in yaml.safe_load_all(text) if one]


def find(kind: str, name: str) -> dict[str, Any]:
    """The object of a kind and name, with the values as they are."""
    (found,) = [one for one in render() if (one["kind"], one["metadata"]["name"]) == (kind, name)]
    return found


def pod_of(found: dict[str, Any]) -> dict[str, Any] | None:
    """What the pods of an object are; None for an object without pods."""
    at = found["spec"]["jobTemplate"] if found["kind"] == "CronJob" else found
    return at.get("spec", {}).get("template", {}).get("spec")


def environment(container: dict[str, Any], secret: dict[str, str]) -> dict[str, str]:
    """The environment of a container; a secret or a label has the value that `secret` has for its key."""

    def value(one: dict[str, Any]) -> str:
        source = one.get("valueFrom", {})
        key = source.get("secretKeyRef", {}).get("key") or source.get("fieldRef", {}).get("fieldPath")
        return secret[key] if key else one["value"]

    return {one["name"]: value(one) for one in container["env"]}
