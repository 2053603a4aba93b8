"""Debian's Chromium, driven by Playwright: pages of the console as people see them."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, sync_playwright

from docs.sections import ROOT
from tests.e2e.waiting import until

AXE = "axe-core@4"
SEEN = ROOT / "build" / "screenshots"  # kept for people who want to look
PATIENCE = 30_000.0  # milliseconds that anything on a page may take
DESK, PHONE = (1280, 860), (390, 844)  # width and height
CHANGED = "ERR_NETWORK_CHANGED"  # containers come and go beside the test
SERIOUS = ("serious", "critical")  # of axe-core's impacts


@contextmanager
def chromium(*arguments: str) -> Iterator[Browser]:
    """A browser; the test is skipped where there is none. To be closed within a module: others use an event loop."""
    found = shutil.which("chromium")
    if not found:
        pytest.skip("there is no chromium: `make setup` installs it on Debian")
    alone = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=[*alone, *arguments])
        yield browser
        browser.close()


@dataclass(slots=True)
class Looking:
    """Somebody who looks at the console of a control plane, in a window of their own."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)  # what the browser says is wrong with the page

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE)
        self.page.on("console", lambda message: self._said(message))  # noqa: PLW0108 - a method would be written to
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def go(self, path: str = "") -> None:
        """Open an address of the console, and wait until it follows what happens."""
        until("the page comes", lambda: self._came(f"{self.url}/console{path}"))
        self.page.locator(".live.live").wait_for()

    def _came(self, url: str) -> bool:
        """Chromium breaks off what it loads when the network of the machine changes."""
        try:
            self.page.goto(url)
        except Error as error:
            if CHANGED not in error.message:
                raise
            return False
        return True

    def keep(self, name: str) -> None:
        """A screenshot, for people."""
        self.page.evaluate("scrollTo(0, 0)")
        SEEN.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SEEN / f"{name}.png", full_page=True, animations="disabled")

    def barriers(self, axe: Path) -> list[str]:
        """What axe-core finds that keeps people out."""
        self.page.evaluate(axe.read_text())
        found: list[dict[str, Any]] = self.page.evaluate("axe.run().then((found) => found.violations)")
        return [
            f"{rule['id']} at {node['target']}: {node['failureSummary']}"
            for rule in found
            if rule["impact"] in SERIOUS
            for node in rule["nodes"]
        ]

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and CHANGED not in message.text:
            self.complaints.append(message.text)


@contextmanager
def looking(browser: Browser, url: str, size: tuple[int, int] = DESK, **options: Any) -> Iterator[Looking]:
    """A window, about which the browser has nothing to complain until it is closed."""
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height}, **options)
    seen = Looking(context.new_page(), url)
    try:
        yield seen
    finally:
        context.close()
    assert seen.complaints == []


def own_path(account: str, kind: str, name: str, tab: str = "", region: str = "us-east-1") -> str:
    """Where the console shows a cache."""
    return f"/caches/{account}/{region}/{kind}/{name}" + (f"/{tab}" if tab else "")
