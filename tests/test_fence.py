"""The fence, with attacks that lean on it. Each is tried inside the fence, inside what a container has of it, and in
the open: an attack that fails in the open as well would prove nothing."""

from __future__ import annotations

import os
import queue
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from traitlets.config import Config

from convkit.course import warm
from convkit.course.fence import layers, setup
from convkit.course.fence.plan import ENDED
from convkit.course.warm import client, place
from tests.hostile import escape, network, processes, reading, resources, spoiling, writing
from tests.hostile.attack import PRELUDE, Attack
from tests.hostile.world import World
from tests.test_warm import outside_pytest, run

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the fence is made of what Linux has"),
    pytest.mark.slow,
]

ONE_KERNEL = [*reading.ATTACKS, *writing.ATTACKS, *network.ATTACKS, *processes.ATTACKS, *escape.ATTACKS]
NAMESPACES = ["users", "pids", "mounts", "network", "ipc"]
# Where the kernel of each run stands -> the layers that are missing there.
GROUNDS = {"fenced": [], "in a container": NAMESPACES, "in the open": layers.ALL}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """A nursery and kernelspecs of our own, and what there is to attack."""
    patch = pytest.MonkeyPatch()
    folder = Path(tempfile.mkdtemp(prefix="fence-"))
    patch.setenv("XDG_RUNTIME_DIR", str(folder))
    patch.setenv("JUPYTER_PATH", os.pathsep.join(map(str, (setup.jupyter_path(), warm.jupyter_path()))))
    patch.delenv("CONVKIT_WARM", raising=False)
    made = World(folder / "world")
    warm.start()
    yield made
    made.close()
    client._lease = None
    patch.undo()


@contextmanager
def kernel(world: World, **settings: Any) -> Iterator[tuple[Any, Any]]:
    """A fenced kernel whose folder is that of a submission, and its client."""
    from jupyter_client.manager import KernelManager

    manager = KernelManager(kernel_name=setup.KERNEL_NAME, config=Config({"FencedProvisioner": settings}))
    with world.log.open("ab") as log:
        here = str(world.course / "autograded/mine/a")
        manager.start_kernel(cwd=here, env=outside_pytest(), stdout=log, stderr=log)
    asker = manager.client()
    asker.start_channels()
    try:
        asker.wait_for_ready(timeout=60)
        nursery, plan = str(place.socket_path(os.environ)), manager.provisioner.plan
        run(asker, PRELUDE + world.names(nursery, manager.provisioner.pid, plan.sockets / "kernel.json"))
        yield manager, asker
    finally:
        asker.stop_channels()
        manager.shutdown_kernel(now=True)


def attack_all(world: World, attacks: list[Attack], without: list[str]) -> dict[str, bool]:
    """Which of the attacks succeed, one after the other in one kernel."""
    found = {}
    with kernel(world, without=without) as (manager, asker):
        for attack in attacks:
            before = world.state()
            seen = run(asker, attack.source, timeout=20)
            patience = 5 if without == layers.ALL else 0.2
            found[str(attack)] = world.succeeded(attack, before, seen["stdout"], manager.provisioner.pid, patience)
    return found


@pytest.fixture(scope="module")
def results(world) -> dict[str, dict[str, bool]]:
    """The name of a ground -> an attack -> has it succeeded there?"""
    return {ground: attack_all(world, ONE_KERNEL, without) for ground, without in GROUNDS.items()}


def names(attacks: list[Attack]) -> dict[str, Any]:
    return {"argvalues": attacks, "ids": list(map(str, attacks))}


def without_root(attack: Attack) -> bool:
    return attack.root and os.getuid() != 0


@pytest.mark.parametrize("attack", **names(ONE_KERNEL))
def test_an_attack_fails_inside_the_fence(results, attack):
    assert not results["fenced"][str(attack)]


@pytest.mark.parametrize("attack", **names([attack for attack in ONE_KERNEL if not attack.lost]))
def test_an_attack_fails_without_namespaces_too(results, attack):
    assert not results["in a container"][str(attack)]


@pytest.mark.parametrize("attack", **names([attack for attack in ONE_KERNEL if attack.lost]))
def test_what_a_container_loses_is_known(results, attack):
    """When this fails a container has got better: say so in the table, and in the instructions."""
    assert results["in a container"][str(attack)], attack.lost


@pytest.mark.parametrize("attack", **names(ONE_KERNEL))
def test_an_attack_succeeds_in_the_open(results, attack):
    if without_root(attack):
        pytest.skip("it never works for an ordinary user")
    assert results["in the open"][str(attack)]


# Resources: a kernel for each attack, because most of them are its end


@pytest.mark.parametrize("attack", **names(resources.ATTACKS))
def test_greed_is_stopped(world, attack, caplog):
    limits = dict([attack.limit]) if attack.limit else {}
    seen, code = greed(world, attack, limits={**resources.SMALL, **limits})
    assert not won(attack, seen)
    assert code == (ENDED[attack.ended][0] if attack.ended else None)


@pytest.mark.parametrize("attack", **names(resources.ATTACKS))
def test_greed_is_not_stopped_in_the_open(world, attack):
    seen, code = greed(world, attack, without=layers.ALL, limits={"output": 1000})
    assert (won(attack, seen), code) == (True, None)


def greed(world: World, attack: resources.Greedy, **settings: Any) -> tuple[dict[str, str], int | None]:
    """What an attack shows, and the exit code of its kernel, None while it lives."""
    with kernel(world, **settings) as (manager, asker):
        process = manager.provisioner.process
        seen = run_until_the_end(asker, process, attack.source)
        return seen, process.poll()


def run_until_the_end(asker: Any, process: Any, code: str, timeout: float = 30) -> dict[str, Any]:
    """Run code; what came out until it was done, or the kernel had ended."""
    seen = {"stdout": "", "size": 0}
    request, deadline = asker.execute(code, allow_stdin=False), time.monotonic() + timeout
    while time.monotonic() < deadline:
        try:
            message = asker.get_iopub_msg(timeout=0.1)
        except queue.Empty:
            if process.poll() is not None:
                break
            continue
        seen["size"] += len(str(message["content"]))
        seen["stdout"] += message["content"].get("text", "")
        if message["content"].get("execution_state") == "idle" and message["parent_header"]["msg_id"] == request:
            break
    else:
        pytest.fail(f"no end after {timeout} s")
    return seen


def won(attack: resources.Greedy, seen: dict[str, Any]) -> bool:
    return seen["size"] > (2 << 20) if attack.evidence == "flood" else "WON" in seen["stdout"]


# Spoiling: what is there when the kernel has ended


@pytest.fixture(scope="module")
def leftovers(world) -> dict[str, dict[str, bool]]:
    """The name of a ground -> an attack -> is there something left of it?"""
    found = {}
    for ground, without in GROUNDS.items():
        with kernel(world, without=without) as (_, asker):
            shown = "".join(run(asker, attack.source)["stdout"] for attack in spoiling.ATTACKS)
        found[ground] = {**world.left(), "a lock on the gradebook": "WON" in shown}
    return found


@pytest.mark.parametrize("attack", **names(spoiling.ATTACKS))
@pytest.mark.parametrize("ground", GROUNDS)
def test_nothing_is_left_for_the_next(leftovers, ground, attack):
    assert leftovers[ground][attack.name] == (ground == "in the open")
