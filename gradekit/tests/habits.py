"""Harmless habits of students: a cell as they write it, and what a check finds afterward.

A habit's check is an assert of its own, worth one point. Habits of one notebook share a kernel, in this order.
"""

from __future__ import annotations

from textwrap import dedent
from typing import NamedTuple


class Habit(NamedTuple):
    """Code of a student's cell and the condition that its check asserts; `earns` is 0 where the habit ends its cell."""

    name: str
    code: str
    holds: str
    earns: int = 1
    lost: str = ""  # why it earns nothing in a container without namespaces

    @property
    def grade_id(self) -> str:
        return self.name.replace(" ", "-")


def habit(name: str, code: str, holds: str, earns: int = 1, lost: str = "") -> Habit:
    return Habit(name, dedent(code).strip(), holds, earns, lost)


NO_TMP = "the /tmp that all share is not writable"
NO_SEMAPHORES = "the /dev/shm that all share is not writable"

SHELL = [
    habit("pip install", "!pip install -q numpy\npip = 1", "pip == 1"),
    habit(
        "pip install of what is not there", "!pip install --no-index no-such-package-here\nmissing = 1", "missing == 1"
    ),
    habit("pip magic", "%pip install -q numpy\nmagic = 1", "magic == 1"),
    habit("conda install", "!conda install -y numpy\nconda = 1", "conda == 1"),
    habit("apt-get", "!apt-get -qq install -y no-such-package-here\napt = 1", "apt == 1"),
    habit("list files", "!ls -la\nlisted = 1", "listed == 1"),
    habit("files of the shell in a list", "files = !ls\nhas_data = 'data.csv' in files", "has_data"),
    habit("where am I", "!pwd\nhere = %pwd\nhere = bool(here)", "here"),
    habit("download", "!wget -q http://127.0.0.1:9/data.zip\nloaded = 1", "loaded == 1"),
    habit("clone a repository", "!git clone -q http://127.0.0.1:9/a.git\ncloned = 1", "cloned == 1"),
    habit("look for a GPU", "!nvidia-smi\ngpu = 1", "gpu == 1"),
    habit(
        "make and remove a folder",
        "!mkdir -p out && echo done > out/a.txt\ntext = open('out/a.txt').read()",
        "text == 'done\\n'",
    ),
    habit(
        "a variable in a shell line",
        "word = 'hello'\n!echo {word} > said.txt\nsaid = open('said.txt').read().strip()",
        "said == 'hello'",
    ),
    habit("head of a file", "!head -2 data.csv\nhead = !head -1 data.csv", "head == ['1,2']"),
    habit(
        "pipes in a loop",
        "lines = 0\nfor _ in range(30):\n    made = !printf 'a\\nb\\n' | wc -l\n    lines += int(made[0])",
        "lines == 60",
    ),
    habit("a pipe", "count = !printf 'a\\nb\\n' | wc -l\ncount = int(count[0])", "count == 2"),
    habit(
        "a shell line in a loop",
        "for i in range(3):\n    !echo {i} >> loop.txt\nlines = len(open('loop.txt').readlines())",
        "lines == 3",
    ),
    habit("a shell line in a function", "def show():\n    !echo shown\n    return 7\nseven = show()", "seven == 7"),
    habit("a shell line that fails", "!cat no-such-file\ngoes_on = 1", "goes_on == 1"),
    habit("bash cell", "%%bash\necho from bash > bash.txt", "open('bash.txt').read() == 'from bash\\n'"),
    habit(
        "sh cell", "%%sh\nset -e\ntest -f data.csv && cp data.csv copy.csv", "open('copy.csv').read().startswith('1,2')"
    ),
    habit("system magic", "out = %sx echo one\nout = list(out)", "out == ['one']"),
    habit("os system", "import os\ncode = os.system('echo hello')", "code == 0"),
    habit(
        "subprocess",
        "import subprocess\ndone = subprocess.run(['echo', 'hi'], capture_output=True, text=True)",
        "done.stdout == 'hi\\n'",
    ),
    habit(
        "subprocess in a shell",
        "import subprocess\nshelled = subprocess.check_output('expr 1 + 2', shell=True)",
        "shelled == b'3\\n'",
    ),
    habit(
        "python by its path",
        "import subprocess, sys\nran = subprocess.run([sys.executable, '-c', 'print(6 * 7)'], capture_output=True, text=True).stdout",
        "ran == '42\\n'",
    ),
    habit("run a script", "%%writefile script.py\nresult = 5", "open('script.py').read() == 'result = 5\\n'"),
    habit("the run magic", "%run script.py\nrun = result", "run == 5"),
]

NOTEBOOK = [
    habit("matplotlib inline", "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()\ninline = 1", "inline == 1"),
    habit("matplotlib notebook", "%matplotlib notebook\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\nnbagg = 1", "nbagg == 1"),
    habit("matplotlib widget", "%matplotlib widget\nwidget = 1", "'widget' in globals()", earns=0),
    habit("matplotlib qt", "%matplotlib qt\nqt = 1", "'qt' in globals()"),
    habit("matplotlib agg", "import matplotlib\nmatplotlib.use('Agg')\n%matplotlib inline\nagg = matplotlib.get_backend()", "agg"),
    habit("figures in a loop", "import matplotlib.pyplot as plt\nfor i in range(5):\n    plt.figure(); plt.imshow([[i, 1], [2, 3]], cmap='gray'); plt.title(f'{i}'); plt.show()\nshown = i", "shown == 4"),
    habit("figures never closed", "figures = [plt.figure() for _ in range(25)]\nmany = len(figures)", "many == 25"),
    habit("save a figure and read it", "plt.close('all'); plt.plot([1, 3]); plt.savefig('plot.png')\npixels = plt.imread('plot.png').shape", "len(pixels) == 3"),
    habit("a style and a font", "plt.style.use('ggplot')\nplt.rcParams['font.family'] = 'Comic Sans MS'\nplt.title('é ü 漢'); plt.show()\nstyled = 1", "styled == 1"),
    habit("retina figures", "%config InlineBackend.figure_format = 'retina'\nplt.plot([1]); plt.show()\nretina = 1", "retina == 1"),
    habit("an animation", "from matplotlib.animation import FuncAnimation\nf, a = plt.subplots()\n(line,) = a.plot([], [])\nhtml = FuncAnimation(f, lambda i: line.set_data([0, i], [0, i]), frames=3).to_jshtml()", "'<script' in html"),
    habit("time a cell", "%%time\ntimed = sum(range(1000))", "timed == 499500"),
    habit("time a line", "%time line_time = 3\nspent = %timeit -o -n 1 -r 1 sum(range(9))", "line_time == 3 and spent.best >= 0"),
    habit("capture", "%%capture kept\nprint('quiet')\ncaptured = 1", "captured == 1 and kept.stdout == 'quiet\\n'"),
    habit("write a module and import it", "%%writefile mine.py\ndef twice(x):\n    return 2 * x", "__import__('mine').twice(4) == 8"),
    habit("autoreload", "%load_ext autoreload\n%autoreload 2\nimport mine\neight = mine.twice(4)", "eight == 8"),
    habit("a helper next to the notebook", "import helper\nfrom helper import third\none = third(3)", "one == 1 and helper.__file__"),
    habit("its bytecode", "import importlib\nimportlib.reload(helper)\nimport os\ncached = helper.third(6)", "cached == 2"),
    habit("who and history", "%who\n%history -l 1\nknown = 1", "known == 1"),
    habit("a question mark", "len?\nasked = 1", "asked == 1"),
    habit("an env line", "%env MY_FLAG=1\nimport os\nflag = os.environ['MY_FLAG']", "flag == '1'"),
    habit("change the folder", "%cd -q /tmp\n%cd -q -\ncame_back = 1", "came_back == 1"),
    habit("html and markdown", "from IPython.display import HTML, Markdown, Image, display\ndisplay(HTML('<b>x</b>'), Markdown('*x*'), Image('plot.png'))\ndisplayed = 1", "displayed == 1"),
    habit("clear output", "from IPython.display import clear_output\nfor i in range(3):\n    clear_output(wait=True); print(i)\ncleared = i", "cleared == 2"),
    habit("widgets", "import ipywidgets as w\n@w.interact(x=(0, 5))\ndef show(x=2):\n    print(x)\nslider = w.IntSlider(3).value", "slider == 3"),
    habit("an expression at the end", "import numpy as np\na = np.arange(4)\na", "a.sum() == 6"),
    habit("reset some names", "gone = 1\n%reset_selective -f ^gone$\nreset = 'gone' not in globals()", "reset"),
    habit("the last result", "6 * 7", "_ == 42"),
    habit("interactivity", "from IPython.core.interactiveshell import InteractiveShell\nInteractiveShell.ast_node_interactivity = 'last_expr'\nshell = 1", "shell == 1"),
    habit("debug on", "%pdb off\n%xmode Minimal\nmode = 1", "mode == 1"),
    habit("prun", "%prun -q sum(range(10))\nprofiled = 1", "profiled == 1"),
    habit("is this Colab", "try:\n    import google.colab\n    colab = True\nexcept ImportError:\n    colab = False", "colab is False"),
    habit("a Colab header", "import sys\nIN_COLAB = 'google.colab' in sys.modules\nif IN_COLAB:\n    !pip install x\nheader = 1", "header == 1"),
    habit("mount a drive", "from google.colab import drive\ndrive.mount('/content/drive')\ndrive = 1", "'drive' in globals()", earns=0),
    habit("a Kaggle header", "import os\nfor folder, _, names in os.walk('/kaggle/input'):\n    for name in names:\n        print(os.path.join(folder, name))\nkaggle = 1", "kaggle == 1"),
    habit("an optional library", "try:\n    from tqdm.notebook import tqdm\nexcept ImportError:\n    tqdm = iter\nbars = sum(tqdm([1, 2]))", "bars == 3"),
    habit("a progress bar on stderr", "import sys, time\nfor i in range(20):\n    print(f'\\r{i * 5}%', end='', file=sys.stderr, flush=True); time.sleep(0.005)\nbar = i", "bar == 19"),
    habit("ask for a number", "number = int(input('n? '))\nread = 1", "'read' in globals()", earns=0),
    habit("ask and catch", "try:\n    name = input('name? ')\nexcept Exception:\n    name = 'nobody'", "name"),
    habit("ask for a password", "import getpass\ntry:\n    getpass.getpass()\nexcept Exception:\n    pass\nuser = getpass.getuser()", "bool(user)"),
    habit("exit at the end of a cell", "def stop():\n    raise SystemExit\ntry:\n    stop()\nexcept SystemExit:\n    stopped = 1", "stopped == 1"),
]  # fmt: skip

MACHINE = [
    habit("sleep", "import time\ntime.sleep(0.3)\nslept = 1", "slept == 1"),
    habit("chdir", "import os\nstart = os.getcwd()\nos.makedirs('sub', exist_ok=True); os.chdir('sub')\nopen('x.txt', 'w').write('x')\nos.chdir(start)\nback = os.path.exists('sub/x.txt')", "back"),
    habit("write and read", "with open('notes.txt', 'w') as f:\n    f.write('ä\\n')\nnotes = open('notes.txt').read()", "notes == 'ä\\n'"),
    habit("append to the data", "with open('data.csv', 'a') as f:\n    f.write('5,6\\n')\nrows = open('data.csv').read()", "rows.endswith('5,6\\n')"),
    habit("csv and loadtxt", "import numpy as np\ntable = np.loadtxt('data.csv', delimiter=',')", "table.shape[1] == 2"),
    habit("save an array", "np.save('a.npy', np.eye(3)); np.savez_compressed('a.npz', x=np.eye(2))\nloaded = np.load('a.npy').trace() + np.load('a.npz')['x'].trace()", "loaded == 5"),
    habit("a memory map", "m = np.memmap('big.dat', dtype='float32', mode='w+', shape=(100, 100)); m[:] = 1; m.flush()\nmapped = float(np.memmap('big.dat', dtype='float32').sum())", "mapped == 10000"),
    habit("pickle", "import pickle\nwith open('p.pkl', 'wb') as f:\n    pickle.dump({'a': 1}, f)\nobj = pickle.load(open('p.pkl', 'rb'))", "obj == {'a': 1}"),
    habit("json and pathlib", "import json\nfrom pathlib import Path\nPath('r.json').write_text(json.dumps([1]))\nparsed = json.loads(Path('r.json').read_text())", "parsed == [1]"),
    habit("a home folder", "from pathlib import Path\ncache = Path.home() / '.mycache'\ncache.mkdir(exist_ok=True)\n(cache / 'x').write_text('1')\nhome = (cache / 'x').read_text()\nimport shutil; shutil.rmtree(cache)", "home == '1'"),
    habit("expanduser", "import os\ntilde = os.path.isdir(os.path.expanduser('~'))", "tilde"),
    habit("tempfile", "import tempfile\nwith tempfile.TemporaryDirectory() as d, tempfile.NamedTemporaryFile('w', dir=d) as f:\n    f.write('x'); f.flush(); temp = os.path.getsize(f.name)", "temp == 1"),
    habit("slash tmp", "open('/tmp/gradekit-habit.txt', 'w').write('x')\nin_tmp = open('/tmp/gradekit-habit.txt').read()\nos.remove('/tmp/gradekit-habit.txt')", "in_tmp == 'x'", lost=NO_TMP),
    habit("sqlite", "import sqlite3\ndb = sqlite3.connect('mine.db')\ndb.execute('create table t (a)'); db.execute('insert into t values (3)'); db.commit()\nthree = db.execute('select a from t').fetchone()[0]", "three == 3"),
    habit("sqlite with a journal", "db = sqlite3.connect('wal.db')\nmode = db.execute('pragma journal_mode=wal').fetchone()[0]\ndb.execute('create table t (a)'); db.commit(); db.close()", "mode in ('wal', 'delete')"),
    habit("zip and tar", "import zipfile, tarfile\nwith zipfile.ZipFile('z.zip', 'w') as z:\n    z.write('data.csv')\nwith tarfile.open('t.tar.gz', 'w:gz') as t:\n    t.add('data.csv')\nzipfile.ZipFile('z.zip').extractall('unzipped')\ntarfile.open('t.tar.gz').extractall('untarred')\nunpacked = os.listdir('unzipped') + os.listdir('untarred')", "unpacked == ['data.csv'] * 2"),
    habit("copy and move", "import shutil\nshutil.copy2('data.csv', 'c2.csv'); shutil.copystat('data.csv', 'c2.csv'); shutil.move('c2.csv', 'c3.csv'); shutil.copytree('sub', 'sub2')\nmoved = os.path.exists('c3.csv')", "moved"),
    habit("chmod of my file", "os.chmod('c3.csv', 0o644); os.utime('c3.csv')\nchanged = 1", "changed == 1"),
    habit("a link", "if not os.path.islink('link.csv'):\n    os.symlink('data.csv', 'link.csv')\nlinked = open('link.csv').read()[:3]", "linked == '1,2'"),
    habit("glob and stat", "import glob\nfound = sorted(glob.glob('*.csv'))[0]\nsize = os.stat(found).st_size", "size > 0"),
    habit("disk usage", "import shutil\nfree = shutil.disk_usage('.').free", "free > 0"),
    habit("warnings", "import warnings\nwarnings.filterwarnings('ignore')\nwarnings.warn('old')\nwarned = 1", "warned == 1"),
    habit("a warning shown", "warnings.resetwarnings(); warnings.warn('careful'); np.float64(1) / 0\nseen = 1", "seen == 1"),
    habit("logging", "import logging\nlogging.basicConfig(level=logging.INFO, force=True)\nlogging.info('x'); logging.getLogger('me').warning('y')\nlogged = 1", "logged == 1"),
    habit("a log file", "handler = logging.FileHandler('run.log'); logging.getLogger().addHandler(handler)\nlogging.warning('kept'); handler.close(); logging.getLogger().removeHandler(handler)\nlog = open('run.log').read()", "'kept' in log"),
    habit("seeds", "import random\nrandom.seed(1); np.random.seed(1)\nfirst = random.random(), np.random.rand()\nrandom.seed(1); np.random.seed(1)\nagain = random.random(), np.random.rand()", "first == again"),
    habit("threads", "import threading\nkept = []\nts = [threading.Thread(target=kept.append, args=(i,)) for i in range(8)]\n[t.start() for t in ts]; [t.join() for t in ts]", "sorted(kept) == list(range(8))"),
    habit("a thread left behind", "stop = threading.Event()\nthreading.Thread(target=stop.wait, daemon=True).start()\nbehind = threading.active_count() > 1", "behind"),
    habit("a thread pool", "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(4) as pool:\n    pooled = sum(pool.map(abs, range(-5, 0)))", "pooled == 15"),
    habit("a process pool", "from concurrent.futures import ProcessPoolExecutor\nwith ProcessPoolExecutor(2) as pool:\n    powers = list(pool.map(abs, [-1, -2]))", "powers == [1, 2]", lost=NO_SEMAPHORES),
    habit("multiprocessing", "import multiprocessing as mp\nwith mp.Pool(2) as pool:\n    squares = pool.map(abs, [-3, -4])", "squares == [3, 4]", lost=NO_SEMAPHORES),
    habit("a process and a queue", "q = mp.Queue()\np = mp.Process(target=q.put, args=(5,)); p.start(); five = q.get(timeout=20); p.join()", "five == 5", lost=NO_SEMAPHORES),
    habit("shared memory", "from multiprocessing import shared_memory\ns = shared_memory.SharedMemory(create=True, size=100); s.buf[0] = 7; seven = s.buf[0]; s.close(); s.unlink()", "seven == 7", lost=NO_SEMAPHORES),
    habit("a manager", "with mp.Manager() as manager:\n    d = manager.dict(); d['a'] = 1; managed = dict(d)", "managed == {'a': 1}", lost=NO_SEMAPHORES),
    habit("cores", "import os\ncores = os.cpu_count(); mine = len(os.sched_getaffinity(0))", "cores > 0 and mine > 0"),
    habit("await", "import asyncio\nasync def later():\n    await asyncio.sleep(0.01)\n    return 3\nwaited = await later()", "waited == 3"),
    habit("a task", "task = asyncio.create_task(later())\nawait task\ntasked = task.result()", "tasked == 3"),
    habit("asyncio run", "loop = asyncio.new_event_loop()\ntry:\n    asyncio.run(later())\nexcept RuntimeError:\n    pass\nran = 1", "ran == 1"),
    habit("an asyncio program", "p = await asyncio.create_subprocess_exec('echo', 'x', stdout=asyncio.subprocess.PIPE)\nout = (await p.communicate())[0]", "out == b'x\\n'"),
    habit("big arrays", "big = np.ones((5000, 5000))\nproduct = big[:500] @ big[:, :500]\ntotal = float(product[0, 0]); del big, product", "total == 5000"),
    habit("many small objects", "objects = [{'i': i} for i in range(300_000)]\nobjects = len(objects)", "objects == 300_000"),
    habit("deep recursion", "import sys\nsys.setrecursionlimit(5000)\ndef depth(n):\n    return 0 if n == 0 else 1 + depth(n - 1)\ndeep = depth(3000)", "deep == 3000"),
    habit("much output", "for i in range(2000):\n    print('line', i)\nprinted = i", "printed == 1999"),
    habit("dates and locale", "import datetime, locale, time\ntry:\n    locale.setlocale(locale.LC_ALL, '')\nexcept locale.Error:\n    pass\nyear = datetime.datetime.now().year; zone = time.strftime('%Z')", "year > 2000"),
    habit("platform", "import platform, socket\nwhere = platform.platform(), platform.node(), socket.gethostname()", "where[0]"),
    habit("a local server", "import socket\ntry:\n    s = socket.create_server(('127.0.0.1', 0)); s.close()\nexcept OSError:\n    pass\nserved = 1", "served == 1"),
    habit("a page that may not be there", "import urllib.request\ntry:\n    urllib.request.urlopen('http://127.0.0.1:9/', timeout=1)\nexcept OSError:\n    online = False", "online is False"),
    habit("resource and psutil", "import resource, gc\npeak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss; gc.collect()", "peak > 0"),
    habit("a signal handler", "import signal\nsignal.signal(signal.SIGALRM, lambda *a: None); signal.alarm(1); signal.alarm(0)\nalarmed = 1", "alarmed == 1"),
    habit("a dataclass and typing", "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int = 1\npoint = P(2)", "point.x == 2"),
    habit("a doctest", "import doctest\ndef one():\n    '''\n    >>> one()\n    1\n    '''\n    return 1\nfailed = doctest.testmod().failed", "failed == 0"),
    habit("a unit test", "import unittest\nclass T(unittest.TestCase):\n    def test(self):\n        self.assertEqual(1, 1)\nok = unittest.main(argv=[''], exit=False).result.wasSuccessful()", "ok"),
    habit("atexit", "import atexit\natexit.register(lambda: None)\nregistered = 1", "registered == 1"),
    habit("stdout redirected", "import io, contextlib\nwith contextlib.redirect_stdout(io.StringIO()) as kept_out:\n    print('x')\nredirected = kept_out.getvalue()", "redirected == 'x\\n'"),
    habit("a C library", "import ctypes, ctypes.util\nname = ctypes.util.find_library('m'); root = ctypes.CDLL(name or 'libm.so.6').abs(-3)", "root == 3"),
    habit("an import that fails", "import no_such_module_here\nnever = 1", "'never' in globals()", earns=0),
    habit("a typo", "def typo(:\n    pass", "'typo' in globals()", earns=0),
]  # fmt: skip

# What people write who came from somewhere else: another system, a script, another course.
ELSEWHERE = [
    habit("a path of Windows", r"import os, pathlib; name = pathlib.PureWindowsPath('C:\\Users\\me\\data.csv').name; there = os.path.exists('C:\\Users\\me\\data.csv')", "name == 'data.csv' and not there"),
    habit("backslashes in a relative path", r"rows = open(r'.\data.csv').read(); windows = 1", "'windows' in globals()", earns=0),
    habit("pip in the middle", "before = 1\n%pip install -q numpy\nafter = 2", "after == 2"),
    habit("a main guard", "def main():\n    global ran_main\n    ran_main = 1\nif __name__ == '__main__':\n    main()", "ran_main == 1"),
    habit("the folder of this file", "try:\n    here = os.path.dirname(__file__)\nexcept NameError:\n    here = '.'", "here"),
    habit("argparse without arguments", "import argparse\nparser = argparse.ArgumentParser(); parser.add_argument('--n', type=int, default=3)\nn = parser.parse_args().n", "'n' in globals()", earns=0),
    habit("argparse with a list", "n = parser.parse_args([]).n; known, _ = parser.parse_known_args()", "n == known.n == 3"),
    habit("a type alias", "from typing import TypeAlias\nVector: TypeAlias = list[float]\nv: Vector = [1.0]", "v == [1.0]"),
    habit("quotes in an f-string", "d = {'a': 1}\nquoted = f\"{d['a']!r:>3} {d['a']=}\"", "quoted == \"  1 d['a']=1\""),
    habit("match", "def first(v):\n    match v:\n        case {'a': [x, *_]}:\n            return x\nmatched = first({'a': [7, 8]})", "matched == 7"),
    habit("names in Greek", "π = 3.14; Δx = 0.5; greek = π * Δx", "greek == 1.57"),
    habit("a space that does not break", "broken\u00a0= 1", "'broken' in globals()", earns=0),
    habit("quotes of a word processor", "smart = \u201chello\u201d", "'smart' in globals()", earns=0),
    habit("line ends of Windows", "ends = 1\r\nif ends:\r\n    ends = 2", "ends == 2"),
    habit("print of Python 2", "print 'x'\nold = 1", "'old' in globals()", earns=0),
    habit("names of built-in functions", "max = 3; min = 2; id = 5; sum = max + min; input = 4\nshadowed = sum\ndel max, min, id, sum, input", "shadowed == 5"),
    habit("a magic after a comment", "# how long?\n%%time\nmeasured = 1", "'measured' in globals()", earns=0),
    habit("a magic that is not there", "%nosuchmagic\nnot_there = 1", "'not_there' in globals()", earns=0),
    habit("an extension that is not there", "%load_ext no_such_extension\nloaded_on = 1", "'loaded_on' in globals()", earns=0),
    habit("pylab", "%pylab inline\nimport builtins\nfor name in ('sum', 'max', 'min', 'all', 'any', 'abs', 'round', 'pow'):\n    globals().pop(name, None)\npylab = 1", "pylab == 1"),
    habit("javascript and html cells", "%%javascript\nalert(1)", "True"),
    habit("bash into a variable", "%%bash --out said --err warned\necho hi; echo no >&2", "said == 'hi\\n' and warned == 'no\\n'"),
    habit("a process substitution", "%%bash\ndiff <(echo a) <(echo a) && echo same > same.txt", "open('same.txt').read() == 'same\\n'"),
    habit("files of the terminal", "!echo x > /dev/stdout\nwith open('/dev/stdout', 'w') as out:\n    out.write('shown')\nwritten_there = 1", "written_there == 1"),
    habit("the root folder", "top = os.listdir('/')\n!ls /", "'usr' in top", lost="the machine's root folder is not readable"),
    habit("a folder above", "os.makedirs('../shared_data', exist_ok=True)\nwith open('../shared_data/x.txt', 'w') as f:\n    f.write('1')\nabove = open('../shared_data/x.txt').read()", "above == '1'"),
    habit("compile a program", "open('a.c', 'w').write('#include <stdio.h>\\nint main(){puts(\"c\");}') and None\n!gcc a.c -o a.out && ./a.out > c.txt || echo c > c.txt\nbuilt = open('c.txt').read()", "built == 'c\\n'"),
    habit("a repository", "!git init -q . && git add data.csv && git -c user.name=a -c user.email=b commit -q -m x\n!git log\nlogged_here = 1", "logged_here == 1"),
    habit("a pager", "!less data.csv | head -2\n!man ls | head -2\npaged = 1", "paged == 1"),
    habit("a signal as a time limit", "import signal, time\nclass Late(Exception): pass\ndef late(*_): raise Late\nsignal.signal(signal.SIGALRM, late); signal.setitimer(signal.ITIMER_REAL, 0.1)\ntry:\n    time.sleep(9); limited = 0\nexcept Late:\n    limited = 1", "limited == 1"),
    habit("a fork", "child = os.fork()\nif child == 0:\n    os._exit(7)\nforked = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])", "forked == 7"),
    habit("joblib", "try:\n    from joblib import Parallel, delayed\n    jobs = Parallel(n_jobs=2, prefer='threads')(delayed(abs)(-i) for i in range(3))\nexcept ImportError:\n    jobs = [0, 1, 2]", "jobs == [0, 1, 2]"),
    habit("tasks in a group", "import asyncio\nasync def four():\n    return 4\nasync with asyncio.TaskGroup() as group:\n    task = group.create_task(four())\nfour_of_it = task.result() + sum(await asyncio.gather(four(), four()))", "four_of_it == 12"),
    habit("a display handle", "from IPython.display import display\nhandle = display('a', display_id=True)\nfor i in range(3):\n    handle.update(i)\nhandled = i", "handled == 2"),
    habit("a repr that fails", "class Bad:\n    def __repr__(self):\n        raise ValueError\nBad()", "'Bad' in globals()"),
    habit("a pickled class of its own", "import pickle\nclass Kept:\n    def __init__(self):\n        self.a = 1\nkept_a = pickle.loads(pickle.dumps(Kept())).a", "kept_a == 1"),
    habit("standard output into a file", "import sys\nbefore, sys.stdout = sys.stdout, open('log.txt', 'w')\nprint('x'); sys.stdout.close(); sys.stdout = before\nteed = open('log.txt').read()", "teed == 'x\\n'"),
    habit("many photos", "import numpy as np, matplotlib.pyplot as plt\nfor _ in range(4):\n    plt.figure(figsize=(6, 6)); plt.imshow(np.random.rand(400, 400, 3)); plt.show()\nphotos = 1", "photos == 1"),
    habit("a user interrupt", "raise KeyboardInterrupt", "True"),
    habit("exit with a text", "sys.exit('stop here')", "True"),
    habit("an error of its own kind", "class Mine(BaseException): pass\nraise Mine('x')", "'Mine' in globals()"),
    habit("everything reset", "lost_name = 1\n%reset -f\nis_lost = 'lost_name' not in globals()", "is_lost"),
]  # fmt: skip

NOTEBOOKS = {"shell": SHELL, "notebook": NOTEBOOK, "machine": MACHINE, "elsewhere": ELSEWHERE}
ALL = [habit for habits in NOTEBOOKS.values() for habit in habits]
