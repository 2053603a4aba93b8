"""Memcached nodes, against the docker command doing the same by hand."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import count

from benchmarks.docker import GLANCE, Model, ask, begin, copies, model
from benchmarks.figures import Row, alternated
from benchmarks.plane import Plane
from benchmarks.process import plane
from benchmarks.waiting import milliseconds, until
from benchmarks.wire import told

Spec = Mapping[str, str | int]

BAR = 1.3
MANY, FEW, MORE = 10, 2, 5
PORT = 11211
GROWING = "bench-nodes"


def many(rounds: int) -> Iterator[Row]:
    """A cluster of many nodes."""
    with plane() as served:
        _create(served, "bench-model", 1)
        copied, names = model("bench-model.0001"), (f"many-{number}" for number in count())
        ours, floor = alternated(rounds, lambda: _created(served, next(names)), lambda: _floor(copied, MANY))
    floor_is = f"{MANY} `docker run -d` at once until `version`"
    yield Row(f"CreateCacheCluster, {MANY} Memcached nodes, until `available`", "ms", ours, floor, floor_is, BAR)


def more(rounds: int) -> Iterator[Row]:
    """More nodes for a cluster; they are taken away again off the clock."""
    with plane() as served:
        _create(served, GROWING, FEW)
        copied = model(f"{GROWING}.0001")
        ours, floor = alternated(rounds, lambda: _grown(served), lambda: _floor(copied, MORE))
    name = f"ModifyCacheCluster, {MORE} more nodes, until the configuration endpoint lists them"
    yield Row(name, "ms", ours, floor, f"{MORE} `docker run -d` at once until `version`", BAR)


def _create(served: Plane, name: str, nodes: int) -> None:
    asked: Spec = {"Engine": "memcached", "CacheNodeType": "cache.t3.micro", "NumCacheNodes": nodes}
    served.client.call("CreateCacheCluster", {"CacheClusterId": name, **asked})
    served.await_cluster(name)


def _created(served: Plane, name: str) -> float:
    took = milliseconds(lambda: _create(served, name, MANY))
    served.delete("CacheCluster", name)
    return took


def _grown(served: Plane) -> float:
    body = served.client.call("DescribeCacheClusters", {"CacheClusterId": GROWING})
    endpoint = body.partition(b"<ConfigurationEndpoint>")[2]
    where = told(endpoint, "Address"), int(told(endpoint, "Port"))
    took = milliseconds(lambda: _grow(served, where))
    served.await_cluster(GROWING)
    leaving = {f"CacheNodeIdsToRemove.CacheNodeId.{n + 1}": f"{FEW + 1 + n:04}" for n in range(MORE)}
    _resize(served, FEW, leaving)
    served.await_cluster(GROWING)
    return took


def _grow(served: Plane, where: tuple[str, int]) -> None:
    _resize(served, FEW + MORE, {})
    until(lambda: ask(*where, "config get cluster").count(b"|") == 2 * (FEW + MORE), "the nodes to be listed", GLANCE)


def _resize(served: Plane, nodes: int, leaving: dict[str, str]) -> None:
    asked: Spec = {"CacheClusterId": GROWING, "NumCacheNodes": nodes, "ApplyImmediately": "true"}
    served.client.call("ModifyCacheCluster", {**asked, **leaving})


def _floor(copied: Model, nodes: int) -> float:
    with copies(copied, nodes) as names, ThreadPoolExecutor(nodes) as hands:
        return milliseconds(lambda: list(hands.map(lambda number: _run(copied, number, names[number]), range(nodes))))


def _run(copied: Model, number: int, name: str) -> None:
    begin(copied, number, name)
    address = copied.address(number)
    until(lambda: ask(address, PORT, "version").startswith(b"VERSION"), f"the version of {name}", GLANCE)
