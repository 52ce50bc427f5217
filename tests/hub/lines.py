"""What a student tries on a hub, with and without a system user for each person, and the expected result.

ben carries out every row: requests with his cookies or his token, code as his system user. An expected error that is
empty means that the row succeeds.
"""

from __future__ import annotations

from typing import NamedTuple

DENIED = "Permission"  # files
NOT_MINE = "Operation not permitted"
FORBIDDEN = "403"
HIDDEN = "404"  # the hub does not tell whether such a person exists


# What refuses a row. When it is taken away, and all else is as before, the row succeeds.
ROLE = "role"
COLLECT = "`OwnCollect`"
OTHER = "system user"
KEY = "the kernel's key"
TOKENS = "tokens in the environment alone"
INBOUND, STICKY, SUBMISSION = "mode of the inbound", "sticky bit of the inbound", "mode of the submission"
OUTBOUND, FEEDBACK, PAGE = "mode of the outbound", "mode of the feedback folder", "mode of the page"
EXCHANGE, COURSES_EXCHANGE = "sticky bit of the exchange", "mode of the course's exchange"
HOME, GRADERS_HOME = "mode of the home", "mode of the grader's home"
FOLDER = "mode of the course's folder"
STATE, LOG = "mode of the hub's folder", "mode of the log's folder"
MODES = {  # arguments of chmod that take a protection away, the last of them a name of Scene.names
    INBOUND: ("o+r", "inbound"),
    STICKY: ("-t", "inbound"),
    SUBMISSION: ("-R", "o+rwX", "adas"),
    OUTBOUND: ("-R", "o+w", "outbound"),
    FEEDBACK: ("o+r", "feedback"),
    PAGE: ("-R", "o+w", "feedback"),
    EXCHANGE: ("-t", "exchange"),
    COURSES_EXCHANGE: ("o+w", "courses_exchange"),
    HOME: ("-R", "o+rwX", "ada"),
    GRADERS_HOME: ("-R", "o+rX", "grader"),
    FOLDER: ("-R", "o+rwX", "course"),
    STATE: ("-R", "o+rX", "state"),
    LOG: ("-R", "o+rX", "log"),
}


class Page(NamedTuple):
    """A request that is refused on both hubs, and succeeds as soon as ben is an admin."""

    what: str
    method: str
    path: str
    refused: str = FORBIDDEN
    base: str = ""  # "" is the hub's API
    protection: str = ROLE


class Code(NamedTuple):
    """Python that ben runs; it sets `got`. `apart` and `alone` are part of the expected error on the two hubs."""

    what: str
    code: str
    protection: str
    apart: str = DENIED
    alone: str = ""


class HandedIn(NamedTuple):
    """What ben leaves in the exchange before the instructor collects; `harm` is an expression, true of damage."""

    what: str
    code: str
    harm: str
    alone_too: bool = True  # also refused where all are one user
    undo: str = "shutil.rmtree(made)"
    protection: str = COLLECT


COURSE = "services/convkit"
ADA = "user/ada"
FILE = "api/contents/convkit/toy/1-first.ipynb"
PAGES = [
    Page("open formgrader", "GET", "formgrader", base=COURSE),
    Page("read the gradebook through formgrader", "GET", "formgrader/api/assignments", base=COURSE),
    Page("collect through formgrader", "POST", "formgrader/api/assignment/toy/collect", base=COURSE),
    Page("list the course's folder on its server", "GET", "api/contents", base=COURSE),
    Page("open a solution on the course server", "GET", "api/contents/source/toy", base=COURSE),
    Page("start a kernel on the course server", "POST", "api/kernels", base=COURSE),
    Page("open another's JupyterLab", "GET", "lab", base=ADA),
    Page("read another's notebook through their server", "GET", FILE, base=ADA),
    Page("list another's kernels", "GET", "api/kernels", base=ADA),
    Page("hand in through another's server", "POST", "assignments/submit", base=ADA),
    Page("list the people of the hub", "GET", "users"),
    Page("list the groups", "GET", "groups"),
    Page("look up another person", "GET", "users/ada", HIDDEN),
    Page("list another's tokens", "GET", "users/ada/tokens", HIDDEN),
    Page("create a token in another's name", "POST", "users/ada/tokens"),
    Page("stop another's server", "DELETE", "users/ada/server", HIDDEN),
    Page("become an instructor", "POST", "groups/formgrade-convkit/users"),
    Page("become an admin", "PATCH", "users/ben"),
    Page("list the services", "GET", "services"),
    Page("read the proxy's routes", "GET", "proxy"),
    Page("stop the hub", "POST", "shutdown"),
]

READ = 'got = Path({}, "1-first.ipynb").read_text()'
KERNEL = """
from jupyter_client import BlockingKernelClient
client = BlockingKernelClient()
client.load_connection_info({})
client.start_channels()
try:
    got = client.execute("mine = 2", reply=True, timeout=3)["content"]["status"]
finally:
    client.stop_channels()
"""
TAKE_AWAY = """
os.unlink(Path(adas, "1-first.ipynb"))
shutil.copy(Path(mine, "1-first.ipynb"), adas)
got = 1
"""
WATCH = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
if libc.inotify_add_watch(libc.inotify_init(), inbound.encode(), 0x100) < 0:
    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
got = 1
"""
FORK_SERVER = """
if os.getuid() == 0:
    os.seteuid(os.stat(fork_server).st_uid)  # it answers no other user, not even root
asked = socket.socket(socket.AF_UNIX)
asked.settimeout(10)
asked.connect(fork_server)
got = b'"server"' in asked.recv(200)
os.seteuid(os.getuid())
"""
LINK = """
Path(ben, "linked.ipynb").unlink(missing_ok=True)
os.link(Path(adas, "1-first.ipynb"), Path(ben, "linked.ipynb"))
got = 1
"""
COMMAND_LINES = """
import re
files = [Path("/proc", str(pid), "cmdline") for pid in hubs_processes]
lines = [file.read_text() for file in files if file.exists()]
assert any("jupyterhub-singleuser" in line for line in lines)
got = [line for line in lines if re.search("[0-9a-f]{32}", line)]
if not got:
    raise LookupError("no token")
"""
CODE = [
    Code("list who has handed in", "got = os.listdir(inbound)", INBOUND),
    Code("watch the inbound for new submissions", WATCH, INBOUND),
    Code("read another's submission, knowing its name", READ.format("adas"), SUBMISSION),
    Code("delete from another's submission, knowing its name", TAKE_AWAY, SUBMISSION),
    Code("put a file into another's submission, knowing its name", 'got = Path(adas, "x").write_text("x")', SUBMISSION),
    Code(
        "rename another's submission, knowing its name",
        'os.rename(adas, adas + "x"); os.rename(adas + "x", adas); got = 1',
        STICKY,
        NOT_MINE,
    ),
    Code("link another's submission into one's own folder", LINK, SUBMISSION),
    Code("list the feedback pages", "got = os.listdir(feedback)", FEEDBACK),
    Code(
        "read feedback that another fetched",
        "got = [one.read_text() for one in map(Path, fetched)]",
        HOME,
    ),
    Code("change a feedback page, knowing its name", 'open(pages[0], "a").close(); got = 1', PAGE),
    Code("read the notebooks in another's home", 'got = Path(ada, "convkit/toy/1-first.ipynb").read_text()', HOME),
    Code("write into another's home", 'got = Path(ada, "convkit/toy/x").write_text("x")', HOME),
    Code(
        "read the solutions", 'got = "BEGIN SOLUTION" in Path(course, "source/toy/1-first.ipynb").read_text()', FOLDER
    ),
    Code("read a hidden test", 'got = "HIDDEN TESTS" in Path(course, "source/toy/2-second.ipynb").read_text()', FOLDER),
    Code(
        "read what was run on the course server",
        'got = "SQLite" in Path(grader, ".ipython/profile_default/history.sqlite").read_bytes().decode("latin-1")',
        GRADERS_HOME,
    ),
    Code("write into the course's folder", 'got = Path(course, "x").write_text("x")', FOLDER),
    Code(
        "change the settings that grading runs with",
        'open(Path(course, "nbgrader_config.py"), "a").close(); got = 1',
        FOLDER,
    ),
    Code(
        "read the gradebook's file",
        'got = sqlite3.connect(course + "/gradebook.db").execute("select id from student").fetchall()',
        FOLDER,
        "unable to open",
    ),
    Code("write a score into the gradebook's file", 'open(course + "/gradebook.db", "r+b").close(); got = 1', FOLDER),
    Code(
        "change one's own submission after it was collected",
        'open(course + "/submitted/ben/toy/1-first.ipynb", "a").close(); got = 1',
        FOLDER,
    ),
    Code(
        "read another's graded notebook", 'got = Path(course, "autograded/ada/toy/1-first.ipynb").read_text()', FOLDER
    ),
    Code("change a released assignment", 'open(outbound + "/toy/1-first.ipynb", "a").close(); got = 1', OUTBOUND),
    Code(
        "release an assignment of one's own",
        'Path(outbound, "fake").mkdir(); Path(outbound, "fake").rmdir(); got = 1',
        OUTBOUND,
    ),
    Code(
        "move the course's exchange away",
        'os.rename(exchange + "/convkit", exchange + "/x"); os.rename(exchange + "/x", exchange + "/convkit"); got = 1',
        EXCHANGE,
        NOT_MINE,
    ),
    Code(
        "make a folder next to the inbound",
        'Path(exchange, "convkit/x").mkdir(); Path(exchange, "convkit/x").rmdir(); got = 1',
        COURSES_EXCHANGE,
    ),
    Code("open the inbound to all", "os.chmod(inbound, 0o1777); os.chmod(inbound, 0o3733); got = 1", OTHER, NOT_MINE),
    Code(
        "read the tokens in the environment of another's server",
        'got = "JUPYTERHUB_API_TOKEN" in Path(f"/proc/{server}/environ").read_text()',
        OTHER,
    ),
    Code(
        "read the tokens in the course server's environment",
        'got = "JUPYTERHUB_API_TOKEN" in Path(f"/proc/{course_server}/environ").read_text()',
        OTHER,
    ),
    Code("read the hub's environment", 'got = Path(f"/proc/{hub}/environ").read_text()', OTHER),
    Code("signal another's server", "os.kill(server, signal.SIGCONT); got = 1", OTHER, NOT_MINE),
    Code("signal the course server", "os.kill(course_server, signal.SIGCONT); got = 1", OTHER, NOT_MINE),
    Code("signal the hub", "os.kill(hub, signal.SIGCONT); got = 1", OTHER, NOT_MINE),
    Code("list the files that another's server has open", 'got = os.listdir(f"/proc/{server}/fd")', OTHER),
    Code(
        "run code in another's kernel, with its own key",
        KERNEL.format("json.loads(Path(kernel_file).read_text())"),
        HOME,
    ),
    Code("run code in another's kernel, with a made-up key", KERNEL.format("kernel"), KEY, "Timeout", "Timeout"),
    Code("request a kernel from the grader's fork server", FORK_SERVER, OTHER),
    Code("read the hub's cookie secret", 'got = Path(state, "jupyterhub_cookie_secret").read_text()', STATE),
    Code("read the hub's database", 'got = Path(state, "jupyterhub.sqlite").read_bytes()', STATE),
    Code(
        "read the hub's log",
        'got = [Path(log, one).read_bytes() for one in os.listdir(log) if one.endswith(("log", "journal"))]',
        LOG,
    ),
    Code("find a token in the command lines of processes", COMMAND_LINES, TOKENS, "no token", "no token"),
    Code("become root", "os.setuid(0); got = 1", OTHER, NOT_MINE, NOT_MINE),
]

FORGED = 'got = str(hand_in(inbound, "{}", mine, text="# forged by ben"))'
SAYS_FORGED = '"forged by ben" in (collected / "{}/toy/1-first.ipynb").read_text()'
STOPPED = "stopped"
LINKS_OUT = """
made = hand_in(inbound, "ben+toy+2098-01-01 00:00:00.0 UTC+{}", mine)
(made / "1-first.ipynb").unlink()
os.symlink(course + "/source/toy/1-first.ipynb", made / "1-first.ipynb")
os.symlink(course + "/gradebook.db", made / "data.db")
got = 1
"""
GOT_OUT = """any("BEGIN SOLUTION" in one.read_text() for one in collected.glob("ben/toy/*.ipynb")) or (
    collected / "ben/toy/data.db"
).exists()"""
HUGE = """
made = hand_in(inbound, "ben+toy+2098-01-01 00:00:00.0 UTC+huge", mine)
os.truncate(os.open(made / "big.bin", os.O_CREAT | os.O_WRONLY), 10**12)
got = 1
"""
SHUT = """
made = hand_in(inbound, "ben+toy+2098-01-01 00:00:00.0 UTC+shut", mine)
(made / "inner").mkdir()
os.chmod(made / "inner", 0)
os.chmod(made, 0{})
got = 1
"""
OPENED = 'os.chmod(made, 0o700); os.chmod(made / "inner", 0o700); shutil.rmtree(made)'
PIPE = """
made = hand_in(inbound, "ben+toy+2098-01-01 00:00:00.0 UTC+pipe", mine)
(made / "submission_secret.txt").unlink()
os.mkfifo(made / "submission_secret.txt")
got = 1
"""
HANDED_IN = [
    HandedIn(
        "hand in as another",
        FORGED.format("ada+toy+2099-01-01 00:00:00.0 UTC+forged"),
        SAYS_FORGED.format("ada"),
        False,
    ),
    HandedIn(
        "hand in for a person who is in no course",
        FORGED.format("mallory+toy+2099-01-01 00:00:00.0 UTC+x"),
        '(collected / "mallory").exists()',
        False,
    ),
    HandedIn("hand in links to the solutions and the gradebook", LINKS_OUT.format("links"), GOT_OUT),
    HandedIn(
        "hand in a link instead of the folder",
        'os.symlink(course + "/source/toy", inbound + "/" + "ben+toy+2098-01-01 00:00:00.0 UTC+link"); got = 1',
        f"{STOPPED} or {GOT_OUT}",
        undo="os.unlink(made)",
    ),
    HandedIn("stop the collection with an invalid timestamp", FORGED.format("ben+toy+tomorrow+x"), STOPPED),
    HandedIn("stop the collection with a submission of a terabyte", HUGE, STOPPED),
    HandedIn("stop the collection with a folder that no user may enter", SHUT.format("o000"), STOPPED, undo=OPENED),
    HandedIn("stop the collection with a closed folder inside", SHUT.format("o755"), STOPPED, undo=OPENED),
    HandedIn("stop the collection with a pipe", PIPE, STOPPED),
    HandedIn(
        "stop all feedback by handing in without nbgrader's secret",
        'got = str(hand_in(inbound, "ben+toy+2098-01-01 00:00:00.0 UTC+x", mine, secret=False))',
        f'{STOPPED} or not (collected / "ben/toy/submission_secret.txt").exists()',
    ),
    HandedIn(
        "stop the collection with a file in the inbound",
        'got = Path(inbound, "ben+toy+2098-01-01 00:00:00.0 UTC+x").write_text("x")',
        STOPPED,
        undo="os.unlink(made)",
    ),
]

# These succeed even with a system user for each person; docs/hub.md lists them.
OPEN = [
    Code(
        "fill the disk that the exchange is on",
        'Path(inbound, "big").write_bytes(b"x" * 10**7); os.unlink(inbound + "/big"); got = 1',
        "",
        "",
    ),
    Code(
        "take the name of a future course",
        'Path(exchange, "next-year").mkdir(); Path(exchange, "next-year").rmdir(); got = 1',
        "",
        "",
    ),
    Code(
        "see which programs others run",
        'got = [one for one in Path("/proc").glob("[0-9]*/cmdline") if "singleuser" in one.read_text()]',
        "",
        "",
    ),
    Code(
        "hand in late with an earlier timestamp",
        'got = str(hand_in(inbound, "ben+toy+2001-01-01 00:00:00.0 UTC+late", mine)); shutil.rmtree(got)',
        "",
        "",
    ),
]

ROWS = [*PAGES, *CODE, *HANDED_IN, *OPEN]
PROTECTED = [*CODE, *HANDED_IN, *PAGES]  # the last of them stops the hub


def table() -> list[str]:
    """The rows of the table in docs/hub.md: attempt, with a system user for each person, without, what refuses it."""
    rows = [(one, True, True) for one in PAGES]
    rows += [(one, bool(one.apart), bool(one.alone)) for one in CODE]
    rows += [(one, True, one.alone_too) for one in HANDED_IN]
    rows += [(one, False, False) for one in OPEN]
    said = {True: "refused", False: "**succeeds**"}
    return [f"| {one.what} | {said[apart]} | {said[alone]} | {one.protection} |" for one, apart, alone in rows]


if __name__ == "__main__":
    print("\n".join(table()))
