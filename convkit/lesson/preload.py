"""What a fork server loads for the lesson: `c.Preload.modules = ["convkit.lesson.preload"]`.

TensorFlow, Keras, Matplotlib and convkit. No operation runs: that would start TensorFlow's threads, which a fork
does not have.
"""

from __future__ import annotations

import contextlib
import importlib
import os

from gradekit.exercise.registry import exercises

# Read by TensorFlow when it is imported, or at its first operation.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# For each operation that is new to it, oneDNN's layout pass goes through all kernels of TensorFlow: 5 ms each time.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
# The custom kernel is compiled at the first convolution.
os.environ.setdefault("TENSORFLOW_USE_CUSTOM_CONTRACTION_KERNEL", "0")

MODULES = (
    *("tensorflow", "keras", "matplotlib.pyplot", "matplotlib.backends.backend_agg"),
    *(f"tensorflow.python.data.ops.{name}_op" for name in ("concatenate", "flat_map", "from_tensors", "range", "zip")),
    *(f"convkit.{name}" for name in ("ops", "explain.model", "explain.trace", "lesson", "picture")),
    *(f"convkit.summary.{name}" for name in ("keras2", "keras3", "keras_rows")),
    *("rich.console", "rich.table", "rich._emoji_codes"),
    "convkit.explore",
)

for name in MODULES:
    importlib.import_module(name)

exercises()  # the entry points of all installed packages are read once

with contextlib.suppress(ImportError, AttributeError):
    from tensorflow.python import pywrap_tfe
    from tensorflow.python.eager import context

    set_as_function = pywrap_tfe.TFE_ContextSetRunEagerOpAsFunction

    class Context(context.Context):  # type: ignore[misc]
        """TensorFlow's context without a graph for each operation: its passes take longer than the operation.

        Results are the same; errors don't name the graph's function.
        """

        def ensure_initialized(self) -> None:
            """Start TensorFlow; each operation calls this."""
            if not self._initialized:
                super().ensure_initialized()
                set_as_function(self._handle, False)

    context._set_context(Context())

with contextlib.suppress(ImportError, AttributeError):  # tables that TensorFlow's first operation would make
    from tensorflow.python.framework import kernels, op_def_registry
    from tensorflow.python.util import pywrap_xla_ops

    pywrap_xla_ops.get_cpu_kernel_names()
    kernels.get_registered_kernels_for_op("Add")
    op_def_registry.get("no such operation")  # where the first one is missing, all others are copied
