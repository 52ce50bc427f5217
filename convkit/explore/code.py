"""The line of code for what is on the screen: Keras, tf.nn and PyTorch."""

from __future__ import annotations

from collections.abc import Sequence

from ..arithmetic import padding_amounts, transposed_length

Lines = tuple[tuple[str, str], ...]


def lines(
    shape: tuple[int, int, int],
    kernel_size: int,
    filters: int,
    strides: tuple[int, int] = (1, 1),
    padding: str = "valid",
    use_bias: bool = True,
    groups: int = 1,
    dilation_rate: int = 1,
) -> Lines:
    """One line for each library.

    In PyTorch images are (n, channels, height, width) and kernels (filters, channels, ...). tf.nn finds the groups in
    the kernel's shape.

    >>> for library, line in lines((8, 8, 1), kernel_size=3, filters=2, strides=(2, 2), padding="same"):
    ...     print(line)
    keras.layers.Conv2D(filters=2, kernel_size=3, strides=2, padding="same")(x)
    tf.nn.bias_add(tf.nn.conv2d(x, kernel, strides=2, padding="SAME"), bias)
    torch.nn.Sequential(torch.nn.ZeroPad2d((0, 1, 0, 1)), torch.nn.Conv2d(1, 2, kernel_size=3, stride=2))(x)
    """
    step = strides[0] if strides[0] == strides[1] else strides
    options = "" if use_bias else ", use_bias=False"
    options += f", groups={groups}" if groups > 1 else ""
    options += f", dilation_rate={dilation_rate}" if dilation_rate > 1 else ""
    gaps = f", dilations={dilation_rate}" if dilation_rate > 1 else ""
    sizes = f"filters={filters}, kernel_size={kernel_size}, strides={step}"
    keras = f'keras.layers.Conv2D({sizes}, padding="{padding}"{options})(x)'
    tf = f'tf.nn.conv2d(x, kernel, strides={step}, padding="{padding.upper()}"{gaps})'
    # PyTorch pads both sides alike, and knows no 'same' with a stride: an uneven padding is a layer of its own.
    (top, bottom), (left, right) = (
        padding_amounts(size, kernel_size, stride, padding, dilation_rate)
        for size, stride in zip(shape, strides, strict=False)
    )
    even = (top, left) == (bottom, right)
    parts = [f"{shape[2]}, {filters}, kernel_size={kernel_size}"]
    parts += [f"stride={step}"] if step != 1 else []
    parts += [f"padding={top if top == left else (top, left)}"] if even and (top or left) else []
    parts += [f"dilation={dilation_rate}"] if dilation_rate > 1 else []
    parts += [f"groups={groups}"] if groups > 1 else []
    parts += [] if use_bias else ["bias=False"]
    torch = f"torch.nn.Conv2d({', '.join(parts)})"
    if not even:
        torch = f"torch.nn.Sequential(torch.nn.ZeroPad2d(({left}, {right}, {top}, {bottom})), {torch})"
    return (
        ("Keras", keras),
        ("tf.nn", f"tf.nn.bias_add({tf}, bias)" if use_bias else tf),
        ("PyTorch", f"{torch}(x)"),
    )


def transposed_lines(n: int, kernel_size: int, strides: int, padding: str) -> Lines:
    """One line for each library: a transposed convolution of one channel, one filter, no bias.

    PyTorch cuts off both sides alike: an uneven cut takes one more at the end.

    >>> for library, line in transposed_lines(3, kernel_size=3, strides=2, padding="same"):
    ...     print(line)
    keras.layers.Conv2DTranspose(filters=1, kernel_size=3, strides=2, padding="same", use_bias=False)(x)
    tf.nn.conv2d_transpose(x, kernel, output_shape=(1, 6, 6, 1), strides=2, padding="SAME")
    torch.nn.ConvTranspose2d(1, 1, kernel_size=3, stride=2, bias=False)(x)[:, :, :-1, :-1]
    """
    length = transposed_length(n, kernel_size, strides, padding)
    before, after = padding_amounts(length, kernel_size, strides, padding)
    sizes = f'kernel_size={kernel_size}, strides={strides}, padding="{padding}"'
    parts = [f"1, 1, kernel_size={kernel_size}", f"stride={strides}"]
    parts += [f"padding={before}"] if before else []
    parts += [f"output_padding={strides - kernel_size}"] if kernel_size < strides else []
    cut = "[:, :, :-1, :-1]" if after > before else ""
    return (
        ("Keras", f"keras.layers.Conv2DTranspose(filters=1, {sizes}, use_bias=False)(x)"),
        (
            "tf.nn",
            f"tf.nn.conv2d_transpose(x, kernel, output_shape=(1, {length}, {length}, 1), strides={strides}, "
            f'padding="{padding.upper()}")',
        ),
        ("PyTorch", f"torch.nn.ConvTranspose2d({', '.join(parts)}, bias=False)(x){cut}"),
    )


def pooling_lines(kind: str, n: int, pool_size: int, strides: int, padding: str) -> Lines:
    """One line for each library: 'max' or 'average' pooling of n x n pixels.

    PyTorch pads both sides alike, and its averages have no uneven padding: there is no line for that.

    >>> for library, line in pooling_lines("max", 7, pool_size=2, strides=2, padding="same"):
    ...     print(line)
    keras.layers.MaxPooling2D(pool_size=2, strides=2, padding="same")(x)
    tf.nn.max_pool2d(x, ksize=2, strides=2, padding="SAME")
    torch.nn.Sequential(torch.nn.ConstantPad2d((0, 1, 0, 1), -torch.inf), torch.nn.MaxPool2d(2, stride=2))(x)
    """
    name, short, word = ("Max", "Max", "max") if kind == "max" else ("Average", "Avg", "avg")
    keras = f'keras.layers.{name}Pooling2D(pool_size={pool_size}, strides={strides}, padding="{padding}")(x)'
    tf = f'tf.nn.{word}_pool2d(x, ksize={pool_size}, strides={strides}, padding="{padding.upper()}")'
    before, after = padding_amounts(n, pool_size, strides, padding)
    layer = f"torch.nn.{short}Pool2d({pool_size}, stride={strides}"
    found = [("Keras", keras), ("tf.nn", tf)]
    if before == after:
        counted = ", count_include_pad=False" if kind == "average" and before else ""
        found.append(("PyTorch", f"{layer}{f', padding={before}' if before else ''}{counted})(x)"))
    elif kind == "max":
        pad = f"torch.nn.ConstantPad2d(({before}, {after}, {before}, {after}), -torch.inf)"
        found.append(("PyTorch", f"torch.nn.Sequential({pad}, {layer}))(x)"))
    return tuple(found)


def stack_lines(layers: Sequence[tuple[int, int, int]]) -> Lines:
    """One line for each library: layers of (kernel_size, strides, dilation_rate), with one filter each.

    >>> for library, line in stack_lines([(3, 2, 1), (3, 1, 2)]):
    ...     print(line)
    keras.Sequential([keras.layers.Conv2D(1, 3, strides=2), keras.layers.Conv2D(1, 3, dilation_rate=2)])(x)
    torch.nn.Sequential(torch.nn.Conv2d(1, 1, 3, stride=2), torch.nn.Conv2d(1, 1, 3, dilation=2))(x)
    """
    keras, torch = [], []
    for kernel_size, strides, rate in layers:
        step, gap = (f", strides={strides}" if strides > 1 else ""), (f", dilation_rate={rate}" if rate > 1 else "")
        keras.append(f"keras.layers.Conv2D(1, {kernel_size}{step}{gap})")
        step, gap = step.replace("strides", "stride"), gap.replace("dilation_rate", "dilation")
        torch.append(f"torch.nn.Conv2d(1, 1, {kernel_size}{step}{gap})")
    return (
        ("Keras", f"keras.Sequential([{', '.join(keras)}])(x)"),
        ("PyTorch", f"torch.nn.Sequential({', '.join(torch)})(x)"),
    )
