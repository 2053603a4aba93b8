"""Snapshots that new caches begin with, against an engine that is started by hand with the file in its place."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from redis import Redis

from benchmarks.clustering import await_agreement, cluster, clustered, spread
from benchmarks.docker import PORT, Model, address_of, container_of, copies, model, run
from benchmarks.figures import Row, Summary, alternated
from benchmarks.following import start
from benchmarks.plane import Plane
from benchmarks.process import plane
from benchmarks.saving import FILE, KEYS, SIZE, fill, saved
from benchmarks.waiting import CannotMeasure, milliseconds

SOURCE, SNAPSHOT, SHARDS = "bench-source", "bench-snapshot", 3
ONE_BAR, SHARDS_BAR = 1.3, 0.7


def restoring(rounds: int) -> Iterator[Row]:
    """Both sides begin with the same file of the same keys; each round has a new cache."""
    names = (f"restored-{number}" for number in count())
    free = {"CACHEWRIGHT_RESTRICTED_COMMANDS": "off"}
    with TemporaryDirectory() as directory, plane(settings=free) as served:
        copied = _prepared(served, Path(directory) / "dump.rdb")
        ours, floor = alternated(rounds, lambda: _one(served, next(names)), lambda: _floor(copied))
        yield _row("one node", ours, floor, "`docker run` with the file in its place, until it is loaded", ONE_BAR)
        ours, floor = alternated(rounds, lambda: _shards(served, next(names)), lambda: _shards_floor(copied))
        by_hand = "the same in cluster mode, then `redis-cli --cluster rebalance`"
        yield _row(f"{SHARDS} shards", ours, floor, by_hand, SHARDS_BAR)


def _row(what: str, ours: Summary, floor: Summary, floor_is: str, bar: float) -> Row:
    name = f"restore of {KEYS:,} keys of {SIZE} bytes into {what}, until `available`"
    return Row(name, "ms", ours, floor, floor_is, bar)


def _prepared(served: Plane, path: Path) -> Model:
    """A snapshot of the keys and the same file on this machine's disk; how a node that begins with it is started."""
    served.create_cluster(SOURCE)
    fill(SOURCE, KEYS, SIZE)
    served.save(SNAPSHOT, SOURCE)
    with Redis(address_of(f"{SOURCE}.0001"), PORT) as client:
        saved(client, container_of(f"{SOURCE}.0001"), path)
    path.chmod(0o644)
    made = model(f"{SOURCE}.0001")
    served.delete("CacheCluster", SOURCE)
    return replace(made, options=(*made.options, f"--volume={path}:{FILE}:ro"))


def _one(served: Plane, name: str) -> float:
    took = milliseconds(lambda: served.create_cluster(name, asked={"SnapshotName": SNAPSHOT}))
    _require_all(address_of(f"{name}.0001"))
    served.delete("CacheCluster", name)
    return took


def _floor(copied: Model) -> float:
    with copies(copied, 1) as (name,):
        took = milliseconds(lambda: run(copied, 0, name))
        _require_all(copied.address(0))
    return took


def _shards(served: Plane, name: str) -> float:
    took = milliseconds(lambda: served.create_shards(name, SHARDS, 0, {"SnapshotName": SNAPSHOT}))
    _require_all(*(address_of(f"{name}-{shard:04}-001.0001") for shard in range(1, SHARDS + 1)))
    served.delete("ReplicationGroup", name)
    return took


def _shards_floor(copied: Model) -> float:
    with copies(copied, SHARDS) as names:
        took = milliseconds(lambda: _dealt_out(clustered(copied), names))
        _require_all(*map(copied.address, range(SHARDS)))
    return took


def _dealt_out(full: Model, names: list[str]) -> None:
    """A node that finds keys takes their slots; the others are added to it, and slots are moved there."""
    empty, hosts = replace(full, options=full.options[:-1]), [full.address(number) for number in range(SHARDS)]
    start(empty, dict(enumerate(names[1:], 1)))
    run(full, 0, names[0])
    for number, host in enumerate(hosts[1:], 1):
        cluster(names[0], "add-node", f"{host}:{PORT}", f"{hosts[0]}:{PORT}")
        await_agreement(hosts[: number + 1], number + 1)
    spread(full, names)


def _require_all(*hosts: str) -> None:
    """That nothing is missing, wherever it is."""
    found = 0
    for host in hosts:
        with Redis(host, PORT) as client:
            found += client.dbsize()
    if found != KEYS:
        raise CannotMeasure(f"cannot restore {KEYS:,} keys: there are {found:,}")
