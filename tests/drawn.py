"""Cells as a reader of an SVG finds them: a path for those that look the same lists what each of them is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from convkit.picture.theme import ROLES


@dataclass(frozen=True)
class Drawn:
    """What a path says of one of its cells, and where it is: left, top, right, bottom and the slope of its edges."""

    data: dict[str, str]
    classes: set[str]
    corners: tuple[float, float, float, float, float]


def drawn_cells(root: Element) -> Iterator[Drawn]:
    """All cells of a picture, and those of its legend, which have no role."""
    for path in root.iter():
        classes = {name.removeprefix("cv-") for name in path.get("class", "").split()}
        if not classes & ROLES.keys():
            continue
        outlines = re.findall("M[^M]+", path.attrib["d"])
        lists = {name.removeprefix("data-"): values for name, values in path.attrib.items() if name.startswith("data-")}
        role = {"role": lists.pop("role")} if lists else {}
        columns = {name: values.split(",") for name, values in lists.items()}
        assert {len(values) for values in columns.values()} <= {len(outlines)}
        for n, outline in enumerate(outlines):
            said = {name: values[n] for name, values in columns.items() if values[n]}
            yield Drawn(role | said, classes, _corners(outline))


def _corners(outline: str) -> tuple[float, float, float, float, float]:
    """Of a rectangle with round corners, or of a parallelogram that rises to the right."""
    x, y, *numbers = map(float, re.findall(r"-?[\d.]+", outline))
    if "a" not in outline:
        width, rise, height = numbers[:3]
        return x, y, x + width, y + height, rise / width
    across, radius = numbers[:2]
    down = float(re.findall(r"v(-?[\d.]+)", outline)[0])
    return x - radius, y, x + across + radius, y + down + 2 * radius, 0.0
