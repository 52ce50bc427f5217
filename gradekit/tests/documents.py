"""The blocks of the kit's documents, and gradekit's commands in them."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def blocks(document: str, *languages: str) -> list[str]:
    text = (ROOT / document).read_text(encoding="utf-8")
    return [body for language, body in re.findall(r"```(\w+)\n(.*?)```", text, re.DOTALL) if language in languages]


def commands(documents: tuple[str, ...], *languages: str) -> list[str]:
    """Each command of gradekit once, in the order of the documents, without redirections."""
    lines = [line for one in documents for block in blocks(one, *languages) for line in block.splitlines()]
    shown = (re.split(r" [#>]", re.sub(r"^[$#] (/opt/\S*/)?", "", line))[0].strip() for line in lines)
    return list(dict.fromkeys(line for line in shown if line.startswith("gradekit ")))
