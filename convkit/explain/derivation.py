"""What a derivation is: steps in sections, as data. The text is made here; LaTeX and HTML next door.

A derivation answers str(), `.latex()` and a notebook, and its numbers are there to be read by a program:

>>> from convkit import explain
>>> from convkit.layers import Conv2D
>>> steps = explain(Conv2D(filters=4, kernel_size=3), (6, 6, 2))["parameters"].steps
>>> [(step.formula, step.result) for step in steps]
[('3 x 3 x 2', 18), ('18 + 1', 19), ('4 x 19', 76)]
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from . import html, latex
from .formula import Formula

Joint = Literal["\n", "; ", ", "]


@dataclass(frozen=True)
class Calculation:
    """One thing worked out: what it is, the formula with its numbers put in, and the whole number that it gives.

    `what` reads on into the formula: "each kernel spans" 3 x 3 x 2 = 18 "weights". `said` is the same in a
    running sentence where the formula goes without saying ("plus 1 bias = 19"), "" to say it in full.
    """

    what: str
    expression: Formula
    unit: str = ""
    said: str = ""
    joint: Joint = "\n"  # how the running text joins it to the step before

    @property
    def formula(self) -> str:
        """Such as '3 x 3 x 2'."""
        return self.expression.text

    @property
    def result(self) -> int:
        """What the formula comes to, such as 18."""
        return self.expression.value

    @property
    def text(self) -> str:
        """The step in full: 'plus 1 bias: 18 + 1 = 19'."""
        equation = self.formula if self.expression.is_number else f"{self.formula} = {self.result}"
        return f"{self.what} {equation} {self.unit}".strip()


@dataclass(frozen=True)
class Section:
    """The steps that lead to one result: a count, or a shape (height, width, channels)."""

    key: str  # "parameters", "output_shape", "unseen_pixels", "macs", "receptive_field"
    title: str
    result: int | tuple[int | None, ...]
    steps: tuple[Calculation, ...]
    remark: str = ""  # what else is to say, in lines: such as what is counted

    @property
    def heading(self) -> str:
        """Such as 'Parameters: 76'."""
        return f"{self.title}: {self.result}"

    @property
    def lines(self) -> tuple[str, ...]:
        """The steps as running sentences, one line each."""
        text = ""
        for step in self.steps:
            text += (step.joint if text else "") + (step.said or step.text)
        return (*text.splitlines(), *self.remark.splitlines())

    def __str__(self) -> str:
        return "\n".join([self.heading, *(f"  {line}" for line in self.lines)])


@dataclass(frozen=True, repr=False)
class Derivation:
    """How the numbers of one layer come about, for one input shape. Sections are found by their key."""

    title: str
    sections: tuple[Section, ...]

    def __getitem__(self, key: str) -> Section:
        for section in self.sections:
            if section.key == key:
                return section
        raise KeyError(f"there is no section {key!r} here; there are {', '.join(s.key for s in self.sections)}")

    def __contains__(self, key: object) -> bool:
        return any(section.key == key for section in self.sections)

    def __str__(self) -> str:
        return "\n".join([self.title, *map(str, self.sections)])

    __repr__ = __str__  # a notebook keeps it as the text beside the HTML: what a screen reader can always read

    def latex(self) -> str:
        """The steps as an `aligned` block, without dollar signs."""
        return latex.derivation(self)

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex()}\n$$"

    def _repr_html_(self) -> str:
        return html.framed(self.title, html.derivation(self))


@dataclass(frozen=True, repr=False)
class ModelDerivation:
    """A derivation for every layer of a stack, first layer first, and the sections that hold for all of them."""

    title: str
    layers: tuple[Derivation, ...]
    sections: tuple[Section, ...]

    def __iter__(self) -> Iterator[Derivation]:
        return iter(self.layers)

    def __len__(self) -> int:
        return len(self.layers)

    def __getitem__(self, which: Any) -> Any:
        """A layer by its number, or a section of the whole by its key."""
        return Derivation(self.title, self.sections)[which] if isinstance(which, str) else self.layers[which]

    def __str__(self) -> str:
        return "\n\n".join([self.title, *map(str, self.layers), "\n".join(map(str, self.sections))])

    __repr__ = __str__

    def latex(self) -> str:
        """Every layer's steps, and those of the whole, as one `aligned` block."""
        return latex.model(self)

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex()}\n$$"

    def _repr_html_(self) -> str:
        return html.framed(self.title, html.model(self))
