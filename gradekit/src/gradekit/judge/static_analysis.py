"""Point out what a person may want to look at: a notebook is parsed, not executed.

Nothing found here costs points. Whether an answer is the student's own work is decided by `own_work`.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator
from typing import Any

from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution

from gradekit.judge.parse_checks import Check, NoChecks, checks
from gradekit.limits import LONGEST_PARSED

RULES = {"EXERCISES", "oracle", "oracles", "visible", "probes"}  # names of the lesson's correct rules
REACHES = {
    *("setprofile", "settrace", "get_objects", "get_referrers", "input_transformers", "__subclasses__"),
    *("input_transformers_cleanup", "input_transformers_post", "ast_transformers", "display_pub"),
    *("iopub_socket", "shell_stream", "do_execute", "NBGRADER_EXECUTION", "kernel_side", "own_work"),
    *("FunctionType", "CodeType", "__code__", "getsource", "co_code"),
    *("forbidden_calls", "encode_outcome", "pre_execute", "pre_run_cell", "_getframe", "_current_frames"),
}

MOST_PARSED = 1_000_000  # characters of a notebook, and as many that IPython transforms: it starts again at each magic
UNREAD = "cells of its own kind that are too long to be read"
FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef
Bound = dict[str, list[ast.AST]]  # a name of the notebook -> everything that gives it a meaning


class Text:
    """The code of a notebook that its student wrote."""

    def __init__(self, nb: NotebookNode) -> None:
        reader = Reader()
        own = sorted((cell for cell in nb.cells if _is_own(cell)), key=is_solution, reverse=True)  # answers first
        written = [tree for cell in own for tree in reader.trees(cell.source[:LONGEST_PARSED])]
        self._bound = _bound(written)
        self._reached = {name for tree in written for name in _named(tree)} & REACHES | reader.unread
        self.asked = {check.answer: check for cell in nb.cells for check in _checks(cell)}

    def doubts(self, earned: Container[str]) -> list[str]:
        """Lines for the log: one for each answer that a person should look at, and one for the notebook.

        `earned`: the answers that were correct in a check; others are not reported.
        """
        lines = [line for name, check in self.asked.items() if name in earned for line in self._about(check)]
        if self._reached:
            lines.append(f"The notebook reaches into what runs it: {', '.join(sorted(self._reached))}")
        return lines

    def _about(self, check: Check) -> Iterator[str]:
        if rules := sorted(set(_reachable(check.answer, self._bound)) & RULES):
            yield f"Answer {check.answer} may ask the lesson's own rule: {', '.join(rules)}"


def _is_own(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and (is_solution(cell) or not is_grade(cell))


def _checks(cell: NotebookNode) -> tuple[Check, ...]:
    try:
        return checks(cell.source) if cell.cell_type == "code" and not _is_own(cell) else ()
    except NoChecks:
        return ()


class Reader:
    """Parses cells. A line such as `files = !ls` is not Python, and must not hide the rest of its cell."""

    def __init__(self) -> None:
        self._all_left = self._left = MOST_PARSED
        self.unread: set[str] = set()

    def trees(self, source: str) -> Iterator[ast.Module]:
        """The syntax tree of a cell; none for a cell that IPython can't parse either, and doesn't run."""
        self._all_left -= len(source)
        if self._all_left < 0:
            self.unread = {UNREAD}
            return
        lines = source.splitlines()
        tree = _tree("\n".join("" if re.match(r"\s*[%!?]", line) else line for line in lines))
        tree = tree or _tree(self._as_ipython(["" if line.lstrip().startswith("%%") else line for line in lines]))
        yield from [tree] if tree else []

    def _as_ipython(self, lines: list[str]) -> str:
        """The Python that IPython runs for these lines, without the `get_ipython()` that it adds for a magic."""
        from IPython.core.inputtransformer2 import TransformerManager

        reads: Any = TransformerManager()  # type: ignore[no-untyped-call]
        made, more = [f"{line}\n" for line in lines], True
        try:
            for change in (*reads.cleanup_transforms, *reads.line_transforms):
                made = change(made)
            while more and self._left > 0:
                self._left -= sum(map(len, made))
                more, made = reads.do_one_token_transform(made)
        except Exception:  # it would not run
            return ""
        self.unread = {UNREAD} if more else self.unread
        text = "".join(made)
        return text if any("get_ipython" in line for line in lines) else text.replace("get_ipython().", "")


def _tree(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _bound(trees: Iterable[ast.Module]) -> Bound:
    """Definitions, assignments and imports of a notebook, by the name that they bind for all of its cells."""
    bound: Bound = defaultdict(list)
    for node in (node for tree in trees for node in _outside(tree)):
        for name in _binds(node):
            bound[name].append(node)
    return bound


def _outside(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node outside of functions, and the functions. No recursion: a cell may be deeply nested."""
    todo = [tree]
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, FUNCTIONS):
            todo += ast.iter_child_nodes(node)


def _binds(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AsyncFunctionDef(name=name):
            yield name
        case ast.Assign(targets=targets):
            yield from (name for target in targets for name in _stored(target))
        case ast.AnnAssign(target=target) | ast.AugAssign(target=target) | ast.NamedExpr(target=target):
            yield from _stored(target)
        case ast.ImportFrom(names=names):
            yield from (alias.asname or alias.name for alias in names)


def _stored(tree: ast.AST) -> Iterator[str]:
    return (part.id for part in ast.walk(tree) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store))


def _local(node: ast.AST) -> set[str]:
    """Names that mean something else inside a function than outside of it."""
    if not isinstance(node, FUNCTIONS):
        return set()
    shared = {name for part in ast.walk(node) if isinstance(part, ast.Global) for name in part.names}
    return ({part.arg for part in ast.walk(node) if isinstance(part, ast.arg)} | set(_stored(node))) - shared


def _reachable(answer: str, bound: Bound) -> Iterator[str]:
    """The names that an answer uses, directly or through other definitions of the notebook."""
    todo, seen, read = [answer], {answer}, set[int]()
    while todo:
        for node in bound.get(todo.pop(), ()):
            if id(node) in read:  # one line may give a meaning to very many names
                continue
            read.add(id(node))
            local = _local(node)
            used = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)} - local - seen
            todo += sorted(name for name in used if name in bound)
            seen |= used
            yield from _named(node, local, bound)


def _named(tree: ast.AST, *own: Container[str]) -> Iterator[str]:
    """Names, attributes, imports and words in strings, except docstrings; of `own` names, attributes only."""
    documents = _docstrings(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) if not any(name in names for names in own):
                yield name
            case ast.Attribute(attr=name):
                yield name
            case ast.Constant(value=str(text)) if id(node) not in documents:
                yield from re.findall(r"\w+", text[:1000])
            case ast.ImportFrom(names=names) | ast.Import(names=names):
                yield from (part for alias in names for part in alias.name.split("."))


def _docstrings(tree: ast.AST) -> set[int]:
    texts = (node.value for node in ast.walk(tree) if isinstance(node, ast.Expr))
    return {id(text) for text in texts if isinstance(text, ast.Constant)}
