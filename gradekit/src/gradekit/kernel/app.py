"""ipykernel's application with one socket, which is its stdin.

It runs in one thread, apart from the two of ipykernel that read what C code and programs write.
"""

# mypy: disable-error-code="no-untyped-call,assignment,override,arg-type,type-var"
# ipykernel's classes are typed in part, and for ZeroMQ's sockets alone.

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import zmq
from ipykernel.iostream import IOPubThread, OutStream
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel
from jupyter_client.jsonutil import json_clean, json_default
from jupyter_client.session import json_packer
from tornado.ioloop import IOLoop
from traitlets import Any as AnyTrait
from traitlets import DottedObjectName, Type
from traitlets.config import Config

from gradekit.kernel.packets import SIZE, Assembler, packets


def pack(content: Any) -> bytes:
    """Part of a message as JSON; with "?" for lone surrogates, where Jupyter's packer fails and no reply is sent."""
    try:
        return json_packer(content)
    except UnicodeEncodeError:
        return json.dumps(json_clean(content), default=json_default, ensure_ascii=False).encode("utf-8", "replace")


class Wire:
    """The kernel's end of the pair of sockets."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection, self._process = connection, os.getpid()
        self._received, self._one_at_a_time = Assembler(), threading.RLock()
        self.handlers: dict[str, Callable[[list[Any]], Any]] = {}
        self._handled: set[asyncio.Task[Any]] = set()  # a loop refers to its tasks only weakly

    def send(self, channel: str, parts: list[Any]) -> None:
        """Send a message; it waits while the grader doesn't read. Without a grader, the kernel ends."""
        try:
            with self._one_at_a_time:
                for packet in packets(channel, parts):
                    self._connection.send(packet)
        except OSError:
            os._exit(1)

    def listen(self) -> None:
        """Let the event loop of this thread call the handlers."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self._connection, self._receive)
        woken, self._waker = socket.socketpair()  # a signal wakes the loop, so that an interrupt ends an `await`
        self._waker.setblocking(False)
        signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        loop.add_reader(woken, woken.recv, SIZE)

    def _receive(self) -> None:
        if os.getpid() != self._process:  # a fork that came back from its cell: the requests are not for it
            os._exit(0)
        packet = self._connection.recv(SIZE + 1)
        if not packet:
            os._exit(1)
        if (message := self._received.add(packet)) is not None:
            channel, parts = message
            task = asyncio.ensure_future(self.handlers[channel]([zmq.Frame(part) for part in parts]))
            self._handled.add(task)
            task.add_done_callback(self._handled.discard)


class Channel:
    """One channel of the wire, with what ipykernel needs of ZeroMQ's sockets and streams."""

    def __init__(self, wire: Wire, name: str) -> None:
        self._wire, self._name = wire, name

    def send_multipart(self, parts: list[Any], *arguments: Any, **settings: Any) -> None:
        """Send a message."""
        self._wire.send(self._name, parts)

    def on_recv(self, handler: Callable[[list[Any]], Any], copy: bool = True) -> None:
        """Call a handler, which returns a coroutine, for each message."""
        self._wire.handlers[self._name] = handler

    def flush(self, *arguments: Any) -> None:
        """Nothing waits: each message is sent at once."""

    @property
    def io_loop(self) -> Any:
        return IOLoop.current()


class Publisher(IOPubThread):
    """ipykernel's thread for outputs, without a thread: they are sent at once."""

    def __init__(self, channel: Channel) -> None:
        self.socket, self.background_socket, self.io_loop, self.thread = channel, channel, None, None

    def schedule(self, function: Callable[[], Any]) -> None:
        function()

    def send_multipart(self, *arguments: Any, **settings: Any) -> None:
        self.socket.send_multipart(*arguments, **settings)


class Stream(OutStream):
    """ipykernel's stdout or stderr, which sends at the end of a cell, or when much or some time has passed."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        self._sent = time.monotonic()
        super().__init__(*arguments, **{**settings, "watchfd": "force"})  # in a test too

    def _setup_stream_redirects(self, name: str) -> None:
        super()._setup_stream_redirects(name)
        os.set_blocking(self._fid, False)  # whether or not its thread runs already
        self._written = select.poll()
        self._written.register(self._fid, select.POLLIN)

    def _watch_pipe_fd(self) -> None:
        """In a thread: read what is written to the file descriptor, so that its pipe is never full."""
        os.set_blocking(self._fid, False)
        while select.select([self._fid], [], []) and self._should_watch:
            self._read_pipe()

    def _read_pipe(self) -> None:
        with self._buffer_lock:
            try:
                while said := os.read(self._fid, SIZE):
                    super().write(said.decode(errors="replace"))
            except BlockingIOError:
                pass

    def write(self, text: str) -> int | None:
        """Write; in a fork, to the file descriptor, which the kernel reads."""
        if not self._is_master_process():
            return os.write(self._original_stdstream_fd, text.encode(errors="replace")) and len(text)
        if self._written.poll(0):  # before: the order is that of the cell
            self._read_pipe()
        return super().write(text)

    def _schedule_flush(self) -> None:
        if time.monotonic() - self._sent > self.flush_interval:
            self._flush()

    def _flush(self) -> None:
        self._sent = time.monotonic()
        super()._flush()

    def flush(self) -> None:
        """Send what was written, by C code and programs too."""
        if self._is_master_process() and not self.closed:
            self._read_pipe()
            self._flush()


class NoThread:
    """In place of ipykernel's thread for requests: there are no subshells."""

    parent_thread = threading.main_thread()

    def __bool__(self) -> bool:
        return False


class PairedKernel(IPythonKernel):
    """IPython's kernel with channels that are not ZeroMQ's."""

    shell_stream = AnyTrait()
    control_stream = AnyTrait()
    _execute_sleep = 0.0  # outputs and reply are in one order
    _supports_kernel_subshells = False

    def start(self) -> None:
        """Start, without ipykernel's warning that there is no debugger."""
        Kernel.start(self)

    def _forward_input(self, allow_stdin: bool = False) -> None:
        """Refuse `input()`, whatever a client allows."""
        super()._forward_input(False)


class App(IPKernelApp):
    """ipykernel's application on one socket."""

    name = "gradekit-kernel"
    kernel_class = Type(PairedKernel)
    outstream_class = DottedObjectName("gradekit.kernel.app.Stream")

    def parse_command_line(self, argv: Any = None) -> None:
        """Take `-f FILE`, which a notebook may look at; ipykernel's parser would be made for hundreds of arguments."""
        self.connection_file = sys.argv[2]
        self.update_config(Config({"HistoryManager": {"hist_file": ":memory:"}}))

    def init_connection_file(self) -> None:
        """There is none, no poller and no heartbeat: the socket is closed when the grader ends."""

    init_poller = init_heartbeat = write_connection_file = log_connection_info = init_connection_file

    def init_sockets(self) -> None:
        """Take the socket that is stdin."""
        connection = socket.socket(fileno=os.dup(0))
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 0)
        os.close(null)
        self.wire = Wire(connection)
        self.session.key, self.session.pack = b"", pack
        self.shell_socket, self.control_socket, self.iopub_socket = (
            Channel(self.wire, name) for name in ("shell", "control", "iopub")
        )
        self.configure_tornado_logger()
        self.iopub_thread = Publisher(self.iopub_socket)

    def init_kernel(self) -> None:
        """Make the kernel."""
        self.kernel = self.kernel_class.instance(
            parent=self,
            session=self.session,
            shell_stream=self.shell_socket,
            control_stream=self.control_socket,
            shell_channel_thread=NoThread(),
            iopub_thread=self.iopub_thread,
            iopub_socket=self.iopub_socket,
            log=self.log,
            profile_dir=self.profile_dir,
            user_ns=self.user_ns,
        )
        self.displayhook.get_execution_count = lambda: self.kernel.execution_count

    def start(self) -> None:
        """Serve until the grader disconnects."""
        self.io_loop = IOLoop.current()
        self.kernel.start()
        self.io_loop.add_callback(self.wire.listen)
        self.io_loop.start()
