"""Serverless caches: how soon one takes a write, and what passes its endpoint."""

from collections.abc import Iterator
from contextlib import closing
from functools import partial
from itertools import count

from redis import Redis

from benchmarks.docker import PORT, address_of, model
from benchmarks.figures import Row, Summary, alternated
from benchmarks.passing import Load, taken
from benchmarks.plane import Plane
from benchmarks.process import plane
from benchmarks.waiting import milliseconds

CACHE = "bench-serverless"
LOAD = Load(50, 16, 200_000)
TLS = ("--tls", "--insecure")
ENCRYPTED: dict[str, str | int] = {"NumCacheClusters": 2, "TransitEncryptionEnabled": "true"}


def creating(rounds: int) -> Iterator[Row]:
    """From the call to the first write, against groups of two nodes with TLS."""
    with plane() as served:
        names = (f"made-{number}" for number in count())
        for mode, bar in (("disabled", 1.1), ("compatible", None)):
            group = partial(_group, served, {**ENCRYPTED, "ClusterMode": mode})
            ours, floor = alternated(rounds, lambda: _serverless(served, next(names)), lambda: group(next(names)))  # noqa: B023
            what = f"CreateReplicationGroup of 2 nodes with TLS, cluster mode {mode}"
            yield Row("CreateServerlessCache until it takes a write", "ms", ours, floor, what, bar)


def passing(rounds: int) -> Iterator[Row]:
    """redis-benchmark over TLS through the endpoint, against the primary's own address."""
    with plane() as served:
        served.create_serverless(CACHE, "redis")
        node = model(f"{CACHE}--001.0001")
        places = served.serverless_endpoint(CACHE), (address_of(f"{CACHE}--001.0001"), PORT)
        rows = [[taken(node, place, LOAD, TLS)[0] for place in places] for _ in range(rounds + 1)][1:]
        ours, floor = (Summary(tuple(row[side] for row in rows)) for side in range(2))
        name = "SET through a serverless endpoint, TLS, 50 clients, pipeline 16"
        yield Row(name, "us/command", ours, floor, "the node's own TLS address", 1 / 0.7)


def _serverless(served: Plane, name: str) -> float:
    took = milliseconds(lambda: _written(served, name))
    served.delete_serverless(name)
    return took


def _written(served: Plane, name: str) -> None:
    served.create_serverless(name, "redis")
    _write(served.serverless_endpoint(name))


def _group(served: Plane, asked: dict[str, str | int], name: str) -> float:
    def written() -> None:
        served.create_group(name, asked)
        _write(served.primary_endpoint(name))

    took = milliseconds(written)
    served.delete("ReplicationGroup", name)
    return took


def _write(place: tuple[str, int]) -> None:
    with closing(Redis(*place, ssl=True, ssl_cert_reqs="none")) as client:
        client.set("key", "value")
