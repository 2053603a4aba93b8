"""What of acknowledged writes outlives all nodes of a durable shard, and how long nobody can write."""

import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from redis.backoff import NoBackoff
from redis.cluster import RedisCluster
from redis.retry import Retry

from benchmarks.docker import PORT, address_of, container_of, docker
from benchmarks.drilling import WRITER, Drilled
from benchmarks.figures import Row, gaps, longest_gap
from benchmarks.process import data_directory, serving
from benchmarks.writer import Writer

GROUP = "bench-durable"
NODES = tuple(f"{GROUP}-0001-{number:03}.0001" for number in (1, 2))  # of the shard that has the keys of the writer
ASKED: Mapping[str, str | int] = {
    "Engine": "valkey",
    "EngineVersion": "9.0",
    "CacheNodeType": "cache.m7g.large",
    "MultiAZEnabled": "true",
    "TransitEncryptionEnabled": "true",
    "Durability": "sync",
}
KILL = "SIGKILL for all nodes of a `sync` shard at once"


def durable(rounds: int) -> Iterator[Row]:
    """In every other round the control plane is killed as well, and started again at once."""
    with data_directory() as directory:
        with serving(directory) as served:
            served.create_shards(GROUP, 2, 1, ASKED)
        place = (address_of(NODES[0]), PORT)
        with Writer(lambda patience: _client(place, directory, patience)) as writer:
            spans = [_round(directory, writer, plane=number % 2 == 1) for number in range(rounds)]
        seen = _seen(writer, spans)
    yield seen.gap(KILL, None, f"{WRITER}, {seen.pace:.1f} ms otherwise")
    yield seen.loss(KILL, 0.0)


def _client(place: tuple[str, int], directory: Path, patience: float) -> RedisCluster:
    return RedisCluster(
        host=place[0],
        port=place[1],
        ssl=True,
        ssl_ca_certs=str(directory / "ca.pem"),
        retry=Retry(NoBackoff(), 0),
        socket_timeout=patience,
        socket_connect_timeout=patience,
        require_full_coverage=False,
    )


def _round(directory: Path, writer: Writer, *, plane: bool) -> tuple[float, float]:
    """The moments just before the kill and when the group is whole again; writes were acknowledged around both."""
    with ExitStack() as stack:
        served = stack.enter_context(serving(directory))
        served.await_group(GROUP)
        writer.await_calm()
        containers = [container_of(node) for node in NODES]
        begin = time.monotonic()
        docker("kill", *containers)
        if plane:
            os.kill(served.pid, signal.SIGKILL)
            served = stack.enter_context(serving(directory))
        writer.await_calm()
        served.await_group(GROUP)
        end = time.monotonic()
        writer.await_calm()
    return begin, end


def _seen(writer: Writer, spans: Sequence[tuple[float, float]]) -> Drilled:
    moments = writer.moments
    outages = tuple(1000 * longest_gap(moments, begin, end) for begin, end in spans)
    return Drilled(outages, tuple(1000 * gap for gap in gaps(moments)), len(moments), len(writer.lost()))
