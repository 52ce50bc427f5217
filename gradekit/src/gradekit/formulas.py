"""LaTeX -> MathML, which browsers show by themselves: no script, no network."""

from __future__ import annotations

import html
import re
from xml.etree import ElementTree

from latex2mathml.converter import convert_to_element

MOST_FORMULA = 5_000  # characters
ALIGNED = re.compile(r"\\(begin|end)\{(?:aligned|split|eqnarray\*?)\}")  # latex2mathml knows align* only


def mathml(latex: str, display: bool = False) -> str:
    """Return a formula as MathML, or as its source where it can't be read. It still has to be sanitized.

    >>> mathml("x < y").partition(">")[2]
    '<mrow><mi>x</mi><mo>&lt;</mo><mi>y</mi></mrow></math>'
    >>> mathml(r"\\frac{")
    '<code>\\\\frac{</code>'
    """
    source = f"<code>{html.escape(latex, quote=False)}</code>"
    if len(latex) > MOST_FORMULA:
        return source
    try:
        tree = convert_to_element(ALIGNED.sub(r"\\\1{align*}", latex), display="block" if display else "inline")
    except TimeoutError:
        raise
    except Exception:  # it has a class of errors for each mistake, and others for what it does not know
        return source
    for node in tree.iter():
        node.text = html.unescape(node.text) if node.text else node.text  # the converter writes entities
    return ElementTree.tostring(tree, encoding="unicode")
