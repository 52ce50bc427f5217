"""Work that is worth little and claims more. Every row gets points from plain nbgrader that it does not deserve.

`worth` is what the work deserves: the cases of the page may be learnt by heart, and are worth what they are worth.
"""

from __future__ import annotations

from typing import Any

from tests.hostile.classroom import RIGHT_EDGE, RIGHT_LAYER, Forger

BY_HEART = "def layer_params(*case): return {(2, 1, 3): 15}.get(case, 0)"  # right for the cell `small`, and `asserts`
ZERO = "def layer_params(*case): return 0"
ZEROS = """
def conv2d(x, kernel, strides, padding):
    height, width = (x.shape[i] - kernel.shape[i - 1] + 1 for i in (1, 2))
    return np.zeros((x.shape[0], height, width, kernel.shape[3]))
"""
LESSON = "import sys; V = sys.modules['gradekit.exercise.verify']; from convkit.lesson import EXERCISES\n"

# Sent from a student's function while its check is run: the check has ended well, says the kernel.
ENDED_WELL = """
def ended_well():
    kernel = get_ipython().kernel
    parent, ident = kernel.get_parent(), kernel._parent_ident["shell"]
    if "verify" not in parent["content"]["code"] and "kernel_side" not in parent["content"]["code"]:
        return
    fine = {"status": "ok", "execution_count": 1, "payload": [], "user_expressions": {}}
    kernel.session.send(kernel.iopub_socket, "status", {"execution_state": "idle"}, parent=parent)
    kernel.session.send(kernel.shell_stream, "execute_reply", fine, parent=parent, ident=ident)
"""

READS_FRAMES = """
import sys
def expected():
    frame = sys._getframe(1)
    while frame:
        for name in ("expected", "gives", "right"):
            if frame.f_locals.get(name) is not None:
                return frame.f_locals[name]
        if frame.f_locals.get("shape") is not None:
            return np.zeros(frame.f_locals["shape"])
        frame = frame.f_back
    return 0
"""


def skipped(nb: Any) -> None:
    for cell in nb.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.metadata["tags"] = ["skip-execution"]


FORGERS = [
    # What a check is made of, replaced
    Forger(
        "verify does nothing",
        """
        import gradekit
        verify = gradekit.verify = gradekit.verify_fresh = lambda *case, **more: print("right: all of it")
        """,
        open=4,
    ),
    Forger(
        "verify with other code inside",
        """
        import gradekit
        def nothing(exercise_id, answer, *more, **case): pass
        for one in (gradekit.verify, gradekit.verify_fresh):
            one.__code__, one.__defaults__, one.__kwdefaults__ = nothing.__code__, None, None
        """,
        open=4,
    ),
    Forger(
        "only while it is graded",
        """
        import getpass, os, gradekit
        if os.environ.get("NBGRADER_EXECUTION") or getpass.getuser() == "student":  # as the sandbox names it
            verify = gradekit.verify_fresh = lambda *case, **more: None
        """,
        open=4,
    ),
    Forger(
        "another module in its place",
        """
        import sys, types
        verify = lambda *case, **more: None
        sys.modules["gradekit"] = types.SimpleNamespace(verify=verify, verify_fresh=verify)
        """,
        open=4,
    ),
    Forger(
        "another import",
        """
        import builtins, types
        former, verify = builtins.__import__, lambda *case, **more: None
        def bring(name, *more, **others):
            if name == "gradekit":
                return types.SimpleNamespace(verify=verify, verify_fresh=verify)
            return former(name, *more, **others)
        builtins.__import__ = bring
        """,
        open=4,
    ),
    Forger(
        "every result reads as right",
        LESSON + "for one in EXERCISES.values(): object.__setattr__(one, 'read', lambda value, expected: None)",
        layer=ZERO,
        conv=ZEROS,
        open=4,
    ),
    Forger(
        "an oracle of its own",
        LESSON + "for one in EXERCISES.values(): object.__setattr__(one, 'oracle', lambda *case: 0)",
        layer=BY_HEART,
        worth=2,
        open=3,
    ),
    Forger(
        "fresh cases that are not",
        LESSON + "object.__setattr__(EXERCISES['layer-params'], 'fresh', {'any': lambda rng: [(2, 1, 3)]})",
        layer=BY_HEART,
        worth=2,
        open=3,
    ),
    Forger("wrong cases add up to none", LESSON + "V.sum = lambda wrong: 0", layer=BY_HEART, worth=2, open=3),
    Forger(
        "no slip in a fresh case",
        LESSON + "V._differs = lambda *case: False",
        layer=BY_HEART,
        conv=ZEROS,
        worth=2,
        open=4,
    ),
    Forger(
        "a run that knows what is expected",
        LESSON + READS_FRAMES + "V.run = lambda *case, **more: V.Outcome(value=expected())",
        layer=ZERO,
        conv=ZEROS,
        open=4,
    ),
    Forger(
        "NumPy finds everything close",
        "np.isclose = lambda a, b, **more: np.ones(np.shape(a), bool)",
        conv=ZEROS,
        open=1,
    ),
    Forger(
        "texts of errors that end the process well",
        LESSON + "V.NotYet.__init__ = lambda self, *said: ended_well()\n" + ENDED_WELL,
        open=4,
    ),
    # Answers that are not what they seem
    Forger(
        "an array that is another each time",
        edge="""
        class Chameleon:
            shape, dtype, times = (3, 3, 1, 1), np.dtype(float), 0
            def __array__(self, dtype=None, copy=None):
                Chameleon.times += 1
                return np.ones(self.shape) if Chameleon.times == 1 else np.zeros(self.shape)
        edge_kernel = Chameleon()
        """,
        open=1,
    ),
    Forger(
        "what is expected stands in a frame",
        READS_FRAMES,
        layer="def layer_params(*case): return expected()",
        conv="def conv2d(*case): return expected()",
        open=3,
    ),
    Forger(
        "answers from the lesson's own rule",
        LESSON + "V._try = lambda asked, answer, args, *more, **others: V.Outcome(value=asked.rule(*args))",
        open=4,
    ),
    # What runs the cells, replaced
    Forger(
        "cells are rewritten as text",
        """
        def rewrite(lines):
            return ["pass\\n"] if any("verify" in line or "kernel_side" in line for line in lines) else lines
        get_ipython().input_transformers_cleanup.append(rewrite)
        """,
        open=4,
    ),
    Forger(
        "cells are rewritten as trees",
        """
        import ast
        class Rewrite(ast.NodeTransformer):
            def visit_Expr(self, node):
                return ast.Pass() if "verify" in ast.dump(node) or "kernel_side" in ast.dump(node) else node
        get_ipython().ast_transformers.append(Rewrite())
        """,
        open=4,
    ),
    Forger(
        "cells are not run",
        """
        shell = get_ipython()
        former = shell.run_cell_async
        async def run(code, *more, **others):
            if "verify" in code or "kernel_side" in code:
                code = others["transformed_cell"] = "pass"
            return await former(code, *more, **others)
        shell.run_cell_async = run
        """,
        open=4,
    ),
    Forger(
        "errors are forgotten",
        """
        shell = get_ipython()
        former = shell.showtraceback
        def show(*more, **others):
            import sys
            if "NotYet" not in str(sys.exc_info()[0]) and "NotImplemented" not in str(sys.exc_info()[0]):
                former(*more, **others)
        def forget(result):
            if "verify" in result.info.raw_cell or "kernel_side" in result.info.raw_cell:
                result.error_in_exec = None
        shell.showtraceback = show
        shell.events.register("post_run_cell", forget)
        """,
        open=4,
    ),
    Forger(
        "replies say that all is well",
        """
        shell = get_ipython()
        former = shell.kernel.do_execute
        async def well(code, *more, **others):
            if "verify" in code or "kernel_side" in code:
                code = "import contextlib\\nwith contextlib.suppress(BaseException): exec(" + repr(code) + ")"
            return await former(code, *more, **others)
        shell.kernel.do_execute = well
        """,
        open=4,
    ),
    # Messages that nobody sent
    Forger(
        "a forged end of the cell",
        ENDED_WELL,
        layer="def layer_params(*case): ended_well(); return 1",
        conv="def conv2d(*case): ended_well(); return 1",
        open=3,
    ),
    # Marks
    Forger("checks that are skipped", edit=skipped, open=5),
    # Where the convolution is to be written
    Forger(
        "nobody watches",
        "import sys, tensorflow as tf",
        conv="""
        def conv2d(x, kernel, strides, padding):
            sys.setprofile(None)
            return tf.nn.conv2d(x, kernel, strides, padding).numpy()
        """,
        open=1,
    ),
    Forger(
        "nobody watches a thread",
        "import threading, tensorflow as tf",
        conv="""
        def conv2d(x, kernel, strides, padding):
            found = []
            work = lambda: found.append(tf.nn.conv2d(x, kernel, strides, padding).numpy())
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
            return found[0]
        """,
        open=1,
    ),
    Forger(
        "a watch that sees nothing",
        "import sys, tensorflow as tf\nsys.modules['gradekit.exercise.run'].fnmatchcase = lambda *names: False",
        conv="def conv2d(*case): return tf.nn.conv2d(*case).numpy()",
        open=1,
    ),
]


# What is sent beside a reply, or in its place. These lean on this course's own protocol: nobody else has it. The
# answers to the other questions are right, and keep their points.
SEND = """
from gradekit.exercise.kernel_side import ANSWERS
def send(data, kind="display_data", **more):
    kernel = get_ipython().kernel
    content = {"data": data, "metadata": {}, "transient": {}, **more}
    kernel.session.send(kernel.iopub_socket, kind, content, parent=kernel.get_parent())
"""


def forged(name: str, code: str) -> Forger:
    """`conv2d` is what forges; all else is right."""
    conv = f"def conv2d(x, kernel, strides, padding):\n    {code}\n    return 0"
    return Forger(name, SEND, layer=RIGHT_LAYER, conv=conv, edge=RIGHT_EDGE, worth=4)


MESSAGES = [
    forged("a reply before the reply", "send({ANSWERS: '[' * 100_000 + ']' * 100_000})"),
    forged("a message out of shape", "send(7); send(None, 'stream'); send({}, 'error'); send({}, 'comm_open')"),
    forged("surrogates in what is shown", "send({'text/plain': chr(0xD800)}); print(chr(0xD800))"),
    forged("an error out of shape", "send({}, 'error', ename=[chr(0xD800)], evalue={}, traceback=7)"),
    forged("what is shown is cleared", "send({}, 'clear_output', wait=False); send({}, 'clear_output', wait=True)"),
    forged(
        "a display that is updated later",
        "t = {'display_id': 'a'}; send({ANSWERS: 'x'}, transient=t); send({}, 'update_display_data', transient=t)",
    ),
    forged("words of a right answer", "print('right: conv2d(x=<1 x 5 x 5 x 1>) has the shape (1, 4, 4, 2)')"),
    Forger(
        "odd outputs of other cells",
        SEND
        + """
tower = 0
for _ in range(200): tower = {"a": tower}
send({"application/json": tower, "text/plain": [5], 7: "x"}, execution_count="many")
send({"text/plain": chr(0xDFFF)}, "execute_result", execution_count=-5)
send({}, "error", ename=chr(0xD800), evalue=None, traceback=[{}, 7])
send({}, "stream", name="neither", text=7)
""",
        layer=RIGHT_LAYER,
        edge=RIGHT_EDGE,
        worth=4,
    ),
]

# Replies as text, which is all that a kernel can send.
ONE = (
    '{"function": true, "value": null, "outcomes": [{"value": %s, "error": null, "line": "", "printed": "", '
    '"warned": "", "given": [], "called": []}]}'
)
REPLIES = {
    "nothing": "",
    "no JSON": "{",
    "a list": "[1, 2]",
    "only a function": '{"function": true, "outcomes": []}',
    "a tower of lists": "[" * 100_000 + "]" * 100_000,
    "a tower of tuples": ONE % ('{"tuple": [' * 300 + "1" + "]}" * 300),
    "a number of a million digits": ONE % ('{"int": "' + "9" * 1_000_000 + '"}'),
    "a bare number of a million digits": ONE % ("9" * 1_000_000),
    "a giant shape": ONE % '{"array": "<f8", "shape": [1000000000, 1000000000, 0], "data": ""}',
    "a shape of many axes": ONE % ('{"array": "<f8", "shape": [' + "1," * 90 + '1], "data": "AAAAAAAA8D8="}'),
    "a shape of fractions": ONE % '{"array": "<f8", "shape": [1.0, 1e400], "data": "AAAAAAAA8D8="}',
    "an array of objects": ONE % '{"array": "|O", "shape": [1], "data": "AAAAAAAA8D8="}',
    "a kind of many fields": ONE % '{"array": "(9,9,9,9,9)i4,(((i8", "shape": [1], "data": "AAAAAAAA8D8="}',
    "a lone surrogate": ONE % ('{"something": "a' + chr(92) + 'ud800", "text": "' + chr(92) + 'ud800"}'),
    "a name with a null": ONE % ('{"something": "a' + chr(92) + 'u0000b", "text": ""}'),
    "a class of Python": ONE % '{"tensor": "__class__", "text": 5, "array": "<f8", "shape": [], "data": 7}',
    "a value that is no function's": '{"function": false, "value": {"int": "5"}, "outcomes": []}',
    "no value at all": '{"function": false, "outcomes": []}',
    "an error of many kinds": ONE.replace('"error": null', '"error": {"kinds": ["X", "ExceptionGroup"], "text": ""}')
    % 0,
    "an error of no kind": ONE.replace('"error": null', '"error": {"kinds": [], "text": ""}') % 0,
    "arguments that were not sent": ONE.replace('"given": []', '"given": [1e999]') % "null",
}

# Values of a student's function, which are looked at on both sides.
VALUES = {
    "an error with no text": "raise type('E' * 10**6, (ValueError,), {'__str__': lambda self: 1 / 0})",
    "a group of errors": "raise ExceptionGroup('many', [ValueError(1)] * 1000)",
    "a long text": "return type('R', (), {'__repr__': lambda s: 'x' * 10**8, 'shape': (1, 4, 4, 2)})()",
    "an array of a gigabyte": "return np.broadcast_to(np.float64(1), (1, 400_000, 400, 2))",
    "not a number": "return np.full((1, 4, 4, 2), np.nan)",
    "numbers without end": "return np.full((1, 4, 4, 2), np.inf)",
    "a shape to broadcast": "return np.zeros((1, 1, 1, 1))",
    "nothing, in a shape": "return np.zeros((0, 4, 4, 2))",
    "complex numbers": "return np.zeros((1, 4, 4, 2), complex)",
    "objects": "return np.full((1, 4, 4, 2), None)",
    "texts": "return np.full((1, 4, 4, 2), '1')",
    "numbers too large": "return [[10**400]]",
    "a type that lies": "return type('L', (), {'__class__': property(lambda s: np.ndarray)})()",
    "equal to everything": "return type('E', (int,), {'__eq__': lambda s, o: True, '__hash__': None})(3)",
}
