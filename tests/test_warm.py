"""Warm kernels: real forks of a real nursery, driven the way nbgrader, nbconvert and Lab drive them.

One nursery serves the module. It takes ten seconds to load TensorFlow; two tests have to pay that once more.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
import urllib.request
from pathlib import Path

import nbclient
import nbformat
import psutil
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import start_new_kernel

from gradekit import forkserver
from gradekit.forkserver import address, client, provisioner, server

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks are made on Linux only")

MARK = "GRADEKIT_FORKSERVER_TEST"  # every process of this run has it in its environment, so leftovers can be found


@pytest.fixture(scope="module")
def place_for_us():
    """A socket folder, a kernelspec path and a mark of our own: nothing is shared with other runs."""
    patch = pytest.MonkeyPatch()
    folder = tempfile.mkdtemp(prefix="warm-")
    patch.setenv("XDG_RUNTIME_DIR", folder)
    patch.setenv("JUPYTER_PATH", str(forkserver.jupyter_path()))
    patch.setenv(MARK, Path(folder).name)
    patch.setenv("GRADEKIT_PRELOAD", "convkit.lesson.preload")
    patch.delenv("GRADEKIT_FORKSERVER", raising=False)
    yield Path(folder)
    patch.undo()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def nest(place_for_us):
    """The process id of the nursery, which stays as long as this process holds its lease."""
    yield forkserver.start()
    client._lease = None  # the connection closes: nobody is left
    assert gone(place_for_us.name), [process.cmdline() for process in marked(place_for_us.name)]


@pytest.fixture
def kernel(nest):
    """Start kernels; they are shut down at the end. Call it for `(manager, client)`."""
    started = []

    def start(**options):
        options.setdefault("env", outside_pytest())
        started.append(start_new_kernel(kernel_name=forkserver.KERNEL_NAME, **options))
        return started[-1]

    yield start
    for manager, asker in started:
        asker.stop_channels()
        manager.shutdown_kernel(now=True)


def outside_pytest(**more: str) -> dict[str, str]:
    """The environment without the mark of pytest, which keeps ipykernel from capturing what libraries write."""
    return {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"} | more


def run(asker, code: str, timeout: float = 60) -> dict[str, str]:
    """Run code; return what came out: `stdout`, `stderr`, `error`, and the kinds of the displays."""
    seen = {"stdout": "", "stderr": "", "error": "", "display": ""}

    def note(message):
        content = message["content"]
        match message["msg_type"]:
            case "stream":
                seen[content["name"]] += content["text"]
            case "error":
                seen["error"] += content["ename"]
            case "display_data" | "execute_result":
                seen["display"] += " ".join(content["data"])

    asker.execute_interactive(textwrap.dedent(code), timeout=timeout, output_hook=note, allow_stdin=False)
    return seen


def printed(asker, code: str) -> str:
    """What the code prints, when it prints nothing else and nothing goes wrong."""
    seen = run(asker, code)
    assert (seen["stderr"], seen["error"]) == ("", "")
    return seen["stdout"].strip()


def marked(mark: str) -> list[psutil.Process]:
    """The living processes, except this one, that carry the mark in their environment."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark and process.pid != os.getpid():
                found.append(process)
        except psutil.Error:
            continue
    return [process for process in found if process.status() != psutil.STATUS_ZOMBIE]


def gone(mark: str, within: float = 15) -> bool:
    """Nothing with this mark is left, after a while at the latest."""
    return eventually(lambda: not marked(mark), within)


def eventually(true, within: float = 10) -> bool:
    """Becomes true before the time is up."""
    deadline = time.monotonic() + within
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def notebook(path: Path, *cells: str) -> nbformat.NotebookNode:
    """A notebook that names the kernelspec of students."""
    spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    made = nbformat.v4.new_notebook(metadata=spec, cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbformat.write(made, path)
    return made


FIRST_RESULT = """
    import keras, numpy as np, tensorflow as tf
    layer = keras.layers.Conv2D(3, 2, kernel_initializer="ones", bias_initializer="ones")
    y = keras.Sequential([keras.Input((8, 8, 1)), layer])(np.ones((1, 8, 8, 1), "float32"))
    print(y.shape, np.unique(y))
"""


# What a kernel is


def test_a_kernel_is_a_fork_that_has_tensorflow(kernel, nest):
    _, asker = kernel()
    assert printed(
        asker, "import os, sys; print(os.getppid(), {'tensorflow', 'keras', 'convkit'} <= set(sys.modules))"
    ) == (f"{nest} True")


def test_a_first_result_is_right_and_nothing_is_said_on_stderr(kernel):
    _, asker = kernel()
    assert printed(asker, FIRST_RESULT) == "(1, 7, 7, 3) [5.]"


def test_what_an_error_looks_up_once_has_been_looked_up(kernel):
    _, asker = kernel()
    known = "import inspect, sys; print(len(inspect.modulesbyfile) / len(sys.modules))"
    assert float(printed(asker, known)) > 0.5


def test_a_model_learns(kernel):
    _, asker = kernel()
    learn = """
        import keras, numpy as np
        x = np.linspace(-1, 1, 64, dtype="float32").reshape(-1, 1)
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        model.compile(keras.optimizers.SGD(0.5), "mse")
        model.fit(x, 2 * x - 1, epochs=30, verbose=0)
        print(*(float(np.round(w.item(), 2)) for w in model.get_weights()))
    """
    assert printed(asker, learn) == "2.0 -1.0"


def test_two_kernels_share_no_state_and_draw_different_numbers(kernel):
    (_, one), (_, two) = kernel(), kernel()
    draw = """
        import random, numpy as np, tensorflow as tf, keras
        print(random.random(), np.random.rand(), tf.random.normal([]).numpy(), keras.random.normal(()).numpy())
    """
    draws = [printed(asker, draw).split() for asker in (one, two)]
    assert [len(draw) for draw in draws] == [4, 4]
    assert not set(draws[0]) & set(draws[1])
    run(one, "import numpy; numpy.secret = 1")
    assert printed(two, "import numpy; print(hasattr(numpy, 'secret'))") == "False"


def test_folder_environment_and_umask_are_those_of_the_asker(kernel, tmp_path):
    before = os.umask(0o027)
    try:
        _, asker = kernel(cwd=str(tmp_path), env=outside_pytest(FRUIT="pear", TZ="Asia/Tokyo"))
    finally:
        os.umask(before)
    assert printed(asker, "import os; print(os.getcwd(), os.environ['FRUIT'])") == f"{tmp_path} pear"
    assert printed(asker, "import time; print(time.strftime('%Z'), oct(os.umask(0)))") == "JST 0o27"
    assert printed(asker, "import subprocess; subprocess.run(['sh', '-c', 'echo $FRUIT']);") == "pear"
    (tmp_path / "beside.py").write_text("fruit = 'plum'")
    assert printed(asker, "import beside; print(beside.fruit)") == "plum"


def test_output_of_every_kind_arrives(kernel):
    _, asker = kernel()
    kinds = "print('a'); print('b', file=sys.stderr); os.write(1, b'c'); os.system('echo d');"
    seen = run(asker, f"import os, sys, time; {kinds} time.sleep(0.5)")  # what a program prints comes a moment later
    assert (sorted(seen["stdout"].replace("\n", "")), seen["stderr"]) == (["a", "c", "d"], "b\n")
    assert (
        run(asker, "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()")["display"] == "text/plain image/png"
    )
    assert run(asker, "1 / 0")["error"] == "ZeroDivisionError"


def test_widgets_find_their_channel(kernel):
    _, asker = kernel()
    assert (
        printed(asker, "import ipywidgets; print('jupyter.widget' in get_ipython().kernel.comm_manager.targets)")
        == "True"
    )


# What Jupyter does to it


def test_interrupt_ends_a_loop(kernel):
    manager, asker = kernel()
    asker.execute("while True: pass")
    time.sleep(0.5)
    manager.interrupt_kernel()
    assert asker.get_shell_msg(timeout=10)["content"]["ename"] == "KeyboardInterrupt"
    assert printed(asker, "print(6 * 7)") == "42"


def test_restart_forgets_and_is_warm_again(kernel, nest):
    manager, asker = kernel()
    run(asker, "kept = 1")
    manager.restart_kernel()
    asker.wait_for_ready(timeout=30)
    assert printed(asker, "import os; print('kept' in globals(), os.getppid())") == f"False {nest}"


def test_a_kernel_that_ends_itself_is_seen_dead_with_its_code(kernel):
    manager, asker = kernel()
    process = manager.provisioner.process
    asker.execute("import os; os._exit(3)")
    assert eventually(lambda: not manager.is_alive())
    assert process.returncode == 3


def test_a_killed_kernel_is_seen_dead(kernel):
    manager, _ = kernel()
    process = manager.provisioner.process
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait(timeout=10) == -signal.SIGKILL
    assert not manager.is_alive()


def test_shutdown_leaves_no_process(kernel):
    manager, asker = kernel()
    pid = manager.provisioner.pid
    asker.stop_channels()
    manager.shutdown_kernel()
    assert not psutil.pid_exists(pid)


# Who uses it


def test_nbclient_runs_a_notebook_whatever_kernelspec_it_names(nest, tmp_path):
    made = notebook(tmp_path / "a.ipynb", "import os; print(os.getppid())", textwrap.dedent(FIRST_RESULT))
    nbclient.NotebookClient(made, kernel_name=forkserver.KERNEL_NAME).execute(env=outside_pytest())
    assert {output.get("name") for cell in made.cells for output in cell.outputs} == {"stdout"}
    texts = ["".join(output.text for output in cell.outputs).strip() for cell in made.cells]
    assert texts == [str(nest), "(1, 7, 7, 3) [5.]"]


def test_nbgrader_validate_uses_it(nest, tmp_path):
    notebook(tmp_path / "a.ipynb", f"import os; assert os.getppid() == {nest}")
    config = "from gradekit import forkserver\nforkserver.for_nbgrader(c)\nc.Validator.validate_all = True\n"
    (tmp_path / "nbgrader_config.py").write_text(config)
    command = [sys.executable, "-m", "nbgrader", "validate", "a.ipynb"]
    done = subprocess.run(
        command, cwd=tmp_path, env=outside_pytest(JUPYTER_PATH=""), capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, "Success!" in done.stdout) == (0, True), done.stdout + done.stderr


def test_installed_it_is_found_by_its_name(tmp_path, monkeypatch):
    folder = forkserver.install(tmp_path, server=True)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "share" / "jupyter"))
    found = KernelSpecManager().get_kernel_spec(forkserver.KERNEL_NAME)
    assert (found.resource_dir, found.display_name) == (str(folder), "Python 3 (gradekit, forked)")
    (settings,) = (tmp_path / "etc").rglob("*.json")
    extensions = {"jpserver_extensions": {"gradekit.forkserver.server_extension": True}}
    assert json.loads(settings.read_text())["ServerApp"] == extensions


@pytest.mark.slow
def test_a_server_is_warm_for_people_and_takes_its_nursery_with_it(place_for_us, tmp_path):
    """The kernelspec is the students', python3; the server's configuration is two lines."""
    config = "from gradekit import forkserver\nforkserver.for_people(c)\n"
    config += "c.IdentityProvider.token = 'x'\nc.ServerApp.allow_root = True\nc.ServerApp.port = 0\n"
    (tmp_path / "jupyter_server_config.py").write_text(config)
    own = {MARK: "server", "JUPYTER_RUNTIME_DIR": str(tmp_path / "run"), "JUPYTER_CONFIG_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", f"--ServerApp.root_dir={tmp_path}"]
    server = subprocess.Popen(command, env=outside_pytest(**own), stderr=subprocess.PIPE, text=True)
    try:
        ready = next(line for line in server.stderr if "Warm kernels are ready" in line)
        (pid,) = re.findall(r"ready \(process (\d+)\)", ready)
        (address,) = (tmp_path / "run").glob("jpserver-*.json")
        url = json.loads(address.read_text())["url"] + "api/kernels"
        headers = {"Authorization": "token x", "Content-Type": "application/json"}
        urllib.request.urlopen(urllib.request.Request(url, b'{"name": "python3"}', headers)).close()
        assert len(psutil.Process(int(pid)).children()) == 1, "the kernel is a fork"
    finally:
        server.terminate()
        server.communicate(timeout=20)
    assert gone("server")


# Where it cannot be


@pytest.mark.parametrize("value", ["off", "0", "no"])
def test_switched_off_there_is_an_ordinary_kernel_and_a_line(nest, kernel, monkeypatch, caplog, value):
    monkeypatch.setenv("GRADEKIT_FORKSERVER", value)
    monkeypatch.setattr(logging.getLogger("traitlets"), "propagate", True)
    with caplog.at_level(logging.WARNING):
        _, asker = kernel()
    assert "No warm kernel: GRADEKIT_FORKSERVER is off. Starting an ordinary one" in caplog.text
    code = "import os, sys; print(os.getppid(), 'tensorflow' in sys.modules)"
    assert printed(asker, code) == f"{os.getpid()} False"


def test_the_line_is_printed_where_there_is_no_log(tmp_path, place_for_us):
    notebook(tmp_path / "a.ipynb", "print(6 * 7)")
    script = (
        "import nbclient, nbformat\n"
        "nb = nbformat.read('a.ipynb', 4)\n"
        "nbclient.NotebookClient(nb, kernel_name='gradekit-forked').execute()\n"
        "print(nb.cells[0].outputs[0].text)"
    )
    env = outside_pytest(GRADEKIT_FORKSERVER="off")
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.stdout.strip() == "42"
    assert done.stderr.count("convkit: No warm kernel: GRADEKIT_FORKSERVER is off.") == 1


def test_a_nursery_that_cannot_load_is_reported_with_its_log(place_for_us, tmp_path):
    (tmp_path / "keras.py").write_text("raise ImportError('a broken installation')")
    (tmp_path / "tensorflow.py").write_text("")
    with pytest.raises(forkserver.NoForkServer, match=r"ended with 1; see .*\.log") as reason:
        forkserver.start({**os.environ, "PYTHONPATH": str(tmp_path)})
    log = Path(str(reason.value).rpartition("see ")[2])
    assert "a broken installation" in log.read_text()


def test_a_folder_that_others_can_enter_is_not_used(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    address.private_folder().chmod(0o755)
    with pytest.raises(forkserver.NoForkServer, match="is not private to this user; remove it"):
        forkserver.start()


def test_a_pipe_for_output_is_left_to_an_ordinary_kernel():
    with pytest.raises(forkserver.NoForkServer, match="pipe"):
        provisioner.streams_for({"stdout": subprocess.PIPE}, 0)


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["R", "--slave", "-e", "IRkernel::main()"], id="another language"),
        pytest.param(["/usr/bin/python3", "-m", "ipykernel_launcher"], id="another Python"),
        pytest.param([sys.executable, "kernel.py"], id="not a module"),
    ],
)
def test_other_commands_are_not_ours(command):
    with pytest.raises(provisioner.AnotherLanguage):
        provisioner.module_of(command)


def test_python_by_another_name_is_ours():
    assert provisioner.module_of([str(Path(sys.executable).with_name("python3")), "-m", "a", "b"]) == ("a", ["b"])


# Who may ask


def test_a_kernel_cannot_ask_the_nursery_that_made_it(kernel):
    """A fenced kernel would get one without a fence."""
    _, asker = kernel()
    place = str(address.socket_path(os.environ))
    knock = f"""
        import os, socket
        child = os.fork()
        connection = socket.socket(socket.AF_UNIX); connection.connect({place!r})
        print(connection.recv(99).decode(), flush=True)
        os.waitpid(child, 0) if child else os._exit(0);
    """
    refused = '{"refused": "it serves its user, and not the kernels that it made"}'
    assert printed(asker, knock).split("\n\n") == [refused, refused]


ASKS = """
import os, socket, sys
from gradekit.forkserver import client

def knock():
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(sys.argv[1])
        return "in" if "nursery" in connection.recv(99).decode() else "refused"

print(sys.argv[2], knock(), flush=True)
if sys.argv[2] == "itself":
    child = os.fork()
    if child == 0:
        print("child", knock(), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
    order = client.order_here("asks", [sys.argv[1], "its fork"], os.getcwd(), dict(os.environ), trusted=True)
    print("exit", client.fork_kernel(order, (0, 1, 2)).wait(30), flush=True)
"""


@pytest.mark.parametrize("trusted", [True, False])
def test_a_fork_may_ask_when_its_asker_says_so_and_cannot_pass_that_on(nest, tmp_path, trusted):
    """A grader's workers are forks, and ask for kernels. A kernel that orders a trusted one gets nothing of it."""
    (tmp_path / "asks.py").write_text(ASKS)
    place, env = str(address.socket_path(os.environ)), outside_pytest()
    order = client.order_here("asks", [place, "itself"], str(tmp_path), env, trusted=trusted)
    with open(tmp_path / "said", "w+") as said, open(os.devnull) as null:
        fork = client.fork_kernel(order, (null.fileno(), said.fileno(), said.fileno()))
        fork.wait(120)
    lines = (tmp_path / "said").read_text().splitlines()
    assert lines[:2] == [f"itself {'in' if trusted else 'refused'}", "child refused"]
    if trusted:
        assert lines[2:] == ["its fork refused", "exit 0"]


def test_an_orphan_of_a_kernel_counts_as_its_child(kernel, nest, tmp_path):
    _, asker = kernel()
    run(asker, f"import os; os.system('(sleep 30 & echo $! > {tmp_path}/pid)')")
    orphan = psutil.Process(int((tmp_path / "pid").read_text()))
    assert eventually(lambda: orphan.ppid() == nest)
    assert server.descends(orphan.pid, nest)
    assert not server.descends(os.getpid(), nest)
    orphan.kill()


# How it ends


def test_a_kernel_ends_with_its_asker(nest, tmp_path):
    script = """
        import time
        from jupyter_client.manager import start_new_kernel
        manager, _ = start_new_kernel(kernel_name="gradekit-forked")
        print(manager.provisioner.pid, flush=True)
        time.sleep(60)
    """
    asker = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True)
    kernel = psutil.Process(int(asker.stdout.readline()))
    asker.stdout.close()
    try:
        assert kernel.ppid() == nest
        asker.kill()
        asker.wait()
        assert eventually(lambda: not kernel.is_running() or kernel.status() == psutil.STATUS_ZOMBIE)
    finally:
        asker.kill()
        if kernel.is_running():
            kernel.kill()


@pytest.mark.slow
def test_after_a_ctrl_c_nothing_is_left(place_for_us, tmp_path):
    """A nursery of its own, started by a script that is interrupted in the middle of an endless cell."""
    notebook(tmp_path / "a.ipynb", "open('here', 'w').close()", "while True: pass")
    script = (
        "import nbclient, nbformat\n"
        "nbclient.NotebookClient(nbformat.read('a.ipynb', 4), kernel_name='gradekit-forked').execute()"
    )
    env = outside_pytest(**{MARK: "ctrl-c"}, GRADEKIT_FORKSERVER_LINGER="1")
    user = subprocess.Popen(
        [sys.executable, "-c", script], cwd=tmp_path, env=env, stderr=subprocess.PIPE, process_group=0
    )
    assert eventually((tmp_path / "here").exists, within=60)
    assert len(marked("ctrl-c")) == 3, "the user, the nursery and the kernel"
    os.killpg(user.pid, signal.SIGINT)
    user.communicate(timeout=20)
    assert user.returncode != 0
    assert gone("ctrl-c")


@pytest.mark.slow
def test_a_killed_nursery_is_replaced_and_its_kernels_live_on(kernel, nest):
    manager, asker = kernel()
    run(asker, "kept = 1")
    os.kill(nest, signal.SIGKILL)
    psutil.Process(nest).wait(10)
    assert printed(asker, "print(kept)") == "1"
    assert manager.is_alive()
    _, second = kernel()
    assert int(printed(second, "import os; print(os.getppid())")) not in (nest, os.getpid())
    assert printed(second, FIRST_RESULT) == "(1, 7, 7, 3) [5.]"
    manager.shutdown_kernel()
    assert not manager.is_alive()
    with pytest.raises((queue.Empty, RuntimeError, TimeoutError)):
        run(asker, "print(1)", timeout=1)
