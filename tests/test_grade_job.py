"""`deploy/kubernetes/grade.yaml` without a cluster: its command in several pods, which are killed now and then.

A pod is a process in its own network, mount and process namespaces, with the command and the environment of the
manifest; PostgreSQL is a real one. What Kubernetes does, starting a pod again that ended with an error, the test does.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from gradekit.grading.grade import grade
from gradekit.release import release
from gradekit.report import report
from tests import postgres, toy
from tests.toy import WRONG, hand_in

pytestmark = [
    pytest.mark.days,  # a class of 24 is graded twice, and pods are killed on the way: two minutes
    pytest.mark.skipif(os.geteuid() != 0, reason="only root makes these namespaces"),
]

MANIFEST = Path(__file__).parents[1] / "deploy" / "kubernetes" / "grade.yaml"
STUDENTS = [f"s{number:02}" for number in range(24)]
PODS, KILLS = 3, 4


def course_of(root: Path) -> Path:
    toy.make(root)
    release(root, "toy")
    for number, student in enumerate(STUDENTS):
        hand_in(root, student, **({"layer_params": WRONG} if number % 3 == 0 else {}))
    return root


def rows(root: Path) -> list:
    return [(row.student, row.score, row.scores) for row in report(root)]


@pytest.fixture
def gradebook() -> Iterator[str]:
    for address in (servers := postgres.server()):
        yield postgres.new_database(address, "job").replace("postgresql://", "postgresql+psycopg://")
    servers.close()


class Pod:
    """The container of the manifest, as a process group in namespaces of its own."""

    def __init__(self, root: Path, gradebook: str, log: Path) -> None:
        job = next(one for one in yaml.safe_load_all(MANIFEST.read_text()) if one["kind"] == "Job")
        (container,) = job["spec"]["template"]["spec"]["containers"]
        command = [part.replace("ASSIGNMENT", "toy") for part in container["command"]]
        secret = {"url": gradebook}
        environment = {
            one["name"]: one.get("value") or secret[one["valueFrom"]["secretKeyRef"]["key"]] for one in container["env"]
        }
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"  # as in the image
        enter = ["unshare", "--net", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child", "--mount-proc"]
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [*enter, *command], cwd=root, env={**environment, "PATH": path}, stdout=out, stderr=out
            )

    def kill(self) -> None:
        """As when its node is gone: everything in it ends at once."""
        self.process.kill()
        self.process.wait()


def test_the_gradebook_of_several_pods_with_one_killed_is_that_of_one_run(tmp_path, gradebook, monkeypatch):
    alone = course_of(tmp_path / "alone")
    assert grade(alone, workers=2).graded == STUDENTS
    expected = rows(alone)

    monkeypatch.setenv("GRADEKIT_GRADEBOOK", gradebook)
    root, log, draw = course_of(tmp_path / "course"), tmp_path / "log", random.Random(7)
    pods = [Pod(root, gradebook, log) for _ in range(PODS)]
    killed, ends = 0, []
    while pods:
        if killed < KILLS:
            time.sleep(draw.uniform(2, 6))
            victim = draw.choice(pods)
            if victim.process.poll() is None:
                victim.kill()
                killed += 1
        for pod in [one for one in pods if one.process.poll() is not None]:
            pods.remove(pod)
            ends.append(pod.process.returncode)
            if pod.process.returncode:
                pods.append(Pod(root, gradebook, log))  # as the Job does, for this index
        time.sleep(0.1)
    assert sorted(set(ends)) == [-9, 0], log.read_text()[-3000:]
    assert killed >= 2
    assert rows(root) == expected
    assert not (root / "gradebook.db").exists(), "all is in PostgreSQL"
    for step in ("autograded", "feedback"):
        assert sorted(path.name for path in (root / step).iterdir() if not path.name.startswith(".")) == STUDENTS
    assert grade(root).kept == STUDENTS
