"""All that gradekit replaces in other libraries at run time.

Each patch names the library that it was written for, and what it is good for:

- `skip_iri_grammar`, jsonschema 4.26: no grammar of web addresses, which notebooks don't need. 1.7 s a command.
- `protect_formgrader`, nbgrader 0.9.6: formgrader has no setting for its exporter, its templates or its headers.
- `replaced_gradebook`, nbgrader 0.9.6: each Gradebook would make an engine and compile its queries again, and send one
  for each cell. The steps around the cells take 91 ms of processor time a notebook; without the patch, 162 ms.
- `replace_parent_poller`, ipykernel 7.4: the parent of a fork is the fork server, not the program that ordered it.
- `run_shell_lines_on_pipe`, ipykernel 7.4: `!command` would raise OSError without a pseudo-terminal.
- `keep_modules_shared`, ipykernel 7.4 and IPython 9.18: a list of all modules writes to the memory of each.
  A kernel with TensorFlow loaded starts with 100 ms of processor time and 22 MB; without the patch, 160 ms and 41 MB.
- `name_cells`, IPython 9.18: an error would look for a cell's file among all modules, four times. With TensorFlow loaded,
  a cell with an error takes 14 ms of processor time; without the patch, 53 ms.
- `draw_figures_once`, Matplotlib 3.11: a figure would be drawn once for its frame, and again inside it. 150 ms
  a figure; without the patch, 200 ms.

`tests/test_patches.py` notices when a library no longer does what a patch replaces.
"""

from __future__ import annotations

import contextlib
import inspect
import math
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, cast

if TYPE_CHECKING:
    from nbgrader.api import Gradebook

FASTEST = 1  # zlib's level: the same pixels in a file that is a little larger
TRANSPARENT = (255, 255, 255, 0)  # the canvas before Agg draws


def skip_iri_grammar() -> None:
    """Keep jsonschema from building a grammar of web addresses when it is imported."""
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


def protect_formgrader() -> None:
    """Let formgrader (nbgrader 0.9.6) start with sanitized pages and a Content-Security-Policy.

    It offers no setting for its exporter, its templates or its headers. nbgrader imports it, and then reads a course's
    settings: a program that reads them without nbgrader runs no formgrader, and doesn't have to wait for the import.
    """
    if "nbgrader" not in sys.modules:
        return
    from nbgrader.server_extensions.formgrader import base, handlers
    from nbgrader.server_extensions.formgrader.formgrader import FormgradeExtension

    usual = FormgradeExtension.init_tornado_settings
    if usual.__module__ == __name__:
        return

    def init_tornado_settings(self: Any, webapp: Any) -> None:
        from gradekit import formgrader

        usual(self, webapp)
        webapp.settings.update(formgrader.settings(self.config))
        base.BaseHandler.content_security_policy = property(formgrader.page_policy)
        handlers.SubmissionFilesHandler.content_security_policy = property(formgrader.file_policy)

    FormgradeExtension.init_tornado_settings = init_tornado_settings


@contextlib.contextmanager
def replaced_gradebook(url: str, made: type[Gradebook]) -> Iterator[None]:
    """Let every Gradebook with this url be a `made`, inside the block."""
    from nbgrader.api import Gradebook

    usual = Gradebook.__init__

    def begin(self: Any, db_url: str, *arguments: Any, **named: Any) -> None:
        if db_url != url:
            usual(self, db_url, *arguments, **named)
            return
        self.__class__ = made
        made.__init__(self, db_url, *arguments, **named)

    Gradebook.__init__ = begin
    try:
        yield
    finally:
        Gradebook.__init__ = usual


def replace_parent_poller(watch: Callable[[], None]) -> None:
    """Let ipykernel run `watch` in a thread, where it would poll its parent."""
    from ipykernel.kernelapp import IPKernelApp

    def init_poller(app: Any) -> None:
        app.poller = threading.Thread(target=watch, daemon=True)

    cast(Any, IPKernelApp).init_poller = init_poller


def run_shell_lines_on_pipe() -> None:
    """Run `!command` on a pipe where there are no pseudo-terminals: IPython would raise OSError."""
    from ipykernel import zmqshell

    try:
        for end in os.openpty():
            os.close(end)
    except OSError:
        cast(Any, zmqshell).system = run_on_pipe


def run_on_pipe(command: str) -> int:
    """Run a shell command, print its output as it comes, and return its exit code."""
    options: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(command, shell=True, text=True, errors="replace", **options) as process:
        try:
            for line in process.stdout or ():
                print(line, end="", flush=True)
        except KeyboardInterrupt:
            process.kill()
            raise
    return process.returncode


class _SysWithoutModules:
    """`sys` with an empty list of modules."""

    modules: ClassVar[dict[str, Any]] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(sys, name)


def keep_modules_shared(known: frozenset[str]) -> None:
    """Keep the debugger and `%reset` from listing all modules: a fork would copy a page for each.

    `known` are the modules that `%reset` leaves loaded; where it is empty, those that are loaded now.
    """
    from ipykernel import debugger, ipkernel
    from ipykernel.kernelapp import IPKernelApp
    from IPython.core import shellapp

    app = cast(Any, IPKernelApp)
    original = app.init_code

    def init_code(self: Any) -> None:
        original(self)
        self.shell._sys_modules_keys = known or set(sys.modules)

    app.init_code = init_code
    cast(Any, debugger)._is_debugpy_available = False
    cast(Any, ipkernel).sys = cast(Any, shellapp).sys = _SysWithoutModules()


def name_cells() -> None:
    """Let `inspect` know the module of a cell's file, for which an error in the cell would search all modules."""
    from IPython.core.compilerop import CachingCompiler

    original = CachingCompiler.cache

    def cache(self: Any, *arguments: Any, **named: Any) -> str:
        name: str = original(self, *arguments, **named)
        inspect.modulesbyfile[name] = "__main__"
        return name

    cast(Any, CachingCompiler).cache = cache


def draw_figures_once() -> None:
    """Draw a figure that is shown as PNG once, and crop it to its frame, which may be a pixel wider."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    original = FigureCanvasAgg.print_figure

    def print_figure(canvas: Any, filename: Any, *arguments: Any, **named: Any) -> Any:
        image = None if arguments else _draw_in_frame(canvas, **named)
        if image is None:
            return original(canvas, filename, *arguments, **named)
        return image.save(filename, "png", compress_level=FASTEST, dpi=(canvas.figure.dpi,) * 2)

    cast(Any, FigureCanvasAgg).print_figure = print_figure


def _draw_in_frame(
    canvas: Any,
    format: str = "",
    bbox_inches: Any = None,
    dpi: Any = None,
    facecolor: Any = None,
    edgecolor: Any = None,
    **others: Any,
) -> Any:
    """The figure in its tight frame; None for other arguments, and where an artist is outside of the canvas."""
    figure = canvas.figure
    given = (format, bbox_inches, dpi, facecolor, edgecolor)
    if others or given != ("png", "tight", figure.dpi, figure.get_facecolor(), figure.get_edgecolor()):
        return None
    canvas._is_saving = True  # animated artists are drawn then
    try:
        canvas.draw()
        extents = figure.get_tightbbox(canvas.get_renderer()).extents
    finally:
        canvas._is_saving = False
    return _crop(canvas, [edge * figure.dpi for edge in extents], facecolor)


def _crop(canvas: Any, extents: list[float], facecolor: Any) -> Any:
    from matplotlib import rcParams
    from PIL import Image

    (left, bottom, right, top), (width, height) = extents, canvas.get_width_height()
    if left < 0 or bottom < 0 or right > width or top > height:
        return None
    pad = rcParams["savefig.pad_inches"] * canvas.figure.dpi
    x, y = math.floor(left - pad), math.floor(height - top - pad)
    size = math.ceil(right + pad) - x, math.ceil(height - bottom + pad) - y
    color = tuple(round(255 * part) for part in facecolor) if facecolor[3] else TRANSPARENT
    image = Image.new("RGBA", size, color)
    image.paste(Image.frombytes("RGBA", (width, height), bytes(canvas.buffer_rgba())), (-x, -y))
    return image
