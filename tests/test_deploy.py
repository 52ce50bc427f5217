"""The files of deploy/: linted by the tools of each format, and read for what must never be in them.

The tools come from PyPI, with hashes: hadolint, shellcheck, shfmt and yamllint. `test_chart.py` looks at Kubernetes.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests import chart

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
CONTAINERFILE = (DEPLOY / "image" / "Containerfile").read_text(encoding="utf-8")
JUPYTERHUB_5 = DEPLOY / "image" / "jupyterhub-5.lock"
LOCKS = sorted({*DEPLOY.rglob("*.lock"), ROOT / "tests" / "lint" / "requirements.lock"} - {JUPYTERHUB_5})
YAML = [path for path in sorted(DEPLOY.rglob("*.y*ml")) if path.parent.name != "templates"]
YAMLLINT = "{extends: default, rules: {line-length: {max: 120}, braces: {max-spaces-inside: 0}}}"


@pytest.fixture(scope="session")
def tools() -> Path:
    return chart.tools()


def run(tools: Path, program: str, *arguments: str | Path) -> None:
    command = [tools / "bin" / program, *arguments]
    if b"python" in command[0].read_bytes()[:200].splitlines()[0]:
        command.insert(0, Path(sys.executable))
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(tools)}
    )
    assert done.returncode == 0, done.stdout + done.stderr


def programs() -> list[Path]:
    """The shell programs of deploy/ and of continuous integration, by their first line."""
    found = [path for path in DEPLOY.rglob("*") if path.is_file() and path.read_bytes()[:30].startswith(b"#!")]
    return [*(path for path in found if b"sh" in path.read_bytes().splitlines()[0]), ROOT / ".ci" / "run"]


def test_the_containerfile(tools):
    run(tools, "hadolint", DEPLOY / "image" / "Containerfile")


def test_shell(tools):
    assert len(programs()) >= 2
    run(tools, "shellcheck", *programs())
    run(tools, "shfmt", "-d", "-i", "2", "-ci", *(path for path in programs() if DEPLOY in path.parents))


def test_yaml(tools):
    assert len(YAML) >= 2
    run(tools, "yamllint", "--strict", "-d", YAMLLINT, *YAML)


def test_units():
    """Units of systemd name programs that are not on this machine: that one complaint is left out."""
    units = sorted(DEPLOY.rglob("*.service"))
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not here")
    for unit in units:
        said = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True)
        lines = [line for line in said.stderr.splitlines() if unit.name in line and "is not executable" not in line]
        assert lines == []


def stages() -> list[str]:
    return re.split(r"^(?=FROM )", CONTAINERFILE, flags=re.MULTILINE)[1:]


def test_the_image_is_nobodys_root():
    final = [stage for stage in stages() if re.search(r"AS (student|course)\b", stage.splitlines()[0])]
    assert len(final) == 2
    student, course = final
    assert re.findall(r"^USER (\S+)", student, re.MULTILINE) == ["1000"]
    assert course.startswith("FROM student ")
    assert stages()[-1].startswith("FROM student")
    assert "USER root" not in CONTAINERFILE
    assert "sudo" not in CONTAINERFILE


def test_a_students_image_has_no_solution():
    (course,) = [stage for stage in stages() if " AS course" in stage.splitlines()[0]]
    assert "COPY --chown=1000:100 source" in course
    assert not [stage for stage in stages() if stage != course and re.search(r"^COPY .*\bsource\b(?!=)", stage, re.M)]


def test_what_is_installed_is_locked():
    installs = re.findall(r"pip install(.*?)(?:\n(?! )|&& rm)", CONTAINERFILE, re.DOTALL)
    assert len(installs) == 4
    for one in installs:
        assert "--no-cache-dir" in one
        assert "--no-deps" in one
        assert "--require-hashes" in one or "/wheels/*.whl" in one  # the wheel was made here, a stage before


def test_the_image_has_the_charts_jupyterhub_by_default_and_that_of_the_lock_on_request():
    lock = (DEPLOY / "image" / "requirements.lock").read_text(encoding="utf-8")
    of_the_chart = JUPYTERHUB_5.read_text(encoding="utf-8")
    (default,) = re.findall(r"^ARG HUB=(\d+)$", CONTAINERFILE, re.MULTILINE)
    (of_the_lock,) = re.findall(r"^jupyterhub==(\d+)", lock, re.MULTILINE)
    assert re.findall(r"^([\w-]+)==(\d+)", of_the_chart, re.MULTILINE) == [("jupyterhub", default)]
    assert f'RUN [ "${{HUB}}" = {of_the_lock} ] || ' in CONTAINERFILE
    assert "--hash=sha256:" in of_the_chart
    assert "://" not in of_the_chart
    for path in (DEPLOY / "image/Containerfile", DEPLOY / "kubernetes/values.yaml", ROOT / "docs/administrator.md"):
        text = path.read_text(encoding="utf-8")
        assert re.findall(r"[Cc]harts 4 [^.]*?have a JupyterHub (\d+)", text) == [default], path
        assert set(re.findall(r"HUB=(\d+)", text)) <= {default, of_the_lock}, path
        assert set(re.findall(r"--build-arg HUB=(\d+)", text)) <= {of_the_lock}, path


def test_the_commands_that_build_the_images_name_its_file_its_target_and_the_charts_tags():
    """No image is built here: that needs a registry with BASE, and Podman or buildah."""
    commands = re.findall(r"^#   (buildah build .*?)(?:   |$)", CONTAINERFILE, re.MULTILINE)
    tags = [re.findall(r" -t (\S+)", command) for command in commands]
    image = chart.VALUES["image"]
    assert tags == [[f"{image[name].rpartition('/')[2]}:{image['tag']}"] for name in ("kit", "course")]
    for command in commands:
        assert command.split()[:4] == ["buildah", "build", "--layers", "-f"]
        assert (ROOT / command.split()[4]).samefile(DEPLOY / "image" / "Containerfile")
        assert set(re.findall(r"--target (\S+)", command)) <= set(re.findall(r"^FROM .* AS (\S+)", CONTAINERFILE, re.M))


def test_no_tag_that_moves_and_no_registry():
    for path in (path for path in DEPLOY.rglob("*") if path.is_file() and path.suffix not in (".lock", ".tgz")):
        text = path.read_text(encoding="utf-8")
        assert ":latest" not in text, path
        for host in re.findall(r"\b(?:docker\.io|quay\.io|ghcr\.io|gcr\.io|pypi\.org|(?<!emit-)index-url)\b", text):
            raise AssertionError(f"{path} names {host}")
    assert re.findall(r"^FROM (\S+)", CONTAINERFILE, re.MULTILINE) == ["${BASE}"] * 3 + ["student"] * 2
    assert re.findall(r"^ARG BASE=(\S+)", CONTAINERFILE, re.MULTILINE) == ["python:3.11-slim"]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_versions_are_those_of_the_kit(lock):
    def versions(path: Path) -> dict[str, str]:
        return dict(re.findall(r"^([\w.-]+)==([^\s;]+)", path.read_text(encoding="utf-8"), re.MULTILINE))

    kit, own = versions(ROOT / "requirements.lock"), versions(lock)
    apart = {name: (own[name], kit[name]) for name in own.keys() & kit.keys() if own[name] != kit[name]}
    assert apart == {}, "after `make lock`, run deploy/image/lock"
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    assert text.count("\n    --hash=sha256:") >= len(own)


def needed(package: str, *extras: str) -> set[str]:
    """The packages that a package installs here with these extras, by normalized name."""
    found, waiting = set(), [(package, frozenset(extras))]
    while waiting:
        name, wanted = waiting.pop()
        for line in importlib.metadata.requires(name) or ():
            one = Requirement(line)
            other = (re.sub(r"[-_.]+", "-", one.name).lower(), frozenset(one.extras))
            applies = one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in wanted | {""})
            if applies and other not in found:
                found.add(other)
                waiting.append(other)
    return {name for name, _ in found}


def test_a_deployment_installs_all_that_a_hub_needs_and_nothing_of_developers():
    lock = (DEPLOY / "image" / "requirements.lock").read_text(encoding="utf-8")
    locked = set(re.findall(r"^([\w.-]+)==", lock, re.MULTILINE))
    wanted = needed("convkit", "hub") | needed("gradekit", "hub", "lti", "postgres")
    assert wanted - {"convkit", "gradekit"} - locked == set(), "after `make lock`, run deploy/image/lock"
    assert locked & {"mypy", "playwright", "pytest", "ruff", "sphinx", "uv"} == set()


SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|"  # a key
    r"\b[0-9a-f]{32,}\b|"  # what `openssl rand -hex` and the hub's own tokens look like
    r"\b(?:gh[pousr]|glpat|xox[bp])[-_]\w{16,}|"  # tokens that say what they are
    r"(?i:(?:password|passwd|secret|api_?token|client_secret)[\"']?\s*[:=]\s*[\"'][^\"'{$<]{6,})"
)


def test_no_secret_stands_in_a_file():
    read = [path for path in DEPLOY.rglob("*") if path.is_file() and path.suffix not in (".lock", ".tgz")]
    assert len(read) >= 12
    found = [f"{path.name}: {match[0]}" for path in read for match in SECRET.finditer(path.read_text("utf-8"))]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "-----BEGIN RSA PRIVATE KEY-----",
        "proxy: {secretToken: 0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c}",
        'c.GitHubOAuthenticator.client_secret = "hunter2hunter2"',
        "password: 'correct horse'",
        "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    ],
)
def test_a_secret_would_be_seen(line):
    assert SECRET.search(line)


def test_a_backup_that_fails_leaves_nothing(tmp_path):
    """Half a backup would keep a full disk full."""
    course = tmp_path / "course"
    course.mkdir()
    (course / "gradebook.db").write_bytes(b"this is not a database" * 100)
    environment = {**os.environ, "COURSE": str(course)}
    target = tmp_path / "backup"
    done = subprocess.run([DEPLOY / "course" / "backup", target], env=environment, capture_output=True, text=True)
    assert done.returncode != 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["course"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root restores owners")
def test_restore_names_the_users_who_are_missing_and_restores_owners_by_name(tmp_path):
    """A number may be another person on the new machine."""
    course, target = tmp_path / "course", tmp_path / "backup"
    course.mkdir()
    for name, owner in (("theirs", 65534), ("foreign", 54321)):
        (course / name).write_text(name)
        os.chown(course / name, owner, -1)
    environment = {**os.environ, "COURSE": str(course)}
    subprocess.run([DEPLOY / "course" / "backup", target], env=environment, check=True, capture_output=True)
    shutil.rmtree(course)
    restore = [DEPLOY / "course" / "restore", target]
    done = subprocess.run(restore, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert "These users are not on this machine: 54321." in done.stderr
    assert not course.exists()
