"""What the console takes, in Debian's Chromium: until something is on the screen, and of the control plane."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.figures import Row, Summary
from benchmarks.idling import NODES, SETTLING, WINDOW, busy
from benchmarks.plane import SMALL, WATCH, Plane
from benchmarks.process import plane
from benchmarks.waiting import CannotMeasure, until
from benchmarks.wire import HOST
from cachewright.controlplane.console.page_routes import Page as Files

MANY = 100  # nodes of the list that is painted
PAGES = 10
LISTED = ".caches li"
_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
_WATCH = """(name) => new Promise((seen) => {
  const links = () => [...document.querySelectorAll(".caches .name")];
  const look = () => links().some((link) => link.textContent === name) && seen(Date.now());
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
})"""


def looking(rounds: int) -> Iterator[Row]:
    """The page, on the pretend runtime: what it waits for is the control plane and the browser alone."""
    files = Files()
    weight = len(files.index.packed) + sum(len(file.packed) for file in files.files.values())
    yield Row("the console: weight of all files, compressed", "kB", Summary((weight / 1000,)), bar=150.0)
    with plane("memory") as served, chromium() as browser:
        for number in range(MANY):
            served.client.call("CreateCacheCluster", {"CacheClusterId": f"seen-{number}", "NumCacheNodes": 1, **SMALL})
        served.await_cluster(f"seen-{MANY - 1}")
        opened(browser, served).context.close()
        paints = Summary(tuple(_painted(browser, served) for _ in range(rounds)))
        yield Row(f"the console with {MANY} nodes: first contentful paint", "ms", paints, bar=300.0)
        page = opened(browser, served)
        changes = Summary(tuple(_changed(page, served, f"new-{number}") for number in range(rounds)))
        yield Row("a request until its cache is on the screen", "ms", changes, bar=250.0)


def watched(rounds: int) -> Iterator[Row]:
    """What open pages take of a control plane, beside what it takes without them, while nothing happens."""
    with plane() as served, chromium() as browser:
        for number in range(NODES):
            served.create_cluster(f"watched-{number}")
        time.sleep(SETTLING)
        shares = []
        for _ in range(rounds):
            alone = _share(served)
            pages = [opened(browser, served) for _ in range(PAGES)]
            time.sleep(SETTLING)
            shares.append(_share(served) - alone)
            for page in pages:
                page.context.close()
    note = f"windows of {2 * WINDOW:.0f} s, less those without pages"
    name = f"{PAGES} open pages of the console, {NODES} nodes, nothing happens: processor"
    yield Row(name, "% of a core", Summary(tuple(shares)), bar=1.0, note=note)


def _painted(browser: Browser, served: Plane) -> float:
    """Milliseconds from the start of the navigation, in a browser that has no file of the page."""
    page = opened(browser, served)
    until(lambda: page.evaluate(_PAINT) is not None, "the first paint", WATCH)
    painted = float(page.evaluate(_PAINT))
    page.context.close()
    return painted


def _changed(page: Page, served: Plane, name: str) -> float:
    """Milliseconds from before the request until the page has it."""
    page.evaluate("name => { window.seen = (" + _WATCH + ")(name) }", name)
    begin = time.time()
    served.client.call("CreateCacheCluster", {"CacheClusterId": name, "NumCacheNodes": 1, **SMALL})
    return float(page.evaluate("window.seen")) - 1000 * begin


def opened(browser: Browser, served: Plane) -> Page:
    """The list of caches, in a window of its own."""
    page = browser.new_context().new_page()
    page.goto(f"http://{HOST}:{served.client.port}/console")
    page.locator(LISTED).first.wait_for()
    return page


def _share(served: Plane) -> float:
    before, begin = busy(served.pid), time.monotonic()
    time.sleep(2 * WINDOW)
    return 100 * (busy(served.pid) - before) / (time.monotonic() - begin)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's, without a window; CannotMeasure where there is none."""
    found = shutil.which("chromium")
    if not found:
        raise CannotMeasure("there is no chromium")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=found, args=["--no-sandbox"] if os.geteuid() == 0 else [])
