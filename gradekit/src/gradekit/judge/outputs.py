"""Clean outputs: what a kernel sends is rebuilt from parts that a notebook can contain.

A lone surrogate or deeply nested lists in an output would raise an error when the notebook is written: one output
would cost the grade of the notebook.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from nbformat import from_dict

DEEPEST = 20  # nesting of lists and dictionaries


def new_output(kind: str, **parts: Any) -> Any:
    """An output as nbformat makes it, without its slow validation: the parts are clean.

    >>> new_output("stream", name="stdout", text="3")
    {'output_type': 'stream', 'name': 'stdout', 'text': '3'}
    """
    rest: dict[str, Any] = {} if kind in ("stream", "error") else {"metadata": {}}
    return from_dict({"output_type": kind, **rest, **parts})  # type: ignore[no-untyped-call]


def clean(text: Any) -> str:
    """A text that can be written to a file.

    >>> clean("a" + chr(0xD800)), clean(None)
    ('a?', '')
    """
    return "" if text is None else str(text).encode("utf-8", "replace").decode("utf-8")


def error(name: str, text: str, lines: Iterable[Any] | None = None) -> Any:
    """An output that earns no points."""
    shown = [f"{name}: {text}."] if lines is None else lines
    return new_output("error", ename=clean(name), evalue=clean(text), traceback=[clean(line) for line in shown])


def cleaned(outputs: Any) -> list[Any]:
    """The outputs of a cell, without what a notebook can't contain."""
    return [made for output in outputs for made in _cleaned(output)]


def _cleaned(output: Any) -> Iterator[Any]:
    kind = output.get("output_type")
    if kind == "error":
        lines = output.get("traceback")
        yield error(output.get("ename"), output.get("evalue"), lines if isinstance(lines, list) else [])
    elif kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        yield new_output("stream", name=name, text=clean(output.get("text")))
    elif kind in ("display_data", "execute_result"):
        data, about = plain(output.get("data")), plain(output.get("metadata"))
        shown = {name: value for name, value in data.items() if _fits(name, value)} if isinstance(data, dict) else {}
        made = new_output(kind, data=shown, metadata=about if isinstance(about, dict) else {})
        if kind == "execute_result":
            made.execution_count = count(output.get("execution_count"))
        yield made


def _fits(kind: str, value: Any) -> bool:
    """Whether it is text, a list of texts, or of a MIME type that is JSON."""
    texts = value if isinstance(value, list) else [value]
    return kind == "application/json" or kind.endswith("+json") or all(isinstance(text, str) for text in texts)


def count(number: Any) -> int | None:
    """The execution count of a cell; None where it isn't one.

    >>> count(3), count("3"), count(-1)
    (3, None, None)
    """
    return number if type(number) is int and 0 <= number < 2**31 else None


def plain(value: Any, depth: int = 0) -> Any:
    """JSON that can be written; None in place of what is nested too deeply.

    >>> plain({"a": [1, chr(0xD800)]})
    {'a': [1, '?']}
    """
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**63 else None
    if isinstance(value, str):
        return clean(value)
    if depth < DEEPEST and isinstance(value, dict):
        return {clean(name): plain(item, depth + 1) for name, item in value.items()}
    if depth < DEEPEST and isinstance(value, list | tuple):
        return [plain(item, depth + 1) for item in value]
    return None
