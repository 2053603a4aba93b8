"""Debian's Firefox, told by WebDriver BiDi what to do: Playwright needs one of its own, Debian has no geckodriver.

Source: https://www.w3.org/TR/webdriver-bidi/
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.e2e.waiting import until

NAMES = ("firefox-esr", "firefox")
_TOLD = "WebDriverBiDiServer.json"  # in the profile, as soon as it listens
_ANSWER = 60.0  # seconds
_LARGEST = 2**24  # bytes of an answer
_WORSE = ("error", "warn")


class Firefox:
    """A window."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket, self._number = socket, 0
        self.complaints: list[str] = []  # what it says is wrong with its pages
        self._ask("session.new", capabilities={})
        self._ask("session.subscribe", events=["log.entryAdded"])
        self._window = self._ask("browsingContext.getTree")["contexts"][0]["context"]

    def go(self, url: str) -> None:
        """Open an address, until everything of it is there."""
        self._ask("browsingContext.navigate", context=self._window, url=url, wait="complete")

    def told(self, expression: str) -> Any:
        """The value of an expression on the page, which JSON can say."""
        written = f"JSON.stringify({expression})"
        target = {"context": self._window}
        answer = self._ask("script.evaluate", expression=written, target=target, awaitPromise=False)
        assert answer["type"] == "success", answer
        return json.loads(answer["result"].get("value", "null"))

    def _ask(self, method: str, **params: Any) -> Any:
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv(_ANSWER))
            if message.get("id") == self._number:
                assert message["type"] == "success", message
                return message["result"]
            if message.get("method") == "log.entryAdded" and message["params"]["level"] in _WORSE:
                self.complaints.append(message["params"]["text"])


@contextmanager
def firefox(profile: Path) -> Iterator[Firefox]:
    """A browser without a window that one sees, with a profile of its own; the test is skipped where there is none."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        pytest.skip("there is no firefox: `make setup` installs it on Debian")
    profile.mkdir()
    command = [found, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            until("Firefox listens", lambda: _port(profile))
            url = f"ws://127.0.0.1:{_port(profile)}/session"
            with connect(url, open_timeout=_ANSWER, max_size=_LARGEST, proxy=None) as socket:
                yield Firefox(socket)
        finally:
            process.terminate()


def _port(profile: Path) -> int:
    """Where it listens; 0 as long as it does not."""
    told = profile / _TOLD
    text = told.read_text() if told.exists() else ""
    return int(json.loads(text)["ws_port"]) if text.endswith("}") else 0
