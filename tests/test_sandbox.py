"""Attacks on the sandbox: each is tried inside it, with the layers that a container has, and with none.

An attack that fails without a sandbox as well would prove nothing.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import queue
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest
from traitlets import TraitError
from traitlets.config import Config

from gradekit import forkserver
from gradekit.forkserver import address, preload
from gradekit.forkserver import client as fork_client
from gradekit.grading.grade import grade
from gradekit.release import release
from gradekit.sandbox import config, launch, layers, provisioner, seccomp, syscalls
from gradekit.sandbox.layers import active
from gradekit.sandbox.provisioner import around
from gradekit.sandbox.spec import ENDED, Spec
from tests import toy
from tests.hostile import escape, network, processes, reading, resources, spoiling, writing
from tests.hostile.attack import PRELUDE, Attack
from tests.hostile.world import World
from tests.processes import eventually, outside_pytest, run

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the sandbox needs Linux")

ONE_KERNEL = [*reading.ATTACKS, *writing.ATTACKS, *network.ATTACKS, *processes.ATTACKS, *escape.ATTACKS]
NAMESPACES = ["users", "pids", "mounts", "network", "ipc"]
# The sandbox of each run -> the layers that are missing there.
GROUNDS = {"sandboxed": [], "in a container": NAMESPACES, "in the open": layers.ALL}


@pytest.fixture(scope="module")
def missing() -> set[str]:
    """The layers that this machine doesn't have; Landlock and seccomp are required."""
    found = {name for name, why in active().items() if why}
    if {"landlock", "seccomp"} & found:
        pytest.skip("this system has no Landlock, or no filter of system calls")
    return found


@pytest.fixture(scope="module")
def world(missing) -> Iterator[World]:
    """A fork server and kernelspecs that no other run shares, and the targets of attacks."""
    patch = pytest.MonkeyPatch()
    folder = Path(tempfile.mkdtemp(prefix="sandbox-"))
    patch.setenv("XDG_RUNTIME_DIR", str(folder))
    patch.setenv("JUPYTER_PATH", os.pathsep.join(map(str, (config.jupyter_path(), forkserver.jupyter_path()))))
    patch.setenv(preload.VARIABLE, "convkit.lesson.preload")
    patch.delenv("GRADEKIT_FORKSERVER", raising=False)
    made = World(folder / "world")
    forkserver.start()
    yield made
    made.close()
    fork_client._lease = None
    patch.undo()
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def kernel(world: World, **settings: Any) -> Iterator[tuple[Any, Any]]:
    """A sandboxed kernel whose folder is that of a submission, and its client."""
    from jupyter_client.manager import KernelManager

    manager = KernelManager(kernel_name=config.KERNEL_NAME, config=Config({"SandboxedProvisioner": settings}))
    with world.log.open("ab") as log:
        here = str(world.course / "autograded/mine/a")
        manager.start_kernel(cwd=here, env=outside_pytest(), stdout=log, stderr=log)
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=300)
        socket, plan = str(address.socket_path(os.environ)), manager.provisioner.spec
        run(client, PRELUDE + world.names(socket, manager.provisioner.pid, Path(plan.folder, "kernel.json")))
        yield manager, client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def attack_all(world: World, attacks: list[Attack], without: list[str]) -> dict[str, bool]:
    """Which of the attacks succeed, one after the other in one kernel."""
    found = {}
    with kernel(world, without=without) as (manager, client):
        for attack in attacks:
            before = world.state()
            seen = run(client, attack.source, timeout=300)
            patience = 5 if without == layers.ALL else 0.2
            found[str(attack)] = world.succeeded(attack, before, seen["stdout"], manager.provisioner.pid, patience)
    return found


@pytest.fixture(scope="module")
def results(world) -> dict[str, dict[str, bool]]:
    """The name of a ground -> an attack -> whether it succeeded there."""
    return {ground: attack_all(world, ONE_KERNEL, without) for ground, without in GROUNDS.items()}


def names(attacks: list[Attack]) -> dict[str, Any]:
    return {"argvalues": attacks, "ids": list(map(str, attacks))}


def without_root(attack: Attack) -> bool:
    return attack.root and os.getuid() != 0


@pytest.mark.parametrize("attack", **names(ONE_KERNEL))
def test_an_attack_fails_inside_the_sandbox(results, attack, missing):
    if attack.lost and "mounts" in missing:
        pytest.skip(f"no namespaces here: {attack.lost}")
    assert not results["sandboxed"][str(attack)]


@pytest.mark.parametrize("attack", **names([attack for attack in ONE_KERNEL if not attack.lost]))
def test_an_attack_fails_without_namespaces_too(results, attack):
    assert not results["in a container"][str(attack)]


@pytest.mark.parametrize("attack", **names([attack for attack in ONE_KERNEL if attack.lost]))
def test_what_a_container_loses_is_known(results, attack):
    """When this fails, containers have improved: update the table and the documentation."""
    assert results["in a container"][str(attack)], attack.lost


@pytest.mark.parametrize("attack", **names(ONE_KERNEL))
def test_an_attack_succeeds_in_the_open(results, attack, world):
    if without_root(attack):
        pytest.skip("the attack needs root")
    if "PACKAGES" in attack.code and not os.access(world.shared, os.W_OK):
        pytest.skip("the packages are another user's")
    assert results["in the open"][str(attack)]


# Resources: a kernel for each attack, because most of them end it


@pytest.mark.parametrize("attack", **names(resources.ATTACKS))
def test_greed_is_stopped(world, attack, caplog):
    limits = dict([attack.limit]) if attack.limit else {}
    seen, code = greed(world, attack, limits={**resources.SMALL, **limits})
    assert not won(attack, seen)
    ended = {ENDED[attack.ended][0] if attack.ended else None}
    refused = attack.name == "threads" and os.getuid() != 0  # Linux itself stops an ordinary user
    assert code in ended | ({None} if refused else set())


# Without the layer "inherited" a program writes to the log of the fork server, which no message shows.
IN_THE_OPEN = [attack for attack in resources.ATTACKS if "another program" not in attack.name]


@pytest.mark.days  # a minute of processor time, and memory that other tests need
@pytest.mark.parametrize("attack", **names(IN_THE_OPEN))
def test_greed_is_not_stopped_in_the_open(world, attack):
    seen, code = greed(world, attack, without=layers.ALL, limits={"output": 1000})
    assert (won(attack, seen), code) == (True, None)


def greed(world: World, attack: resources.Greedy, **settings: Any) -> tuple[dict[str, str], int | None]:
    """The outputs of an attack, and the exit code of its kernel, None while it runs."""
    with kernel(world, **settings) as (manager, client):
        process = manager.provisioner.process
        seen = run_until_the_end(client, process, attack.source)
        return seen, process.poll()


def run_until_the_end(client: Any, process: Any, code: str, timeout: float = 300) -> dict[str, Any]:
    """Run code; return its outputs until it is done, or the kernel has ended."""
    seen = {"stdout": "", "size": 0}
    request, deadline = client.execute(code, allow_stdin=False), time.monotonic() + timeout
    while time.monotonic() < deadline:
        try:
            message = client.get_iopub_msg(timeout=0.1)
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


MANY_PARTS = """
part, kernel = b'x' * (16 << 20), get_ipython().kernel
kernel.iopub_socket.send_multipart([b'a', b'<IDS|MSG>'] + [part] * 60); print('WON')
"""
NESTED = """
kernel = get_ipython().kernel
content = {"name": "stdout", "text": [[]] * 600_000}
kernel.session.send(kernel.iopub_socket, "stream", content, parent=kernel.get_parent())
"""


def test_a_message_of_many_parts_ends_its_kernel(world, caplog, monkeypatch):
    monkeypatch.setattr(logging.getLogger("traitlets"), "propagate", True)
    with caplog.at_level(logging.WARNING), kernel(world, limits={"backlog": 200}) as (manager, client):
        seen = run_until_the_end(client, manager.provisioner.process, MANY_PARTS)
        assert manager.provisioner.process.poll() is not None
    assert "WON" not in seen["stdout"]
    assert "The kernel was ended: its messages took more than 200 MB in the grader." in caplog.text


@pytest.mark.parametrize("limits", [{}, {"message": 1}], ids=["containers", "bytes"])
def test_a_message_that_would_not_fit_in_memory_is_not_read(world, limits):
    code = NESTED if not limits else NESTED.replace("[[]] * 600_000", "'x' * (2 << 20)")
    with kernel(world, limits=limits) as (_, client):
        assert "it was too large to be read" in run(client, code)["stdout"]


# Leftovers of a kernel that has ended


@pytest.fixture(scope="module")
def leftovers(world) -> dict[str, dict[str, bool]]:
    """The name of a ground -> an attack -> whether something is left of it."""
    found = {}
    for ground, without in GROUNDS.items():
        with kernel(world, without=without) as (_, client):
            shown = "".join(run(client, attack.source)["stdout"] for attack in spoiling.ATTACKS)
        found[ground] = {**world.left(), "a lock on the gradebook": "WON" in shown}
    return found


@pytest.mark.parametrize("attack", **names(spoiling.ATTACKS))
@pytest.mark.parametrize("ground", GROUNDS)
def test_nothing_is_left_for_the_next_kernel(leftovers, ground, attack):
    assert leftovers[ground][attack.name] == (ground == "in the open")


# What works inside, and what is reported


def printed(client: Any, code: str) -> str:
    seen = run(client, code)
    assert (seen["stderr"], seen["error"]) == ("", "")
    return seen["stdout"].strip()


@pytest.fixture(scope="module")
def inside(world) -> Iterator[Any]:
    """A kernel inside the whole sandbox, for harmless code."""
    with kernel(world) as (_, client):
        yield client


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        pytest.param("print(sorted(os.listdir()), open('data.csv').read()[:3])", "['data.csv'] 1,2", id="its own data"),
        pytest.param("open('new.txt', 'w').write('x'); print(os.path.exists('new.txt'))", "True", id="writing here"),
        pytest.param(
            "import tempfile; print(tempfile.mkstemp()[1].startswith(os.environ['TMPDIR']))", "True", id="tempfile"
        ),
        pytest.param("print(os.path.expanduser('~').endswith('scratch/home'))", "True", id="a home"),
        pytest.param("print(os.cpu_count() > 0, len(os.sched_getaffinity(0)) > 0)", "True True", id="processors"),
        pytest.param(
            "import tensorflow as tf; x = tf.ones((500, 500)); print(float(tf.reduce_sum(x @ x)))",
            "125000000.0",
            id="many threads of TensorFlow",
        ),
        pytest.param(
            "import keras; m = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]); m.save('m.keras'); "
            "print(keras.models.load_model('m.keras').count_params())",
            "3",
            id="a model, saved and loaded",
        ),
        pytest.param(  # what a program prints may come a little after its end
            "subprocess.run(['sh', '-c', 'echo from a program']); time.sleep(1)", "from a program", id="a program"
        ),
        pytest.param(
            "import multiprocessing as mp\nwith mp.get_context('fork').Pool(2) as pool: print(pool.map(abs, [-1, -2]))",
            "[1, 2]",
            id="multiprocessing",
        ),
        pytest.param("import getpass; print(getpass.getuser())", "student", id="a name"),
        pytest.param("import pwd; print(pwd.getpwuid(os.getuid()).pw_name)", "student", id="a name by number"),
        pytest.param("import convkit; print(convkit.output_length(8, 3))", "6", id="convkit"),
    ],
)
def test_what_a_lesson_needs_works(inside, code, shown, missing):
    if "mounts" in missing and ("multiprocessing" in code or "pwd" in code):
        pytest.skip("it needs a file system of its own")
    assert printed(inside, code) == shown


def test_first_operations_start_without_onednn(inside):
    with_onednn = "from tensorflow.python.util import _pywrap_util_port as port; print(port.IsMklEnabled())"
    assert printed(inside, with_onednn) == "False"
    assert printed(inside, "print(os.environ['TENSORFLOW_USE_CUSTOM_CONTRACTION_KERNEL'])") == "0"


def test_a_reset_keeps_loaded_modules(world):
    """NumPy can't be loaded twice in a process: a reset that unloads it would end the notebook."""
    with kernel(world) as (_, client):
        shown = printed(client, "%reset --aggressive -f\nimport numpy, convkit\nprint(convkit.output_length(8, 3))")
    assert shown.endswith("6"), shown


def test_pictures_are_shown(inside):
    code = "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.title('é'); plt.show()"
    assert run(inside, code)["display"] == "text/plain image/png"


def test_the_target_of_a_submitted_link_is_hidden(world):
    """nbgrader copies the target of a submitted link to autograded/: here, the gradebook."""
    copied = world.course / "autograded/mine/a/handed-in.csv"
    copied.write_bytes((world.course / "gradebook.db").read_bytes())
    (world.course / "autograded/mine/a/link.csv").symlink_to(world.course / "gradebook.db")
    with kernel(world) as (_, client):
        assert printed(client, "print(sorted(os.listdir()))") == "['data.csv']"
    (world.course / "submitted/mine/a/handed-in.csv").unlink()
    with kernel(world) as (_, client):
        assert printed(client, "print(sorted(os.listdir()))") == "['data.csv', 'handed-in.csv']", "a file is a file"
    world.make_course()


def test_a_submitted_module_is_not_imported_before_the_sandbox_is_set_up(world, monkeypatch):
    monkeypatch.setenv("GRADEKIT_FORKSERVER", "off")
    here, trapped = world.course / "autograded/mine/a", world.course / "trapped"
    for name in ("convkit", "ctypes", "importlib", "json", "runpy", "shutil"):
        (here / f"{name}.py").write_text(f"try: open({str(trapped)!r}, 'w')\nexcept OSError: pass\nraise SystemExit")
    with kernel(world) as (_, client):
        shown = printed(client, "print('json.py' in os.listdir())")
    assert (shown, trapped.exists()) == ("True", False)
    world.make_course()


INET, UNIX, VICTIM = 2, 1, 77
STREAM, DATAGRAM, RAW, CLOEXEC = 1, 2, 3, 0o2000000
CALLS = [  # a call on x86_64, its arguments, and the filter's verdict where other processes are visible
    ("socket", 41, [UNIX, STREAM | CLOEXEC], "allowed"),
    ("socket of another family", 41, [INET, STREAM], "no such family"),
    ("socket for datagrams", 41, [UNIX, DATAGRAM | CLOEXEC], "refused"),
    ("socket for datagrams by its old name", 41, [UNIX, RAW], "refused"),
    ("socketpair", 53, [UNIX, STREAM], "allowed"),
    ("socketpair for datagrams", 53, [UNIX, DATAGRAM], "refused"),
    ("setsockopt of a send buffer", 54, [3, 1, 7], "nothing"),
    ("setsockopt of a send buffer by force", 54, [3, 1, 32], "nothing"),
    ("setsockopt of another option", 54, [3, 1, 2], "allowed"),
    ("vmsplice", 278, [], "refused"),
    ("clone of a thread", 56, [0x3D0F00], "allowed"),
    ("fork", 57, [], "allowed"),
    ("another filter", 317, [1, 0], "asked"),
    ("another filter by its old name", 157, [22, 2], "refused"),
    ("personality that makes data executable", 135, [0x0400000], "refused"),
    ("shmat", 30, [], "refused"),
    ("clone with a namespace", 56, [0x10000000 | 17], "refused"),
    ("clone3", 435, [0], "unknown"),
    ("setpriority of oneself", 141, [0, 0], "allowed"),
    ("setpriority of another", 141, [0, VICTIM], "refused"),
    ("setpriority of a group", 141, [1, 0], "refused"),
    ("setpriority of all of a user", 141, [2, 0], "refused"),
    ("ioprio_set of oneself", 251, [1, 0], "allowed"),
    ("ioprio_set of all of a user", 251, [3, 0], "refused"),
    ("sched_setaffinity of oneself", 203, [0], "allowed"),
    ("sched_setaffinity of another", 203, [VICTIM], "refused"),
    ("sched_setscheduler as ZeroMQ does it", 144, [VICTIM, 0], "allowed"),
    ("sched_setscheduler of another, to idle", 144, [VICTIM, 5], "refused"),
    ("sched_setattr of another", 314, [VICTIM], "refused"),
    ("prlimit of another", 302, [VICTIM], "refused"),
    ("prctl that gives orphans away", 157, [36, 0], "refused"),
    ("prctl of a name", 157, [15], "allowed"),
    ("clone of a sibling", 56, [0x8000 | 17], "refused"),
    ("chmod", 90, [], "nothing"),
    ("read", 0, [], "allowed"),
]
ISOLATED = [  # and the verdict of the second filter, where an answer is isolated
    ("fork", 57, [], "allowed"),
    ("execve", 59, [], "refused"),
    ("execveat", 322, [], "refused"),
    ("mmap of data", 9, [0, 4096, 3], "allowed"),
    ("mmap of code", 9, [0, 4096, 5], "refused"),
    ("mprotect to data", 10, [0, 4096, 1], "allowed"),
    ("mprotect to code", 10, [0, 4096, 4], "refused"),
    ("pkey_mprotect to code", 329, [0, 4096, 5, 0], "refused"),
]
VERDICTS = {
    0x7FFF0000: "allowed",
    0x7FC00000: "asked",  # the supervisor decides
    0x50000: "nothing",
    0x50001: "refused",
    0x50026: "unknown",
    0x50061: "no such family",
}


@pytest.mark.parametrize(("name", "number", "arguments", "verdict"), CALLS, ids=[row[0] for row in CALLS])
def test_the_filters_verdict_on_a_call(name, number, arguments, verdict):
    assert verdict_of(seccomp.program("x86_64", private=False), number, arguments) == verdict


@pytest.mark.parametrize(("name", "number", "arguments", "verdict"), ISOLATED, ids=[row[0] for row in ISOLATED])
def test_the_second_filters_verdict_on_a_call(name, number, arguments, verdict):
    assert verdict_of(seccomp.isolating("x86_64"), number, arguments) == verdict


def verdict_of(steps: list[seccomp.Step], number: int, arguments: list[int]) -> str:
    """Interpret a filter as Linux does. Real calls would not show it: as root, Linux refuses some by itself."""
    known = {0: number, 4: 0xC000003E} | {16 + 8 * index: value for index, value in enumerate(arguments)}
    at, loaded = 0, 0
    while (step := steps[at])[0] != seccomp.RETURN:
        code, yes, no, value = step
        loaded = known.get(value, 0) if code == seccomp.LOAD else loaded
        loaded = loaded & value if code == seccomp.AND else loaded
        tests = {seccomp.JUMP_EQUAL: loaded == value, seccomp.JUMP_NOT_LESS: loaded >= value}
        tests[seccomp.JUMP_ANY_BIT] = bool(loaded & value)
        at += 1 + (0 if code in (seccomp.LOAD, seccomp.AND) else yes if tests[code] else no)
    return VERDICTS[steps[at][3]]


def test_nothing_is_left_of_a_kernel_that_has_ended(world):
    with kernel(world) as (manager, client):
        run(client, "open('x', 'w').write('x'); subprocess.Popen(['sleep', SLEEP])")
        folder = Path(manager.provisioner.spec.folder)
        assert folder.exists()
    assert not folder.exists()
    assert not any(world.left().values())


@pytest.mark.parametrize("without", [[], NAMESPACES], ids=["sandboxed", "in a container"])
def test_when_the_grader_is_killed_nothing_is_left(world, without):
    script = f"""
        import time
        from jupyter_client.manager import KernelManager
        from traitlets.config import Config
        config = Config(SandboxedProvisioner=dict(without={without}))
        manager = KernelManager(kernel_name="gradekit-sandboxed", config=config)
        manager.start_kernel()
        client = manager.client(); client.start_channels(); client.wait_for_ready(timeout=300)
        code = "import subprocess; subprocess.Popen(['sleep', '{world.sleep}'], start_new_session=True)"
        client.execute(code, reply=True)
        print(manager.provisioner.spec.folder, flush=True)
        time.sleep(60)
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    grader = subprocess.Popen(command, cwd=world.root, env=outside_pytest(), stdout=subprocess.PIPE, text=True)
    folder = Path(grader.stdout.readline().strip())
    assert folder.exists()
    grader.kill()
    grader.communicate()
    assert eventually(lambda: not folder.exists())
    assert not any(world.left().values())


def test_a_supervisor_that_is_stopped_and_continued_ends_and_interrupts_nothing(world):
    with kernel(world) as (manager, client):
        request = client.execute("import time; time.sleep(2); print('done')", allow_stdin=False)
        for _ in range(200):
            for number in (signal.SIGSTOP, signal.SIGCONT):
                os.kill(manager.provisioner.pid, number)
                time.sleep(0.003)
        reply = client.get_shell_msg(timeout=300)
    assert (reply["parent_header"]["msg_id"], reply["content"]["status"]) == (request, "ok")


def test_a_file_tells_that_a_blocked_signal_is_pending():
    """A supervisor notices at once that it is to end its kernel."""
    number = signal.SIGUSR1
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {number})
    file = syscalls.signal_file({number})
    try:
        assert select.select([file], [], [], 0)[0] == []
        signal.pthread_kill(threading.get_ident(), number)
        assert select.select([file], [], [], 0)[0] == [file]
        assert signal.sigwait({number}) == number
        assert select.select([file], [], [], 0)[0] == []
    finally:
        os.close(file)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def test_what_a_killed_grader_and_supervisor_left_is_removed_later(world):
    script = """
        import time
        from jupyter_client.manager import KernelManager
        manager = KernelManager(kernel_name="gradekit-sandboxed")
        manager.start_kernel()
        print(manager.provisioner.spec.folder, manager.provisioner.pid, flush=True)
        time.sleep(60)
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    grader = subprocess.Popen(command, cwd=world.root, env=outside_pytest(), stdout=subprocess.PIPE, text=True)
    folder, supervisor = grader.stdout.readline().split()
    os.kill(int(supervisor), signal.SIGKILL)
    grader.kill()
    grader.communicate()
    assert Path(folder).exists()
    os.utime(folder, (0, 0))
    with kernel(world) as (manager, _):
        mine = Path(manager.provisioner.spec.folder)
        os.utime(mine, (0, 0))
        with kernel(world):
            assert not Path(folder).exists()
            assert mine.exists(), "it is in use"


def test_the_limit_that_ended_a_kernel_is_logged(world, caplog, monkeypatch):
    monkeypatch.setattr(logging.getLogger("traitlets"), "propagate", True)
    with caplog.at_level(logging.WARNING), kernel(world, limits={"wall": 1}) as (manager, _):
        assert eventually(lambda: not manager.is_alive())
    assert caplog.text.count("The kernel was ended: its notebook took longer than 1 s.") == 1


def test_an_unknown_limit_is_refused(world):
    with (
        pytest.raises(TraitError, match=r"limits has no limit 'time'. There are memory, processor, processes"),
        kernel(world, limits={"time": 1}),
    ):
        pass


# Where a layer is missing


NO_NAMESPACES = """
import json, sys
from gradekit.sandbox import seccomp
seccomp.PRCTL = seccomp.CLONE3  # a container, other than our filter, lets a process take in orphans
seccomp.restrict(private=True)  # no namespaces from now on, as in most containers
"""


def without_namespaces(code: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", NO_NAMESPACES + textwrap.dedent(code)]
    return subprocess.run(command, env=outside_pytest(**env), capture_output=True, text=True, timeout=300)


def test_the_doctor_reports_missing_layers(missing):
    code = "from gradekit.doctor import doctor\nprint(json.dumps({one.name: one.ok for one in doctor()}))"
    found = json.loads(without_namespaces(code).stdout)
    assert [name for name in layers.ALL if not found[name]] == NAMESPACES


START = """
from jupyter_client.manager import KernelManager
from traitlets.config import Config
manager = KernelManager(kernel_name="gradekit-sandboxed", config=Config(SandboxedProvisioner=dict(required={})))
manager.start_kernel()
client = manager.client(); client.start_channels(); client.wait_for_ready(timeout=300)
print(client.execute("1 / 1", reply=True, timeout=300)["content"]["status"])
client.stop_channels(); manager.shutdown_kernel(now=True)
"""


def test_grading_reports_missing_layers(world):
    done = without_namespaces(START.format([]), GRADEKIT_FORKSERVER="off")
    assert done.stdout.strip().endswith("ok"), done.stderr
    assert done.stderr.count("A layer of the sandbox is missing: pids, a process namespace") == 1
    assert done.stderr.count("A layer of the sandbox is missing") == len(NAMESPACES)


@pytest.mark.parametrize("required", [["all"], ["network"]], ids=str)
def test_a_course_can_require_layers(world, required):
    done = without_namespaces(START.format(required), GRADEKIT_FORKSERVER="off")
    assert done.returncode != 0
    assert "Nothing was run. This course requires" in done.stderr


def test_a_kernel_whose_sandbox_is_not_set_up_is_not_used(world, monkeypatch):
    monkeypatch.setattr(provisioner, "around", lambda cmd, spec: around(cmd, spec.with_name("missing.json")))
    told = r"not set up \(exit code 1\). Nothing was run."
    with pytest.raises(provisioner.NotSandboxed, match=told), kernel(world):
        pass


def test_the_report_of_a_sandbox_is_read_when_it_is_written_and_needs_no_reader(tmp_path):
    spec = Spec(str(tmp_path), str(tmp_path), layers.ALL)

    async def read() -> tuple[bool, bool, bytes]:
        with provisioner._pipe(spec.report) as reports:
            before = await provisioner._readable(reports, 0.01)
            launch._write_report(spec, '{"pids": ""}')
            return before, await provisioner._readable(reports, 60), os.read(reports, provisioner.LONGEST_REPORT)

    assert asyncio.run(read()) == (False, True, b'{"pids": ""}')
    launch._write_report(spec, "")  # the grader was killed: its supervisor goes on, and notices that


def test_there_are_attacks_enough():
    everything = [*ONE_KERNEL, *resources.ATTACKS, *spoiling.ATTACKS]
    assert len({str(attack) for attack in everything}) == len(everything) >= 40


# A class, graded by nbgrader


@pytest.fixture(scope="module")
def graded(world, tmp_path_factory) -> tuple[Path, dict[str, float], list[str]]:
    """Ada and Zoe answer correctly; Mallory, graded between them, tries every attack. The grades of all three."""
    from nbgrader.api import Gradebook

    root = toy.make(tmp_path_factory.mktemp("class"))
    release(root)
    for student in ("ada", "mallory", "zoe"):
        shutil.copytree(root / "release/toy", root / "submitted" / student / "toy")
        for path in (root / "submitted" / student / "toy").glob("*.ipynb"):
            hand_in(path, attacks_on(world, root) if student == "mallory" else [])
    before = {path: path.read_bytes() for path in (root / "submitted").rglob("*.ipynb")}
    outcome = grade(root)
    assert outcome.graded == ["ada", "mallory", "zoe"], outcome.troubles
    assert {path: path.read_bytes() for path in (root / "submitted").rglob("*.ipynb")} == before
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book:
        points = {one.student_id: one.score for one in book.assignment_submissions("toy")}
    return root, points, [path.read_text() for path in (root / "autograded/mallory/toy").glob("*.ipynb")]


def attacks_on(world: World, root: Path) -> list[str]:
    """One cell for each attack, on this class instead of the world's course."""
    names = world.names("/nowhere", os.getpid(), root / "kernel.json")
    where = f"COURSE = {str(root)!r}\nGRADEBOOK = {str(root / 'gradebook.db')!r}"
    sources = [attack.source.replace("autograded/mine/a/1", "autograded/mallory/toy/1-first") for attack in ONE_KERNEL]
    for there, here in (("other/a/1", "ada/toy/1-first"), ("source/a/1", "source/toy/1-first")):
        sources = [source.replace(there, here) for source in sources]
    return [PRELUDE + names + "\n" + where, *sources]


def hand_in(path: Path, attacks: list[str]) -> None:
    """Write correct answers into a released notebook, or put attacks before its cells."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        head = cell.source.splitlines()[0]
        if not attacks and head.startswith("def "):
            body = toy.RIGHT if "layer_params(k" in head else "return (3 * 3 * 2 + 1) * filters"
            cell.source = f"{head}\n    {body}"
    notebook.cells[:0] = [nbformat.v4.new_code_cell(source) for source in attacks]
    nbformat.write(notebook, path)


def test_attacks_gain_no_points_and_change_no_other_grade(graded):
    assert graded[1] == {"ada": 5.0, "mallory": 0.0, "zoe": 5.0}


def test_the_attackers_outputs_contain_no_hidden_test_and_no_solution(graded):
    notebooks = [nbformat.reads(text, as_version=4) for text in graded[2]]
    outputs = [str(cell.get("outputs")) for notebook in notebooks for cell in notebook.cells[: len(ONE_KERNEL)]]
    assert any("PermissionError" in output for output in outputs)
    for secret in ("738", "fresh cases", toy.RIGHT):
        assert not any(secret in output for output in outputs)
