"""How far nodes are with the values of their parameter group."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from cachewright.controlplane.model.cache import Address, Cache, Key, Kind, Node, NodeStatus, Shard, Spec, Status
from cachewright.controlplane.model.fingerprints import fingerprints_of
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.parameter_status import apply_status, apply_statuses, awaiting_reboot
from cachewright.controlplane.model.versions import Engine

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NODES = (Node("one", "0001", "us-east-1a"), Node("one", "0002", "us-east-1a"))
SPEC = Spec(Engine.MEMCACHED, "1.6.22", "cache.t3.micro", 11211, "mine", (Shard("0001", NODES),))
MAKE = fingerprints_of(SPEC)
DONE = NodeStatus(
    Address("10.0.0.1", 1), created_at=NOW, fingerprint=MAKE.fingerprint, parameters="", static=MAKE.static
)
REDIS = replace(SPEC, engine=Engine.REDIS, version="7.1.0", parameters=(("timeout", "30"),))
TUNED = replace(DONE, fingerprint="", parameters=fingerprints_of(REDIS).immediate, static=fingerprints_of(REDIS).static)


def cache(spec: Spec, *seen: NodeStatus, generation: int = 2) -> Cache:
    nodes = {node.name: status for node, status in zip(NODES, seen, strict=False)}
    status = Status(Phase.AVAILABLE, generation, nodes)
    return Cache(Key("1", "us-east-1", Kind.CACHE_CLUSTER, "one"), "x", NOW, 2, False, spec, status)  # noqa: FBT003


@pytest.mark.parametrize(
    ("spec", "seen", "generation", "expected"),
    [
        (SPEC, (), 0, "in-sync"),
        (SPEC, (replace(DONE, created_at=None, static="other"),), 0, "in-sync"),
        (SPEC, (DONE,), 2, "in-sync"),
        (SPEC, (replace(DONE, static="other"),), 2, "pending-reboot"),
        (SPEC, (replace(DONE, static=""),), 2, "in-sync"),  # nobody knows with what it was started
        (SPEC, (replace(DONE, static="other", fingerprint="other"),), 2, "in-sync"),  # it is to be rebuilt anyway
        (REDIS, (TUNED,), 2, "in-sync"),
        (REDIS, (TUNED,), 1, "in-sync"),
        (REDIS, (replace(TUNED, parameters=""),), 1, "applying"),
        (REDIS, (replace(TUNED, parameters=""),), 2, "in-sync"),
        (REDIS, (replace(TUNED, parameters="", static="other"),), 1, "pending-reboot"),
    ],
)
def test_how_far_a_node_is(spec: Spec, seen: tuple[NodeStatus, ...], generation: int, expected: str) -> None:
    assert apply_status(cache(spec, *seen, generation=generation), NODES[0]) == expected


def test_a_cluster_is_as_far_as_the_node_that_is_furthest_behind() -> None:
    behind = cache(SPEC, DONE, replace(DONE, static="other"))
    assert apply_statuses(behind, NODES) == "pending-reboot"
    assert awaiting_reboot(behind, NODES) == ["0002"]
    applying = cache(REDIS, TUNED, replace(TUNED, parameters="other"), generation=1)
    assert apply_statuses(applying, NODES) == "applying"
    assert awaiting_reboot(applying, NODES) == []
    assert apply_statuses(cache(SPEC, DONE, DONE), NODES) == "in-sync"
