"""What is known to go wrong in each exercise: wrong rules, each with a name and words.

| module | exercises |
|---|---|
| `counting.py` | `layer-params`, `second-layer-params`, `pointwise-params` |
| `lengths.py` | `output-length` |
| `fields.py` | `receptive-field` |
| `pointwise.py` | `pointwise` |
| `padding.py` | `same-padding`, `ring-zeros` |
| `one_position.py` | `one-position` |
| `conv2d/` | `conv2d` |
| `dense.py` | `dense-params` |
| `slots.py` | `conv2d`, `one-position`: one convolution that a mistake fills wrongly |

`edge-filter` has its mistakes in `lesson/edge_kernel.py`, exercises whose answer is a choice in `lesson/designs.py`,
and those of source/conv2d-further/ in the modules of `lesson/further/`.
"""
