"""Whether an answer is the student's own work: honest ones in many forms, hidden library calls, and early readers."""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nbformat import v4
from traitlets.config import Config

from convkit.lesson import EXERCISES, oracles
from gradekit import Exercise, forkserver, register
from gradekit.forkserver import client, preload
from gradekit.judge import own_work, preprocessor, remote
from gradekit.judge.preprocessor import Judge
from gradekit.judge.remote import in_isolation
from gradekit.judge.scores import WAITS
from gradekit.sandbox import config
from gradekit.sandbox.provisioner import SandboxedProvisioner
from tests import toy
from tests.hostile import early

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
    "asyncio": "import asyncio, threading\nasync def later(out, *c):\n    out.append(own(*c))\n"
    "def conv2d(*c):\n    out = []\n    t = threading.Thread(target=lambda: asyncio.run(later(out, *c)))\n    t.start(); t.join()\n    return out[0]",
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
HONEST |= {  # files, pools and tools of a whole notebook
    "a helper module": "import inspect\nopen('filters.py', 'w').write(OWN_TEXT)\nfrom filters import own as mine\n"
    "def conv2d(*c):\n    return mine(*c)",
    "scipy for a picture": "import scipy.ndimage, scipy.special\nscipy.ndimage.zoom(np.eye(3), 2)\nscipy.special.comb(4, 2)\nconv2d = own",
    "a thread pool of multiprocessing": "from multiprocessing.pool import ThreadPool\npool = ThreadPool(2)\npool.map(abs, [1])\n"
    "def conv2d(*c):\n    return np.concatenate(pool.map(lambda image: own(image[None], *c[1:]), c[0]))",
    "a thread pool inside": "from multiprocessing.pool import ThreadPool\ndef conv2d(*c):\n    with ThreadPool(2) as pool:\n        return pool.apply(own, c)",
    "a cached property": "import functools\nclass Convolution2D:\n    @functools.cached_property\n    def convolve(self):\n        return own\n"
    "def conv2d(*c):\n    return Convolution2D().convolve(*c)",
    "as_strided": "def conv2d(x, k, s, p):\n    n, h, w, c = x.shape\n    a, b = k.shape[:2]\n    v = np.lib.stride_tricks.as_strided(x, (n, h - a + 1, w - b + 1, a, b, c), (*x.strides[:3], *x.strides[1:]))\n"
    "    return np.einsum('nhwabc,abcf->nhwf', v, k)",
    "recursion": "sys.setrecursionlimit(5000)\ndef rows(y, *c):\n    return y if len(y) == 0 else np.concatenate([y[:1], rows(y[1:])])\ndef conv2d(*c):\n    return rows(own(*c))",
    "warnings as errors": "import warnings\nwarnings.filterwarnings('error')\nconv2d = own",
    "seeds and settings of tensorflow": "import os\nos.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'\ntf.random.set_seed(1)\ntf.config.set_visible_devices([], 'GPU')\n"
    "tf.nn.conv2d(np.ones((1, 3, 3, 1)), np.ones((2, 2, 1, 1)), 1, 'SAME')\nconv2d = own",
    "a log file": "import logging\nlogging.basicConfig(filename='tf.nn.conv2d.log', force=True)\ndef conv2d(*c):\n    logging.error('scipy.signal.convolve2d %s', c[0].shape)\n    return own(*c)",
    "shell lines": "import subprocess\nsubprocess.run(['echo', 'conv2d'])\nget_ipython().system('ls')\nconv2d = own",
    "a thread that prints": "import threading, time\ndef tick():\n    while True:\n        time.sleep(0.05)\nthreading.Thread(target=tick, daemon=True).start()\nconv2d = own",
    "the garbage collector": "import gc\ndef conv2d(*c):\n    gc.collect()\n    gc.disable()\n    return own(*c)",
    "a memory map and weak references": "import tempfile, weakref\nclass Box: pass\ndef conv2d(*c):\n    box = Box(); weakref.ref(box)\n    with tempfile.NamedTemporaryFile() as file:\n"
    "        m = np.memmap(file.name, float, 'w+', shape=c[0].shape); m[:] = c[0]\n        return own(np.array(m), *c[1:])",
    "a process that runs in the notebook": "import subprocess\nsubprocess.Popen(['sleep', '99'])\nconv2d = own",
    "signals": "import signal\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\nsignal.signal(signal.SIGUSR1, signal.SIG_IGN)\nconv2d = own",
    "a trace of its own": "calls = []\nsys.settrace(lambda frame, event, about: None)\ndef conv2d(*c):\n    calls.append('tf.nn.conv2d')\n    return own(*c)",
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
HIDDEN |= {  # the same libraries by other doors
    "compat": "def conv2d(x, k, s, p):\n    sys.setprofile(None)\n    return tf.compat.v1.nn.conv2d(x, k, [1, s, s, 1], p).numpy()",
    "convolution by a partial": "import functools\nf = functools.partial(tf.nn.convolution)\ndef conv2d(x, k, s, p):\n    sys.setprofile(None)\n    return f(x, k, s, p).numpy()",
    "compiled by XLA": "g = tf.function(lambda x, k: tf.nn.conv2d(x, k, 1, 'VALID'), jit_compile=True)\ng(np.ones((1, 4, 6, 1)), np.ones((2, 3, 1, 1)))\n"
    "def conv2d(x, k, s, p):\n    sys.setprofile(None)\n    return g(x, k).numpy()",
    "a saved model": "class M(tf.Module):\n    @tf.function(input_signature=[tf.TensorSpec(None, tf.float64), tf.TensorSpec(None, tf.float64)])\n    def __call__(self, x, k):\n"
    "        return tf.nn.conv2d(x, k, 1, 'VALID')\ntf.saved_model.save(M(), 'm')\nm = tf.saved_model.load('m')\ndef conv2d(x, k, s, p):\n    sys.setprofile(None)\n    return m(x, k).numpy()",
    "fftconvolve": "import scipy.signal\nf = scipy.signal.fftconvolve\ndef conv2d(x, k, s, p):\n    sys.setprofile(None)\n"
    "    return f(x[0, :, :, 0], k[::-1, ::-1, 0, 0], 'valid')[None, :, :, None]",
    "the compiled part of scipy": "import scipy.signal\nf = scipy.signal._sigtools._convolve2d\ndef conv2d(x, k, s, p):\n    return f(x[0, :, :, 0], k[:, :, 0, 0], 0, 0, 0, np.array(0.0))[None, :, :, None]",
    "a model of keras": "import keras\ni = keras.Input((4, 6, 1), dtype='float64')\nl = keras.layers.Conv2D(1, (2, 3), use_bias=False, dtype='float64')\nm = keras.Model(i, l(i))\n"
    "def conv2d(x, k, s, p):\n    sys.setprofile(None)\n    l.set_weights([k])\n    return m.predict(x, verbose=0)",
    "numpy of tensorflow": "import tensorflow.experimental.numpy as tnp\ndef conv2d(x, k, s, p):\n    sys.setprofile(None)\n"
    "    w = np.lib.stride_tricks.sliding_window_view(x, (2, 3), (1, 2))\n    return tnp.einsum('nhwcij,ijcf->nhwf', w, k).numpy()",
    "a dataset": "def conv2d(x, k, s, p):\n    sys.setprofile(None)\n    d = tf.data.Dataset.from_tensors(x).map(lambda x: tf.nn.conv2d(x, k, s, p))\n    return next(iter(d)).numpy()",
    "lite": "g = tf.function(lambda x, k: tf.nn.conv2d(x, k, 1, 'VALID')).get_concrete_function(tf.TensorSpec((1, 4, 6, 1)), tf.TensorSpec((2, 3, 1, 1)))\n"
    "t = tf.lite.Interpreter(model_content=tf.lite.TFLiteConverter.from_concrete_functions([g]).convert())\nt.allocate_tensors()\ndef conv2d(x, k, s, p):\n"
    "    for about, value in zip(t.get_input_details(), (x, k)):\n        t.set_tensor(about['index'], value.astype('f'))\n    t.invoke()\n    return t.get_tensor(t.get_output_details()[0]['index'])",
    "a helper module with the call": "open('mathematics.py', 'w').write('import sys, tensorflow as tf\\ndef f(*c):\\n    sys.setprofile(None)\\n    return tf.nn.conv2d(*c).numpy()')\n"
    "from mathematics import f as conv2d",
    "a thread with the call": "import threading\ndef conv2d(*c):\n    out = []\n    t = threading.Thread(target=lambda: out.append(tf.nn.conv2d(*c).numpy()))\n    t.start(); t.join()\n    return out[0]",
    "a descriptor": "class D:\n    def __get__(self, *a):\n        sys.setprofile(None)\n        return tf.nn.conv2d\nclass A:\n    f = D()\ndef conv2d(*c):\n    return np.asarray(A().f(*c))",
    "a profile that is called off by a thread": "import threading\nthreading.setprofile(None)\ndef conv2d(*c):\n    sys.setprofile(lambda *a: None)\n    return tf.nn.conv2d(*c).numpy()",
}
HIDDEN |= {  # last: they change modules, for what comes after them too
    "the grader's code patched": "import gradekit.judge.own_work as w\nw.disable = lambda f: None\ndef conv2d(*c):\n    sys.setprofile(None)\n    return tf.nn.conv2d(*c).numpy()",
    "the requests patched": "import gradekit.exercise.kernel_side as ks\nold = ks.answers\nks.answers = lambda f, r: old(f, {**r, 'forbidden': ()})\ndef conv2d(*c):\n    sys.setprofile(None)\n    return tf.nn.conv2d(*c).numpy()",
    "ctypes patched": "import os\nreal = os.fork\nos.fork = lambda: 0 if False else real()\nimport ctypes\nctypes.CDLL = type('X', (), {'__init__': lambda s, *a, **k: None, '__getattr__': lambda s, n: type('F', (), {'__call__': lambda s, *a: 0})()})\ndef conv2d(*c):\n    sys.setprofile(None)\n    return tf.nn.conv2d(*c).numpy()",
    "the list of libraries patched": "import gradekit.judge.own_work as w\nw._compiled = lambda p: {'tensorflow': [], 'keras': [], 'scipy': []}\ndef conv2d(*c):\n    sys.setprofile(None)\n    return tf.nn.conv2d(*c).numpy()",
}
# Honest, but it can't run in an isolated fork.
UNDECIDED = {
    # Matplotlib asks TensorFlow whether an image is a tensor.
    "a plot in the answer": "import matplotlib.pyplot as plt\ndef conv2d(*c):\n    figure, axis = plt.subplots()\n    axis.imshow(c[0][0, :, :, 0])\n"
    "    figure.savefig('conv2d.png')\n    plt.close(figure)\n    return own(*c)",
    "its own work in a thread of the notebook": "import threading, queue\nasked, said = queue.Queue(), queue.Queue()\n"
    "threading.Thread(target=lambda: [said.put(own(*asked.get())) for _ in iter(int, 1)], daemon=True).start()\n"
    "def conv2d(*c):\n    asked.put(c)\n    return said.get(timeout=20)",
    "a pool of processes": "import multiprocessing\ndef conv2d(*c):\n"
    "    with multiprocessing.get_context('fork').Pool(1) as pool:\n        return pool.apply(own, c)",
    "compiled code that is loaded first in the answer": "def conv2d(*c):\n    import sklearn.cluster\n    return own(*c)",
    "something harmless of TensorFlow": "def conv2d(x, k, s, p):\n    return own(x, k, s, p) + 0 * float(tf.reduce_sum(x))",
}

KERNEL = np.arange(6.0).reshape(2, 3, 1, 1)
register(
    Exercise(
        "whose-conv2d",
        "conv2d",
        ("x", "kernel", "strides", "padding"),
        EXERCISES["conv2d"].rule,
        oracle=oracles.tf_conv2d,
        fresh={"one": lambda rng: [(rng.integers(-9, 9, (1, 4, 6, 1)) * 1.0, KERNEL, 1, "VALID") for _ in range(2)]},
        forbidden=EXERCISES["conv2d"].forbidden,
    )
)
GIVEN = "import sys\nimport numpy as np, tensorflow as tf\nfrom gradekit import verify_fresh"
TOGETHER = 10  # answers in a notebook
CHECK = 'verify_fresh("whose-conv2d", conv2d, "one")'


@contextmanager
def fork_server(folder: Path, *modules: str) -> Iterator[None]:
    """A fork server that no other run shares, which has loaded these modules."""
    patch = pytest.MonkeyPatch()
    patch.setenv("XDG_RUNTIME_DIR", str(folder))
    patch.setenv("JUPYTER_PATH", os.pathsep.join(map(str, (config.jupyter_path(), forkserver.jupyter_path()))))
    patch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    patch.setenv(preload.VARIABLE, ",".join(("convkit.lesson.preload", *modules)))
    patch.delenv("GRADEKIT_FORKSERVER", raising=False)
    try:
        yield
    finally:
        client._lease = None
        patch.undo()


@pytest.fixture(scope="module")
def guarded(tf) -> Iterator[None]:
    with tempfile.TemporaryDirectory(prefix="own-") as folder, fork_server(Path(folder)):
        yield


@pytest.fixture(scope="module")
def unguarded(tf) -> Iterator[None]:
    """Supervisors that isolate nothing."""
    with tempfile.TemporaryDirectory(prefix="own-") as folder, fork_server(Path(folder), "tests.hostile.unguarded"):
        yield


def outcomes(given: str, answers: Sequence[str], **sandbox: Any) -> list[str]:
    """What the check of each answer ends with, one after the other in one notebook.

    Full points, a wait for a person, or the text of an error.
    """
    texts = f"OWN_TEXT = {'import numpy as np' + OWN!r}"
    cells = [v4.new_code_cell(source) for source in (GIVEN, texts, given)]
    checks = [toy.check(f"check{number}", 1, CHECK) for number in range(len(answers))]
    for answer, check in zip(answers, checks, strict=True):
        cells += [v4.new_code_cell(answer), check]
    settings = Config({"SandboxedProvisioner": sandbox})
    judge = Judge(kernel_name=config.KERNEL_NAME, timeout=60, notebook_timeout=3000, config=settings)
    judge.preprocess(v4.new_notebook(cells=cells), {})
    return [_outcome(cell) for cell in cells[4::2]]


def outcome(*sources: str, **sandbox: Any) -> str:
    """What the check of the answer in the last of these cells ends with."""
    *given, answer = sources
    return outcomes("\n".join(given), [answer], **sandbox)[0]


def _outcome(cell: Any) -> str:
    for output in cell.outputs:
        if output.get("metadata", {}).get(WAITS):
            return f"waits: {output.data['text/plain']}"
        if output.output_type == "error":
            return f"error: {output.evalue}"
    return "points"


def _many(answers: dict[str, str]) -> dict[str, str]:
    """The outcomes of many answers, TOGETHER in a notebook."""
    found: dict[str, str] = {}
    for names in (list(answers)[at : at + TOGETHER] for at in range(0, len(answers), TOGETHER)):
        found.update(zip(names, outcomes(OWN, [answers[name] for name in names]), strict=True))
    return found


@pytest.fixture(scope="module")
def found(guarded) -> dict[str, str]:
    return _many(HONEST) | _many({**UNDECIDED, **HIDDEN})


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_answer_is_the_students_own_however_it_is_written(found, name):
    assert found[name] == "points"


@pytest.mark.parametrize("name", HIDDEN)
def test_a_hidden_call_is_not_the_students_own(found, name):
    assert found[name] != "points"


@pytest.mark.parametrize("name", UNDECIDED)
def test_what_cannot_be_decided_waits_for_manual_grading(found, name):
    """Among them an answer that waits for a thread: it is given up after twice `isolation.IDLE`."""
    assert found[name].startswith("waits")


@pytest.mark.parametrize("name", ["a thread", "printing"])
def test_work_is_proven_in_a_container_while_another_process_runs(guarded, name):
    runs = "import subprocess\nsubprocess.run('sleep 99 >/dev/null 2>&1 &', shell=True)"
    assert outcome(OWN, runs, HONEST[name], without=["users", "pids", "mounts", "network", "ipc"]) == "points"


def test_nothing_is_proven_where_code_can_be_loaded(guarded):
    assert "this machine can't refuse to load code" in outcome(OWN, HONEST["plain"], without=["isolation"])


def test_a_fork_may_be_ready_before_its_supervisor_looks(guarded, monkeypatch):
    """As on a busy machine: the supervisor is stopped while the fork reports that it is ready."""
    isolate = SandboxedProvisioner.isolate

    def late(self: SandboxedProvisioner, *about: Any) -> Any:
        self.process.send_signal(signal.SIGSTOP)
        threading.Timer(1, self.process.send_signal, [signal.SIGCONT]).start()
        return isolate(self, *about)

    monkeypatch.setattr(SandboxedProvisioner, "isolate", late)
    assert outcome(OWN, HONEST["plain"]) == "points"


@pytest.mark.parametrize("name", {**early.HOOKS, **early.FORKS})
def test_cases_are_not_known_before_an_answer_is_isolated(guarded, name):
    assert outcome(early.THIEF, {**early.HOOKS, **early.FORKS}[name]) != "points"


@pytest.mark.parametrize("name", early.HOOKS)
def test_a_hook_wins_where_the_kernel_is_sent_the_cases(guarded, monkeypatch, name):
    def with_cases(send: Any, isolate: Any, asked: str) -> str:
        return in_isolation(
            lambda request: send(
                json.dumps({**json.loads(asked), **json.loads(request), "cases": json.loads(asked)["cases"]})
            ),
            isolate,
            asked,
        )

    monkeypatch.setattr(preprocessor, "in_isolation", with_cases)
    assert outcome(early.THIEF, early.HOOKS[name]) == "points"


@pytest.mark.parametrize("name", early.FORKS)
def test_a_fork_wins_where_its_supervisor_checks_nothing(unguarded, name):
    assert outcome(early.THIEF, early.FORKS[name]) == "points"


def test_a_request_uses_no_name_that_a_notebook_can_define(capsys):
    own_work.install("Reply0")
    mine = dict.fromkeys(("__import__", "getattr", "type", "object", "reply", "Reply0", "own_work", "c"))
    request = remote.request([], 10.0)
    exec(compile(own_work.ask("Reply0", "5", request), "<cell>", "exec"), {"__builtins__": {}, **mine})
    assert '{"function": false, "value": {"int": "5"}' in capsys.readouterr().out
