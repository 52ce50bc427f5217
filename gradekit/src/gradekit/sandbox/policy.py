"""What a submission may read, write and know; everything else is forbidden."""

from __future__ import annotations

import importlib.util
import os
import site
import sys
import sysconfig
from pathlib import Path

from gradekit.forkserver import preload

PROGRAMS = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
SETTINGS = (
    *("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/nsswitch.conf"),
    *("/etc/localtime", "/etc/timezone", "/etc/fonts", "/etc/mime.types", "/etc/os-release", "/etc/host.conf"),
)
MACHINE = ("/sys/devices/system/cpu", "/sys/devices/system/node")
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
WRITABLE_DEVICES = ("/dev/null", "/dev/zero", "/dev/full")
TERMINALS = ("/dev/pts",)  # private ones: with the host's, a submission could type into the instructor's shell
# Of /proc where there is no private one: the machine, and this process.
PROC = ("/proc/self", *(f"/proc/{name}" for name in ("cpuinfo", "meminfo", "stat", "version", "filesystems", "uptime")))

# Variables of the environment that are kept; others may contain passwords.
KNOWN = (
    *("PATH", "LANG", "LANGUAGE", "TZ", "TERM", "COLUMNS", "LINES", "PYTHONHASHSEED", "PYTHONWARNINGS"),
    *("LD_LIBRARY_PATH", "MPLBACKEND", "KERAS_BACKEND", "PYDEVD_USE_FRAME_EVAL", "PYTHONDONTWRITEBYTECODE"),
    preload.VARIABLE,
    "NBGRADER_EXECUTION",  # pictures without a reader are not drawn; to know that it is graded gains nothing
)
KEPT_PREFIXES = (
    *("LC_", "TENSORFLOW_USE_", "TF_CPP_", "TF_ENABLE_", "TF_NUM_", "TF_USE_", "XLA_", "OMP_", "MKL_"),
    *("OPENBLAS_", "ONEDNN_"),
)

FOLDERS = ("work", "home", "tmp")  # of the scratch folder


def packages() -> list[str]:
    """Folders of this Python, of what is installed for it, and of what is loaded before a fork."""
    places = {sys.prefix, sys.base_prefix, *sysconfig.get_paths().values(), *preload.folders(os.environ)}
    if site.ENABLE_USER_SITE:
        places.add(site.getusersitepackages())
    return sorted(place for place in places if os.path.isdir(place) and place != "/")


def readable(more: list[str]) -> list[str]:
    """Every file and folder that may be read, none inside another, links and their targets."""
    named = {*PROGRAMS, *SETTINGS, *MACHINE, *packages(), *more}
    links = {os.path.realpath(place) for place in named}
    found: list[str] = []
    for place in sorted(named | links):
        if os.path.exists(place) and not any(_inside(place, other) for other in found):
            found.append(place)
    return found


def out_of_reach(module: str) -> str:
    """The folder of a top-level module that is installed for this process, and that is not readable; else "".

    >>> out_of_reach("json"), out_of_reach("no_such_module_here")
    ('', '')
    """
    spec = importlib.util.find_spec(module)
    if spec is None or not (place := next(iter(spec.submodule_search_locations or ()), spec.origin or "")):
        return ""
    reached = not os.path.isabs(place) or any(_inside(os.path.realpath(place), other) for other in readable([]))
    return "" if reached else os.path.dirname(place)


def _inside(place: str, other: str) -> bool:
    return os.path.commonpath([place, other]) == other


def environment(env: dict[str, str]) -> dict[str, str]:
    """The variables of an environment that a submission may know.

    >>> environment({"LANG": "C", "TOKEN": "x"})
    {'LANG': 'C'}
    """
    return {name: value for name, value in env.items() if name in KNOWN or name.startswith(KEPT_PREFIXES)}


def homes(scratch: Path) -> dict[str, str]:
    """Variables that place every home and cache in the scratch folder.

    >>> homes(Path("/s"))["TMPDIR"]
    '/s/tmp'
    """
    home = f"{scratch}/home"
    return {
        "JPY_PARENT_PID": "1",  # ipykernel polls no parent, and prints nothing about it
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_RETRIES": "0",  # there is no network: `!pip install` fails at once, not after 8 s of retries
        "USER": "student",
        "LOGNAME": "student",
        "HOME": home,
        "TMPDIR": f"{scratch}/tmp",
        "MPLCONFIGDIR": f"{home}/matplotlib",
        "IPYTHONDIR": f"{home}/ipython",
        "XDG_CACHE_HOME": f"{home}/cache",
        "XDG_CONFIG_HOME": f"{home}/config",
        "JUPYTER_RUNTIME_DIR": f"{home}/runtime",
        "JUPYTER_CONFIG_DIR": f"{home}/jupyter",
        "JUPYTER_DATA_DIR": f"{home}/jupyter-data",
    }
