"""What has to change in a Jupyter kernel for it to fit inside a fence? What asks for the network, or for its asker."""

from __future__ import annotations

import os
import sys
import tempfile
from typing import Any, cast


def kernel() -> None:
    """Let ipykernel use Unix sockets only, and leave watching the asker to the watcher."""
    from ipykernel.iostream import IOPubThread
    from ipykernel.kernelapp import IPKernelApp

    app, thread = cast(Any, IPKernelApp), cast(Any, IOPubThread)
    app.init_poller = lambda app: None
    thread._setup_pipe_in = _hear_forks
    thread._setup_pipe_out = _tell_from_fork


def _address() -> str:
    return f"ipc://{os.environ['TMPDIR']}/.forks"


def _hear_forks(thread: Any) -> None:
    """What forks of the kernel print comes this way; ipykernel would open a port for it."""
    import zmq
    from zmq.eventloop.zmqstream import ZMQStream

    thread._pipe_uuid = os.urandom(16)
    heard = thread.socket.context.socket(zmq.PULL)
    heard.linger = 0
    heard.bind(_address())
    thread._pipe_in = ZMQStream(heard, thread.io_loop)
    thread._pipe_in.on_recv(thread._handle_pipe_msg)


def _tell_from_fork(thread: Any) -> tuple[Any, Any]:
    import zmq

    context = zmq.Context()
    told = context.socket(zmq.PUSH)
    told.linger = 3000
    told.connect(_address())
    return context, told


def libraries() -> None:
    """What a warm kernel has imported looked at the homes of the one who asked."""
    tempfile.tempdir = None
    keras_config: Any = sys.modules.get("keras.src.backend.config")
    if keras_config is not None:
        keras_config._KERAS_DIR = os.environ["KERAS_HOME"]
