"""The chart's job that collects and grades, without a cluster: several pods, which are killed now and then.

A pod is a process in its own network, mount and process namespaces, with the command and the environment of the
CronJob; PostgreSQL is a real one, and the exchange is a folder. What Kubernetes does, starting a pod again that ended
with an error, the test does.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gradekit.grading.grade import grade
from gradekit.hub.config import settings_of
from gradekit.release import release
from gradekit.report import report
from tests import chart, postgres, toy
from tests.toy import WRONG, hand_in

pytestmark = [
    pytest.mark.days,  # a class of 24 is graded twice, and pods are killed on the way: two minutes
    pytest.mark.skipif(os.geteuid() != 0, reason="only root makes these namespaces"),
]

LABEL = "metadata.labels['batch.kubernetes.io/job-name']"
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


def into_exchange(root: Path) -> str:
    """Move what was handed in to the inbound of an exchange, as nbgrader leaves it there; returns the exchange."""
    exchange = root.parent / "exchange"
    inbound = exchange / "convkit" / "inbound"
    inbound.mkdir(parents=True)
    for student in STUDENTS:
        when = "2026-03-31 12:00:00.000000 UTC"
        there = inbound / f"{student}+toy+{when}+secret"
        shutil.move(root / "submitted" / student / "toy", there)
        (there / "timestamp.txt").write_text(when)
        (there / "submission_secret.txt").write_text("0" * 64)
    shutil.rmtree(root / "submitted")
    return str(exchange)


class Pod:
    """The container of the job, as a process group in namespaces of its own."""

    def __init__(self, root: Path, exchange: str, gradebook: str, log: Path) -> None:
        (container,) = chart.pod_of(chart.find("CronJob", "grade-convkit"))["containers"]
        secret = {"url": gradebook, "hub.services.convkit.apiToken": "", LABEL: "grade-1"}
        environment = chart.environment(container, secret) | {"ASSIGNMENTS": "toy", "GRADEKIT_EXCHANGE": exchange}
        command = [part.replace("/srv/course", str(root)) for part in container["command"]]
        environment["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"  # as in the image
        parts = ("gradebook", "course", "everyone")  # of the image; the exchange is a folder here
        environment["JUPYTER_CONFIG_PATH"] = ":".join(f"{settings_of()}/{part}" for part in parts)
        enter = ["unshare", "--net", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child", "--mount-proc"]
        with log.open("ab") as out:
            self.process = subprocess.Popen([*enter, *command], cwd=root, env=environment, stdout=out, stderr=out)

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
    exchange = into_exchange(root)
    pods = [Pod(root, exchange, gradebook, log) for _ in range(PODS)]
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
                pods.append(Pod(root, exchange, gradebook, log))  # as the Job does, for this index
        time.sleep(0.1)
    assert sorted(set(ends)) == [-9, 0], log.read_text()[-3000:]
    assert killed >= 2
    assert rows(root) == expected
    assert not (root / "gradebook.db").exists(), "all is in PostgreSQL"
    for step in ("autograded", "feedback"):
        assert sorted(path.name for path in (root / step).iterdir() if not path.name.startswith(".")) == STUDENTS
    assert grade(root).kept == STUDENTS
