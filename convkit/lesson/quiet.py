"""Hide TensorFlow's start-up messages.

TensorFlow writes about the processor to stderr, below Python. In a notebook that is red text, and nbgrader gives no
points to a graded cell with anything on stderr.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from io import StringIO
from tempfile import TemporaryFile


@contextmanager
def quietly() -> Iterator[None]:
    """Discard what this block writes to stderr, from Python or from below it. Exceptions are raised as usual.

    >>> with quietly():
    ...     import sys
    ...     print("chatter", file=sys.stderr)
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with TemporaryFile() as sink, redirect_stderr(StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            os.dup2(sink.fileno(), 2)
            try:
                yield
            finally:
                os.dup2(kept, 2)
    finally:
        os.close(kept)
