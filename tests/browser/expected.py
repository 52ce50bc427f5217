"""What an explorer's page is expected to show: correct predictions, the papers of its themes, TensorFlow's numbers."""

from __future__ import annotations

import numpy as np

PREDICTIONS = {
    "parameters": "76", "padding": "1, 1", "stride": "4 x 4", "pointwise": "8", "filters": "10", "transposed": "5 x 5",
    "pooling": "4 x 4 x 3",
    "receptive_field": "7",
    "groups": "76",
}  # fmt: skip
PAPERS = {"light": "rgb(255, 255, 255)", "dark": "rgb(21, 24, 27)"}


def as_array(cells):
    """The cells that a page shows, (row, column) to value, as an array without gaps."""
    rows, columns = (max(place[axis] for place in cells) + 1 for axis in (0, 1))
    array = np.full((rows, columns), np.nan)
    for place, value in cells.items():
        array[place] = value
    assert not np.isnan(array).any()
    return array


def tensorflow_says(tf, explorer, strides=(1, 1), padding="VALID", bias=0, panel=0):
    """tf.nn.conv2d in double precision on the pixels and weights that the page shows."""
    pixels = explorer.cells("pixel", panel, 0) | explorer.cells("unseen", panel, 0)
    weights = as_array(explorer.cells("weight", panel, 0))
    made = tf.nn.conv2d(as_array(pixels)[None, :, :, None], weights[:, :, None, None], strides, padding)
    return made[0, :, :, 0].numpy() + bias
