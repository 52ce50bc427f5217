"""The prose of docstrings, and the numbers that the code beside it holds."""

from __future__ import annotations

import ast
import doctest
import inspect
import io
import re
import tokenize
from collections.abc import Iterator

from tests.prose import numbers

# Names and versions of programs, settings such as memory=2000, and texts that are shown as code.
NAMES = re.compile(
    r"`[^`]*`|\w+=\d+|(?:format|version|Python|JupyterHub|nbgrader|IPython|ipykernel|Matplotlib|Linux) \d[\d.]*"
    r"|\(Linux \d[\d.]*\)|CVE-\d+-\d+"
)
MEASURED = {"gradekit.patches"}  # its table states what was measured, which no test measures again


def stated(text: str) -> list[tuple[str, float]]:
    """The numbers in digits that a text states; words such as "two" are mostly grammar in a docstring.

    >>> stated("With nbgrader 0.9.6, one of 32 bits; memory=2000 is a setting.")
    [('32', 32.0)]
    """
    return [(written, value) for written, value in numbers(NAMES.sub(" ", text)) if written.lstrip("-")[0].isdigit()]


def lines(source: str, module: str) -> Iterator[tuple[str, str]]:
    """Each line of prose in the docstrings of a module, with the name of what it belongs to."""
    for name, text in _docstrings(ast.parse(source), module):
        for line in _prose(text):
            yield name, line


def in_module(source: str) -> set[float]:
    """The numbers in a module's code and in the examples of its docstrings."""
    tree = ast.parse(source)
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found: set[float] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in documents and not isinstance(node.value, bool):
            if isinstance(node.value, int | float):
                found.add(float(node.value))
            elif isinstance(node.value, str):
                found |= {value for _, value in numbers(node.value)}
    for _, text in _docstrings(tree, ""):
        for part in doctest.DocTestParser().parse(text):
            if isinstance(part, doctest.Example):
                found |= {value for _, value in numbers(part.source + part.want)}
    return found


def _docstrings(node: ast.AST, name: str) -> Iterator[tuple[str, str]]:
    """Every text that stands by itself, as a docstring does: also one below an attribute."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant) and isinstance(child.value.value, str):
            yield name, inspect.cleandoc(child.value.value)
        named = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        yield from _docstrings(child, f"{name}.{child.name}" if named else name)


def _prose(text: str) -> Iterator[str]:
    """The lines that no doctest runs, and the comments in those that one does."""
    for part in doctest.DocTestParser().parse(text):
        if isinstance(part, doctest.Example):
            tokens = tokenize.generate_tokens(io.StringIO(part.source).readline)
            yield from (token.string for token in tokens if token.type == tokenize.COMMENT)
        else:
            yield from filter(None, map(str.strip, part.splitlines()))
