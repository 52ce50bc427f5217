"""A derivation as HTML for a notebook: headings and lists, in the colors of the theme around it.

Nothing here sets a background or a text color of its own, so that light, dark and high contrast themes all hold.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .derivation import Calculation, Derivation, ModelDerivation, Section

# JupyterLab's own variables, with what a page elsewhere (nbviewer, a feedback page) falls back to.
FRAME = (
    "color: var(--jp-content-font-color1, inherit); font-family: var(--jp-content-font-family, inherit); "
    "border-left: 3px solid var(--jp-border-color1, currentColor); padding: 0.2em 1em; margin: 0.5em 0"
)
HEADING = "margin: 0.8em 0 0.2em; font-size: 1em"
CAPTION = "text-align: left; white-space: nowrap; color: inherit"
FORMULA = "font-family: var(--jp-code-font-family, monospace); white-space: nowrap"


def framed(title: str, inside: str) -> str:
    """One frame with a name, so that a screen reader can say what begins here."""
    return f'<section class="convkit" aria-label="{escape(title)}" style="{FRAME}">\n{inside}\n</section>'


def derivation(of: Derivation) -> str:
    """The title and the sections of one layer."""
    return "\n".join([_heading(4, of.title), *map(_section, of.sections)])


def model(of: ModelDerivation) -> str:
    """All layers, then what holds for the whole."""
    whole = [_heading(4, "The whole model"), *map(_section, of.sections)] if of.sections else []
    return "\n".join([_heading(3, of.title), *map(derivation, of.layers), *whole])


def sentence(text: str) -> str:
    """A paragraph; text between backticks is code.

    >>> sentence("see `a < b`")
    '<p style="margin: 0.3em 0">see <code>a &lt; b</code></p>'
    """
    marked = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))
    return f'<p style="margin: 0.3em 0">{marked}</p>'


def _heading(level: int, text: str) -> str:
    return f'<h{level} style="{HEADING}">{escape(text)}</h{level}>'


def _section(section: Section) -> str:
    items = "\n".join(f"<li>{_step(step)}</li>" for step in section.steps)
    listed = f'<ol style="margin: 0; padding-left: 2em">\n{items}\n</ol>' if items else ""
    remarks = map(sentence, section.remark.splitlines())
    return "\n".join(part for part in (_heading(5, section.heading), listed, *remarks) if part)


def _step(step: Calculation) -> str:
    result = f"<strong>{step.result}</strong>"
    equation = result if step.expression.is_number else f"{escape(step.formula)} = {result}"
    unit = f" {escape(step.unit)}" if step.unit else ""
    return f'{escape(step.what)} <span style="{FORMULA}">{equation}</span>{unit}'
