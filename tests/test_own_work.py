"""Whether an answer is the student's own work: honest ones in many forms, and hidden library calls."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from gradekit.judge import own_work
from tests.processes import outside_pytest

pytestmark = [
    pytest.mark.days,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it reads /proc, which is Linux's"),
]

OWN = """
def own(x, kernel, strides, padding):
    kh, kw = kernel.shape[:2]
    if padding == "SAME":
        totals = [max((-(-n // strides) - 1) * strides + k - n, 0) for n, k in zip(x.shape[1:3], (kh, kw))]
        x = np.pad(x, ((0, 0), *((t // 2, t - t // 2) for t in totals), (0, 0)))
    rows, columns = ((n - k) // strides + 1 for n, k in zip(x.shape[1:3], (kh, kw)))
    y = np.zeros((x.shape[0], rows, columns, kernel.shape[3]))
    for i in range(rows):
        for j in range(columns):
            window = x[:, i * strides : i * strides + kh, j * strides : j * strides + kw]
            y[:, i, j] = np.tensordot(window, kernel, 3)
    return y
"""
# Each defines `conv2d`. Suspicious words, modules, threads and libraries that have nothing to do with a convolution.
HONEST = {
    "plain": "conv2d = own",
    "a message with the word": "def conv2d(*c):\n    assert c[3] in ('VALID', 'SAME'), 'conv2d: padding is VALID or SAME'\n"
    "    watch = 'tf.nn.conv2d'\n    return own(*c)",
    "a docstring": "def conv2d(*c):\n    '''As tf.nn.conv2d and scipy.signal.correlate2d.'''\n    return own(*c)",
    "its own name in a variable": "def conv2d(*c):\n    convolve = own\n    correlate2d = convolve\n    return correlate2d(*c)",
    "getattr": "def conv2d(*c):\n    return getattr(np, 'asarray')(own(*c))",
    "eval": "def conv2d(*c):\n    return eval('own')(*c)",
    "exec": "exec('def conv2d(*c): return own(*c)')",
    "globals": "def conv2d(*c):\n    return globals()['own'](*c)",
    "a class": "class Convolution:\n    def __call__(self, *c):\n        return own(*c)\nconv2d = Convolution()",
    "a partial": "import functools\nconv2d = functools.partial(own)",
    "a decorator": "def traced(f):\n    def conv2d(*c):\n        return f(*c)\n    return conv2d\nconv2d = traced(own)",
    "a cache": "import functools\n@functools.lru_cache\ndef k(n):\n    return n\ndef conv2d(*c):\n    k(3)\n    return own(*c)",
    "a thread": "import threading\ndef conv2d(*c):\n    out = []\n    t = threading.Thread(target=lambda: out.append(own(*c)))\n"
    "    t.start()\n    t.join()\n    return out[0]",
    "a pool": "from concurrent.futures import ThreadPoolExecutor\ndef conv2d(*c):\n    with ThreadPoolExecutor(2) as pool:\n"
    "        return pool.submit(own, *c).result()",
    "a pool for the whole notebook": "from concurrent.futures import ThreadPoolExecutor\npool = ThreadPoolExecutor(2)\n"
    "pool.submit(abs, 1).result()\ndef conv2d(*c):\n    return pool.submit(own, *c).result()",
    "asyncio": "import asyncio\nasync def later(*c):\n    return own(*c)\n"
    "def conv2d(*c):\n    return asyncio.new_event_loop().run_until_complete(later(*c))",
    "scipy imported": "import scipy.signal\ndef conv2d(*c):\n    import scipy.signal\n    return own(*c)",
    "scipy used before": "import scipy.signal\nscipy.signal.convolve([1, 2], [3])\nconv2d = own",
    "tensorflow imported": "import tensorflow as tf\ndef conv2d(*c):\n    import tensorflow as tf\n    return own(*c)",
    "a layer of keras built before": "import keras\nlayer = keras.layers.Conv2D(1, 1)\nconv2d = own",
    "einsum": "def conv2d(*c):\n    return np.einsum('nhwc->nhwc', own(*c))",
    "fft": "def conv2d(*c):\n    np.fft.fft2(np.ones((4, 4)))\n    return own(*c)",
    "linalg": "def conv2d(*c):\n    np.linalg.svd(np.eye(3))\n    return own(*c)",
    "random": "def conv2d(*c):\n    np.random.default_rng(1).random(3)\n    return own(*c)",
    "a large product": "def conv2d(*c):\n    np.ones((300, 300)) @ np.ones((300, 300))\n    return own(*c)",
    "sliding windows": "def conv2d(*c):\n    np.lib.stride_tricks.sliding_window_view(np.ones((5, 5)), (2, 2))\n    return own(*c)",
    "a file": "def conv2d(*c):\n    np.save('case.npy', c[0])\n    np.load('case.npy')\n    return own(*c)",
    "logging and warnings": "import logging, warnings\ndef conv2d(*c):\n    logging.warning('conv2d')\n    warnings.warn('conv')\n"
    "    return own(*c)",
    "time and memory": "import time, tracemalloc\ndef conv2d(*c):\n    tracemalloc.start()\n    time.perf_counter()\n    return own(*c)",
    "pandas-like names": "class tf:\n    conv2d = staticmethod(own)\ndef conv2d(*c):\n    return tf.conv2d(*c)",
    "printing": "def conv2d(*c):\n    print('conv2d called')\n    return own(*c)",
}
HONEST |= {  # words of other libraries, and habits
    "words in names": "tf_nn_conv2d_padding = 'SAME'\ndef conv2d(*c):\n    watch, spy, profile = 'scipy.signal', 'torch', 'jax.lax.conv'\n    return own(*c)",
    "a class named as keras": "class keras:\n    class ops:\n        conv = staticmethod(own)\ndef conv2d(*c):\n    return keras.ops.conv(*c)",
    "ctypes for a clock": "import ctypes\ndef conv2d(*c):\n    ctypes.CDLL(None).getpid()\n    return own(*c)",
    "setprofile named in a text": "def conv2d(*c):\n    'sys.setprofile is not used here, nor gc.get_objects'\n    return own(*c)",
    "importlib of json": "import importlib\ndef conv2d(*c):\n    importlib.import_module('json').dumps([1])\n    return own(*c)",
    "a generator": "def rows(*c):\n    yield own(*c)\ndef conv2d(*c):\n    return next(rows(*c))",
    "an ndarray subclass": "class Image(np.ndarray):\n    pass\ndef conv2d(*c):\n    return own(c[0].view(Image), *c[1:])",
    "pickle of its own work": "import pickle\ndef conv2d(*c):\n    return pickle.loads(pickle.dumps(own(*c)))",
    "a global cache of results": "known = {}\ndef conv2d(*c):\n    key = (c[0].tobytes(), c[1].tobytes(), c[2:])\n    if key not in known:\n        known[key] = own(*c)\n    return known[key]",
    "compiled text": "code = compile('own(*c)', 'convolve', 'eval')\ndef conv2d(*c):\n    return eval(code, globals(), {'c': c})",
    "a lambda in a dict": "table = {'conv2d': lambda *c: own(*c)}\nconv2d = table['conv2d']",
    "operator and functools": "import operator, functools\ndef conv2d(*c):\n    return functools.reduce(operator.add, [own(*c), 0.0])",
    "scipy constants": "import scipy.constants\ndef conv2d(*c):\n    scipy.constants.pi\n    return own(*c)",
    "a timer": "import threading\nthreading.Timer(60, print).start()\ndef conv2d(*c):\n    return own(*c)",
    "a queue": "import queue\ndef conv2d(*c):\n    q = queue.Queue(); q.put(own(*c)); return q.get()",
    "np.vectorize": "def conv2d(*c):\n    np.vectorize(lambda v: v)(c[0])\n    return own(*c)",
    "apply_along_axis": "def conv2d(*c):\n    np.apply_along_axis(np.sum, 0, np.ones((3, 3)))\n    return own(*c)",
    "np.convolve of one line": "def conv2d(*c):\n    np.convolve([1, 2], [1])\n    return own(*c)",
    "try tensorflow except": "def conv2d(*c):\n    try:\n        import torch\n    except ImportError:\n        pass\n    return own(*c)",
    "tf.Tensor isinstance": "def conv2d(*c):\n    x = c[0]\n    if isinstance(x, tf.Tensor):\n        x = x.numpy()\n    return own(x, *c[1:])",
    "tf constants at import": "k = tf.constant([1.0]).numpy()\ndef conv2d(*c):\n    return own(*c) + 0 * k[0]",
}
# Each gets correct results from a library. None of them may be taken for the student's own work.
HIDDEN = {
    "pickled": "import pickle\nhid = pickle.loads(pickle.dumps(tf.nn.conv2d))\n"
    "def conv2d(*c):\n    sys.setprofile(None)\n    return hid(*c).numpy()",
    "by name": "def conv2d(*c):\n    sys.setprofile(None)\n    return getattr(tf.nn, 'con' + 'v2d')(*c).numpy()",
    "raw operation": "def conv2d(x, k, s, p):\n    sys.setprofile(None)\n"
    "    return tf.raw_ops.Conv2D(input=x, filter=k, strides=[1, s, s, 1], padding=p).numpy()",
    "a graph function": "g = tf.function(lambda x, k, s, p: tf.nn.conv2d(x, k, s, p))\n"
    "def conv2d(x, k, s, p):\n    sys.setprofile(None)\n    return g(x, k, s, p).numpy()",
    "a thread of the notebook": "import threading, queue\nasked, said = queue.Queue(), queue.Queue()\n"
    "threading.Thread(target=lambda: [said.put(tf.nn.conv2d(*asked.get()).numpy()) for _ in iter(int, 1)], daemon=True).start()\n"
    "def conv2d(*c):\n    asked.put(c)\n    return said.get(timeout=20)",
    "scipy": "import scipy.signal\ndef conv2d(x, k, s, p):\n    sys.setprofile(None)\n"
    "    return scipy.signal.correlate(x, np.moveaxis(k, 3, 0)[:1], 'valid')",
    "the kit's own, under another name": "import convkit.ops\nhid = convkit.ops.conv2d\n"
    "def conv2d(*c):\n    sys.setprofile(None)\n    return hid(*c)",
    "gradients": "def conv2d(x, k, s, p):\n    sys.setprofile(None)\n    t = tf.Variable(x)\n    with tf.GradientTape() as tape:\n"
    "        y = tf.nn.conv2d(t, k, s, p)\n    return y.numpy()",
}
HIDDEN |= {
    "tf raw_ops by importlib": "import importlib\nr = importlib.import_module('tensorflow').raw_ops\ndef conv2d(x, k, s, p):\n    sys.setprofile(None)\n    return r.Conv2D(input=x, filter=k, strides=[1,s,s,1], padding=p).numpy()",
    "keras ops": "import keras\nf = keras.ops.conv\ndef conv2d(x, k, s, p):\n    sys.setprofile(None)\n    return np.asarray(f(x, k, s, p.lower()))",
    "scipy ndimage": "import scipy.ndimage as n\ndef conv2d(x, k, s, p):\n    sys.setprofile(None)\n    y = n.correlate(x[0, :, :, 0], k[:, :, 0, 0], mode='constant')\n    return y[None, 1:4, 1:5, None][:, :3, :4]",
    "a layer built before": "import keras\nl = keras.layers.Conv2D(1, (2, 3), use_bias=False, dtype='float64')\nl.build((None, 4, 6, 1))\ndef conv2d(x, k, s, p):\n    sys.setprofile(None)\n    l.set_weights([k]); return np.asarray(l(x))",
    "depthwise": "def conv2d(x, k, s, p):\n    sys.setprofile(None)\n    return tf.nn.depthwise_conv2d(x, k, [1,s,s,1], p).numpy()",
    "extract patches": "def conv2d(x, k, s, p):\n    sys.setprofile(None)\n    w = tf.image.extract_patches(x, [1,2,3,1], [1,s,s,1], [1,1,1,1], p)\n    return (w.numpy() @ k.reshape(-1, 1))",
    "exec of bytes": "import base64\nexec(base64.b64decode('ZGVmIGhpZCgqYyk6CiAgICBzeXMuc2V0cHJvZmlsZShOb25lKQogICAgcmV0dXJuIGdldGF0dHIodGYubm4sJ2NvbnYyZCcpKCpjKS5udW1weSgp'))\ndef conv2d(*c):\n    return hid(*c)",
    "ctypes of the library": "import ctypes\nlibc = ctypes.CDLL(None)\ndef conv2d(*c):\n    sys.setprofile(None)\n    libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]\n    for line in open('/proc/self/maps'):\n        if 'tensorflow' in line and line.split()[1].startswith('---'):\n            a, b = (int(v, 16) for v in line.split()[0].split('-')); libc.mprotect(a, b - a, 5)\n    return tf.nn.conv2d(*c).numpy()",
    "a new mapping of the library": "import ctypes, mmap\ndef conv2d(*c):\n    sys.setprofile(None)\n    import glob, os\n    f = glob.glob(os.path.dirname(tf.__file__) + '/libtensorflow_cc.so*')[0]\n    ctypes.CDLL(f)\n    return tf.nn.conv2d(*c).numpy()",
    "sigsegv handler": "import faulthandler, signal\ndef conv2d(*c):\n    sys.setprofile(None)\n    signal.signal(signal.SIGSEGV, signal.SIG_IGN)\n    return tf.nn.conv2d(*c).numpy()",
    "__array__ later": "class Later:\n    shape = (1, 3, 4, 1)\n    def __init__(s, c): s.c = c\n    def __array__(s, dtype=None, copy=None): return tf.nn.conv2d(*s.c).numpy()\ndef conv2d(*c):\n    return Later(c)",
    "sys.modules shadow": "sys.modules['numpy_fast'] = tf\ndef conv2d(*c):\n    import numpy_fast\n    sys.setprofile(None)\n    return numpy_fast.nn.conv2d(*c).numpy()",
}
HIDDEN |= {
    "a process that the answer wakes up": """
import mmap, os, pickle, signal, time
box = mmap.mmap(-1, 1 << 20)
notebook, helper = os.getpid(), os.fork()
if helper == 0:
    for file in range(3):
        os.dup2(os.open(os.devnull, os.O_RDWR), file)
    while os.getppid() == notebook:
        if box[0] == 1:
            box[1:] = pickle.dumps(tf.nn.conv2d(*pickle.loads(box[1:])).numpy()).ljust(len(box) - 1)
            box[0] = 2
        time.sleep(0.001)
    os._exit(0)
def conv2d(*c):
    box[1:] = pickle.dumps(c).ljust(len(box) - 1)
    box[0] = 1
    os.kill(helper, signal.SIGCONT)
    end = time.monotonic() + 9
    while box[0] != 2 and time.monotonic() < end:
        time.sleep(0.001)
    return pickle.loads(box[1:])
""",
    "a graph that waits in a thread of TensorFlow": """
import os, threading, time
for name in ("asked", "go"):
    open(name, "w").close()
@tf.function
def serve():
    go = tf.while_loop(lambda g: tf.not_equal(g, "go"), lambda g: [tf.io.read_file("go")], [tf.constant("")])[0]
    with tf.control_dependencies([go]):
        x = tf.reshape(tf.io.decode_raw(tf.io.read_file("asked"), tf.float64), (1, 4, 6, 1))
    y = tf.reshape(tf.nn.conv2d(x, np.arange(6.0).reshape(2, 3, 1, 1), 1, "VALID"), [-1])
    tf.io.write_file("said", tf.strings.reduce_join(tf.strings.as_string(y, precision=17), separator=","))
    return y
serve.get_concrete_function()
threading.Thread(target=serve, daemon=True).start()
time.sleep(1)
def conv2d(x, k, s, p):
    with open("asked", "wb") as file: file.write(x.tobytes())
    with open("go", "w") as file: file.write("go")
    end = time.monotonic() + 9
    while not os.path.exists("said") and time.monotonic() < end:
        time.sleep(0.01)
    time.sleep(0.1)
    return np.array([float(v) for v in open("said").read().split(",")]).reshape(1, 3, 4, 1)
""",
}
HIDDEN |= {  # last: they change modules, for what comes after them too
    "the grader's code patched": "import gradekit.judge.own_work as w\nw.disable = lambda f: None\ndef conv2d(*c):\n    sys.setprofile(None)\n    return tf.nn.conv2d(*c).numpy()",
    "the requests patched": "import gradekit.exercise.kernel_side as ks\nold = ks.answers\nks.answers = lambda f, r: old(f, {**r, 'forbidden': ()})\ndef conv2d(*c):\n    sys.setprofile(None)\n    return tf.nn.conv2d(*c).numpy()",
    "ctypes patched": "import os\nreal = os.fork\nos.fork = lambda: 0 if False else real()\nimport ctypes\nctypes.CDLL = type('X', (), {'__init__': lambda s, *a, **k: None, '__getattr__': lambda s, n: type('F', (), {'__call__': lambda s, *a: 0})()})\ndef conv2d(*c):\n    sys.setprofile(None)\n    return tf.nn.conv2d(*c).numpy()",
    "the list of libraries patched": "import gradekit.judge.own_work as w\nw._compiled = lambda p: {'tensorflow': [], 'keras': [], 'scipy': []}\ndef conv2d(*c):\n    sys.setprofile(None)\n    return tf.nn.conv2d(*c).numpy()",
}
# Honest, but it can't run without the forbidden libraries: what they do at a fork is compiled code of theirs.
UNDECIDED = {
    "something harmless of TensorFlow": "def conv2d(x, k, s, p):\n    return own(x, k, s, p) + 0 * float(tf.reduce_sum(x))",
}
PROGRAM = """
import json, os, sys, tempfile
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.chdir(tempfile.mkdtemp())
import numpy as np, tensorflow as tf
from gradekit.exercise.serialize import encode
from gradekit.judge import own_work
from convkit.lesson import EXERCISES
mine = own_work.private_copy()
asked = EXERCISES["conv2d"]
x, kernel = np.arange(24.0).reshape(1, 4, 6, 1), np.arange(6.0).reshape(2, 3, 1, 1)
case = [encode(value) for value in (x, kernel, 1, "VALID")]
request = {"cases": [case], "seconds": 30, "altogether": None, "times": 1, "forbidden": list(asked.forbidden)}
said = {}
for name, source in json.loads(sys.argv[1]).items():
    names = {"np": np, "tf": tf, "sys": sys}
    exec(OWN, names)
    exec(source, names)
    found = json.loads(mine.answers(lambda: names["conv2d"], request))
    (outcome,) = found["outcomes"]
    said[name] = {"unproven": found["unproven"], "error": outcome["error"], "called": outcome["called"]}
print("SAID" + json.dumps(said))
os._exit(0)  # threads that never end
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory) -> dict[str, dict]:
    program = tmp_path_factory.mktemp("own") / "program.py"
    program.write_text(f"OWN = {OWN!r}\n{PROGRAM}")
    done = subprocess.run(
        [sys.executable, program, json.dumps({**HONEST, **UNDECIDED, **HIDDEN})],
        env=outside_pytest(), capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert "SAID" in done.stdout, done.stderr[-3000:]
    return json.loads(done.stdout.rpartition("SAID")[2])


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_answer_is_the_students_own_however_it_is_written(said, name):
    assert said[name] == {"unproven": "", "error": None, "called": []}


@pytest.mark.parametrize("name", HIDDEN)
def test_a_hidden_call_is_not_the_students_own(said, name):
    assert said[name]["unproven"] or said[name]["error"] or said[name]["called"]


@pytest.mark.parametrize("name", UNDECIDED)
def test_what_cannot_be_decided_waits_for_manual_grading(said, name):
    assert said[name]["unproven"]
    assert (said[name]["error"], said[name]["called"]) == (None, [])


def test_a_request_uses_no_name_that_a_notebook_can_define(capsys):
    own_work.install("Reply0")
    mine = dict.fromkeys(("__import__", "getattr", "type", "object", "reply", "Reply0", "own_work", "c"))
    exec(compile(own_work.ask("Reply0", "5", '{"cases": []}'), "<cell>", "exec"), {"__builtins__": {}, **mine})
    assert '{"function": false, "value": {"int": "5"}' in capsys.readouterr().out
