"""What an explorer's page is expected to show: the papers of its themes, and TensorFlow's numbers."""

from __future__ import annotations

import numpy as np

PAPERS = {"light": "rgb(255, 255, 255)", "dark": "rgb(21, 24, 27)"}
FRAME = """<!DOCTYPE html><html lang="en"><head><title>A course</title></head>
<body><iframe sandbox="allow-scripts" title="An explorer" width="1000" height="900" src="{source}"></iframe>
</body></html>"""
SMALL = """(all) => all.filter((node) => node.checkVisibility()).filter((node) => {
  const box = node.getBoundingClientRect();
  return box.width < 24 || box.height < 24;
}).map((node) => node.outerHTML.slice(0, 120))"""


def as_array(cells):
    """The cells that a page shows, (row, column) to value, as an array without gaps."""
    rows, columns = (max(place[axis] for place in cells) + 1 for axis in (0, 1))
    array = np.full((rows, columns), np.nan)
    for place, value in cells.items():
        array[place] = value
    assert not np.isnan(array).any()
    return array


def tensorflow_says(tf, explorer, strides=(1, 1), padding="VALID", bias=0, panel=0, rate=1):
    """tf.nn.conv2d in double precision on the pixels and weights that the page shows."""
    pixels = explorer.cells("pixel", panel, 0) | explorer.cells("unseen", panel, 0)
    weights = as_array(explorer.cells("weight", panel, 0))
    made = tf.nn.conv2d(as_array(pixels)[None, :, :, None], weights[:, :, None, None], strides, padding, dilations=rate)
    return made[0, :, :, 0].numpy() + bias
