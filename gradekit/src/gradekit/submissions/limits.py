"""How much of a submission is read. Settings of `nbgrader_config.py`, such as `c.HandedIn.largest_notebook`.

What may lie beside the notebooks is limited by nbgrader's own `CourseDirectory.max_file_size` and `max_dir_size`.
"""

from __future__ import annotations

from traitlets import Integer
from traitlets.config import Configurable

MEGABYTE = 1_000_000


class HandedIn(Configurable):
    """Limits for what a student hands in. Sizes are in megabytes."""

    largest_notebook = Integer(300, help="A larger file is not opened: MB, with its outputs").tag(config=True)
    largest_text = Integer(25, help="A notebook that is larger without its outputs is not opened: MB").tag(config=True)
    most_cells = Integer(10_000, help="A notebook with more cells is not graded").tag(config=True)
    most_files = Integer(500, help="So many other files of a student are copied, and no more").tag(config=True)
