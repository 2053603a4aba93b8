"""How long a client is kept waiting when the primary fails by itself."""

from collections.abc import Iterator

from benchmarks.docker import container_of, docker
from benchmarks.drilling import WRITER, Drill, Drilled, Scene, drilled
from benchmarks.figures import Row
from benchmarks.process import plane
from controlplane.settings import Settings

GROUP = "bench-drill"
REPAIR = 150.0  # milliseconds from knowing that the primary is lost to the first write that its heir acknowledges
KILL, PAUSE, STOP = "SIGKILL for the primary", "`docker pause` for the primary", "SIGSTOP for the primary"


def crashes(rounds: int) -> Iterator[Row]:
    """SIGKILL. It may cost what the primary had not sent to a replica yet, as on AWS: told, but without a bar."""
    seen = _failing(rounds, _kill)
    yield seen.gap(KILL, 200.0, WRITER)
    yield seen.tail(KILL, 500.0)
    yield seen.loss(KILL, None)


def pauses(rounds: int) -> Iterator[Row]:
    """A primary that hangs, and Docker tells so at once."""
    yield _failing(rounds, _pause).gap(PAUSE, REPAIR, "detection: Docker's event, 0 ms")


def hangs(rounds: int) -> Iterator[Row]:
    """A primary that hangs, and nobody tells: a ping finds out, then the patience has to pass."""
    interval, patience = (Settings.model_fields[name].default for name in ("probe_interval", "patience"))
    detection = 1000 * (interval + patience)
    note = f"detection: one probe interval and the patience, {detection:.0f} ms"
    yield _failing(rounds, _stop).gap(STOP, detection + REPAIR, note)


def _failing(rounds: int, drill: Drill) -> Drilled:
    with plane() as served:
        served.create_group(GROUP)
        return drilled(served, GROUP, [drill] * rounds)


def _kill(scene: Scene) -> None:
    docker("kill", _container(scene))


def _pause(scene: Scene) -> None:
    docker("pause", _container(scene))


def _stop(scene: Scene) -> None:
    docker("kill", "--signal=STOP", _container(scene))


def _container(scene: Scene) -> str:
    return container_of(f"{scene.primary}.0001")
