"""One change among many nodes that need none: the pretend machine, the whole control plane."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

from benchmarks.figures import Row, alternated
from benchmarks.plane import Plane
from benchmarks.process import GLANCE, plane
from benchmarks.waiting import milliseconds, until
from benchmarks.wire import request

SIZES = (10, 100, 1_000, 10_000)  # nodes
NODES = 10  # of a cache
CACHES = 30  # of an account: AWS allows 300 nodes
CHANGED = "999999999999"  # the account of the cache that changes
CALLS = 60  # a sample is the mean of so many changes; together they outlast the interval of the probes
WAKING = 1.0  # seconds for a process that was stopped to get going


def scaling(rounds: int) -> Iterator[Row]:
    """A reboot of one node, with more and more others around. Who is not being measured is stopped."""
    with ExitStack() as stack:
        takes = [_reboots(stack.enter_context(_populated(size))) for size in SIZES]
        floor, *others = alternated(rounds, *takes)
    for size, ours in zip(SIZES[1:], others, strict=True):
        bar = 1.3 if size == SIZES[-1] else None
        name = f"RebootCacheCluster until `available`, among {size:,} nodes"
        yield Row(name, "ms", ours, floor, f"among {SIZES[0]}", bar, "pretend machine")


@contextmanager
def _populated(size: int) -> Iterator[Plane]:
    with plane("memory") as served:
        for number in range(size // NODES):
            _create(served, f"{number // CACHES:012}", f"c{number}", "memcached", NODES)
        for account in range(-(-size // NODES // CACHES)):
            _await_all(served, f"{account:012}")
        _create(served, CHANGED, "changed", "redis", 1)
        served.await_cluster("changed", CHANGED)
        os.kill(served.pid, signal.SIGSTOP)
        yield served


def _create(served: Plane, account: str, name: str, engine: str, nodes: int) -> None:
    asked: Mapping[str, str | int] = {
        "CacheClusterId": name,
        "Engine": engine,
        "CacheNodeType": "cache.t3.micro",
        "NumCacheNodes": nodes,
    }
    served.client.call("CreateCacheCluster", asked, account)


def _await_all(served: Plane, account: str) -> None:
    look = request("DescribeCacheClusters", {}, account)
    until(lambda: b">creating<" not in served.client.send(look), f"the caches of {account}", 0.2)


def _reboots(served: Plane) -> Callable[[], float]:
    def reboots() -> None:
        for _ in range(CALLS):
            served.reboot("changed", CHANGED, GLANCE)

    def take() -> float:
        os.kill(served.pid, signal.SIGCONT)
        time.sleep(WAKING)
        took = milliseconds(reboots)
        os.kill(served.pid, signal.SIGSTOP)
        return took / CALLS

    return take
