"""SnapshotName of both creations: what a new cache takes over, and what cannot begin with a snapshot."""

from dataclasses import replace
from typing import Any

import pytest

from cachewright.controlplane.model.cache import ShardStatus
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.nouns import CACHE_CLUSTER, REPLICATION_GROUP
from cachewright.controlplane.model.seeds import Seed, SeedFile, dealt_out
from cachewright.controlplane.model.snapshots import SnapshotStatus
from tests.api.operations.test_snapshots import COMBINATION, STATE, change, create, remembered, shown, take
from tests.api.world import World

OWN = {
    "EngineVersion": "7.0",
    "CacheNodeType": "cache.m5.large",
    "Port": 6400,
    "SnapshotWindow": "05:00-06:00",
    "PreferredMaintenanceWindow": "sun:23:00-mon:01:30",
    "SnapshotRetentionLimit": 3,
    "NotificationTopicArn": "arn:aws:sns:us-east-1:000000000000:topic",
    "AutoMinorVersionUpgrade": False,
}
TAGS = [{"Key": "team", "Value": "shop"}]
GROUP = {"ReplicationGroupId": "new", "ReplicationGroupDescription": "d", "SnapshotName": "snap"}
CLUSTER = {"CacheClusterId": "new", "SnapshotName": "snap"}


@pytest.fixture
def world() -> World:
    """A snapshot `snap` of a cluster."""
    world = World()
    world.ask(
        "CreateCacheParameterGroup", CacheParameterGroupName="own", CacheParameterGroupFamily="redis7", Description="d"
    )
    world.cluster("one", **OWN, CacheParameterGroupName="own", Tags=TAGS)
    world.settle("one")
    create(world)
    take(world, "snap")
    return world


@pytest.fixture
def sharded() -> World:
    """A snapshot `snap` of a group of two shards."""
    world = World()
    entries = [{"Slots": "0-99", "ReplicaCount": 2}, {"Slots": "100-16383", "ReplicaCount": 1}]
    world.group("x", Engine="redis", NodeGroupConfiguration=entries, AutomaticFailoverEnabled=True)
    world.settle("x")
    create(world, ReplicationGroupId="x")
    take(world, "snap")
    return world


def seed(world: World, name: str = "new") -> Seed:
    found = world.cache(name).spec.seed
    assert found
    return found


def test_a_cluster_is_as_the_source_was(world: World) -> None:
    world.ask("CreateCacheCluster", **CLUSTER)
    before, after = world.cache("one"), world.cache("new")
    snapshot = remembered(world, "snap")
    assert snapshot
    file = SeedFile("0001", "0001", 3 * 1024 * 1024, "f" * 64)
    assert after.spec.seed == Seed(snapshot.id, "snap", (file,))
    assert after.spec.schedule.snapshot_retention_limit == 0  # AWS's default, whatever the snapshot says
    like = replace(after.spec, seed=None, shards=before.spec.shards, schedule=before.spec.schedule)
    assert like == before.spec
    assert replace(after.spec.schedule, snapshot_retention_limit=3) == before.spec.schedule
    assert after.presentation.notification_topic_arn == OWN["NotificationTopicArn"]
    assert world.tags(CACHE_CLUSTER, "new") == (("team", "shop"),)


def test_what_the_request_says_counts(world: World) -> None:
    asked = {"EngineVersion": "7.1", "CacheNodeType": "cache.t3.micro", "Port": 6500, "SnapshotRetentionLimit": 2}
    world.ask("CreateCacheCluster", **CLUSTER, **asked, CacheParameterGroupName="default.redis7", Tags=[])
    spec = world.cache("new").spec
    assert (spec.release.version, spec.node_type, spec.port) == ("7.1", "cache.t3.micro", 6500)
    assert (spec.parameter_group, spec.schedule.snapshot_retention_limit) == ("default.redis7", 2)


def test_tags_of_the_request_take_the_place_of_the_snapshots(world: World) -> None:
    world.ask("CreateCacheCluster", **CLUSTER, Tags=[{"Key": "own", "Value": "tag"}])
    assert world.tags(CACHE_CLUSTER, "new") == (("own", "tag"),)


def test_a_group_of_valkey_takes_what_fits_it(world: World) -> None:
    world.ask("CreateReplicationGroup", **GROUP, Engine="valkey", NumCacheClusters=2)
    spec = world.cache("new").spec
    assert (spec.engine.value, spec.parameter_group, spec.port) == ("valkey", "default.valkey8", 6400)
    assert world.tags(REPLICATION_GROUP, "new") == (("team", "shop"),)


def test_a_parameter_group_that_is_gone_is_not_taken_over(world: World) -> None:
    world.gone("one")
    world.ask("DeleteCacheParameterGroup", CacheParameterGroupName="own")
    world.ask("CreateCacheCluster", **CLUSTER)
    assert world.cache("new").spec.parameter_group == "default.redis7"


def test_a_group_in_cluster_mode_has_the_shards_of_the_snapshot(sharded: World) -> None:
    sharded.ask("CreateReplicationGroup", **GROUP)
    spec = sharded.cache("new").spec
    assert [(shard.id, shard.slots, len(shard.nodes)) for shard in spec.shards] == [
        ("0001", "0-99", 3),
        ("0002", "100-16383", 2),
    ]
    assert spec.automatic_failover
    assert [(file.shard, file.source, file.slots) for file in seed(sharded).files] == [
        ("0001", "0001", "0-99"),
        ("0002", "0002", "100-16383"),
    ]


@pytest.mark.parametrize(
    ("params", "nodes"),
    [
        ({"ReplicasPerNodeGroup": 0}, [1, 1]),
        ({"NumNodeGroups": 2}, [3, 2]),
        ({"NumNodeGroups": 3}, [1, 1, 1]),
        ({"NodeGroupConfiguration": [{"ReplicaCount": 1}, {"ReplicaCount": 0}]}, [2, 1]),
    ],
)
def test_shards_may_be_asked_for_otherwise(params: dict[str, Any], nodes: list[int], sharded: World) -> None:
    sharded.ask("CreateReplicationGroup", **GROUP, **params)
    assert [len(shard.nodes) for shard in sharded.cache("new").spec.shards] == nodes
    assert len(seed(sharded).files) == 2


def test_what_one_node_held_may_go_to_shards(world: World) -> None:
    world.ask("CreateReplicationGroup", **GROUP, NumNodeGroups=2, AutomaticFailoverEnabled=True)
    assert world.cache("new").spec.parameter_group == "default.redis7.cluster.on"
    assert [(file.shard, file.slots) for file in seed(world).files] == [("0001", "0-16383")]


@pytest.mark.parametrize(
    ("held", "wanted", "places"),
    [
        ([""], [""], (0,)),
        (["0-9", "10-16383"], ["10-16383", "0-9"], (1, 0)),
        (["0-16383"], ["0-99", "100-16383"], (1,)),
        (["0-99", "100-16383"], ["0-16383"], (1, 0)),
    ],
)
def test_files_go_where_most_of_their_slots_shall_be(
    held: list[str], wanted: list[str], places: tuple[int, ...]
) -> None:
    assert dealt_out(held, wanted) == places


def test_a_snapshot_is_restoring_until_nobody_needs_it(world: World) -> None:
    world.ask("CreateCacheCluster", **CLUSTER)
    world.ask("CreateCacheCluster", **CLUSTER | {"CacheClusterId": "another"})
    assert shown(world)["SnapshotStatus"] == "restoring"
    refused = (STATE, "Snapshot snap is not in a valid state to be deleted.")
    assert world.refusal("DeleteSnapshot", SnapshotName="snap") == refused
    world.settle("new")
    assert shown(world)["SnapshotStatus"] == "restoring"
    status = world.cache("another").status
    world.report("another", replace(status, shards={"0001": ShardStatus(seeded=True)}))
    assert shown(world)["SnapshotStatus"] == "restoring"
    world.settle("another")
    assert shown(world)["SnapshotStatus"] == "available"
    world.ask("DeleteSnapshot", SnapshotName="snap")


def test_one_that_failed_holds_no_snapshot_and_says_so(world: World) -> None:
    world.ask("CreateCacheCluster", **CLUSTER)
    world.phase("new", Phase.FAILED)
    assert shown(world)["SnapshotStatus"] == "available"
    assert world.shown_cluster("new")["CacheClusterStatus"] == "restore-failed"
    world.ask("DeleteCacheCluster", CacheClusterId="new")


def test_a_snapshot_of_another_account_is_none(world: World) -> None:
    world.ask("CreateCacheCluster", **CLUSTER)
    assert World().refusal("CreateCacheCluster", **CLUSTER)[0] == "SnapshotNotFoundFault"


@pytest.mark.parametrize("status", [SnapshotStatus.CREATING, SnapshotStatus.DELETING, SnapshotStatus.FAILED])
def test_only_a_whole_snapshot_is_restored(status: SnapshotStatus, world: World) -> None:
    change(world, "snap", status=status)
    refused = (STATE, "Snapshot snap is not in available state.")
    assert world.refusal("CreateCacheCluster", **CLUSTER) == refused
    assert world.refusal("CreateReplicationGroup", **GROUP) == refused


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"EngineVersion": "6.2"}, "Snapshot snap was taken with redis 7.0 and cannot be restored to redis 6.2."),
        ({"PrimaryClusterId": "one"}, "PrimaryClusterId and SnapshotName cannot be given together."),
        ({"Engine": "memcached"}, "Snapshot parameters are not supported for engine memcached."),
    ],
)
def test_what_cannot_begin_with_a_snapshot(params: dict[str, Any], message: str, world: World) -> None:
    assert world.refusal("CreateReplicationGroup", **GROUP, **params) == (COMBINATION, message)


def test_shards_cannot_begin_what_has_none(sharded: World) -> None:
    message = (
        "Snapshot snap is of a replication group with cluster mode enabled, and cannot be restored to a cache with"
        " cluster mode disabled."
    )
    assert sharded.refusal("CreateCacheCluster", **CLUSTER) == (COMBINATION, message)
    asked = {**GROUP, "ClusterMode": "disabled"}
    assert sharded.refusal("CreateReplicationGroup", **asked) == (COMBINATION, message)


def test_fewer_shards_have_more_until_everything_is_loaded(sharded: World) -> None:
    sharded.ask("CreateReplicationGroup", **GROUP, NumNodeGroups=1)
    assert [shard.id for shard in sharded.cache("new").spec.shards] == ["0001"]
    assert {file.shard for file in seed(sharded).files} == {"0001", "0002"}


@pytest.mark.parametrize(("version", "allowed"), [("7.1", True), ("7.0", False)])
def test_only_one_version_of_valkey_leads_back(version: str, allowed: bool) -> None:
    world = World()
    world.group("v", EngineVersion="7.2", NumCacheClusters=1)
    world.settle("v")
    create(world, CacheClusterId="v-001")
    take(world, "snap")
    asked = {**GROUP, "Engine": "redis", "EngineVersion": version}
    if allowed:
        world.ask("CreateReplicationGroup", **asked)
        assert world.cache("new").spec.release.version == version
    else:
        assert world.refusal("CreateReplicationGroup", **asked)[0] == COMBINATION
