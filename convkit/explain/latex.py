"""A derivation as LaTeX that MathJax and KaTeX read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .derivation import Calculation, Derivation, ModelDerivation, Section

_SPECIAL = {"\\": r"\backslash ", **{sign: f"\\{sign}" for sign in "_%&#${}"}}


def derivation(of: Derivation) -> str:
    """All sections of one layer, aligned."""
    return _aligned(_titled(of.title, of.sections))


def model(of: ModelDerivation) -> str:
    """All sections of all layers, aligned."""
    rows = [row for layer in of.layers for row in _titled(layer.title, layer.sections)]
    return _aligned(rows + [row for section in of.sections for row in _section(section)])


def words(text: str) -> str:
    """Plain words inside a formula.

    >>> words("conv_1")
    '\\\\text{conv\\\\_1}'
    """
    return rf"\text{{{''.join(_SPECIAL.get(sign, sign) for sign in text)}}}"


def _aligned(rows: list[str]) -> str:
    return "\n".join([r"\begin{aligned}", " \\\\\n".join(rows), r"\end{aligned}"])


def _titled(title: str, sections: tuple[Section, ...]) -> list[str]:
    return [f"&{words(title)}", *(row for section in sections for row in _section(section))]


def _section(section: Section) -> list[str]:
    remarks = [rf"&\quad {words(line)}" for line in section.remark.splitlines()]
    return [f"&{words(section.heading)}", *map(_step, section.steps), *remarks]


def _step(step: Calculation) -> str:
    made = step.expression
    equation = made.latex if made.is_number else f"{made.latex} = {made.value}"
    unit = f" {words(' ' + step.unit)}" if step.unit else ""
    return rf"&\quad {words(step.what + ' ')} {equation}{unit}"
