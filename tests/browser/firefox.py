"""A headless Firefox, driven by the protocol that it speaks itself: WebDriver BiDi, over one WebSocket.

Playwright brings a Firefox of its own, which has to be downloaded; Debian's needs no other program this way.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import websocket

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
NO_FIREFOX = "there is no Firefox here; get it with: apt-get install firefox-esr"
PREFERENCES = {
    "ui.prefersReducedMotion": 1,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.update.enabled": False,
}
LISTENING = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
SECONDS = 60.0  # for an answer, where a machine has much else to do
EVENTS = ["log.entryAdded", "network.beforeRequestSent"]


class Firefox:
    """One tab: what it shows, what its console says and what it requests."""

    def __init__(self, address: str) -> None:
        self.socket = websocket.create_connection(f"{address}/session", timeout=SECONDS, suppress_origin=True)
        self.count = 0
        self.said: list[str] = []
        self.requests: list[str] = []
        self.version = self.send("session.new", capabilities={})["capabilities"]["browserVersion"]
        self.send("session.subscribe", events=EVENTS)
        self.tab = self.send("browsingContext.getTree")["contexts"][0]["context"]

    def send(self, method: str, **params: Any) -> Any:
        """A command's result. Events that come before it are kept."""
        self.count += 1
        self.socket.send(json.dumps({"id": self.count, "method": method, "params": params}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == self.count:
                if message["type"] == "error":
                    raise RuntimeError(f"{method}: {message['message']}")
                return message["result"]
            self._keep(message)

    def _keep(self, event: dict[str, Any]) -> None:
        if event.get("method") == "log.entryAdded":
            self.said.append(event["params"]["text"])
        if event.get("method") == "network.beforeRequestSent":
            self.requests.append(event["params"]["request"]["url"])

    def open(self, url: str, width: int = 1000) -> None:
        """Load a page in a window of this width in pixels."""
        viewport = {"width": width, "height": 900}
        self.send("browsingContext.setViewport", context=self.tab, viewport=viewport)
        self.send("browsingContext.navigate", context=self.tab, url=url, wait="complete")

    def frame(self) -> str:
        """The first frame of the page."""
        (tree,) = self.send("browsingContext.getTree", root=self.tab)["contexts"]
        return str(tree["children"][0]["context"])

    def run(self, expression: str, frame: str = "") -> Any:
        """The value of a JavaScript expression, as JSON would give it."""
        found = self.send(
            "script.evaluate",
            expression=f"Promise.resolve({expression}).then((value) => JSON.stringify(value ?? null))",
            target={"context": frame or self.tab},
            awaitPromise=True,
        )
        if found["type"] == "exception":
            raise RuntimeError(found["exceptionDetails"]["text"])
        return json.loads(found["result"]["value"])

    def keys(self, text: str) -> None:
        """Press keys, one after the other, as a keyboard does."""
        strokes = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        source = {"type": "key", "id": "keyboard", "actions": strokes}
        self.send("input.performActions", context=self.tab, actions=[source])

    def screenshot(self) -> str:
        """The page as a PNG file, in base64."""
        return str(self.send("browsingContext.captureScreenshot", context=self.tab)["data"])


@contextmanager
def firefox(home: Path) -> Iterator[Firefox]:
    """A Firefox with a profile of its own in a folder, ended at the end."""
    profile = home / "profile"
    profile.mkdir()
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items()]
    (profile / "user.js").write_text("\n".join(lines))
    command = [str(FIREFOX), "--headless", "--remote-debugging-port=0", "--profile", str(profile), "--no-remote"]
    log = home / "log"
    with log.open("w") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file)
    try:
        found = Firefox(_address(process, log))
        yield found
        found.socket.close()
    finally:
        process.terminate()
        process.wait(20)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Where Firefox listens, once it says so."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        found = LISTENING.search(log.read_text())
        if found:
            return found[1]
        time.sleep(0.1)
    raise RuntimeError(f"Firefox does not listen: {log.read_text()[-1000:]}")
