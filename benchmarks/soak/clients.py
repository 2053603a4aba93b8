"""Clients that know every host of an installation, and use another one where one does not answer."""

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from socket import socket
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode, RedisCluster
from redis.connection import Connection, ConnectionPool
from redis.retry import Retry

from benchmarks.writer import AnyRedis

PAUSE = 0.005  # seconds before each connection, so that whoever is refused by all leaves the processor to them

Connected = Callable[[float], AnyRedis]


class _AnyHost(Connection):
    """Every connection is to the next host in turn."""

    def __init__(self, addresses: Iterator[str], **options: Any) -> None:  # noqa: ANN401 - Connection's own
        self._addresses = addresses
        super().__init__(**options)  # type: ignore[no-untyped-call]

    def _connect(self) -> socket:
        time.sleep(PAUSE)
        self.host = next(self._addresses)
        connected: socket = super()._connect()  # type: ignore[no-untyped-call]
        return connected


def client(addresses: Sequence[str], port: int) -> Connected:
    """Of an endpoint that every host publishes."""

    turns = cycle(addresses)

    def connected(patience: float) -> Redis:
        own: dict[str, Any] = {"addresses": turns, "port": port, "retry": Retry(NoBackoff(), 0)}
        pool = ConnectionPool(connection_class=_AnyHost, **own, **_patient(patience))
        return Redis.from_pool(pool)

    return connected


def cluster_client(addresses: Sequence[str], port: int) -> Connected:
    """Of a configuration endpoint that every host publishes; it asks all of them who is who."""

    def connected(patience: float) -> RedisCluster:
        return RedisCluster(
            startup_nodes=[ClusterNode(address, port) for address in addresses],
            dynamic_startup_nodes=False,
            retry=Retry(NoBackoff(), 0),
            require_full_coverage=False,
            **_patient(patience),
        )

    return connected


def _patient(seconds: float) -> dict[str, Any]:
    return {"socket_timeout": seconds, "socket_connect_timeout": seconds, "driver_info": None}
