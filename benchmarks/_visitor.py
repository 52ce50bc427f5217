"""A user of a hub, without a browser: logs in, starts a server, runs cells, fetches and submits, as pages would."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import requests
import websocket

PATIENCE = 300.0  # seconds for a server, a kernel or a cell, when thirty people want the same two cores


class Visitor:
    """One person with cookies of their own."""

    def __init__(self, url: str, name: str, password: str) -> None:
        self.url, self.name, self.password = url, name, password
        self.session = requests.Session()
        self.base = f"user/{name}"

    def log_in(self) -> None:
        """By name and password, with the hub's form."""
        self.session.get(f"{self.url}/hub/login", timeout=PATIENCE)
        form = {"username": self.name, "password": self.password, "_xsrf": self.xsrf("/hub/")}
        answer = self.session.post(f"{self.url}/hub/login", data=form, timeout=PATIENCE, allow_redirects=False)
        if answer.status_code != 302:
            raise RuntimeError(f"{self.name} cannot log in: {answer.status_code}")

    def xsrf(self, path: str) -> str:
        """The token that a page of this path would send along."""
        return next((one.value for one in self.session.cookies if one.name == "_xsrf" and one.path == path), "")

    def open(self, path: str, **named: Any) -> requests.Response:
        """A page, after every turn that the hub sends its visitor to."""
        return self.session.get(f"{self.url}/{path}", timeout=PATIENCE, **named)

    def ask(self, method: str, path: str, base: str | None = None, **named: Any) -> requests.Response:
        """What a page asks of the server that it came from."""
        base = base or self.base
        headers = {"X-XSRFToken": self.xsrf(f"/{base}/")}
        return self.session.request(method, f"{self.url}/{base}/{path}", headers=headers, timeout=PATIENCE, **named)

    def start(self) -> requests.Response:
        """Start the person's server, and wait until it shows JupyterLab."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            page = self.open("hub/spawn")
            if "/hub/" not in page.url or self.is_ready():
                return self.wait_for_lab()
            time.sleep(1)
        raise RuntimeError(f"the server of {self.name} did not come up")

    def is_ready(self) -> bool:
        """Follow the hub's news of a server that starts, as its page does; False: it failed, or was not asked for."""
        address = f"{self.url}/hub/api/users/{self.name}/server/progress"
        asked = {"_xsrf": self.xsrf("/hub/")}
        with self.session.get(address, params=asked, stream=True, timeout=PATIENCE) as news:
            for line in news.iter_lines():
                if line.startswith(b"data:") and (told := json.loads(line[5:])).keys() & {"ready", "failed"}:
                    return bool(told.get("ready"))
        return False

    def wait_for_lab(self) -> requests.Response:
        """The page of JupyterLab, as soon as there is one."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            page = self.open(f"{self.base}/lab")
            if page.ok and page.url.startswith(f"{self.url}/{self.base}/lab"):
                return page
            time.sleep(0.3)
        raise RuntimeError(f"the server of {self.name} did not come up")

    def assignment(self, action: str, assignment: str, course: str = "convkit") -> dict[str, Any]:
        """fetch, submit or fetch_feedback: a button of the Assignment List."""
        asked = {"course_id": course, "assignment_id": assignment}
        answer = self.ask("POST", f"assignments/{action}", json=asked)
        return answer.json() if answer.ok else {"success": False, "value": answer.text[-500:]}

    def kernel(self) -> Kernel:
        """A new kernel on the person's server."""
        answer = self.ask("POST", "api/kernels", json={"name": "python3"})
        answer.raise_for_status()
        return Kernel(self, answer.json()["id"])


class Kernel:
    """A kernel, over the websocket that a notebook's page uses."""

    def __init__(self, visitor: Visitor, number: str) -> None:
        self.id = number
        self.session = uuid.uuid4().hex
        cookies = "; ".join(f"{one.name}={one.value}" for one in self._cookies(visitor))
        address = f"{visitor.url}/{visitor.base}/api/kernels/{number}/channels?session_id={self.session}"
        address += f"&_xsrf={visitor.xsrf(f'/{visitor.base}/')}"
        self.socket = websocket.create_connection(
            address.replace("http", "ws", 1), cookie=cookies, origin=visitor.url, timeout=PATIENCE
        )

    @staticmethod
    def _cookies(visitor: Visitor) -> list[Any]:
        return [one for one in visitor.session.cookies if f"/{visitor.base}/".startswith(one.path)]

    def run(self, code: str, seen: Callable[[str], None] = lambda kind: None) -> str:
        """Run a cell; what it printed or gave, as text. A cell that fails raises RuntimeError."""
        asked = self._send(code)
        text = []
        while True:
            message = self._receive()
            if message.get("parent_header", {}).get("msg_id") != asked:
                continue
            kind, content = message["msg_type"], message["content"]
            seen(kind)
            if kind == "stream":
                text.append(content["text"])
            elif kind == "execute_result":
                text.append(content["data"].get("text/plain", ""))
            elif kind == "error":
                raise RuntimeError(f"{content['ename']}: {content['evalue']}")
            elif kind == "status" and content["execution_state"] == "idle":
                return "".join(text)

    def _send(self, code: str) -> str:
        number = uuid.uuid4().hex
        header = {"msg_id": number, "msg_type": "execute_request", "session": self.session, "username": "", "date": ""}
        content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False}
        message = {"header": {**header, "version": "5.3"}, "parent_header": {}, "metadata": {}, "channel": "shell"}
        self.socket.send(json.dumps({**message, "content": content, "buffers": []}))
        return number

    def _receive(self) -> dict[str, Any]:
        data = self.socket.recv()
        if isinstance(data, bytes):  # buffers follow the message: JSON is the first part
            offsets = [int.from_bytes(data[4 * i : 4 * i + 4], "big") for i in range(1, 3)]
            data = data[offsets[0] : offsets[1]] if int.from_bytes(data[:4], "big") > 1 else data[offsets[0] :]
        return json.loads(data)

    def close(self) -> None:
        """Hang up; the kernel goes on."""
        self.socket.close()
