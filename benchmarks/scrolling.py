"""A thousand nodes in the console, in Debian's Chromium: somebody scrolls through them while they change."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from itertools import cycle

from benchmarks.figures import Row, Summary
from benchmarks.idling import busy
from benchmarks.looking import chromium, opened
from benchmarks.plane import SMALL, Plane
from benchmarks.process import plane
from benchmarks.waiting import until
from benchmarks.wire import Client

NODES = 1000
ACCOUNTS = [f"{number:012}" for number in range(1, 6)]  # AWS's quota of nodes is one of an account in a region
NAMES = [f"many-{number}" for number in range(NODES // len(ACCOUNTS))]
AT_ONCE = 8  # requests
EVERY = 0.2  # seconds from one reboot to the next: five nodes a second leave and come back
LIMIT = 240.0  # seconds
SECONDS = 8.0  # of a sample
_ALL = "document.querySelector('.summary').textContent"
_SCROLL = """(milliseconds) => new Promise((done) => {
  const begin = performance.now();
  let frames = 0;
  let step = 60;
  const next = (now) => {
    if (now - begin >= milliseconds) return done((now - begin) / frames);
    frames += 1;
    const before = scrollY;
    scrollBy(0, step);
    if (scrollY === before) step = -step;
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
})"""


def scrolling(rounds: int) -> Iterator[Row]:
    """On the pretend runtime: the time of a frame, and what the control plane takes, its agent included."""
    with plane("memory") as served, chromium() as browser:
        _fill(served)
        page = opened(browser, served)
        until(lambda: f"{NODES} caches" in page.evaluate(_ALL), "all nodes on the page", 0.1, LIMIT)
        samples = []
        with _changing(served):
            for _ in range(rounds):
                before, begin = busy(served.pid), time.monotonic()
                frame = float(page.evaluate(_SCROLL, 1000 * SECONDS))
                samples.append((frame, 100 * (busy(served.pid) - before) / (time.monotonic() - begin)))
    frames, shares = (Summary(tuple(values)) for values in zip(*samples, strict=True))
    note = f"{1 / EVERY:.0f} nodes a second are rebooted meanwhile"
    yield Row(f"the console with {NODES:,} nodes, scrolling: a frame", "ms", frames, bar=20.0, note=note)
    yield Row(f"the control plane meanwhile, {NODES:,} nodes", "% of a core", shares, bar=25.0, note=note)


def _fill(served: Plane) -> None:
    def create(of: tuple[str, str]) -> None:
        account, name = of
        with closing(Client(served.client.port)) as client:
            client.call("CreateCacheCluster", {"CacheClusterId": name, "NumCacheNodes": 1, **SMALL}, account)

    with ThreadPoolExecutor(AT_ONCE) as callers:
        list(callers.map(create, [(account, name) for account in ACCOUNTS for name in NAMES]))
    for account in ACCOUNTS:
        until(partial(_rest, served, account), "all nodes", 0.5, LIMIT)


def _rest(served: Plane, account: str) -> bool:
    """Whether nobody of the first hundred, nor of the last, is being created."""
    answer = served.client.call("DescribeCacheClusters", {"MaxRecords": 100}, account)
    return b"<CacheClusterStatus>creating<" not in answer


@contextmanager
def _changing(served: Plane) -> Iterator[None]:
    """One node after the other is rebooted."""
    over = threading.Event()

    def reboot() -> None:
        with closing(Client(served.client.port)) as client:
            for name in cycle(NAMES):
                if over.wait(EVERY):
                    return
                wanted = {"CacheClusterId": name, "CacheNodeIdsToReboot.CacheNodeId.1": "0001"}
                client.call("RebootCacheCluster", wanted, ACCOUNTS[0])

    thread = threading.Thread(target=reboot, name="reboots")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
