"""Run code as the system user of a student: a line of JSON in, a line of JSON out."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sqlite3
import sys
import time
from pathlib import Path

SECRET = "0123456789abcdef" * 8


def hand_in(inbound: str, name: str, mine: str, text: str = "", secret: bool = True) -> Path:
    """Write a submission as nbgrader does, under any name, from the notebooks in `mine`."""
    folder = Path(inbound, name)
    folder.mkdir()
    for notebook in Path(mine).glob("*.ipynb"):
        shutil.copy(notebook, folder)
    if text:
        notebook = folder / "1-first.ipynb"
        notebook.write_text(notebook.read_text().replace("# Parameters", text))
    if secret:
        (folder / "timestamp.txt").write_text(name.split("+")[2])
        (folder / "submission_secret.txt").write_text(SECRET)
    return folder


TOOLS = {one.__name__: one for one in (json, os, shutil, signal, socket, sqlite3, time, Path, hand_in)}


def attempt(code: str, names: dict) -> dict:
    """Run code: {"got": value} or {"refused": error}."""
    known = {**TOOLS, **names}
    try:
        exec(code, known)
    except BaseException as problem:
        return {"refused": f"{type(problem).__name__}: {problem}"[:300]}
    return {"got": repr(known["got"])[:300] if known.get("got") else ""}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(attempt(**json.loads(line))), flush=True)
