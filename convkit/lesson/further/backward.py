"""The exercises on the backward pass: the gradients of conv2d with respect to its bias, its kernel and its input."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from gradekit import Exercise, Mistake, Question
from gradekit.exercise.mistake import Args, Contrast

from ... import ops
from .. import cases, levels, pictures
from ..mistakes.slots import last_zeroed, zeroed
from ..quiet import quietly
from ..ready_made import CONVOLUTIONS

Generator = np.random.Generator
Array = np.ndarray

# The first filter of the lesson on a corner of its image, and the gradient of a loss.
X = np.array([[2.0, 1, 2], [1, 3, 2], [1, 1, 3]]).reshape(1, 3, 3, 1)
KERNEL = np.array([[2.0, 3], [0, 1]]).reshape(2, 2, 1, 1)
GRAD = np.array([[1.0, 2], [0, -1]]).reshape(1, 2, 2, 1)

# Two images, two channels, three filters; with a stride of 2, the last row of the images is not read.
IMAGES = np.arange(120.0).reshape(2, 5, 6, 2) % 7
KERNELS = np.arange(36.0).reshape(2, 3, 2, 3) % 5 - 2
GRADS = np.arange(24.0).reshape(2, 2, 2, 3) % 4 - 1

_GRADIENTS = (
    *CONVOLUTIONS,
    "tensorflow.gradient",
    "tensorflow.gradients",
    "tensorflow.jacobian",
    "tensorflow.batch_jacobian",
    "jax.*grad*",
    "torch.backward",
    "torch.grad",
)


def tf_gradients(x: Array, kernel: Array, grad: Array, strides: int) -> tuple[Array, Array]:
    """The gradients of sum(tf.nn.conv2d(x, kernel) * grad) with respect to x and kernel, by TensorFlow's tape."""
    with quietly():
        import tensorflow as tf

        pixels, weights = tf.constant(np.float64(x)), tf.constant(np.float64(kernel))
        with tf.GradientTape() as tape:
            tape.watch([pixels, weights])
            total = tf.reduce_sum(tf.nn.conv2d(pixels, weights, strides, "VALID") * np.float64(grad))
        of_x, of_kernel = tape.gradient(total, [pixels, weights])
        return of_x.numpy(), of_kernel.numpy()


def tf_bias_grad(grad: Array) -> Array:
    """The gradient with respect to the bias, by TensorFlow's tape."""
    with quietly():
        import tensorflow as tf

        bias = tf.constant(np.zeros(grad.shape[-1]))
        with tf.GradientTape() as tape:
            tape.watch(bias)
            total = tf.reduce_sum(tf.nn.bias_add(np.zeros(grad.shape), bias) * np.float64(grad))
        found: Array = tape.gradient(total, bias).numpy()
        return found


def _x_grad(x: Array, kernel: Array, grad: Array, strides: int) -> Array:
    return ops.conv2d_grad(x, kernel, grad, strides).x


def _kernel_grad(x: Array, kernel: Array, grad: Array, strides: int) -> Array:
    return ops.conv2d_grad(x, kernel, grad, strides).kernel


def _bias_grad(grad: Array) -> Array:
    return grad.sum(axis=(0, 1, 2))


def _region(x: Array, kernel: Array, grad: Array, strides: int) -> Array:
    """The part of x that is read with these strides."""
    height, width = ((n - 1) * strides + k for n, k in zip(grad.shape[1:3], kernel.shape[:2], strict=True))
    part: Array = x[:, :height, :width]
    return part


_AGAINST = "The gradient points to where the loss grows. Going the other way is the step of the optimizer."

# -- the bias ----------------------------------------------------------------------------------------------------------

_ALL = "A bias is added to every output value of its filter. How many of them are there, over all images?"

BIAS_MISTAKES = (
    Mistake(
        "mean-for-sum", lambda grad: grad.mean(axis=(0, 1, 2)), "It takes the mean over images and positions.", _ALL
    ),
    Mistake("mean-over-images", lambda grad: _bias_grad(grad) / len(grad), "It divides by the number of images.", _ALL),
    Mistake(
        "mean-over-positions",
        lambda grad: grad.mean(axis=(1, 2)).sum(axis=0),
        "It divides by the number of positions.",
        _ALL,
    ),
    Mistake("only-the-first-image", lambda grad: grad[0].sum(axis=(0, 1)), "It uses the first image only.", _ALL),
    Mistake(
        "only-the-first-position", lambda grad: grad[:, 0, 0].sum(axis=0), "It uses the first position only.", _ALL
    ),
    Mistake(
        "images-not-added-up",
        lambda grad: grad.sum(axis=(1, 2)),
        "Its result has a row for each image.",
        "All images share one bias for each filter. Which axes have to go?",
    ),
    Mistake(
        "positions-not-added-up",
        lambda grad: grad.sum(axis=0),
        "Its result still has the axes for height and width.",
        "All positions share one bias for each filter. Which axes have to go?",
    ),
    Mistake(
        "filters-added-up",
        lambda grad: grad.sum(),
        "It adds up over the filters too, so one number is left.",
        "Each filter has its own bias. Which axis has to stay?",
    ),
    Mistake(
        "filters-alone-added-up",
        lambda grad: grad.sum(axis=-1),
        "It adds up over the filters, and over nothing else.",
        "Each filter has its own bias. Which axis has to stay?",
    ),
    Mistake(
        "axes-kept",
        lambda grad: grad.sum(axis=(0, 1, 2), keepdims=True),
        "Its values are right, in an array of four axes.",
        "The bias of a layer has one axis: the filters.",
    ),
    Mistake(
        "gradient-not-used",
        lambda grad: np.full(grad.shape[-1], float(grad[..., 0].size)),
        "It counts the output values, and does not use `grad`.",
        "Each output value counts with its own gradient.",
    ),
    Mistake(
        "sign-changed",
        lambda grad: -_bias_grad(grad),
        "Its result has the opposite sign.",
        _AGAINST,
    ),
    Mistake(
        "filters-by-reshape",
        lambda grad: grad.reshape(grad.shape[-1], -1).sum(axis=1),
        "It reshapes `grad` to rows, so that numbers of several filters come into one row.",
        "`reshape` keeps the order of the numbers and moves no axis: `grad.reshape(-1, filters)` keeps filters apart.",
    ),
    Mistake(
        "signs-lost",
        lambda grad: np.abs(grad).sum(axis=(0, 1, 2)),
        "It adds up the gradients without their signs.",
        "What makes one value better can make another one worse, and then they cancel.",
    ),
)

# -- the kernel --------------------------------------------------------------------------------------------------------


def _last_position(x: Array, kernel: Array, grad: Array, strides: int) -> Array:
    height, width = kernel.shape[:2]
    row, column = (size - 1 for size in grad.shape[1:3])
    patch = x[:, row * strides : row * strides + height, column * strides : column * strides + width]
    return np.einsum("nhwc,nf->hwcf", patch, grad[:, -1, -1])


def _thinned(x: Array, kernel: Array, grad: Array, strides: int) -> Array:
    """The gradient with the pixels that a stride keeps, and zeros beyond them."""
    beyond = [(0, size) for size in kernel.shape[:2]]
    padded = np.pad(x[:, ::strides, ::strides], ((0, 0), *beyond, (0, 0)))
    return _kernel_grad(_region(padded, kernel, grad, 1), kernel, grad, 1)


_WEIGHT = "Take one weight. Which pixel does it read at each position, and with which gradient does that pixel count?"
_SHAPE = "A gradient has the shape of what it belongs to: here that of `kernel`."

KERNEL_MISTAKES = (
    Mistake(
        "stride-ignored",
        lambda x, kernel, grad, strides: _kernel_grad(_region(x, kernel, grad, 1), kernel, grad, 1),
        "It reads the patches one pixel apart, whatever the stride is.",
        "At which pixel does position 1 start with a stride of 2? " + _WEIGHT,
    ),
    Mistake(
        "only-the-first-image",
        lambda x, kernel, grad, strides: _kernel_grad(x[:1], kernel, grad[:1], strides),
        "It uses the first image only.",
        "All images of the batch use the same weights, so all of them count.",
    ),
    Mistake(
        "mean-over-images",
        lambda x, kernel, grad, strides: _kernel_grad(x, kernel, grad, strides) / len(x),
        "It divides by the number of images.",
        "The sum is needed. If the loss is a mean, that is in `grad` already.",
    ),
    Mistake(
        "mean-over-positions",
        lambda x, kernel, grad, strides: _kernel_grad(x, kernel, grad, strides) / grad[0, :, :, 0].size,
        "It divides by the number of positions.",
        "The sum is needed. If the loss is a mean, that is in `grad` already.",
    ),
    Mistake(
        "kernel-flipped",
        lambda x, kernel, grad, strides: _kernel_grad(x, kernel, grad, strides)[::-1, ::-1],
        "Its result is rotated by half a turn.",
        "Nothing is rotated in this gradient. " + _WEIGHT,
    ),
    Mistake(
        "times-the-kernel",
        lambda x, kernel, grad, strides: _kernel_grad(x, kernel, grad, strides) * kernel,
        "It multiplies by the weights.",
        "If a weight grows by 1, the output grows by the pixel under it, whatever the weight is.",
    ),
    Mistake(
        "only-the-last-position",
        _last_position,
        "Only the last position counts.",
        "Every position adds its part: `=` replaces what is there, `+=` adds to it.",
    ),
    Mistake(
        "channels-and-filters-swapped",
        lambda x, kernel, grad, strides: _kernel_grad(x, kernel, grad, strides).transpose(0, 1, 3, 2),
        "It exchanges the axes for channels and filters.",
        _SHAPE,
    ),
    Mistake(
        "channels-added-up",
        lambda x, kernel, grad, strides: _kernel_grad(x, kernel, grad, strides).sum(axis=2),
        "It adds up over the channels.",
        "Each channel has its own weights. " + _SHAPE,
    ),
    Mistake(
        "filters-added-up",
        lambda x, kernel, grad, strides: _kernel_grad(x, kernel, grad, strides).sum(axis=3),
        "It adds up over the filters.",
        "Each filter has its own weights. " + _SHAPE,
    ),
    Mistake(
        "gradients-of-filters-added-up",
        lambda x, kernel, grad, strides: _kernel_grad(
            x, kernel, np.repeat(grad.sum(axis=3, keepdims=True), grad.shape[3], axis=3), strides
        ),
        "It adds up the gradients of all filters, and every filter gets the same result.",
        "Each filter has its own weights, and its own gradients. " + _WEIGHT,
    ),
    Mistake(
        "last-positions-left-out",
        lambda x, kernel, grad, strides: _kernel_grad(x, kernel, last_zeroed(grad), strides),
        "It leaves out the last row and the last column of positions.",
        "Do the loops reach the last position? `range(n)` ends before n. How many positions does `grad` have?",
    ),
    Mistake(
        "image-thinned-out",
        _thinned,
        "It first picks pixels of the image by the stride, and then moves the kernel over those that are left.",
        "The stride says where the kernel starts. In one patch, the pixels stay neighbors. " + _WEIGHT,
    ),
    Mistake(
        "gradient-not-used",
        lambda x, kernel, grad, strides: _kernel_grad(x, kernel, np.ones(grad.shape), strides),
        "It adds up the pixels, and does not use `grad`.",
        _WEIGHT,
    ),
    Mistake(
        "sign-changed",
        lambda x, kernel, grad, strides: -_kernel_grad(x, kernel, grad, strides),
        "Its result has the opposite sign.",
        _AGAINST,
    ),
)

# -- the input ---------------------------------------------------------------------------------------------------------


def _spread(x: Array, kernel: Array, grad: Array, step: int, strides: int, last_only: bool = False) -> Array:
    """Copies of the kernels, `step` pixels apart, in the shape of x; the last copy wins, or all add up."""
    height, width = kernel.shape[:2]
    out = np.zeros(x.shape)
    for row in range(grad.shape[1]):
        for column in range(grad.shape[2]):
            part = out[:, row * step : row * step + height, column * step : column * step + width]
            part[...] = np.einsum("nf,hwcf->nhwc", grad[:, row, column], kernel) + (0 if last_only else part)
    return out


def _times_read(x: Array, kernel: Array, grad: Array, strides: int) -> Array:
    """How many positions read each pixel."""
    one_filter = np.ones_like(kernel[..., :1]), np.ones_like(grad[..., :1])
    return _x_grad(x, *one_filter, strides)


_PIXEL = "Take one pixel. Which positions read it, with which weights, and with which gradients?"

X_MISTAKES = (
    Mistake(
        "kernel-flipped",
        lambda x, kernel, grad, strides: _x_grad(x, kernel[::-1, ::-1], grad, strides),
        "It lays down the kernels rotated by half a turn.",
        "Each gradient goes back to the pixels of its patch, each times the weight that read it. " + _PIXEL,
    ),
    Mistake(
        "overlaps-overwritten",
        lambda x, kernel, grad, strides: _spread(x, kernel, grad, strides, strides, last_only=True),
        "Where patches overlap, only the last one counts.",
        "Every position that reads a pixel adds its part: `=` replaces what is there, `+=` adds to it.",
    ),
    Mistake(
        "stride-ignored",
        lambda x, kernel, grad, strides: _spread(x, kernel, grad, 1, strides),
        "Its patches are one pixel apart, whatever the stride is.",
        "At which pixel does position 1 start with a stride of 2? " + _PIXEL,
    ),
    Mistake(
        "unread-pixels-left-out",
        lambda x, kernel, grad, strides: _region(_x_grad(x, kernel, grad, strides), kernel, grad, strides),
        "Its result ends where the last patch ends, so it can be smaller than x.",
        "A gradient has the shape of what it belongs to. What is the gradient of a pixel that no position reads?",
    ),
    Mistake(
        "only-the-first-filter",
        lambda x, kernel, grad, strides: _x_grad(x, kernel[..., :1], grad[..., :1], strides),
        "It uses the first filter only.",
        "A pixel is read by every filter, so the parts of all filters are added up.",
    ),
    Mistake(
        "mean-over-filters",
        lambda x, kernel, grad, strides: _x_grad(x, kernel, grad, strides) / kernel.shape[3],
        "It takes the mean over the filters.",
        "A pixel is read by every filter, so the parts of all filters are added up.",
    ),
    Mistake(
        "only-the-first-image",
        lambda x, kernel, grad, strides: zeroed(_x_grad(x, kernel, grad, strides), np.s_[1:]),
        "Only the gradient of the first image is worked out, and the rest is 0.",
        "Each image of the batch has its own gradient. Let a slice or a loop run over all images.",
    ),
    Mistake(
        "images-added-up",
        lambda x, kernel, grad, strides: _x_grad(x, kernel, grad, strides).sum(axis=0),
        "It adds up over the images.",
        "The images share the weights, and not the pixels. A gradient has the shape of what it belongs to.",
    ),
    Mistake(
        "channels-added-up",
        lambda x, kernel, grad, strides: _x_grad(x, kernel, grad, strides).sum(axis=3),
        "It adds up over the channels.",
        "Each channel of a pixel has its own weights, and so its own gradient.",
    ),
    Mistake(
        "channels-added-up",
        lambda x, kernel, grad, strides: _x_grad(
            x, np.repeat(kernel.sum(axis=2, keepdims=True), kernel.shape[2], axis=2), grad, strides
        ),
        "It adds up the weights of all channels, and every channel gets the same result.",
        "Each channel of a pixel has its own weights, and so its own gradient.",
    ),
    Mistake(
        "mean-of-overlaps",
        lambda x, kernel, grad, strides: (
            _x_grad(x, kernel, grad, strides) / np.maximum(_times_read(x, kernel, grad, strides), 1)
        ),
        "Where patches overlap, it takes their mean.",
        "Every position that reads a pixel adds its part.",
    ),
    Mistake(
        "times-x",
        lambda x, kernel, grad, strides: _x_grad(x, kernel, grad, strides) * x,
        "It multiplies by the pixels.",
        "If a pixel grows by 1, the output grows by the weight on it, whatever the pixel is.",
    ),
    Mistake(
        "gradient-not-used",
        lambda x, kernel, grad, strides: _x_grad(x, kernel, np.ones(grad.shape), strides),
        "It adds up the weights, and does not use `grad`.",
        _PIXEL,
    ),
    Mistake(
        "sign-changed",
        lambda x, kernel, grad, strides: -_x_grad(x, kernel, grad, strides),
        "Its result has the opposite sign.",
        _AGAINST,
    ),
)

CONTRASTS: tuple[Contrast, ...] = (
    ("with a stride of 1", "with longer strides", lambda x, kernel, grad, strides: strides == 1),
    ("with one image", "with a batch of more images", lambda x, kernel, grad, strides: len(x) == 1),
    ("with one input channel", "with more input channels", lambda x, kernel, grad, strides: x.shape[3] == 1),
    ("with one filter", "with more filters", lambda x, kernel, grad, strides: kernel.shape[3] == 1),
)

# -- cases -------------------------------------------------------------------------------------------------------------

# images, height, width, channels; kernel height and width, filters; strides
_PROBE_SIZES = (
    (1, 4, 5, 1, 2, 3, 2, 1),
    (2, 4, 4, 2, 2, 2, 3, 1),
    (2, 6, 5, 3, 3, 2, 2, 2),
    (3, 7, 8, 2, 2, 3, 1, 3),
    (2, 6, 6, 1, 3, 3, 3, 2),
    (2, 5, 4, 2, 3, 3, 2, 1),
)
_FRESH_SIZES = (
    (2, 5, 7, 2, 2, 3, 3, 1),
    (1, 7, 6, 3, 3, 2, 2, 2),
    (2, 8, 9, 2, 2, 3, 3, 3),
    (3, 6, 6, 2, 3, 3, 2, 2),
)
Numbers = Callable[..., Array]


def _case(numbers: Numbers, sizes: tuple[int, ...]) -> Args:
    images, height, width, channels, kernel_height, kernel_width, filters, strides = sizes
    rows, columns = ((n - k) // strides + 1 for n, k in ((height, kernel_height), (width, kernel_width)))
    return (
        numbers(images, height, width, channels),
        numbers(kernel_height, kernel_width, channels, filters),
        numbers(images, rows, columns, filters),
        strides,
    )


def _probe(seed: int, sizes: tuple[int, ...]) -> Args:
    return _case(lambda *shape: cases.quarters(seed + sum(shape), *shape), sizes)


PROBES = tuple(map(_probe, range(40, 46), _PROBE_SIZES))


def _fresh(rng: Generator) -> list[Args]:
    """Batches, channels and filters of every kind, strides of 1 to 3, pixels that no position reads."""
    return [_case(partial(cases.halves, rng), sizes) for sizes in _FRESH_SIZES]


def _level(size: int, kernel: int, strides: int) -> Callable[[Generator], Args]:
    sizes = (1, size, size, 1, kernel, kernel, 1, strides)
    return lambda rng: _case(partial(levels.whole_numbers, rng, -1, 3), sizes)


def _question(of: str) -> Callable[..., Question]:
    def question(x: Array, kernel: Array, grad: Array, strides: int) -> Question:
        return Question(
            f"A convolution without padding, with strides of {strides}, has this image x, this kernel, and this "
            f"gradient of a loss with respect to its output, grad. What is the gradient with respect to {of}?",
            "Answer with rows, such as [[1, 2], [3, 4]].",
            (("x", x[0, :, :, 0]), ("kernel", kernel[:, :, 0, 0]), ("grad", grad[0, :, :, 0])),
        )

    return question


def _bias_level(images: int, size: int, filters: int) -> Callable[[Generator], Args]:
    return lambda rng: (levels.whole_numbers(rng, -3, 3, images, size, size, filters),)


def _bias_question(grad: Array) -> Question:
    filters = grad.shape[3]
    return Question(
        "These are the gradients of a loss with respect to the output of a convolution, for each image and filter. "
        "What is the gradient with respect to the bias?",
        f"Answer with a list of {filters} number{'s' if filters > 1 else ''}, such as {list(range(3, 3 + filters))}.",
        tuple(
            (f"image {image}, filter {filter}", grad[image, :, :, filter])
            for image in range(len(grad))
            for filter in range(filters)
        ),
    )


_LEVELS = (_level(3, 2, 1), _level(4, 2, 2), _level(4, 3, 1))
_VISIBLE = ((X, KERNEL, GRAD, 1), (IMAGES, KERNELS, GRADS, 2))
_GIVEN = {"x": X, "kernel": KERNEL, "grad": GRAD, "images": IMAGES, "kernels": KERNELS, "grads": GRADS}

BACKWARD = (
    Exercise(
        "bias-grad",
        "bias_grad",
        ("grad",),
        _bias_grad,
        picture=pictures.outputs,
        asks="What is the gradient of a loss with respect to the bias of a convolution?",
        oracle=tf_bias_grad,
        visible=((GRAD,), (GRADS,)),
        probes=tuple((grad,) for _, _, grad, _ in PROBES),
        fresh=lambda rng: [(grad,) for _, _, grad, _ in _fresh(rng)],
        mistakes=BIAS_MISTAKES,
        contrasts=(
            ("with one image", "with a batch of more images", lambda grad: len(grad) == 1),
            ("with one filter", "with more filters", lambda grad: grad.shape[3] == 1),
        ),
        next_step="Try next: the loss is a mean over the batch. Where is it divided by the number of images?",
        levels=(_bias_level(1, 2, 1), _bias_level(1, 2, 2), _bias_level(2, 2, 2)),
        question=_bias_question,
        given={"grad": GRAD, "grads": GRADS},
    ),
    Exercise(
        "kernel-grad",
        "kernel_grad",
        ("x", "kernel", "grad", "strides"),
        _kernel_grad,
        picture=pictures.outputs,
        asks="What is the gradient of a loss with respect to the kernel of a convolution without padding?",
        oracle=lambda *case: tf_gradients(*case)[1],
        visible=_VISIBLE,
        probes=PROBES,
        fresh=_fresh,
        mistakes=KERNEL_MISTAKES,
        contrasts=CONTRASTS,
        next_step="Try next: write it as a convolution of x. Which array is its kernel, for a stride of 1?",
        levels=_LEVELS,
        question=_question("the kernel"),
        forbidden=_GRADIENTS,
        given=_GIVEN,
    ),
    Exercise(
        "x-grad",
        "x_grad",
        ("x", "kernel", "grad", "strides"),
        _x_grad,
        picture=pictures.outputs,
        asks="What is the gradient of a loss with respect to the input of a convolution without padding?",
        oracle=lambda *case: tf_gradients(*case)[0],
        visible=_VISIBLE,
        probes=PROBES,
        fresh=_fresh,
        mistakes=X_MISTAKES,
        contrasts=CONTRASTS,
        next_step="Try next: SAME padding. What happens to the gradients of the zeros around the image?",
        levels=_LEVELS,
        question=_question("x"),
        forbidden=_GRADIENTS,
        given=_GIVEN,
    ),
)
