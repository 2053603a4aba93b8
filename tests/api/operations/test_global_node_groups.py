"""Node groups of global datastores: what is refused, which come and go, and that all members are alike."""

from typing import Any

import pytest

from cachewright.controlplane.model import slots
from cachewright.controlplane.model.cache import Cache, Key, Kind
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.usage import Usage
from tests.api.operations.test_global_replication_groups import (
    AWAY,
    COMBINATION,
    HOME,
    ID,
    STATE,
    VALUE,
    create,
    settle,
    sharded,
    shown,
    within,
)
from tests.api.world import World

PLACES = {"shards": HOME, "copies": AWAY}
INCREASE, DECREASE, REBALANCE = (
    f"{deed}InGlobalReplicationGroup" for deed in ("IncreaseNodeGroups", "DecreaseNodeGroups", "RebalanceSlots")
)
UNFIT = (STATE, f"Global Replication Group {ID} is not in a valid state to be modified.")


@pytest.fixture
def world() -> World:
    """A datastore of two members in cluster mode, `shards` and `copies`, of three node groups."""
    world = World()
    usual = {"CacheNodeType": "cache.r6g.large", "AutomaticFailoverEnabled": True, "Engine": "valkey"}
    world.group("shards", NumNodeGroups=3, ReplicasPerNodeGroup=1, **usual)
    world.settle("shards")
    create(world, PrimaryReplicationGroupId="shards")
    within(world, AWAY).ask("CreateReplicationGroup", **sharded("copies"))
    settle(world, AWAY, "copies")
    return world


def member(world: World, name: str) -> Cache:
    key = Key(world.caller.account, PLACES[name], Kind.REPLICATION_GROUP, name)
    with world.store.read() as transaction:
        cache = transaction.caches.get(key)
    assert cache
    return cache


def both(world: World) -> list[Cache]:
    return [member(world, name) for name in PLACES]


def ask(world: World, operation: str, **params: Any) -> dict[str, Any]:
    usual = {"GlobalReplicationGroupId": ID, "ApplyImmediately": True}
    return dict(world.ask(operation, **usual | params)["GlobalReplicationGroup"])


def dealt(cache: Cache) -> dict[str, str]:
    return {shard.id: shard.slots for shard in cache.spec.shards}


def configuration(name: str, *entries: dict[str, Any], region: str = "") -> dict[str, Any]:
    where = {"ReplicationGroupId": name, "ReplicationGroupRegion": region or PLACES.get(name, HOME)}
    return {**where, "ReshardingConfiguration": list(entries)}


def test_all_members_get_the_same_new_node_groups(world: World) -> None:
    assert ask(world, INCREASE, NodeGroupCount=4)["Status"] == "modifying"
    home, away = both(world)
    assert list(dealt(home)) == ["0001", "0002", "0003", "0004"]
    assert dealt(away) == dealt(home)
    assert {slots.size(slots.parsed(share)) for share in dealt(home).values()} == {4096}
    assert [len(shard.nodes) for shard in home.spec.shards] == [2, 2, 2, 2]
    assert [len(shard.nodes) for shard in away.spec.shards] == [3, 3, 3, 3]
    assert [node.cluster for node in away.spec.shards[3].nodes] == [f"copies-0004-00{n}" for n in (1, 2, 3)]
    assert all(node.zone.startswith(AWAY) for node in away.spec.shards[3].nodes)
    for name, region in PLACES.items():
        settle(world, region, name)
    assert shown(world)["Status"] == "available"
    assert [one["GlobalNodeGroupId"] for one in shown(world)["GlobalNodeGroups"]] == [
        f"{ID}-000{number}" for number in (1, 2, 3, 4)
    ]


def test_new_node_groups_are_where_and_called_as_wished(world: World) -> None:
    wished = [
        configuration("copies", {"PreferredAvailabilityZones": [f"{AWAY}{letter}" for letter in "ccb"]}),
        configuration(
            "Shards", {"NodeGroupId": "7", "PreferredAvailabilityZones": [f"{HOME}b", f"{HOME}c"]}, region=HOME.upper()
        ),
    ]
    ask(world, INCREASE, NodeGroupCount=4, RegionalConfigurations=wished)
    home, away = both(world)
    assert [shard.id for shard in home.spec.shards] == [shard.id for shard in away.spec.shards]
    assert home.spec.shards[3].id == "0007"
    assert [node.zone for node in home.spec.shards[3].nodes] == [f"{HOME}b", f"{HOME}c"]
    assert [node.zone for node in away.spec.shards[3].nodes] == [f"{AWAY}c", f"{AWAY}c", f"{AWAY}b"]


@pytest.mark.parametrize(
    "lists",
    [
        {"GlobalNodeGroupsToRemove": [f"{ID}-0001"]},
        {"GlobalNodeGroupsToRetain": [f"{ID.upper()}-0002", "0003"]},
    ],
)
def test_node_groups_go_in_all_members(world: World, lists: dict[str, list[str]]) -> None:
    ask(world, DECREASE, NodeGroupCount=2, **lists)
    home, away = both(world)
    assert list(dealt(home)) == ["0002", "0003"]
    assert dealt(away) == dealt(home)
    assert slots.complete(map(slots.parsed, dealt(home).values()))


def test_one_node_group_is_left(world: World) -> None:
    ask(world, DECREASE, NodeGroupCount=1, GlobalNodeGroupsToRetain=[f"{ID}-0002"])
    assert [dealt(cache) for cache in both(world)] == [{"0002": "0-16383"}] * 2


def test_slots_are_dealt_out_evenly() -> None:
    world = World()
    groups = [{"Slots": "0-99"}, {"Slots": "100-16383"}]
    usual = {"CacheNodeType": "cache.r6g.large", "AutomaticFailoverEnabled": True, "Engine": "valkey"}
    world.group("shards", NodeGroupConfiguration=groups, ReplicasPerNodeGroup=1, **usual)
    world.settle("shards")
    create(world, PrimaryReplicationGroupId="shards")
    within(world, AWAY).ask("CreateReplicationGroup", **sharded("copies"))
    settle(world, AWAY, "copies")
    ask(world, REBALANCE)
    home, away = both(world)
    assert {slots.size(slots.parsed(share)) for share in dealt(home).values()} == {8192}
    assert dealt(away) == dealt(home)


def regional(*configurations: dict[str, Any]) -> dict[str, Any]:
    return {"NodeGroupCount": 4, "RegionalConfigurations": list(configurations)}


@pytest.mark.parametrize(
    ("operation", "params", "shape", "words"),
    [
        (INCREASE, {"NodeGroupCount": 4, "ApplyImmediately": False}, VALUE, "ApplyImmediately must be true"),
        (REBALANCE, {"ApplyImmediately": False}, VALUE, "ApplyImmediately must be true"),
        (INCREASE, {"NodeGroupCount": 0}, VALUE, "Invalid value 0 for NodeGroupCount."),
        (INCREASE, {"NodeGroupCount": 3}, VALUE, "must be more than the 3 node groups that there are."),
        (
            INCREASE,
            {"NodeGroupCount": 91},
            "NodeGroupsPerReplicationGroupQuotaExceededFault",
            "can have at most 90 node groups",
        ),
        (INCREASE, {"NodeGroupCount": 31}, "NodeGroupsPerReplicationGroupQuotaExceededFault", "at most 90 nodes"),
        (
            INCREASE,
            regional(configuration("shards", {}, region=AWAY)),
            VALUE,
            f"Replication group shards in {AWAY} is not associated with Global Replication Group {ID}.",
        ),
        (
            INCREASE,
            regional(configuration("copies", {}), configuration("copies", {})),
            VALUE,
            f"Replication group copies in {AWAY} must be given once in RegionalConfigurations.",
        ),
        (
            INCREASE,
            regional(configuration("copies", {}, {})),
            VALUE,
            "ReshardingConfiguration must have an entry for each new node group.",
        ),
        (
            INCREASE,
            regional(configuration("shards", {"NodeGroupId": "7"}), configuration("copies", {"NodeGroupId": "0008"})),
            VALUE,
            "The node groups must have the same ids in all regions: 0007, 0008.",
        ),
        (
            INCREASE,
            regional(configuration("copies", {"PreferredAvailabilityZones": [f"{AWAY}a"]})),
            VALUE,
            "PreferredAvailabilityZones must name 3 availability zones for a node group.",
        ),
        (DECREASE, {"NodeGroupCount": 3}, VALUE, "must be less than the 3 node groups that there are."),
        (
            DECREASE,
            {"NodeGroupCount": 2},
            COMBINATION,
            "Either GlobalNodeGroupsToRemove or GlobalNodeGroupsToRetain must be given to have fewer.",
        ),
        (
            DECREASE,
            {"NodeGroupCount": 2, "GlobalNodeGroupsToRemove": ["0001"], "GlobalNodeGroupsToRetain": ["0002", "0003"]},
            COMBINATION,
            "GlobalNodeGroupsToRemove cannot be given with GlobalNodeGroupsToRetain.",
        ),
        (
            DECREASE,
            {"NodeGroupCount": 2, "GlobalNodeGroupsToRemove": [f"{ID}-0009"]},
            VALUE,
            "The following node group ids are invalid: [0009]",
        ),
        (
            DECREASE,
            {"NodeGroupCount": 2, "GlobalNodeGroupsToRemove": [f"{ID}-0001", f"{ID}-0002"]},
            COMBINATION,
            "The node groups that are listed do not leave 2 of 3.",
        ),
        (REBALANCE, {}, STATE, "Slots in the global replication group are uniformly distributed. Nothing to do."),
    ],
)
def test_refused(world: World, operation: str, params: dict[str, Any], shape: str, words: str) -> None:
    before = both(world)
    usual = {"GlobalReplicationGroupId": ID, "ApplyImmediately": True}
    refused, message = world.refusal(operation, **usual | params)
    assert (refused, words in message) == (shape, True), message
    assert both(world) == before


@pytest.mark.parametrize("name", PLACES)
def test_all_members_have_to_be_available(world: World, name: str) -> None:
    within(world, PLACES[name]).phase(name, Phase.MODIFYING)
    usual = {"GlobalReplicationGroupId": ID, "ApplyImmediately": True}
    assert world.refusal(INCREASE, NodeGroupCount=4, **usual) == UNFIT
    assert world.refusal(REBALANCE, **usual) == UNFIT


def test_nothing_else_is_changed_meanwhile(world: World) -> None:
    ask(world, INCREASE, NodeGroupCount=4)
    usual = {"GlobalReplicationGroupId": ID, "ApplyImmediately": True}
    assert world.refusal(INCREASE, NodeGroupCount=5, **usual) == UNFIT
    settle(world, HOME, "shards")
    assert shown(world)["Status"] == "modifying"
    assert world.refusal(INCREASE, NodeGroupCount=5, **usual) == UNFIT


def test_what_stays_has_to_hold_everything(world: World) -> None:
    home = member(world, "shards")
    full = {
        node.name: Usage(13_000_000_000, 14_000_000_000, keys=1)
        for shard in home.spec.shards
        for node in shard.nodes[:1]
    }
    world.usage = full
    before = both(world)
    refused, message = world.refusal(
        DECREASE,
        GlobalReplicationGroupId=ID,
        ApplyImmediately=True,
        NodeGroupCount=2,
        GlobalNodeGroupsToRemove=["0001"],
    )
    assert refused == STATE
    assert "insufficient memory" in message
    assert both(world) == before
