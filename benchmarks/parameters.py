"""How long another value of a parameter group needs to reach every node that uses the group."""

import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count

from redis import Redis

from benchmarks.docker import PORT, address_of
from benchmarks.figures import Row, Summary, alternated
from benchmarks.plane import WATCH, Plane
from benchmarks.process import plane
from benchmarks.waiting import milliseconds, until
from benchmarks.wire import told

GROUP, FAMILY, PARAMETER = "bench-parameters", "redis7", "slowlog-max-len"
NODES, MEMBERS = 20, 5  # altogether, and of each replication group
BAR = 1.0
UNRESTRICTED = {"CACHEWRIGHT_RESTRICTED_COMMANDS": "false"}  # clients may ask for CONFIG, which AWS does not let them
FLOOR_IS = "20 `CONFIG SET` one after another, each from a fresh redis-py client"
GLANCE = 0.0005  # seconds between two looks at a node

_VALUES = count(200)


def parameters(rounds: int) -> Iterator[Row]:
    """One immediate parameter of a group that 20 nodes use."""
    with plane(settings=UNRESTRICTED) as served:
        _create_parameter_group(served)
        names = [f"bench-one-{number}" for number in range(NODES)]
        _create_clusters(served, names)
        ours, floor = _measured(served, "CacheCluster", names, [f"{name}.0001" for name in names], rounds)
        yield _row(f"{NODES} cache clusters", ours, floor)
        for name in names:
            served.delete("CacheCluster", name)
        names = [f"bench-five-{number}" for number in range(NODES // MEMBERS)]
        for name in names:
            served.create_group(name, {"NumCacheClusters": MEMBERS, "CacheParameterGroupName": GROUP})
        nodes = [f"{name}-{number:03}.0001" for name in names for number in range(1, MEMBERS + 1)]
        ours, floor = _measured(served, "ReplicationGroup", names, nodes, rounds)
        yield _row(f"{len(names)} groups of {MEMBERS}", ours, floor)


def _row(whose: str, ours: Summary, floor: Summary) -> Row:
    name = f"ModifyCacheParameterGroup, {NODES} nodes of {whose}, until CONFIG GET shows it"
    return Row(name, "ms", ours, floor, FLOOR_IS, BAR)


@dataclass(frozen=True, slots=True)
class _Nodes:
    """Connections that are kept: looking costs next to nothing."""

    served: Plane
    hosts: Sequence[str]
    settled: Callable[[], object]  # waits until nothing is left to do
    connections: list[socket.socket] = field(default_factory=list)

    def ours(self) -> float:
        """One change through the API, and a rest that does not count."""
        value = str(next(_VALUES))
        took = milliseconds(lambda: self._change(value))
        self.settled()
        return took

    def floor(self) -> float:
        """The same by hand."""
        value = str(next(_VALUES))
        return milliseconds(lambda: _set_all(self.hosts, value))

    def _change(self, value: str) -> None:
        wanted = {f"{_PAIR}.ParameterName": PARAMETER, f"{_PAIR}.ParameterValue": value}
        self.served.client.call("ModifyCacheParameterGroup", {"CacheParameterGroupName": GROUP, **wanted})
        for connection in self.connections:
            until(lambda: _shows(connection, value), f"{PARAMETER} {value}", GLANCE)  # noqa: B023 - called at once


_PAIR = "ParameterNameValues.ParameterNameValue.1"


def _measured(served: Plane, noun: str, names: Sequence[str], nodes: Sequence[str], rounds: int) -> list[Summary]:
    hosts = [address_of(node) for node in nodes]
    with ExitStack() as stack:
        connections = [stack.enter_context(socket.create_connection((host, PORT))) for host in hosts]
        every = _Nodes(served, hosts, lambda: _await_all(served, noun, names), connections)
        return alternated(rounds, every.ours, every.floor)


def _await_all(served: Plane, noun: str, names: Sequence[str]) -> None:
    """Every cache is available, and its values are in sync."""
    for name in names:
        served.await_cluster(name) if noun == "CacheCluster" else served.await_group(name)
        cluster = name if noun == "CacheCluster" else f"{name}-001"
        until(lambda: _in_sync(served, cluster), f"the values of {cluster}", WATCH)  # noqa: B023 - called at once


def _in_sync(served: Plane, cluster: str) -> bool:
    return told(served.client.call("DescribeCacheClusters", {"CacheClusterId": cluster}), "ParameterApplyStatus") == (
        "in-sync"
    )


def _shows(connection: socket.socket, value: str) -> bool:
    connection.sendall(f"CONFIG GET {PARAMETER}\r\n".encode())
    return f"\r\n{value}\r\n".encode() in connection.recv(1 << 16)


def _set_all(hosts: Sequence[str], value: str) -> None:
    for host in hosts:
        with Redis(host, PORT) as client:
            client.config_set(PARAMETER, value)


def _create_parameter_group(served: Plane) -> None:
    asked: Mapping[str, str] = {"CacheParameterGroupName": GROUP, "CacheParameterGroupFamily": FAMILY}
    served.client.call("CreateCacheParameterGroup", {**asked, "Description": "measured"})


def _create_clusters(served: Plane, names: Sequence[str]) -> None:
    small: Mapping[str, str | int] = {"Engine": "redis", "CacheNodeType": "cache.t3.micro", "NumCacheNodes": 1}
    for name in names:
        own: Mapping[str, str | int] = {"CacheClusterId": name, "CacheParameterGroupName": GROUP}
        served.client.call("CreateCacheCluster", {**own, **small})
    for name in names:
        served.await_cluster(name)
