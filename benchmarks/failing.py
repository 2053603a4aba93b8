"""How long a client is kept waiting when the primary fails by itself."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

from redis.cluster import RedisCluster

from benchmarks.docker import PORT, address_of, ask, container_of, docker
from benchmarks.drilling import WRITER, Drill, Drilled, Scene, Stage, drilled, watched
from benchmarks.dying import listening
from benchmarks.figures import Row, Summary
from benchmarks.load import cluster
from benchmarks.process import plane
from cachewright.controlplane.settings import Settings

GROUP, SHARDED = "bench-drill", "bench-shards"
REPAIR = 150.0  # milliseconds from knowing that the primary is lost to the first write that its candidate acknowledges
NOTICED = 100.0  # milliseconds from the end of the patience to the same
KILL, PAUSE, STOP = "SIGKILL for the primary", "`docker pause` for the primary", "SIGSTOP for the primary"
DEATH = "Docker's die event after its SIGKILL"
SHARD_KILL = "SIGKILL for the primary of a shard"


def crashes(rounds: int) -> Iterator[Row]:
    """SIGKILL. It may cost what the primary had not sent to a replica yet, as on AWS: told, but without a bar."""
    with listening() as deaths:
        seen, killed = _killing(rounds)
    row = seen.gap(KILL, 1.2, f"{WRITER}, {seen.pace:.1f} ms otherwise")
    yield replace(row, floor=Summary(deaths.of(killed)), floor_is=DEATH)
    yield seen.tail(KILL, 500.0)
    yield seen.loss(KILL, None)


def pauses(rounds: int) -> Iterator[Row]:
    """A primary that hangs, and Docker tells so at once."""
    yield _failing(rounds, _pause).gap(PAUSE, REPAIR, "detection: Docker's event, 0 ms")


def hangs(rounds: int) -> Iterator[Row]:
    """A primary that hangs, and nobody tells: the patience has to pass since its last answer."""
    patience = 1000 * Settings().patience
    yield _failing(rounds, _stop).gap(STOP, patience + NOTICED, f"detection: the patience, {patience:.0f} ms")


def shard_crashes(rounds: int) -> Iterator[Row]:
    """SIGKILL for the primary of one shard of three; a client of the whole cluster finds out by itself who follows."""
    with plane() as served:
        served.create_shards(SHARDED, 3, 1)
        members = {name: address_of(f"{name}.0001") for name in (f"{SHARDED}-0001-{node:03}" for node in (1, 2))}
        (place, *_) = ((address, PORT) for address in members.values())
        stage = Stage(served, SHARDED, partial(_hurried, place), lambda: _leading(members))
        killed: list[str] = []
        with listening() as deaths:
            seen = watched(stage, [partial(_kill, killed)] * rounds)
    row = seen.gap(SHARD_KILL, 2.0, f"{WRITER}, {seen.pace:.1f} ms otherwise")
    yield replace(row, floor=Summary(deaths.of(killed)), floor_is=DEATH)
    yield seen.loss(SHARD_KILL, None)


def _hurried(place: tuple[str, int], patience: float) -> RedisCluster:
    return cluster(place, patience, tries=0)


def _leading(members: Mapping[str, str]) -> str:
    """The first member that says that it leads; empty while none does."""
    return next((name for name, address in members.items() if b"master" in ask(address, PORT, "ROLE")), "")


def _failing(rounds: int, drill: Drill) -> Drilled:
    with plane() as served:
        served.create_group(GROUP)
        return drilled(served, GROUP, [drill] * rounds)


def _killing(rounds: int) -> tuple[Drilled, list[str]]:
    """What was seen, and the containers that were killed."""
    killed: list[str] = []
    return _failing(rounds, partial(_kill, killed)), killed


def _kill(killed: list[str], scene: Scene) -> None:
    killed.append(_container(scene))
    docker("kill", killed[-1])


def _pause(scene: Scene) -> None:
    docker("pause", _container(scene))


def _stop(scene: Scene) -> None:
    docker("kill", "--signal=STOP", _container(scene))


def _container(scene: Scene) -> str:
    return container_of(f"{scene.primary}.0001")
