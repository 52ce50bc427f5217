"""What is there to attack: a course with secrets, listeners, a victim, and a grader with a password."""

from __future__ import annotations

import ctypes
import os
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from tests.hostile.attack import Attack
from tests.processes import eventually

VICTIM = """
import ctypes, sys, time
held = ctypes.create_string_buffer(sys.argv[1].encode())
print(ctypes.addressof(held), flush=True)
time.sleep(3600)
"""


class World:
    """Everything lies below one folder, except a mark in places that all share."""

    def __init__(self, root: Path) -> None:
        self.root, self.course, self.home = root, root / "course", root / "home"
        self.secret = f"secret-{secrets.token_hex(8)}"
        self.mark = f"hostile-{secrets.token_hex(8)}"
        self.key = secrets.randbelow(1 << 30) + 1
        self.sleep = str(1000 + secrets.randbelow(10**6))
        self.shared = Path(sys.prefix) / "share"  # of the installed packages
        self.log = root / "grader.log"
        self.heard: list[bytes] = []
        self.make_course()
        self.listeners = [self._listen(*where) for where in self._addresses()]
        self.port, self.udp_port = (self.listeners[number].getsockname()[1] for number in (0, 1))
        self.victim = self._start_victim()
        os.environ["TOKEN"] = self.secret

    def make_course(self) -> None:
        """The course as it was, whatever has been done to it."""
        for folder in (self.course, self.home):
            folder.mkdir(parents=True, exist_ok=True)  # a process stands in it: it stays the same folder
            for entry in folder.iterdir():
                shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
        for place in (
            "source/a",
            "submitted/other/a",
            f"submitted/{self.secret}/a",
            "submitted/mine/a",
            "autograded/mine/a",
        ):
            (self.course / place).mkdir(parents=True)
            (self.course / place / "1.ipynb").write_text(f'{{"cells": "{self.secret}"}}')
        (self.course / "autograded/mine/a/data.csv").write_text("1,2\n3,4\n")
        os.symlink(self.course / "gradebook.db", self.course / "submitted/mine/a/handed-in.csv")
        with sqlite3.connect(self.course / "gradebook.db") as book:
            book.execute("create table grades (student text, score real)")
            book.execute("insert into grades values (?, 1)", (self.secret,))
        book.close()
        self.log.write_text("")

    def _addresses(self) -> list[tuple[int, int, Any]]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            (socket.AF_UNIX, socket.SOCK_STREAM, f"\0{self.mark}"),
            (socket.AF_UNIX, socket.SOCK_STREAM, str(self.root / "agent")),
            (socket.AF_UNIX, socket.SOCK_DGRAM, str(self.root / "log")),
        ]

    def _listen(self, kind: int, how: int, address: Any) -> socket.socket:
        listener = socket.socket(kind, how)
        listener.bind(address)
        if how == socket.SOCK_STREAM:
            listener.listen()
        threading.Thread(target=self._hear, args=(listener, how == socket.SOCK_STREAM), daemon=True).start()
        return listener

    def _hear(self, listener: socket.socket, stream: bool) -> None:
        with suppress(OSError):
            while True:
                if not stream:
                    self.heard.append(listener.recv(1000))
                    continue
                caller, _ = listener.accept()
                with caller:
                    self.heard.append(caller.recv(1000))

    def _start_victim(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", VICTIM, self.secret]
        env = {**os.environ, "PASSWORD": self.secret}
        victim = subprocess.Popen(
            command, cwd=self.course, env=env, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        self.secret_address = int(victim.stdout.readline())  # type: ignore[union-attr]
        return victim

    def names(self, fork_server: str, watcher: int, connection_file: Path) -> str:
        """Assignments that tell an attack where everything is: no attack fails for want of knowing."""
        about = self.log.stat()
        known = {
            "COURSE": str(self.course),
            "GRADEBOOK": str(self.course / "gradebook.db"),
            "HOME": str(self.home),
            "PACKAGES": str(self.shared),
            "AGENT": str(self.root / "agent"),
            "LOG_SOCKET": str(self.root / "log"),
            "ABSTRACT": f"\0{self.mark}",
            "MARK": self.mark.encode(),
            "PORT": self.port,
            "UDP_PORT": self.udp_port,
            "VICTIM": self.victim.pid,
            "SECRET_ADDRESS": self.secret_address,
            "LOG": (about.st_dev, about.st_ino),
            "KEY": self.key,
            "SLEEP": self.sleep,
            "FORK_SERVER": fork_server,
            "WATCHER": watcher,
            "CONNECTION_FILE": str(connection_file),
        }
        return "\n".join(f"{name} = {value!r}" for name, value in known.items())

    def state(self) -> dict[str, Any]:
        """Every name with its bytes, mode and time, and what else an attack writes to."""
        places = [*self.course.rglob("*"), *self.home.rglob("*"), self.log, *self.shared.glob("hostile*")]
        places.append(Path("/dev/full"))
        return {str(place): _about(place) for place in places}

    def succeeded(self, attack: Attack, before: dict[str, Any], shown: str, watcher: int, patience: float) -> bool:
        """Is there evidence, for calls after a while at the latest? What an attack has done is undone."""
        match attack.evidence:
            case "secret":
                return self.secret in shown
            case "won":
                return "WON" in shown
            case "changed":
                changed = self.state() != before
                if changed:
                    self.make_course()
                (self.shared / "hostile_package.py").unlink(missing_ok=True)
                return changed
            case "heard":
                heard = eventually(lambda: any(self.mark.encode() in one for one in self.heard), patience)
                self.heard.clear()
                return heard
            case "stopped":
                return eventually(lambda: self._went_on(watcher), patience)
        raise ValueError(attack.evidence)

    def _went_on(self, watcher: int) -> bool:
        """Whether the victim or the watcher was stopped; both go on."""
        stopped = [_was_stopped(pid) for pid in (self.victim.pid, watcher)]
        return any(stopped)

    def left(self) -> dict[str, bool]:
        """What is there of an ended kernel, by the name of the attack that left it; it is removed."""
        libc = ctypes.CDLL(None)
        shared, semaphore = libc.shmget(self.key, ctypes.c_size_t(1), 0), libc.semget(self.key, 1, 0)
        sleepers = [process for process in psutil.process_iter() if self.sleep in _command(process)]
        files = {place: (Path(place) / self.mark).exists() for place in ("/tmp", "/dev/shm")}
        for place in files:
            (Path(place) / self.mark).unlink(missing_ok=True)
        libc.shmctl(shared, 0, None)
        libc.semctl(semaphore, 0, 0)
        for process in sleepers:
            process.kill()
        return {
            "a file for the next": files["/tmp"],
            "a file in shared memory": files["/dev/shm"],
            "shared memory": shared >= 0,
            "a semaphore": semaphore >= 0,
            "a process that stays": bool(sleepers),
        }

    def close(self) -> None:
        self.victim.kill()
        self.victim.communicate()
        for process in psutil.process_iter():  # forks that an attack in the open has left
            if any(str(self.root.parent) in part for part in _command(process)):
                process.kill()
        for listener in self.listeners:
            listener.close()
        del os.environ["TOKEN"]


def _about(place: Path) -> Any:
    about = place.lstat()
    content = place.read_bytes() if place.is_file() and not place.is_symlink() and about.st_mode & 0o400 else None
    return about.st_mode, about.st_mtime_ns, content


def _was_stopped(pid: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        if psutil.Process(pid).status() == psutil.STATUS_STOPPED:
            os.kill(pid, signal.SIGCONT)
            return True
    return False


def _command(process: psutil.Process) -> list[str]:
    with suppress(psutil.Error):
        return process.cmdline()
    return []
