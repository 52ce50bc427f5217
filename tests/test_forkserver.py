"""Forked kernels: real forks of a real fork server, driven as nbgrader, nbconvert and JupyterLab drive them.

One fork server serves the module. It takes ten seconds to load TensorFlow; three tests start one of their own.
"""

from __future__ import annotations

import contextlib
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
from jupyter_client.manager import start_new_kernel

from gradekit import forkserver
from gradekit.forkserver import address, provisioner, server
from gradekit.forkserver import client as fork_client
from gradekit.hub.config import settings_of
from tests.processes import MARK, eventually, gone, hear_ctrl_c, marked, outside_pytest, printed, run

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks are made on Linux only")


@pytest.fixture(scope="module")
def private_settings():
    """A socket folder, a kernelspec path and a mark that no other run shares."""
    patch = pytest.MonkeyPatch()
    folder = tempfile.mkdtemp(prefix="fork-")
    patch.setenv("XDG_RUNTIME_DIR", folder)
    patch.setenv("JUPYTER_PATH", str(forkserver.jupyter_path()))
    patch.setenv(MARK, Path(folder).name)
    patch.setenv("GRADEKIT_PRELOAD", "convkit.lesson.preload")
    patch.delenv("GRADEKIT_FORKSERVER", raising=False)
    yield Path(folder)
    patch.undo()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def server_pid(private_settings):
    """The process id of the fork server, which runs as long as this process holds its lease."""
    yield forkserver.start()
    fork_client._lease = None  # closes the last connection
    assert gone(private_settings.name), [process.cmdline() for process in marked(private_settings.name)]


@pytest.fixture
def mark(private_settings, tmp_path):
    """A mark for a test that starts a fork server of its own; leftovers of a test that failed are killed."""
    yield str(tmp_path)
    for process in marked(str(tmp_path)):
        process.kill()


@pytest.fixture
def kernel(server_pid):
    """Start kernels; they are shut down at the end. Call it for `(manager, client)`."""
    started = []

    def start(**options):
        options.setdefault("env", outside_pytest())
        started.append(start_new_kernel(kernel_name=forkserver.KERNEL_NAME, **options))
        return started[-1]

    yield start
    for manager, client in started:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def notebook(path: Path, *cells: str) -> nbformat.NotebookNode:
    """Write a notebook that names the students' kernelspec."""
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


# A forked kernel


def test_a_kernel_is_a_fork_that_has_tensorflow(kernel, server_pid):
    _, client = kernel()
    assert printed(
        client, "import os, sys; print(os.getppid(), {'tensorflow', 'keras', 'convkit'} <= set(sys.modules))"
    ) == (f"{server_pid} True")


@pytest.mark.skipif(
    not hasattr(os, "uname") or tuple(map(int, os.uname().release.split(".")[:2])) < (6, 1), reason="Linux 6.1"
)
def test_a_fork_server_has_huge_pages(server_pid):
    rollup = Path(f"/proc/{server_pid}/smaps_rollup").read_text()
    assert int(rollup.split("AnonHugePages:")[1].split()[0]) > 50 << 10  # kB


def test_a_kernel_collects_garbage_as_python_does(kernel):
    _, client = kernel()
    assert printed(client, "import gc; print(gc.isenabled(), gc.get_threshold())") == "True (700, 10, 10)"


def test_a_first_model_writes_nothing_to_stderr(kernel):
    _, client = kernel()
    assert printed(client, FIRST_RESULT) == "(1, 7, 7, 3) [5.]"


def test_source_files_are_looked_up_before_the_fork(kernel):
    _, client = kernel()
    known = "import inspect, sys; print(len(inspect.modulesbyfile) / len(sys.modules))"
    assert float(printed(client, known)) > 0.5


def test_a_model_learns(kernel):
    _, client = kernel()
    learn = """
        import keras, numpy as np
        x = np.linspace(-1, 1, 64, dtype="float32").reshape(-1, 1)
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        model.compile(keras.optimizers.SGD(0.5), "mse")
        model.fit(x, 2 * x - 1, epochs=30, verbose=0)
        print(*(float(np.round(w.item(), 2)) for w in model.get_weights()))
    """
    assert printed(client, learn) == "2.0 -1.0"


OPERATIONS = """
    import hashlib, numpy as np, keras, tensorflow as tf

    keras.utils.set_random_seed(3)
    x, found = tf.random.normal((2, 8, 8, 3)), []
    for _ in range(2):
        found += [tf.random.uniform([2], seed=5), tf.random.shuffle(tf.range(6), seed=3), tf.nn.dropout(x, 0.5, seed=2)]
        found += [keras.layers.Conv2D(2, 3, padding="same")(x), keras.layers.BatchNormalization()(x, training=True)]
    weights = tf.Variable(tf.ones((3, 3, 3, 2)))
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(tf.nn.conv2d(x, weights, 2, "SAME") ** 2)
    found += [tape.gradient(y, weights), tf.nn.conv2d_transpose(x, tf.ones((3, 3, 2, 3)), (2, 16, 16, 2), 2)]
    print(hashlib.sha256(b"".join(np.asarray(one).tobytes() for one in found)).hexdigest())
    try:
        tf.matmul(np.ones((2, 3)), np.ones((2, 3)))
    except tf.errors.InvalidArgumentError as problem:
        print(str(problem).partition("Matrix size")[0])
"""


def test_an_operation_makes_no_graph_that_an_error_would_name(kernel):
    _, client = kernel()
    failing = """
        import numpy as np, tensorflow as tf
        try:
            tf.matmul(np.ones((2, 3)), np.ones((2, 3)))
        except tf.errors.InvalidArgumentError as problem:
            print(str(problem).split()[0])
    """
    assert printed(client, failing) == "Matrix"


@pytest.mark.days
def test_operations_have_the_results_of_plain_tensorflow_without_its_graphs(kernel):
    """As long as plain TensorFlow makes a graph for each operation, which its errors name."""
    _, client = kernel()
    settings = {"TF_ENABLE_ONEDNN_OPTS": "0", "TENSORFLOW_USE_CUSTOM_CONTRACTION_KERNEL": "0"}
    plain = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(OPERATIONS)],
        env=outside_pytest(**settings),
        capture_output=True,
        text=True,
        check=True,
    )
    results, _, graph = plain.stdout.strip().partition("\n")
    assert graph.startswith("{{function_node __wrapped__MatMul")
    assert printed(client, OPERATIONS) == results


def test_two_kernels_share_no_state_and_draw_different_numbers(kernel):
    (_, one), (_, two) = kernel(), kernel()
    draw = """
        import random, numpy as np, tensorflow as tf, keras
        print(random.random(), np.random.rand(), tf.random.normal([]).numpy(), keras.random.normal(()).numpy())
    """
    draws = [printed(client, draw).split() for client in (one, two)]
    assert [len(draw) for draw in draws] == [4, 4]
    assert not set(draws[0]) & set(draws[1])
    run(one, "import numpy; numpy.secret = 1")
    assert printed(two, "import numpy; print(hasattr(numpy, 'secret'))") == "False"


def test_folder_environment_and_umask_are_those_of_the_client(kernel, tmp_path):
    before = os.umask(0o027)
    try:
        _, client = kernel(cwd=str(tmp_path), env=outside_pytest(FRUIT="pear", TZ="Asia/Tokyo"))
    finally:
        os.umask(before)
    assert printed(client, "import os; print(os.getcwd(), os.environ['FRUIT'])") == f"{tmp_path} pear"
    assert printed(client, "import time; print(time.strftime('%Z'), oct(os.umask(0)))") == "JST 0o27"
    assert printed(client, "import subprocess; print(subprocess.getoutput('echo $FRUIT'))") == "pear"
    (tmp_path / "own_module.py").write_text("fruit = 'plum'")
    assert printed(client, "import own_module; print(own_module.fruit)") == "plum"


def test_output_of_every_kind_arrives(kernel):
    _, client = kernel()
    kinds = "print('a'); print('b', file=sys.stderr); os.write(1, b'c'); os.system('echo d');"
    seen = run(client, f"import os, sys, time; {kinds} time.sleep(0.5)")  # what a program prints comes a moment later
    assert (sorted(seen["stdout"].replace("\n", "")), seen["stderr"]) == (["a", "c", "d"], "b\n")
    assert (
        run(client, "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()")["display"]
        == "text/plain image/png"
    )
    assert run(client, "1 / 0")["error"] == "ZeroDivisionError"


def test_widgets_find_their_channel(kernel):
    _, client = kernel()
    assert (
        printed(client, "import ipywidgets; print('jupyter.widget' in get_ipython().kernel.comm_manager.targets)")
        == "True"
    )


# What Jupyter does with a kernel


def test_interrupt_ends_a_loop(kernel):
    manager, client = kernel()
    client.execute("while True: pass")
    time.sleep(0.5)
    manager.interrupt_kernel()
    assert client.get_shell_msg(timeout=300)["content"]["ename"] == "KeyboardInterrupt"
    assert printed(client, "print(6 * 7)") == "42"


def test_a_restarted_kernel_is_a_new_fork(kernel, server_pid):
    manager, client = kernel()
    run(client, "kept = 1")
    manager.restart_kernel()
    client.wait_for_ready(timeout=300)
    assert printed(client, "import os; print('kept' in globals(), os.getppid())") == f"False {server_pid}"


def test_the_exit_code_of_a_kernel_that_exits_is_reported(kernel):
    manager, client = kernel()
    process = manager.provisioner.process
    client.execute("import os; os._exit(3)")
    assert eventually(lambda: not manager.is_alive())
    assert process.returncode == 3


def test_a_killed_kernel_is_not_alive(kernel):
    manager, _ = kernel()
    process = manager.provisioner.process
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait(timeout=300) == -signal.SIGKILL
    assert not manager.is_alive()


def test_shutdown_leaves_no_process(kernel):
    manager, client = kernel()
    pid = manager.provisioner.pid
    client.stop_channels()
    manager.shutdown_kernel()
    assert not psutil.pid_exists(pid)


# Programs that use it


def test_nbclient_runs_a_notebook_whatever_kernelspec_it_names(server_pid, tmp_path):
    made = notebook(tmp_path / "a.ipynb", "import os; print(os.getppid())", textwrap.dedent(FIRST_RESULT))
    nbclient.NotebookClient(made, kernel_name=forkserver.KERNEL_NAME).execute(env=outside_pytest())
    assert {output.get("name") for cell in made.cells for output in cell.outputs} == {"stdout"}
    texts = ["".join(output.text for output in cell.outputs).strip() for cell in made.cells]
    assert texts == [str(server_pid), "(1, 7, 7, 3) [5.]"]


def test_nbgrader_validate_forks_its_kernel(server_pid, tmp_path):
    notebook(tmp_path / "a.ipynb", f"import os; assert os.getppid() == {server_pid}")
    config = f"c.Execute.kernel_name = {forkserver.KERNEL_NAME!r}\nc.Validator.validate_all = True\n"
    (tmp_path / "nbgrader_config.py").write_text(config)
    command = [sys.executable, "-m", "nbgrader", "validate", "a.ipynb"]
    done = subprocess.run(command, cwd=tmp_path, env=outside_pytest(), capture_output=True, text=True, timeout=300)
    assert (done.returncode, "Success!" in done.stdout) == (0, True), done.stdout + done.stderr


def test_a_jupyter_server_starts_a_fork_server_and_ends_it(mark, tmp_path):
    """The kernelspec is the students', python3; the settings are those of a person's server on a hub."""
    config = "c.IdentityProvider.token = 'x'\nc.ServerApp.allow_root = True\nc.ServerApp.port = 0\n"
    (tmp_path / "jupyter_server_config.py").write_text(config)
    own = {MARK: mark, "JUPYTER_RUNTIME_DIR": str(tmp_path / "run"), "JUPYTER_CONFIG_DIR": str(tmp_path)}
    own |= {"JUPYTER_CONFIG_PATH": os.path.join(settings_of(), "warm"), "GRADEKIT_PRELOAD": "numpy"}
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", f"--ServerApp.root_dir={tmp_path}"]
    log = tmp_path / "log"
    with log.open("w") as file:
        server = subprocess.Popen(command, env=outside_pytest(**own), stderr=file)
    ready = re.compile(r"Forked kernels are ready \(process (\d+)\)")
    try:
        assert eventually(lambda: ready.search(log.read_text())), f"not ready: {log.read_text()}"
        (pid,) = ready.findall(log.read_text())
        addresses = (tmp_path / "run").glob
        assert eventually(lambda: any(one.read_text().endswith("}") for one in addresses("jpserver-*.json")))
        (address,) = addresses("jpserver-*.json")
        url = json.loads(address.read_text())["url"] + "api/kernels"
        headers = {"Authorization": "token x", "Content-Type": "application/json"}
        urllib.request.urlopen(urllib.request.Request(url, b'{"name": "python3"}', headers)).close()
        assert len(psutil.Process(int(pid)).children()) == 1, "the kernel is a fork"
    finally:
        server.terminate()
        server.wait(timeout=300)
    assert gone(mark)


# Where forking is not possible


@pytest.mark.parametrize("value", ["off", "0", "no"])
def test_switched_off_an_ordinary_kernel_starts_and_a_warning_is_logged(server_pid, kernel, monkeypatch, caplog, value):
    monkeypatch.setenv("GRADEKIT_FORKSERVER", value)
    monkeypatch.setattr(logging.getLogger("traitlets"), "propagate", True)
    with caplog.at_level(logging.WARNING):
        _, client = kernel()
    assert "No forked kernel: GRADEKIT_FORKSERVER is off. Starting an ordinary one" in caplog.text
    code = "import os, sys; print(os.getppid(), 'tensorflow' in sys.modules)"
    assert printed(client, code) == f"{os.getpid()} False"


def test_the_warning_is_printed_where_no_log_is_set_up(tmp_path, private_settings):
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
    assert done.stderr.count("gradekit: No forked kernel: GRADEKIT_FORKSERVER is off.") == 1


def test_a_module_that_is_not_installed_is_named_once(private_settings, mark):
    script = "from gradekit import forkserver; assert forkserver.start() == forkserver.start()"
    env = outside_pytest(GRADEKIT_PRELOAD="pandaz,colorsys") | {MARK: mark}
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True)
    line = "gradekit: pandaz in c.Preload.modules is not loaded: No module named 'pandaz'. "
    assert (done.returncode, done.stderr) == (0, f"{line}Install it, or remove it there.\n")
    assert gone(mark)


def test_a_fork_server_that_fails_to_start_is_reported_with_its_log(private_settings, tmp_path):
    (tmp_path / "numpy.py").write_text("raise ImportError('a broken installation')")
    with pytest.raises(forkserver.NoForkServer, match=r"ended with 1; see .*\.log") as reason:
        forkserver.start({**os.environ, "PYTHONPATH": str(tmp_path)})
    log = Path(str(reason.value).rpartition("see ")[2])
    assert "a broken installation" in log.read_text()


def test_a_folder_that_other_users_can_enter_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    address.private_folder().chmod(0o755)
    with pytest.raises(forkserver.NoForkServer, match="is not private to this user; remove it"):
        forkserver.start()


def test_a_fork_refuses_a_pipe_for_its_output():
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
def test_other_commands_are_not_forked(command):
    with pytest.raises(provisioner.AnotherLanguage):
        provisioner.module_of(command)


def test_this_python_by_another_name_is_forked():
    assert provisioner.module_of([str(Path(sys.executable).with_name("python3")), "-m", "a", "b"]) == ("a", ["b"])


# Who may order a fork


def test_a_kernel_cannot_order_a_fork_from_its_own_server(kernel):
    """A sandboxed kernel would get one without a sandbox."""
    _, client = kernel()
    path = str(address.socket_path(os.environ))
    knock = f"""
        import os, socket
        child = os.fork()
        connection = socket.socket(socket.AF_UNIX); connection.connect({path!r})
        print(connection.recv(99).decode(), flush=True)
        os.waitpid(child, 0) if child else os._exit(0);
    """
    refused = '{"refused": "it serves its user, not the kernels that it has forked"}'
    assert printed(client, knock).split("\n\n") == [refused, refused]


ORDERS = """
import os, socket, sys
from gradekit.forkserver import client

def connect():
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(sys.argv[1])
        return "refused" if "refused" in connection.recv(99).decode() else "accepted"

reply = connect()
print(sys.argv[2], reply, flush=True)
if sys.argv[2] == "itself":
    child = os.fork()
    if child == 0:
        print("child", connect(), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
    if reply == "accepted":
        order = client.order_here("orders", [sys.argv[1], "its fork"], os.getcwd(), dict(os.environ), trusted=True)
        print("exit", client.fork_kernel(order, (0, 1, 2)).wait(30), flush=True)
"""


@pytest.mark.parametrize("trusted", [True, False])
def test_a_trusted_fork_may_order_forks_but_not_trusted_ones(server_pid, tmp_path, trusted):
    """A grader's workers are forks, and order kernels. What a fork orders is not trusted, whatever its order says."""
    (tmp_path / "orders.py").write_text(ORDERS)
    path, env = str(address.socket_path(os.environ)), outside_pytest()
    order = fork_client.order_here("orders", [path, "itself"], str(tmp_path), env, trusted=trusted)
    with open(tmp_path / "output", "w+") as output, open(os.devnull) as null:
        fork = fork_client.fork_kernel(order, (null.fileno(), output.fileno(), output.fileno()))
        fork.wait(300)
    accepted = ["itself accepted", "child refused", "its fork refused", "exit 0"]
    lines = (tmp_path / "output").read_text().splitlines()
    assert lines == (accepted if trusted else ["itself refused", "child refused"])


def test_an_orphan_of_a_kernel_counts_as_its_child(kernel, server_pid, tmp_path):
    _, client = kernel()
    run(client, f"import os; os.system('(sleep 30 & echo $! > {tmp_path}/pid)')")
    orphan = psutil.Process(int((tmp_path / "pid").read_text()))
    assert eventually(lambda: orphan.ppid() == server_pid)
    assert server.descends(orphan.pid, server_pid)
    assert not server.descends(os.getpid(), server_pid)
    orphan.kill()


# How kernels and their server end


def test_a_kernel_ends_with_its_client(server_pid, tmp_path):
    script = """
        import time
        from jupyter_client.manager import start_new_kernel
        manager, _ = start_new_kernel(kernel_name="gradekit-forked")
        print(manager.provisioner.pid, flush=True)
        time.sleep(60)
    """
    client = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True)
    kernel = psutil.Process(int(client.stdout.readline()))
    client.stdout.close()
    try:
        assert kernel.ppid() == server_pid
        client.kill()
        client.wait()
        assert eventually(lambda: not kernel.is_running() or kernel.status() == psutil.STATUS_ZOMBIE)
    finally:
        client.kill()
        with contextlib.suppress(psutil.NoSuchProcess):
            kernel.kill()


def test_after_a_ctrl_c_no_process_is_left(mark, tmp_path):
    """A fork server of its own, started by a script that is interrupted during an endless cell."""
    notebook(tmp_path / "a.ipynb", "open('here', 'w').close()", "while True: pass")
    script = (
        "import nbclient, nbformat\n"
        "nbclient.NotebookClient(nbformat.read('a.ipynb', 4), kernel_name='gradekit-forked').execute()"
    )
    env = outside_pytest(**{MARK: mark}, GRADEKIT_FORKSERVER_LINGER="1", GRADEKIT_PRELOAD="numpy")
    log = tmp_path / "log"
    with log.open("w") as file:
        user = subprocess.Popen(
            [sys.executable, "-c", script],
            cwd=tmp_path, env=env, stderr=file, process_group=0, preexec_fn=hear_ctrl_c,
        )  # fmt: skip
    assert eventually((tmp_path / "here").exists), log.read_text()
    assert len(marked(mark)) == 3, "the script, the fork server and the kernel"
    os.killpg(user.pid, signal.SIGINT)
    assert user.wait(timeout=300) != 0
    assert gone(mark)


def test_a_killed_fork_server_is_replaced_and_its_kernels_live_on(kernel, server_pid):
    manager, client = kernel()
    run(client, "kept = 1")
    os.kill(server_pid, signal.SIGKILL)
    psutil.Process(server_pid).wait(300)
    assert printed(client, "print(kept)") == "1"
    assert manager.is_alive()
    _, second = kernel()
    assert int(printed(second, "import os; print(os.getppid())")) not in (server_pid, os.getpid())
    assert printed(second, FIRST_RESULT) == "(1, 7, 7, 3) [5.]"
    manager.shutdown_kernel()
    assert not manager.is_alive()
    with pytest.raises((queue.Empty, RuntimeError, TimeoutError)):
        run(client, "print(1)", timeout=1)
