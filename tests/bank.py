"""A bank of answers and the points that each one is worth, cell by cell. Wrong ones have a name; right ones a style.

CELLS names the graded cells of each exercise, in the order of the points.
"""

from __future__ import annotations

from textwrap import dedent
from typing import NamedTuple

CELLS = {
    "edge-filter": ("edge-filter-vertical", "edge-filter-other"),
    "shift-kernel": ("shift-kernel-right",),
    "layer-params": ("layer-params-small", "layer-params-fresh"),
    "second-layer-params": ("second-layer-params-two", "second-layer-params-four"),
    "wanted-layer": ("wanted-layer-fits",),
    "ring-zeros": ("ring-zeros-odd", "ring-zeros-fresh"),
    "output-length": ("output-length-valid", "output-length-same", "output-length-fresh"),
    "halving-layer": ("halving-layer-once", "halving-layer-twice"),
    "receptive-field": ("receptive-field-small", "receptive-field-fresh"),
    "pointwise-params": ("pointwise-params-gray", "pointwise-params-fresh"),
    "pointwise": ("pointwise-shape", "pointwise-values"),
    "same-padding": ("same-padding-even", "same-padding-odd", "same-padding-fresh"),
    "one-position": ("one-position-small", "one-position-fresh"),
    "conv2d": ("conv2d-shape", "conv2d-valid", "conv2d-strides", "conv2d-same", "conv2d-unchanged"),
    "dense-params": ("dense-params-fresh",),
    "two-layers": ("two-layers-see", "two-layers-cost"),
}


class Answer(NamedTuple):
    exercise: str
    name: str
    points: tuple[int, ...]
    source: str


def _returns(signature: str):
    def answer(exercise: str, name: str, points: tuple[int, ...], result: str) -> Answer:
        return Answer(exercise, name, points, f"def {signature}:\n    return {result}\n")

    return answer


_layer = _returns("layer_params(kernel_size, in_channels, filters)")
_second = _returns("second_layer_params(filters)")
_padding = _returns("same_padding(n, kernel_size, strides)")
_point_params = _returns("pointwise_params(in_channels, filters)")
_point = _returns("pointwise(image, weights)")
_ring = _returns("ring_zeros(kernel_size)")
_field = _returns("receptive_field(kernel_sizes, strides)")
_position = _returns("one_position(x, kernel, row, column, strides)")
_dense = _returns("dense_params(height, width, channels, units)")


def _length(name: str, points: tuple[int, ...], valid: str, same: str) -> Answer:
    source = f"""
        def output_length(n, kernel_size, strides, padding):
            if padding == "same":
                return {same}
            return {valid}
    """
    return Answer("output-length", name, points, dedent(source).strip() + "\n")


def _code(exercise: str, name: str, points: tuple[int, ...], source: str) -> Answer:
    return Answer(exercise, name, points, dedent(source).strip() + "\n")


def _conv2d(name: str, points: tuple[int, ...], **changes: str) -> Answer:
    """A convolution in loops, as a student writes it, with some of its lines changed."""
    lines = {
        "signature": "def conv2d(x, kernel, strides, padding):",
        "sizes": "    kh, kw, channels, filters = kernel.shape",
        "pad": (
            "    if padding == 'SAME':\n"
            "        top, bottom = convkit.padding_amounts(x.shape[1], kh, strides)\n"
            "        left, right = convkit.padding_amounts(x.shape[2], kw, strides)\n"
            "        x = np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)))"
        ),
        "shape": "    h, w = (x.shape[1] - kh) // strides + 1, (x.shape[2] - kw) // strides + 1",
        "output": "    y = np.zeros((x.shape[0], h, w, filters))",
        "loops": "    for i in range(h):\n        for j in range(w):",
        "patch": "            patch = x[:, i * strides:i * strides + kh, j * strides:j * strides + kw, :]",
        "sum": (
            "            for f in range(filters):\n"
            "                y[:, i, j, f] = (patch * kernel[:, :, :, f]).sum(axis=(1, 2, 3))"
        ),
        "result": "    return y",
    }
    assert changes.keys() <= lines.keys()
    return Answer("conv2d", name, points, "\n".join((lines | changes).values()) + "\n")


def _edge(name: str, points: tuple[int, ...], value: str) -> Answer:
    return Answer("edge-filter", name, points, f"edge_kernel = {value}\n")


def _choice(name_of_answer: str):
    def answer(name: str, points: tuple[int, ...], value: str) -> Answer:
        return Answer(name_of_answer.replace("_", "-"), name, points, f"{name_of_answer} = {value}\n")

    return answer


_shift = _choice("shift_kernel")
_wanted = _choice("wanted_layer")
_halving = _choice("halving_layer")
_two = _choice("two_layers")


def _layer_dict(**arguments) -> str:
    return repr(arguments)


WRONG = [
    _layer("layer-params", "bias forgotten", (0, 0), "kernel_size * kernel_size * in_channels * filters"),
    _layer("layer-params", "input channels forgotten", (0, 0), "(kernel_size ** 2 + 1) * filters"),
    _layer("layer-params", "one bias in all", (0, 0), "kernel_size ** 2 * in_channels * filters + 1"),
    _layer("layer-params", "a bias per channel pair", (0, 0), "(kernel_size ** 2 + 1) * in_channels * filters"),
    _layer("layer-params", "in and out swapped", (0, 0), "(kernel_size ** 2 * filters + 1) * in_channels"),
    _layer("layer-params", "one side of the kernel", (0, 0), "(kernel_size * in_channels + 1) * filters"),
    _layer("layer-params", "a float", (0, 0), "(kernel_size ** 2.0 * in_channels + 1) * filters"),
    _layer("layer-params", "text", (0, 0), "str((kernel_size ** 2 * in_channels + 1) * filters)"),
    _layer(
        "layer-params",
        "numbers hard-coded for the visible cases",
        (1, 0),
        "{(2, 1, 3): 15, (3, 3, 2): 56, (5, 2, 4): 204}[kernel_size, in_channels, filters]",
    ),
    _code(
        "layer-params",
        "arguments in the wrong order",
        (0, 0),
        """
        def layer_params(in_channels, kernel_size, filters):
            return (kernel_size ** 2 * in_channels + 1) * filters
        """,
    ),
    _code(
        "layer-params",
        "prints and returns nothing",
        (0, 0),
        """
        def layer_params(kernel_size, in_channels, filters):
            print((kernel_size ** 2 * in_channels + 1) * filters)
        """,
    ),
    _second("second-layer-params", "bias forgotten", (0, 0), "3 * 3 * 2 * filters"),
    _second("second-layer-params", "in and out swapped", (1, 0), "(3 * 3 * filters + 1) * 2"),
    _second("second-layer-params", "the channels of the image", (0, 0), "(3 * 3 * 3 + 1) * filters"),
    _second("second-layer-params", "input channels forgotten", (0, 0), "(3 * 3 + 1) * filters"),
    _second("second-layer-params", "one bias in all", (0, 0), "3 * 3 * 2 * filters + 1"),
    _second("second-layer-params", "the number of the question", (1, 0), "38"),
    _second("second-layer-params", "both numbers hard-coded", (1, 0), "{2: 38, 4: 76}[filters]"),
    _second("second-layer-params", "a float", (0, 0), "38 / 2 * filters"),
    _padding("same-padding", "nothing before, all after", (0, 1, 0), "(0, max((-(-n // strides) - 1) * strides + kernel_size - n, 0))"),
    _code(
        "same-padding",
        "the odd one before",
        (1, 0, 0),
        """
        def same_padding(n, kernel_size, strides):
            total = max((-(-n // strides) - 1) * strides + kernel_size - n, 0)
            return total - total // 2, total // 2
        """,
    ),
    _padding("same-padding", "stride ignored", (1, 0, 0), "((kernel_size - 1) // 2, kernel_size // 2)"),
    _padding("same-padding", "half a kernel on both sides", (1, 0, 0), "(kernel_size // 2, kernel_size // 2)"),
    _code(
        "same-padding",
        "floor for ceil",
        (1, 1, 0),
        """
        def same_padding(n, kernel_size, strides):
            total = max((n // strides - 1) * strides + kernel_size - n, 0)
            return total // 2, total - total // 2
        """,
    ),
    _code(
        "same-padding",
        "less than nothing",
        (1, 1, 0),
        """
        def same_padding(n, kernel_size, strides):
            total = (-(-n // strides) - 1) * strides + kernel_size - n
            return total // 2, total - total // 2
        """,
    ),
    _padding("same-padding", "the total, not shared out", (0, 0, 0), "max((-(-n // strides) - 1) * strides + kernel_size - n, 0)"),
    _padding("same-padding", "numbers hard-coded for the visible cases", (1, 1, 0),
             "{(8, 3, 1): (1, 1), (8, 2, 1): (0, 1), (8, 3, 2): (0, 1), (7, 3, 2): (1, 1), (9, 2, 3): (0, 0)}[n, kernel_size, strides]"),
    _length("floor for ceil", (1, 0, 0), "(n - kernel_size) // strides + 1", "n // strides"),
    _length("the first place forgotten", (0, 1, 1), "(n - kernel_size) // strides", "-(-n // strides)"),
    _length("stride ignored", (0, 0, 0), "n - kernel_size + 1", "n"),
    _length("padding ignored", (1, 0, 0), *["(n - kernel_size) // strides + 1"] * 2),
    _length("always same", (0, 1, 1), *["-(-n // strides)"] * 2),
    _length("ceil for floor", (0, 1, 1), "-(-(n - kernel_size) // strides) + 1", "-(-n // strides)"),
    _length("floats", (0, 0, 0), "(n - kernel_size) / strides + 1", "n / strides"),
    _code(
        "output-length",
        "numbers hard-coded for the visible cases",
        (0, 1, 0),
        """
        def output_length(n, kernel_size, strides, padding):
            known = {(8, 3, 1, "valid"): 6, (8, 3, 2, "valid"): 3, (9, 3, 2, "valid"): 4, (8, 3, 2, "same"): 4,
                     (7, 3, 2, "same"): 4, (10, 5, 3, "same"): 4}
            return known[n, kernel_size, strides, padding]
        """,
    ),
    _point_params("pointwise-params", "bias forgotten", (0, 0), "in_channels * filters"),
    _point_params("pointwise-params", "input channels forgotten", (0, 0), "2 * filters"),
    _point_params("pointwise-params", "one bias in all", (0, 0), "in_channels * filters + 1"),
    _point_params("pointwise-params", "in and out swapped", (0, 0), "(filters + 1) * in_channels"),
    _point_params("pointwise-params", "a kernel of three by three", (0, 0), "(9 * in_channels + 1) * filters"),
    _point_params("pointwise-params", "numbers hard-coded for the visible cases", (1, 0),
                  "{(1, 2): 4, (3, 2): 8, (3, 5): 20}[in_channels, filters]"),
    _point("pointwise", "only the first channel", (1, 0), "image[:, :, :1] * weights[0]"),
    _point("pointwise", "channels not summed", (0, 0), "image[:, :, :, None] * weights"),
    _point("pointwise", "mean for sum", (1, 0), "image @ weights / len(weights)"),
    _point("pointwise", "weights turned", (0, 0), "image @ weights.T"),
    _point("pointwise", "a row of pixels", (0, 0), "image.reshape(-1, image.shape[2]) @ weights"),
    _point("pointwise", "whole numbers only", (1, 0), "(image @ weights).astype(int)"),
    _point("pointwise", "height and width swapped", (1, 0), "(image @ weights).transpose(1, 0, 2)"),
    _point("pointwise", "a ready-made convolution", (0, 0),
           "tf.nn.conv2d(image[None], weights[None, None], 1, 'VALID')[0].numpy()"),
    _conv2d("kernel flipped", (1, 0, 0, 0, 0), sizes="    kernel = kernel[::-1, ::-1]\n    kh, kw, channels, filters = kernel.shape"),
    _conv2d("stride ignored", (1, 2, 0, 0, 1), sizes="    strides = 1\n    kh, kw, channels, filters = kernel.shape"),
    _conv2d("stride on one axis", (1, 2, 0, 0, 1),
            shape="    h, w = (x.shape[1] - kh) // strides + 1, x.shape[2] - kw + 1",
            patch="            patch = x[:, i * strides:i * strides + kh, j:j + kw, :]"),
    _conv2d("stride in the size only", (1, 2, 0, 0, 1), patch="            patch = x[:, i:i + kh, j:j + kw, :]"),
    _conv2d("height and width of the kernel swapped", (0, 0, 0, 0, 0), sizes="    kw, kh, channels, filters = kernel.shape"),
    _conv2d("channels not summed", (0, 0, 0, 0, 0),
            output="    y = np.zeros((x.shape[0], h, w, channels, filters))",
            sum="            for f in range(filters):\n"
                "                y[:, i, j, :, f] = (patch * kernel[:, :, :, f]).sum(axis=(1, 2))"),
    _conv2d("only the first channel", (1, 0, 0, 0, 0),
            sum="            for f in range(filters):\n"
                "                y[:, i, j, f] = (patch[..., 0] * kernel[:, :, 0, f]).sum(axis=(1, 2))"),
    _conv2d("only the first filter", (0, 0, 0, 0, 0), result="    return y[..., :1]"),
    _conv2d("only the first image", (0, 0, 0, 0, 0), result="    return y[:1]"),
    _conv2d("SAME padded at the top", (1, 2, 1, 0, 1),
            pad="    if padding == 'SAME':\n"
                "        bottom, top = convkit.padding_amounts(x.shape[1], kh, strides)\n"
                "        right, left = convkit.padding_amounts(x.shape[2], kw, strides)\n"
                "        x = np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)))"),
    _conv2d("VALID for SAME", (1, 2, 1, 0, 1), pad="    # padding?"),
    _conv2d("SAME padded as for stride 1", (1, 2, 1, 0, 1),
            pad="    if padding == 'SAME':\n"
                "        x = np.pad(x, ((0, 0), ((kh - 1) // 2, kh // 2), ((kw - 1) // 2, kw // 2), (0, 0)))"),
    _conv2d("one place short", (0, 0, 0, 0, 0),
            shape="    h, w = (x.shape[1] - kh) // strides, (x.shape[2] - kw) // strides"),
    _conv2d("the last place left at zero", (1, 0, 0, 0, 0),
            loops="    for i in range(h - 1):\n        for j in range(w - 1):"),
    _conv2d("whole numbers only", (1, 0, 0, 0, 1), output="    y = np.zeros((x.shape[0], h, w, filters), dtype=int)"),
    _conv2d("mean for sum", (1, 0, 0, 0, 0),
            sum="            for f in range(filters):\n"
                "                y[:, i, j, f] = (patch * kernel[:, :, :, f]).mean(axis=(1, 2, 3))"),
    _conv2d("the batch dropped", (0, 0, 0, 0, 0), result="    return y[0]"),
    _conv2d("channels first", (0, 0, 0, 0, 0), result="    return y.transpose(0, 3, 1, 2)"),
    _conv2d("kernel changed in place", (1, 2, 1, 1, 0),
            sizes="    kh, kw, channels, filters = kernel.shape\n    kernel[:] = kernel[::-1, ::-1].copy()",
            sum="            for f in range(filters):\n"
                "                y[:, i, j, f] = (patch * kernel[::-1, ::-1, :, f]).sum(axis=(1, 2, 3))"),
    _conv2d("image blanked on the way", (1, 2, 1, 1, 0),
            sizes="    kh, kw, channels, filters = kernel.shape\n    given = x",
            result="    given[:] = 0\n    return y"),
    _conv2d("arguments in the wrong order", (0, 0, 0, 0, 0), signature="def conv2d(kernel, x, strides, padding):"),
    _conv2d("a ready-made convolution", (0, 0, 0, 0, 0), result="    return tf.nn.conv2d(x, kernel, strides, 'VALID').numpy()"),
    _code(
        "conv2d",
        "numbers hard-coded for the visible cases",
        (0, 0, 0, 0, 0),
        """
        def conv2d(x, kernel, strides, padding):
            if x.shape == (1, 5, 5, 1) and strides == 1 and padding == "VALID":
                return y
            raise ValueError("never seen")
        """,
    ),
    _edge("answers to horizontal edges", (0, 0), "np.array([[-1, -1, -1], [0, 0, 0], [1, 1, 1.0]]).reshape(3, 3, 1, 1)"),
    _edge("a blur", (1, 0), "np.full((3, 3, 1, 1), 1 / 9)"),
    _edge("answers to every edge", (1, 0), "np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0.0]]).reshape(3, 3, 1, 1)"),
    _edge("does not add up to zero", (1, 0), "np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 2.0]]).reshape(3, 3, 1, 1)"),
    _edge("all zeros", (0, 0), "np.zeros((3, 3, 1, 1))"),
    _edge("two axes", (0, 0), "np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]])"),
    _shift("moves to the left", (0,), "np.array([[0, 0, 0], [0, 0, 1], [0, 0, 0]]).reshape(3, 3, 1, 1)"),
    _shift("moves down", (0,), "np.array([[0, 1, 0], [0, 0, 0], [0, 0, 0]]).reshape(3, 3, 1, 1)"),
    _shift("stays where it is", (0,), "np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]]).reshape(3, 3, 1, 1)"),
    _shift("twice as bright", (0,), "np.array([[0, 0, 0], [2, 0, 0], [0, 0, 0]]).reshape(3, 3, 1, 1)"),
    _shift("two axes", (0,), "np.array([[0, 0, 0], [1, 0, 0], [0, 0, 0]])"),
    _shift("all zeros", (0,), "np.zeros((3, 3, 1, 1))"),
    _wanted("one pixel", (0,), _layer_dict(kernel_size=1, in_channels=18, filters=32)),
    _wanted("608 weights", (0,), _layer_dict(kernel_size=2, in_channels=8, filters=19)),
    _wanted("one bias in all", (0,), "{'kernel_size': 1, 'in_channels': 607, 'filters': 2}"),
    _wanted("floats", (0,), _layer_dict(kernel_size=3.0, in_channels=2, filters=32)),
    _wanted("a tuple", (0,), "(3, 2, 32)"),
    _wanted("one argument more", (0,), _layer_dict(kernel_size=3, in_channels=2, filters=32, use_bias=True)),
    _wanted("far too large", (0,), _layer_dict(kernel_size=60, in_channels=9000, filters=9000)),
    _ring("ring-zeros", "half a kernel on both sides", (1, 0), "(kernel_size // 2, kernel_size // 2)"),
    _ring("ring-zeros", "small half on both sides", (1, 0), "((kernel_size - 1) // 2, (kernel_size - 1) // 2)"),
    _ring("ring-zeros", "the odd one before", (1, 0), "(kernel_size // 2, (kernel_size - 1) // 2)"),
    _ring("ring-zeros", "all after", (0, 0), "(0, kernel_size - 1)"),
    _ring("ring-zeros", "the total", (0, 0), "kernel_size - 1"),
    _ring("ring-zeros", "floats", (0, 0), "((kernel_size - 1) / 2, (kernel_size - 1) / 2)"),
    _ring("ring-zeros", "numbers hard-coded for the visible cases", (1, 0),
          "{3: (1, 1), 5: (2, 2), 2: (0, 1), 1: (0, 0)}[kernel_size]"),
    _halving("without padding, one short", (0, 0), _layer_dict(kernel_size=3, strides=2, padding="valid")),
    _halving("stride 1", (0, 0), _layer_dict(kernel_size=3, strides=1, padding="same")),
    _halving("takes 14 pixels away", (1, 0), _layer_dict(kernel_size=15, strides=1, padding="valid")),
    _halving("another padding", (0, 0), _layer_dict(kernel_size=3, strides=2, padding="full")),
    _halving("stride 0", (0, 0), _layer_dict(kernel_size=3, strides=0, padding="same")),
    _halving("a kernel that does not fit", (0, 0), _layer_dict(kernel_size=30, strides=2, padding="valid")),
    _halving("a layer of Keras", (0, 0), "keras.layers.Conv2D(1, 3, strides=2, padding='same')"),
    _field("receptive-field", "strides ignored", (0, 0), "1 + sum(size - 1 for size in kernel_sizes)"),
    _field("receptive-field", "sizes added", (0, 0), "sum(kernel_sizes)"),
    _field("receptive-field", "sizes multiplied", (0, 0), "int(np.prod(kernel_sizes))"),
    _code(
        "receptive-field",
        "only the stride before",
        (1, 0),
        """
        def receptive_field(kernel_sizes, strides):
            seen, before = 1, 1
            for size, stride in zip(kernel_sizes, strides):
                seen += (size - 1) * before
                before = stride
            return seen
        """,
    ),
    _code(
        "receptive-field",
        "the own stride too early",
        (0, 0),
        """
        def receptive_field(kernel_sizes, strides):
            seen, step = 1, 1
            for size, stride in zip(kernel_sizes, strides):
                step *= stride
                seen += (size - 1) * step
            return seen
        """,
    ),
    _field("receptive-field", "numbers hard-coded for the visible cases", (1, 0),
           "{(1, 1): 5, (2, 1): 7, (2, 2, 2): 15}[tuple(strides)]"),
    _position("one-position", "only the first channel", (1, 0),
              "np.einsum('nhw,hwf->nf', x[:, row*strides:row*strides+kernel.shape[0], "
              "column*strides:column*strides+kernel.shape[1], 0], kernel[:, :, 0])"),
    _position("one-position", "the batch added up", (1, 0),
              "np.tensordot(x[:, row*strides:row*strides+kernel.shape[0], "
              "column*strides:column*strides+kernel.shape[1]], kernel, axes=3).sum(axis=0, keepdims=True)"),
    _position("one-position", "the stride ignored", (1, 0),
              "np.tensordot(x[:, row:row+kernel.shape[0], column:column+kernel.shape[1]], kernel, axes=3)"),
    _position("one-position", "the kernel flipped", (0, 0),
              "np.tensordot(x[:, row*strides:row*strides+kernel.shape[0], "
              "column*strides:column*strides+kernel.shape[1]], kernel[::-1, ::-1], axes=3)"),
    _position("one-position", "row and column swapped", (1, 0),
              "np.tensordot(x[:, column*strides:column*strides+kernel.shape[0], "
              "row*strides:row*strides+kernel.shape[1]], kernel, axes=3)"),
    _position("one-position", "a ready-made convolution", (0, 0),
              "tf.nn.conv2d(x, kernel, strides, 'VALID')[:, row, column].numpy()"),
    _dense("dense-params", "bias forgotten", (0,), "height * width * channels * units"),
    _dense("dense-params", "as a convolution", (0,), "(channels + 1) * units"),
    _dense("dense-params", "one bias in all", (0,), "height * width * channels * units + 1"),
    _dense("dense-params", "channels forgotten", (0,), "(height * width + 1) * units"),
    _dense("dense-params", "numbers hard-coded for the visible cases", (0,), "{6: 730, 7: 102764544}[height]"),
    _two("sizes that add up to 5", (0, 0), "(2, 3)"),
    _two("5 twice", (0, 0), "(5, 5)"),
    _two("one of them 5 by 5", (1, 0), "(1, 5)"),
    _two("one of them 5 by 5, first", (1, 0), "[5, 1]"),
    _two("three layers", (0, 0), "(2, 2, 3)"),
    _two("left as it was", (0, 0), "(1, 1)"),
    _two("text", (0, 0), "'3, 3'"),
]  # fmt: skip

RIGHT = [
    _layer("layer-params", "a NumPy integer", (1, 1), "np.int64(kernel_size ** 2 * in_channels + 1) * filters"),
    _code(
        "layer-params",
        "counted in loops, with prints",
        (1, 1),
        """
        def layer_params(k, c, f):
            total = 0
            for _ in range(f):
                for _ in range(k * k * c):
                    total += 1
                total += 1
            print("I counted", total)
            return total
        """,
    ),
    _code(
        "layer-params",
        "asked of an array, with a warning",
        (1, 1),
        """
        import warnings

        def layer_params(kernel_size, in_channels, filters):
            warnings.warn("just so you know")
            return np.zeros((kernel_size, kernel_size, in_channels, filters)).size + filters
        """,
    ),
    _second("second-layer-params", "multiplied out", (1, 1), "18 * filters + filters"),
    _code("second-layer-params", "a lambda", (1, 1), "second_layer_params = lambda n: (2 * 9 + 1) * n"),
    _code(
        "same-padding",
        "a list",
        (1, 1, 1),
        """
        def same_padding(n, kernel_size, strides):
            import math
            total = max(0, (math.ceil(n / strides) - 1) * strides + kernel_size - n)
            return [math.floor(total / 2), math.ceil(total / 2)]
        """,
    ),
    _padding("same-padding", "asked of convkit", (1, 1, 1), "convkit.padding_amounts(n, kernel_size, strides)"),
    _code(
        "output-length",
        "counted",
        (1, 1, 1),
        """
        def output_length(n, kernel_size, strides, padding):
            places = np.arange(0, n, strides)
            if padding == "valid":
                places = places[places + kernel_size <= n]
            return np.size(places)
        """,
    ),
    _length("two branches", (1, 1, 1), "1 + (n - kernel_size) // strides", "(n + strides - 1) // strides"),
    _point_params("pointwise-params", "multiplied out", (1, 1), "filters + filters * in_channels"),
    _point("pointwise", "einsum", (1, 1), "np.einsum('hwc,cf->hwf', image, weights)"),
    _point("pointwise", "nested lists", (1, 1), "(np.asarray(image) @ np.asarray(weights)).tolist()"),
    _code(
        "pointwise",
        "loops",
        (1, 1),
        """
        def pointwise(image, weights):
            h, w, c = image.shape
            result = np.zeros((h, w, weights.shape[1]), dtype="float32")
            for i in range(h):
                for j in range(w):
                    for f in range(weights.shape[1]):
                        for k in range(c):
                            result[i, j, f] += image[i, j, k] * weights[k, f]
            return result
        """,
    ),
    _conv2d("loops", (1, 2, 1, 1, 1)),
    _code(
        "conv2d",
        "windows and einsum",
        (1, 2, 1, 1, 1),
        """
        def conv2d(x, kernel, strides, padding):
            kh, kw = kernel.shape[:2]
            if padding == "SAME":
                x = np.pad(x, ((0, 0), convkit.padding_amounts(x.shape[1], kh, strides),
                               convkit.padding_amounts(x.shape[2], kw, strides), (0, 0)))
            windows = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(1, 2))[:, ::strides, ::strides]
            return np.einsum("nhwcij,ijcf->nhwf", windows, kernel)
        """,
    ),
    _code(
        "conv2d",
        "a tensor, a product per weight, a print",
        (1, 2, 1, 1, 1),
        """
        def conv2d(x, kernel, strides, padding):
            kh, kw = kernel.shape[:2]
            print("padding", padding)
            if padding == "SAME":
                x = np.pad(x, ((0, 0), convkit.padding_amounts(x.shape[1], kh, strides),
                               convkit.padding_amounts(x.shape[2], kw, strides), (0, 0)))
            h, w = (x.shape[1] - kh) // strides + 1, (x.shape[2] - kw) // strides + 1
            total = 0
            for i in range(kh):
                for j in range(kw):
                    total = total + x[:, i:i + h * strides:strides, j:j + w * strides:strides][:, :h, :w] @ kernel[i, j]
            return tf.constant(total)
        """,
    ),
    _edge("Sobel", (1, 1), "np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]]).reshape(3, 3, 1, 1)"),
    _edge("one row, in nested lists", (1, 1), "[[[[0]], [[0]], [[0]]], [[[-3]], [[3]], [[0]]], [[[0]], [[0]], [[0]]]]"),
    _shift("a weight set in zeros", (1,), "np.zeros((3, 3, 1, 1))\nshift_kernel[1, 0] = 1"),
    _shift("nested lists", (1,), "[[[[0]], [[0]], [[0]]], [[[1]], [[0]], [[0]]], [[[0]], [[0]], [[0]]]]"),
    _wanted("3 by 3", (1,), _layer_dict(kernel_size=3, in_channels=2, filters=32)),
    _wanted("5 by 5", (1,), _layer_dict(kernel_size=5, in_channels=3, filters=8)),
    _wanted("in another order, with dict", (1,), "dict(filters=8, in_channels=3, kernel_size=np.int64(5))"),
    _ring("ring-zeros", "both halves", (1, 1), "((kernel_size - 1) // 2, kernel_size // 2)"),
    _ring("ring-zeros", "asked of convkit", (1, 1), "convkit.padding_amounts(100, kernel_size)"),
    _code(
        "ring-zeros",
        "a list, filled zero by zero",
        (1, 1),
        """
        def ring_zeros(kernel_size):
            sides = [0, 0]
            for zero in range(kernel_size - 1):
                sides[1 - zero % 2] += 1
            return sides
        """,
    ),
    _halving("the usual one", (1, 1), _layer_dict(kernel_size=3, strides=2, padding="same")),
    _halving("2 by 2, without padding", (1, 1), _layer_dict(kernel_size=2, strides=2, padding="valid")),
    _halving("one pixel, every other one", (1, 1), _layer_dict(kernel_size=1, strides=2, padding="VALID")),
    _halving("a large kernel, upper case", (1, 1), _layer_dict(kernel_size=7, strides=2, padding="SAME")),
    _code(
        "receptive-field",
        "from the last layer to the first",
        (1, 1),
        """
        def receptive_field(kernel_sizes, strides):
            pixels = 1
            for i in range(len(strides) - 1, -1, -1):
                pixels = (pixels - 1) * strides[i] + kernel_sizes[i]
            return pixels
        """,
    ),
    _field("receptive-field", "a sum of products", (1, 1),
           "1 + sum((size - 1) * int(np.prod(strides[:i])) for i, size in enumerate(kernel_sizes))"),
    _code(
        "receptive-field",
        "tried out, pixel by pixel",
        (1, 1),
        """
        def receptive_field(kernel_sizes, strides):
            seen = {0}
            for size, stride in zip(kernel_sizes[::-1], strides[::-1]):
                seen = {place * stride + tap for place in seen for tap in range(size)}
            return max(seen) - min(seen) + 1
        """,
    ),
    _position("one-position", "einsum", (1, 1),
              "np.einsum('nhwc,hwcf->nf', x[:, row*strides:row*strides+kernel.shape[0], "
              "column*strides:column*strides+kernel.shape[1]], kernel)"),
    _code(
        "one-position",
        "loops",
        (1, 1),
        """
        def one_position(x, kernel, row, column, strides):
            kh, kw, channels, filters = kernel.shape
            values = np.zeros((len(x), filters))
            for n in range(len(x)):
                for f in range(filters):
                    for i in range(kh):
                        for j in range(kw):
                            for c in range(channels):
                                pixel = x[n, row * strides + i, column * strides + j, c]
                                values[n, f] += pixel * kernel[i, j, c, f]
            return values
        """,
    ),
    _position("one-position", "a list of lists", (1, 1),
              "[[float((image[row*strides:row*strides+kernel.shape[0], "
              "column*strides:column*strides+kernel.shape[1]] * kernel[..., f]).sum()) "
              "for f in range(kernel.shape[3])] for image in x]"),
    _dense("dense-params", "weights and biases", (1,), "height * width * channels * units + units"),
    _dense("dense-params", "asked of convkit", (1,),
           "convkit.layers.Dense(units).count_params((height * width * channels,))"),
    _two("3 and 3", (1, 1), "(3, 3)"),
    _two("2 and 4", (1, 1), "[2, 4]"),
    _two("4 and 2, as an array", (1, 1), "np.array([4, 2])"),
]  # fmt: skip
