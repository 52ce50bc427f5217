"""Ways to get at the cases of a question that forbids a library before an answer is isolated, or to undo the isolation.

Each is a cell of a student's. `conv2d` returns what TensorFlow computed for the cases.
"""

from __future__ import annotations

THIEF = """
import base64, ctypes, gc, json, mmap, os, pickle, re, signal, sys, threading, time
import numpy as np, tensorflow as tf
KERNEL, known = np.arange(6.0).reshape(2, 3, 1, 1), {}
CASE = re.compile(r'"shape.{1,9}1, 4, 6, 1.{1,9}"data[^A-Za-z0-9+/]+([A-Za-z0-9+/=]+)')
def learn(text):
    for data in CASE.findall(str(text)):
        x = np.frombuffer(base64.b64decode(data)).reshape(1, 4, 6, 1)
        known[x.tobytes()] = tf.nn.conv2d(x, KERNEL, 1, "VALID").numpy()
def learn_from(frame):
    while frame is not None:
        for name in ("raw_cell", "code", "request", "cell", "source"):
            if CASE.search(text := str(frame.f_locals.get(name))):
                return learn(text)
        frame = frame.f_back
def conv2d(x, kernel, strides, padding):
    return known[x.tobytes()]
shell = get_ipython()
"""
# They read what the kernel is sent.
HOOKS = {
    "an input transformer": "shell.input_transformers_cleanup.append(lambda lines: (learn(''.join(lines)), lines)[1])",
    "a later input transformer": "shell.input_transformers_post.append(lambda lines: (learn(''.join(lines)), lines)[1])",
    "an ast transformer": "import ast\nclass Reads(ast.NodeTransformer):\n    def visit(self, node):\n"
    "        learn(ast.unparse(node))\n        return node\nshell.ast_transformers.append(Reads())",
    "an event of IPython": "shell.events.register('pre_run_cell', lambda info: learn(info.raw_cell))",
    "an event without arguments": "shell.events.register('pre_execute', lambda: learn_from(sys._getframe()))",
    "a patched compile": "import ast, builtins\nformer = builtins.compile\ndef compile(source, *more, **named):\n"
    "    if isinstance(source, ast.AST):\n        learn(ast.unparse(source))\n    return former(source, *more, **named)\n"
    "builtins.compile = compile",
    "a patched kernel": "former = shell.kernel.do_execute\ndef do_execute(code, *more, **named):\n    learn(code)\n"
    "    return former(code, *more, **named)\nshell.kernel.do_execute = do_execute",
    "a patched shell": "shells, former = type(shell), type(shell).run_cell_async\n"
    "async def run_cell_async(self, raw_cell, *more, **named):\n    learn(raw_cell)\n"
    "    return await former(self, raw_cell, *more, **named)\nshells.run_cell_async = run_cell_async",
    "a patched transformer": "former = shell.transform_cell\nshell.transform_cell = lambda raw: (learn(raw), former(raw))[1]",
    "a socket that is read": "from gradekit.kernel.packets import Assembler\nformer = Assembler.add\n"
    "def add(self, packet):\n    found = former(self, packet)\n    learn(found)\n    return found\nAssembler.add = add",
    "a trace function": "sys.settrace(lambda frame, event, about: learn(frame.f_locals.get('raw_cell')))",
    "a profile function": "sys.setprofile(lambda frame, event, about: learn(frame.f_locals.get('raw_cell')))",
    "an audit hook": "sys.addaudithook(lambda event, about: event == 'exec' and learn(about[0].co_consts))",
    "a destructor": "class Dies:\n    def __del__(self):\n        learn_from(sys._getframe())\n        shell.dies = Dies()\n"
    "shell.events.register('pre_run_cell', lambda info: delattr(shell, 'dies'))\nshell.dies = Dies()",
    "a hook before a fork": "os.register_at_fork(before=lambda: learn_from(sys._getframe()))",
}
# They change the fork that answers, or have another process answer.
FAKE = r"""
from gradekit.sandbox import isolation, seccomp
def talk(between, work, add=seccomp.refuse_code):
    connection = isolation.channel
    connection.send(b"r")
    (file,) = __import__("socket").recv_fds(connection, 1, 1)[1]
    close = json.loads(isolation._read(file))
    between(close)
    add()
    connection.send(b"r")
    connection.recv(1)
    work(close)
    learn(isolation._read(file))
    asked = json.loads(isolation._read(file))
    from gradekit.exercise import kernel_side
    isolation._write(file, kernel_side.answers(lambda: conv2d, asked))
libc = ctypes.CDLL(None)
libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
def protect(close, rights):
    for begin, end, _ in close:
        libc.mprotect(begin, end - begin, rights)
def nothing(close): pass
def allow(steps):
    return b"\x06\0\0\0\0\0\xff\x7f" * steps
def is_added(add):
    try:
        add()
        return True
    except OSError:
        return False
def fill(*last):  # Linux takes filters of 32,768 steps in all
    for steps in (4000, 1000, 100, *last):
        while is_added(lambda: seccomp._install(allow(steps))):
            pass
def in_child(work):
    def run():
        try:
            work()
        finally:
            os._exit(0)
    os.register_at_fork(after_in_child=run)
"""
SERVED = """
box = mmap.mmap(-1, 1 << 20)
def serve():
    while True:
        if box[0] == 1:
            x = pickle.loads(box[1:])
            box[1:] = pickle.dumps(tf.nn.conv2d(x, KERNEL, 1, "VALID").numpy()).ljust(len(box) - 1)
            box[0] = 2
        time.sleep(0.001)
def conv2d(x, kernel, strides, padding):
    box[1:] = pickle.dumps(x).ljust(len(box) - 1)
    box[0] = 1
    wake()
    end = time.monotonic() + 9
    while box[0] != 2 and time.monotonic() < end:
        time.sleep(0.001)
    return pickle.loads(box[1:])
"""
COPIED = """
import scipy.signal
libc = ctypes.CDLL(None)
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
libc.mmap.restype, libc.mprotect.argtypes = ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
cover = os.open(np._core._multiarray_umath.__file__, os.O_RDONLY)
for line in open("/proc/self/maps"):
    if "_sigtools" in line and " r-xp " in line:
        begin, end = (int(part, 16) for part in line.split()[0].split("-"))
        code = ctypes.string_at(begin, end - begin)
        libc.mmap(begin, end - begin, 3, 0x12, cover, 0)  # private, at this address
        ctypes.memmove(begin, code, end - begin)
        libc.mprotect(begin, end - begin, 5)
def conv2d(x, kernel, strides, padding):
    sys.setprofile(None)
    y = scipy.signal._sigtools._convolve2d(x[0, :, :, 0], kernel[:, :, 0, 0], 0, 0, 0, np.array(0.0))
    return y[None, :, :, None]
"""
FORKS = {
    "a fork that isolates nothing": f"{FAKE}in_child(lambda: talk(nothing, nothing))",
    "a fork that undoes it": f"{FAKE}in_child(lambda: talk(lambda c: protect(c, 0), lambda c: protect(c, 5)))",
    "a fork that undoes it by reading": f"{FAKE}libc.personality(0x0400000)\n"
    "in_child(lambda: talk(lambda c: protect(c, 0), lambda c: protect(c, 1)))",
    "a fork without a filter": f"{FAKE}in_child(lambda: talk(lambda c: protect(c, 0), lambda c: protect(c, 5), int))",
    "a fork with another filter": f"{FAKE}in_child(lambda: talk(\n"
    "    lambda c: protect(c, 0), lambda c: protect(c, 5), lambda: seccomp._install(allow(1))))",
    "a fork whose filter is one too many": f"{FAKE}def child():\n    fill(10, 1)\n"
    "    talk(lambda c: protect(c, 0), lambda c: protect(c, 5), lambda: is_added(seccomp.refuse_code))\nin_child(child)",
    "a fork whose filter is too long, and that adds a short one": f"{FAKE}def child():\n    fill(16)\n"
    "    def add():\n        is_added(seccomp.refuse_code)\n        seccomp._install(allow(1))\n"
    "    talk(lambda c: protect(c, 0), lambda c: protect(c, 5), add)\nin_child(child)",
    "a fork that starts Python again": f"{FAKE}import subprocess\ndef conv2d(x, kernel, strides, padding):\n"
    "    code = 'import sys, pickle, scipy.signal as s; x, k = pickle.load(sys.stdin.buffer);'\n"
    "    code += 'y = s.correlate2d(x[0, :, :, 0], k[:, :, 0, 0], \"valid\")[None, :, :, None];'\n"
    "    code += 'sys.stdout.buffer.write(pickle.dumps(y))'\n"
    "    done = subprocess.run([sys.executable, '-c', code], input=pickle.dumps((x, kernel)), capture_output=True)\n"
    "    return pickle.loads(done.stdout)",
    "a thread in the fork": f"{FAKE}def child():\n    threading.Thread(target=time.sleep, args=(5,)).start()\n"
    "    talk(lambda c: protect(c, 0), lambda c: protect(c, 5))\nin_child(child)",
    "a process that the fork starts": f"{SERVED}helper = []\ndef child():\n    parent = os.getpid()\n    pid = os.fork()\n"
    "    if pid == 0:\n        serve()\n    helper.append(pid)\nforking = []\n"
    "def after():\n    if not forking:\n        forking.append(1)\n        child()\n"
    "os.register_at_fork(after_in_child=after)\ndef wake():\n    os.kill(helper[0], signal.SIGCONT)",
    "the kernel, continued": f"{SERVED}threading.Thread(target=serve, daemon=True).start()\nkernel = os.getpid()\n"
    "def wake():\n    os.kill(kernel, signal.SIGCONT)",
    "a process that was started before, continued": f"{SERVED}helper = os.fork()\nif helper == 0:\n    serve()\n"
    "def wake():\n    os.kill(helper, signal.SIGCONT)",
    "a library copied over another": COPIED,
}
