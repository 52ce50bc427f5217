"""A class to try a course with: students who are right, who left it blank, and who made one mistake each.

The answers are written as students write. What a student has no answer of their own for is right; the right answers are
the instructor's, read from source/ when the class works. Any course with these exercises can be tried with this class.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gradekit.course import CourseFolder
from gradekit.solutions import answer_file, right_answers


@dataclass(frozen=True)
class Student:
    """One of the class: the name of the folder, what to expect, and the answers that differ from the right ones."""

    id: str
    about: str
    wrong: Mapping[str, str] = field(default_factory=dict)
    does: int | None = None  # how many notebooks, from the first one; None is all

    def answers(self, right: Mapping[str, str], notebook: int) -> dict[str, str]:
        """What this student writes into the notebook of that number in the lesson."""
        if self.does is not None and notebook >= self.does:
            return {}
        return {**right, **WORDS, **self.wrong}


# What the class writes where a person reads. A person gives the points, so the same will do for all.
WORDS = {
    "parameters-why": "The second layer gets what the first one puts out, 2 channels. 3 * 3 * 2 + 1 = 19 for a filter, "
    "so 2 filters have 38 and 4 have 76.",
    "padding-why": "SAME puts a ring of zeros around, so there is a position for every pixel. No weights are added.",
    "stride-why": "Half of the positions along each axis: every second one is left out. The kernels are the same.",
    "pointwise-why": "One weight per channel and one bias. It mixes colors, but it sees no neighbors.",
    "filters-why": "It would learn the flipped weights and be just as good.",
    "repair-why": "conv_c has 16 channels in, so it should be (9 * 16 + 1) * 16 = 2320. The line above was copied.",
}

SAME_CONV2D = """
    if padding == "SAME":
        total_h = max((-(-x.shape[1] // strides) - 1) * strides + kernel.shape[0] - x.shape[1], 0)
        total_w = max((-(-x.shape[2] // strides) - 1) * strides + kernel.shape[1] - x.shape[2], 0)
        x = np.pad(x, ((0, 0), ({top}, {bottom}), ({left}, {right}), (0, 0)))
""".strip("\n")
AT_THE_END = SAME_CONV2D.format(
    top="total_h // 2", bottom="total_h - total_h // 2", left="total_w // 2", right="total_w - total_w // 2"
)
AT_THE_TOP = SAME_CONV2D.format(
    top="total_h - total_h // 2", bottom="total_h // 2", left="total_w - total_w // 2", right="total_w // 2"
)

CONV2D = """def conv2d(x, kernel, strides, padding):
{before}
    kh, kw, c, f = kernel.shape
    out = np.zeros((x.shape[0], (x.shape[1] - kh) // strides + 1, (x.shape[2] - kw) // strides + 1, f))
    for i in range(out.shape[1]):
        for j in range(out.shape[2]):
            window = x[:, i * strides : i * strides + kh, j * strides : j * strides + kw]
            out[:, i, j] = {total}
    return out"""
# For those whose own zeros or positions are wrong, so that they lose the points of that step alone.
WITH_CONVKIT = CONV2D.format(
    before="""    if padding == "SAME":
        rows = convkit.padding_amounts(x.shape[1], kernel.shape[0], strides)
        columns = convkit.padding_amounts(x.shape[2], kernel.shape[1], strides)
        x = np.pad(x, ((0, 0), rows, columns, (0, 0)))""",
    total="np.tensordot(window, kernel, axes=3)",
)
ONE_POSITION = """def one_position(x, kernel, row, column, strides):
    top, left = {top} * strides, {left} * strides
    window = x[:, top : top + kernel.shape[0], left : left + kernel.shape[1]]
    return np.tensordot(window, {kernel}, axes=3)"""

CLASS = (
    Student("ada", "all right"),
    Student("ben", "handed in blank", does=0),
    Student("chiara", "did the first two notebooks", does=2),
    Student(
        "dilan",
        "forgot the bias",
        {
            "layer-params": "def layer_params(kernel_size, in_channels, filters):\n"
            "    return kernel_size * kernel_size * in_channels * filters",
            "second-layer-params": "def second_layer_params(filters):\n    return 3 * 3 * 2 * filters",
            "pointwise-params": "def pointwise_params(in_channels, filters):\n    return in_channels * filters",
            "wanted-layer": 'wanted_layer = {"kernel_size": 2, "in_channels": 8, "filters": 19}',
            "dense-params": "def dense_params(height, width, channels, units):\n"
            "    return height * width * channels * units",
        },
    ),
    Student(
        "emeka",
        "forgot the input channels",
        {
            "layer-params": "def layer_params(kernel_size, in_channels, filters):\n"
            "    per_filter = kernel_size**2 + 1\n    return per_filter * filters",
            "second-layer-params": "def second_layer_params(filters):\n    return (3 * 3 + 1) * filters",
            "pointwise-params": "def pointwise_params(in_channels, filters):\n    return (1 + 1) * filters",
            "dense-params": "def dense_params(height, width, channels, units):\n"
            "    return (height * width + 1) * units",
        },
    ),
    Student(
        "fatima",
        "one bias for the whole layer",
        {
            "layer-params": "def layer_params(kernel_size, in_channels, filters):\n"
            "    weights = kernel_size * kernel_size * in_channels * filters\n    bias = 1\n    return weights + bias",
            "second-layer-params": "def second_layer_params(filters):\n    return 3 * 3 * 2 * filters + 1",
            "pointwise-params": "def pointwise_params(in_channels, filters):\n    return in_channels * filters + 1",
            "dense-params": "def dense_params(height, width, channels, units):\n"
            "    return height * width * channels * units + 1",
        },
    ),
    Student(
        "goran",
        "swapped channels in and out",
        {
            "layer-params": "def layer_params(kernel_size, in_channels, filters):\n"
            "    return (kernel_size * kernel_size * filters + 1) * in_channels",
            "second-layer-params": "def second_layer_params(filters):\n    return (3 * 3 * filters + 1) * 2",
            "pointwise-params": "def pointwise_params(in_channels, filters):\n    return (filters + 1) * in_channels",
        },
    ),
    Student(
        "hana",
        "rounded down where SAME rounds up",
        {
            "output-length": "def output_length(n, kernel_size, strides, padding):\n"
            '    if padding == "same":\n        return n // strides\n    return (n - kernel_size) // strides + 1',
            "same-padding": "def same_padding(n, kernel_size, strides):\n    out = n // strides\n"
            "    total = max((out - 1) * strides + kernel_size - n, 0)\n    return total // 2, total - total // 2",
            "conv2d": WITH_CONVKIT,
        },
    ),
    Student(
        "ivan",
        "padded the odd row at the top",
        {
            "ring-zeros": "def ring_zeros(kernel_size):\n    return kernel_size // 2, (kernel_size - 1) // 2",
            "same-padding": "def same_padding(n, kernel_size, strides):\n    out = -(-n // strides)\n"
            "    total = max((out - 1) * strides + kernel_size - n, 0)\n    return total - total // 2, total // 2",
            "conv2d": CONV2D.format(before=AT_THE_TOP, total='np.einsum("nhwc,hwcf->nf", window, kernel)'),
        },
    ),
    Student(
        "jin",
        "did not use the stride",
        {
            "output-length": "def output_length(n, kernel_size, strides, padding):\n"
            '    if padding == "same":\n        return n\n    return n - kernel_size + 1',
            "halving-layer": 'halving_layer = {"kernel_size": 3, "strides": 1, "padding": "same"}',
            "receptive-field": "def receptive_field(kernel_sizes, strides):\n"
            "    return 1 + sum(size - 1 for size in kernel_sizes)",
            "conv2d": f"""def conv2d(x, kernel, strides, padding):
{AT_THE_END.replace("strides", "1")}
    kh, kw, c, f = kernel.shape
    out = np.zeros((x.shape[0], x.shape[1] - kh + 1, x.shape[2] - kw + 1, f))
    for i in range(out.shape[1]):
        for j in range(out.shape[2]):
            out[:, i, j] = np.tensordot(x[:, i : i + kh, j : j + kw], kernel, axes=3)
    return out""",
        },
    ),
    Student(
        "karim",
        "flipped the kernel; looked for the wrong edges",
        {
            "conv2d": CONV2D.format(
                before=f"{AT_THE_END}\n    flipped = kernel[::-1, ::-1]  # a convolution flips its kernel",
                total="np.tensordot(window, flipped, axes=3)",
            ),
            "edge-filter": "edge_kernel = np.array([[-1, -1, -1], [0, 0, 0], [1, 1, 1]]).reshape(3, 3, 1, 1)",
            "shift-kernel": "shift_kernel = np.zeros((3, 3, 1, 1))\nshift_kernel[1, 2] = 1",
            "one-position": ONE_POSITION.format(top="row", left="column", kernel="kernel[::-1, ::-1]"),
        },
    ),
    Student(
        "lena",
        "swapped height and width",
        {
            "pointwise": 'def pointwise(image, weights):\n    return np.einsum("hwc,cf->whf", image, weights)',
            "one-position": ONE_POSITION.format(top="column", left="row", kernel="kernel"),
            "conv2d": f"""def conv2d(x, kernel, strides, padding):
{AT_THE_END}
    kh, kw, c, f = kernel.shape
    out = np.zeros((x.shape[0], (x.shape[2] - kw) // strides + 1, (x.shape[1] - kh) // strides + 1, f))
    for i in range(out.shape[1]):
        for j in range(out.shape[2]):
            window = x[:, j * strides : j * strides + kh, i * strides : i * strides + kw]
            out[:, i, j] = np.tensordot(window, kernel, axes=3)
    return out""",
        },
    ),
    Student(
        "marek",
        "wrote down the numbers of the page",
        {
            "layer-params": "def layer_params(kernel_size, in_channels, filters):\n"
            "    return {2: 15, 3: 56, 5: 204}[kernel_size]",
            "second-layer-params": "def second_layer_params(filters):\n"
            "    if filters == 2:\n        return 38\n    return 76",
            "output-length": "def output_length(n, kernel_size, strides, padding):\n    if padding == 'valid':\n"
            "        return {(8, 1): 6, (8, 2): 3, (9, 2): 4}[n, strides]\n    return 4",
            "ring-zeros": "def ring_zeros(kernel_size):\n"
            "    return [None, (0, 0), (0, 1), (1, 1), None, (2, 2)][kernel_size]",
            "receptive-field": "def receptive_field(kernel_sizes, strides):\n"
            "    return {(1, 1): 5, (2, 1): 7, (2, 2, 2): 15}[strides]",
            "two-layers": "two_layers = (2, 3)",
            "pointwise-params": "def pointwise_params(in_channels, filters):\n"
            "    if in_channels == 1:\n        return 4\n    return 8 if filters == 2 else 20",
        },
    ),
    Student(
        "noor",
        "the right numbers in the wrong type",
        {
            "layer-params": "def layer_params(kernel_size, in_channels, filters):\n"
            '    answer = (kernel_size**2 * in_channels + 1) * filters\n    return f"{answer} parameters"',
            "same-padding": "def same_padding(n, kernel_size, strides):\n    out = -(-n // strides)\n"
            "    return max((out - 1) * strides + kernel_size - n, 0)",
            "ring-zeros": "def ring_zeros(kernel_size):\n    return kernel_size - 1",
            "conv2d": WITH_CONVKIT,
            "pointwise": "def pointwise(image, weights):\n    return (image @ weights).reshape(-1, weights.shape[1])",
        },
    ),
    Student(
        "oksana",
        "a typo; used a ready-made convolution",
        {
            "output-length": "def output_length(n, kernel_size, strides, padding):\n"
            '    if padding == "same"\n        return -(-n // strides)\n    return (n - kernel_size) // strides + 1',
            "conv2d": "def conv2d(x, kernel, strides, padding):\n"
            "    return tf.nn.conv2d(x, kernel, strides, padding).numpy()",
        },
    ),
)

# Those who go on with the second assignment, and what is wrong there.
FURTHER = "conv2d-further"
COPIES = """def transposed(image, kernel, strides):
    kh, kw = kernel.shape
    out = np.zeros(((image.shape[0] - 1) * strides + kh, (image.shape[1] - 1) * strides + kw))
    for i in range(image.shape[0]):
        for j in range(image.shape[1]):
            out[i * strides : i * strides + kh, j * strides : j * strides + kw] {add} image[i, j] * {kernel}
    return out"""
GO_ON = (
    Student("ada", "all right"),
    Student("chiara", "did the first notebook", does=1),
    Student(
        "karim",
        "flipped the kernel",
        {
            "transposed": COPIES.format(add="+=", kernel="kernel[::-1, ::-1]"),
            "x-grad": "def x_grad(x, kernel, grad, strides):\n"
            "    kh, kw = kernel.shape[:2]\n    out = np.zeros(x.shape)\n"
            "    for i in range(grad.shape[1]):\n        for j in range(grad.shape[2]):\n"
            "            part = np.tensordot(grad[:, i, j], kernel[::-1, ::-1], axes=(1, 3))\n"
            "            out[:, i * strides : i * strides + kh, j * strides : j * strides + kw] += part\n"
            "    return out",
        },
    ),
    Student(
        "lena",
        "overwrote where it has to add up; left out the images of the batch",
        {
            "transposed-length": "def transposed_length(n, kernel_size, strides, padding):\n"
            "    return (n - 1) * strides + kernel_size",
            "transposed": COPIES.format(add="=", kernel="kernel"),
            "max-pool": "def max_pool(image, pool_size):\n    return image.max(axis=(0, 1))",
            "bias-grad": "def bias_grad(grad):\n    return grad[0].sum(axis=(0, 1))",
        },
    ),
    Student(
        "oksana",
        "counted as for an ordinary convolution; used the tape",
        {
            "dilated-length": "def dilated_length(n, kernel_size, dilation_rate):\n    return n - kernel_size + 1",
            "grouped-params": "def grouped_params(kernel_size, in_channels, filters, groups):\n"
            "    return (kernel_size**2 * in_channels + 1) * filters",
            "separable-params": "def separable_params(kernel_size, in_channels, filters):\n"
            "    return (kernel_size**2 * in_channels + 1) * filters",
            "head-params": "def head_params(height, width, channels, units):\n"
            "    return (height * width * channels + 1) * units",
            "kernel-grad": "def kernel_grad(x, kernel, grad, strides):\n"
            "    weights = tf.constant(kernel)\n    with tf.GradientTape() as tape:\n        tape.watch(weights)\n"
            '        total = tf.reduce_sum(tf.nn.conv2d(x, weights, strides, "VALID") * grad)\n'
            "    return tape.gradient(total, weights).numpy()",
        },
    ),
)


def work(release: Path, source: Path, submitted: Path, students: tuple[Student, ...] = CLASS) -> list[Path]:
    """Let each student work through the released notebooks and hand them in; returns the notebooks written.

    The files go to submitted/STUDENT/ASSIGNMENT/; the assignment is called as the folder `release` is.
    """
    right = right_answers(source)
    return [
        path
        for student in students
        for number, released in enumerate(sorted(release.glob("*.ipynb")))
        for path in [submitted / student.id / release.name / released.name]
        if answer_file(released, path, student.answers(right, number)) is not None
    ]


def hand_in(here: CourseFolder, submitted: Path) -> str:
    """Let the class work through the released notebooks of a course; returns a line about what was handed in."""
    students = GO_ON if here.assignment == FURTHER else CLASS
    handed_in = work(here.release, here.source, submitted, students)
    return f"{len(students)} students handed in {len(handed_in)} notebooks; nbgrader grades them now"
