"""How long a client is kept waiting when the primary changes on purpose. Nothing that was acknowledged may be lost."""

from collections.abc import Iterator, Mapping
from itertools import cycle, islice

from benchmarks.drilling import WRITER, Drill, Drilled, Scene, drilled, together
from benchmarks.figures import Row
from benchmarks.plane import Plane
from benchmarks.process import plane

BAR = 15.0  # milliseconds
GROUP = "bench-change"
NODE_TYPES = ("cache.t3.small", "cache.t3.micro")  # in turn; a new group has the last one
UPGRADE = ("6.2", "7.1")
UPGRADE_BAR = 100.0  # milliseconds
_BY_HAND: Mapping[str, str | int] = {"AutomaticFailoverEnabled": "false"}


def planned(rounds: int) -> Iterator[Row]:
    """Each way to change the primary by a spec."""
    with plane() as served:
        served.create_group(GROUP)
        asked = drilled(served, GROUP, [_failover] * rounds)
        scaled = drilled(served, GROUP, [_becoming(kind) for kind in islice(cycle(NODE_TYPES), rounds)])
        served.delete("ReplicationGroup", GROUP)
        served.create_group(GROUP, _BY_HAND)
        promoted = drilled(served, GROUP, [_promotion] * rounds)
    yield asked.gap("TestFailover", BAR, WRITER)
    yield promoted.gap("Promotion by hand", BAR)
    yield scaled.gap("Another node type, 3 nodes", BAR)
    yield together([asked, promoted, scaled]).loss("All of these", 0.0)


def upgrades(rounds: int) -> Iterator[Row]:
    """Another engine version, node by node."""
    name = f"Engine upgrade {' to '.join(UPGRADE)}, 3 nodes"
    with plane() as served:
        upgraded = together([_upgraded(served, f"{GROUP}-{number}") for number in range(rounds)])
    yield upgraded.longest(name, UPGRADE_BAR)
    yield upgraded.loss(name, 0.0)


def _upgraded(served: Plane, group: str) -> Drilled:
    before, after = UPGRADE
    served.create_group(group, {"EngineVersion": before})
    seen = drilled(served, group, [lambda scene: _modify(scene, {"EngineVersion": after})])
    served.delete("ReplicationGroup", group)
    return seen


def _failover(scene: Scene) -> None:
    scene.served.client.call("TestFailover", {"ReplicationGroupId": scene.group, "NodeGroupId": "0001"})


def _promotion(scene: Scene) -> None:
    """The first member that does not lead."""
    first, second = (f"{scene.group}-{number:03}" for number in (1, 2))
    _modify(scene, {"PrimaryClusterId": second if scene.primary == first else first})


def _becoming(node_type: str) -> Drill:
    return lambda scene: _modify(scene, {"CacheNodeType": node_type})


def _modify(scene: Scene, requested: Mapping[str, str | int]) -> None:
    now = {"ReplicationGroupId": scene.group, "ApplyImmediately": "true"}
    scene.served.client.call("ModifyReplicationGroup", {**now, **requested})
