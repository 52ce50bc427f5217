"""What the notebooks say of a network that learns holds for other seeds, too."""

from __future__ import annotations

from pathlib import Path

import nbformat
import numpy as np
import pytest

pytestmark = pytest.mark.days

SOURCE = Path(__file__).parents[1] / "source"
SEEDS = range(20)
KERNEL = np.array([[-1.0, 0, 1]] * 3)


def code(notebook, before):
    """The code of a notebook up to a heading, without its solution marks."""
    cells = nbformat.read(SOURCE / notebook, 4).cells
    (end,) = [number for number, cell in enumerate(cells) if before in cell.source.splitlines()]
    return [cell.source for cell in cells[:end] if cell.cell_type == "code" and "verify(" not in cell.source]


def run(notebook, before, line, other):
    """The names of a notebook after its code, in which one line that sets a seed is another one."""
    cells = code(notebook, before)
    assert any(line in cell for cell in cells)
    names = {}
    for cell in cells:
        exec(cell.replace(line, other), names)
    return names


@pytest.fixture(autouse=True)
def no_window(monkeypatch):
    import matplotlib.pyplot as plt

    monkeypatch.setattr(plt, "show", plt.close)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_layer_finds_the_edge_kernel_and_a_convolution_suffers_less_from_a_shift(tf, seed):
    seeds = (f"keras.utils.set_random_seed({number})" for number in (1, seed))
    found = run("conv2d/7-learning.ipynb", "## Reading a real network", *seeds)
    np.testing.assert_array_equal(found["layer"].get_weights()[0][:, :, 0, 0].round(1), KERNEL)
    assert found["convolutional"].count_params() < found["dense"].count_params()
    still, moved = (found["images"][found["test"]], found["moved"])
    before, after = (
        {name: found["accuracy"](found[name], pictures) for name in ("convolutional", "dense")}
        for pictures in (still, moved)
    )
    lost = {name: before[name] - after[name] for name in before}
    assert min(before.values()) > 0.8, before
    assert lost["dense"] > 4 * abs(lost["convolutional"]), lost


@pytest.mark.parametrize("seed", SEEDS)
def test_a_students_own_gradient_finds_the_edge_kernel(tf, seed):
    seeds = (f"rng = np.random.default_rng({number})" for number in (1, seed))
    found = run("conv2d-further/4-backward.ipynb", "## Key points", *seeds)
    np.testing.assert_array_equal(found["learned"][:, :, 0, 0].round(1), KERNEL)
