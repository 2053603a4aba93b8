"""Durability of replication groups: who may have it, how it changes, and what snapshots say of it."""

from typing import Any

import pytest

from tests.api.operations.test_snapshots import create, shown, take
from tests.api.world import World

COMBINATION = "InvalidParameterCombinationException"
DURABLE: dict[str, Any] = {
    "Engine": "valkey",
    "EngineVersion": "9.0",
    "CacheNodeType": "cache.m7g.large",
    "NumNodeGroups": 2,
    "ReplicasPerNodeGroup": 1,
    "AutomaticFailoverEnabled": True,
    "MultiAZEnabled": True,
    "TransitEncryptionEnabled": True,
    "Durability": "sync",
}


def durable(**params: Any) -> World:
    """A world with a durable group, available."""
    world = World()
    world.group("g", **DURABLE | params)
    world.settle("g")
    return world


def modified(world: World, **params: Any) -> tuple[str, str]:
    world.ask("ModifyReplicationGroup", ReplicationGroupId="g", **params, ApplyImmediately=True)
    world.settle("g")
    return durability(world.shown_group("g"))


def durability(group: dict[str, Any]) -> tuple[str, str]:
    return group["Durability"], group["EffectiveDurability"]


@pytest.mark.parametrize(
    ("params", "needs"),
    [
        ({"EngineVersion": "8.1"}, "Valkey 9.0 or later"),
        ({"Engine": "redis", "EngineVersion": "7.1"}, "Valkey 9.0 or later"),
        ({"ClusterMode": "disabled", "NumNodeGroups": 1}, "cluster mode enabled"),
        ({"ClusterMode": "compatible", "NumNodeGroups": 1}, "cluster mode enabled"),
        ({"MultiAZEnabled": False}, "Multi-AZ enabled"),
        ({"MultiAZEnabled": False, "ReplicasPerNodeGroup": 0}, "Multi-AZ enabled"),
        ({"TransitEncryptionEnabled": False}, "encryption in transit"),
        (
            {"CacheNodeType": "cache.m5.large"},
            "a node type of one of the families r8g, r7g, r6g, m8g, m7g, m6g, c8gn, c7gn",
        ),
    ],
)
@pytest.mark.parametrize("value", ["sync", "async"])
def test_who_cannot_be_durable(value: str, params: dict[str, Any], needs: str) -> None:
    world = World()
    usual = {"ReplicationGroupId": "g", "ReplicationGroupDescription": "d"}
    refused = world.refusal("CreateReplicationGroup", **usual | DURABLE | params | {"Durability": value})
    assert refused == (COMBINATION, f"Durability {value} requires {needs}.")
    world.group("g", **DURABLE | params | {"Durability": "default"})
    assert durability(world.shown_group("g")) == ("default", "disabled")


@pytest.mark.parametrize("value", ["sync", "async"])
def test_a_durable_group_is_encrypted_at_rest_whatever_is_asked_for(value: str) -> None:
    shown = durable(Durability=value, AtRestEncryptionEnabled=False).shown_group("g")
    assert (durability(shown), shown["AtRestEncryptionEnabled"]) == ((value, value), True)


def test_durability_changes() -> None:
    world = durable()
    assert modified(world, Durability="async") == ("async", "async")
    assert modified(world, SnapshotRetentionLimit=1) == ("async", "async")
    assert modified(world, Durability="sync") == ("sync", "sync")
    for wanted in ("disabled", "default"):
        assert modified(world, Durability=wanted) == (wanted, "disabled")
        assert modified(world, Durability="async") == ("async", "async")
    unknown = world.refusal("ModifyReplicationGroup", ReplicationGroupId="g", Durability="x")
    assert unknown[0] == "InvalidParameterValueException"


@pytest.mark.parametrize(
    ("params", "needs"),
    [
        ({"MultiAZEnabled": False}, "Multi-AZ enabled"),
        ({"CacheNodeType": "cache.m5.large"}, "a node type of one of the families"),
    ],
)
def test_a_durable_group_keeps_what_it_needs(params: dict[str, Any], needs: str) -> None:
    shape, message = durable().refusal("ModifyReplicationGroup", ReplicationGroupId="g", **params)
    assert (shape, needs in message) == (COMBINATION, True)


@pytest.mark.parametrize(
    ("asked", "expected"), [({}, ("sync", "sync")), ({"Durability": "default"}, ("default", "disabled"))]
)
def test_a_snapshot_says_what_is_effective_and_gives_it_back(asked: dict[str, str], expected: tuple[str, str]) -> None:
    world = durable()
    create(world, ReplicationGroupId="g")
    take(world, "snap")
    assert shown(world, "snap")["Durability"] == "sync"
    needed = {"MultiAZEnabled": True, "TransitEncryptionEnabled": True, "ReplicationGroupDescription": "d"}
    world.ask("CreateReplicationGroup", ReplicationGroupId="new", SnapshotName="snap", **needed | asked)
    assert durability(world.shown_group("new")) == expected


def test_what_a_snapshot_needs_is_told() -> None:
    world = durable()
    create(world, ReplicationGroupId="g")
    take(world, "snap")
    usual = {"ReplicationGroupId": "new", "ReplicationGroupDescription": "d", "SnapshotName": "snap"}
    assert world.refusal("CreateReplicationGroup", **usual) == (
        COMBINATION,
        "Durability sync requires Multi-AZ enabled.",
    )
