"""What it takes to tell the metrics of nodes that run."""

import time
from collections.abc import Iterator

from benchmarks.figures import Row, Summary
from benchmarks.idling import NODES, SETTLING, busy
from benchmarks.plane import Plane
from benchmarks.process import plane
from benchmarks.waiting import milliseconds
from benchmarks.wire import HOST

SCRAPES = 15  # of a round; a minute of a scraper that asks every four seconds
APART = 1.5  # seconds; whoever asks sooner is told the same once more
INTERVAL = 15.0  # seconds between two scrapes of a usual scraper

_WANTED = f"GET /metrics HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()


def scraping(rounds: int) -> Iterator[Row]:
    """How long one takes, and how much of a processor it takes of the control plane beside what that takes anyway."""
    with plane() as served:
        for number in range(NODES):
            served.create_cluster(f"scraped-{number}")
        time.sleep(SETTLING)
        _scrape(served)  # loads what it takes
        spans = [_round(served) for _ in range(rounds)]
    took = Summary(tuple(span for taken, _ in spans for span in taken))
    share = Summary(tuple(100 * seconds / INTERVAL for _, seconds in spans))
    yield Row(f"scraping /metrics with {NODES} nodes", "ms", took, bar=100.0)
    note = f"one scrape in {INTERVAL:.0f} s"
    yield Row(f"scraping /metrics with {NODES} nodes: processor", "% of a core", share, bar=0.5, note=note)


def _round(served: Plane) -> tuple[list[float], float]:
    """Milliseconds of each scrape, and seconds of a processor for one; a span of the same length has none."""
    before = busy(served.pid)
    for _ in range(SCRAPES):
        time.sleep(APART)
    idle = busy(served.pid) - before
    taken = [_scrape(served) for _ in range(SCRAPES)]
    return taken, (busy(served.pid) - before - 2 * idle) / SCRAPES


def _scrape(served: Plane) -> float:
    """Milliseconds of one, after a pause."""
    time.sleep(APART)
    return milliseconds(lambda: served.client.send(_WANTED))
