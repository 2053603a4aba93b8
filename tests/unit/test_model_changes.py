"""Specs that follow on specs, versions that follow on versions, node types that follow on node types."""

from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest

from cachewright.controlplane.model.applied_updates import Applied
from cachewright.controlplane.model.auth import Auth
from cachewright.controlplane.model.cache import (
    Cache,
    ClusterMode,
    Key,
    Kind,
    Node,
    Origin,
    Shard,
    ShardStatus,
    Spec,
    Status,
    Transit,
)
from cachewright.controlplane.model.changes import (
    Consequence,
    applied,
    consequence,
    current_change,
    owners,
    progress,
    promoting,
    with_change,
    with_nodes,
    with_shards,
)
from cachewright.controlplane.model.durability import Durability
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.global_replication_groups import Membership, Place, Role
from cachewright.controlplane.model.log_delivery import DestinationType, LogConfiguration, LogFormat, LogType
from cachewright.controlplane.model.node_types import NODE_TYPES
from cachewright.controlplane.model.pending import Change, Pending, Resize
from cachewright.controlplane.model.scaling import GENERATIONS, moves
from cachewright.controlplane.model.schedule import Schedule
from cachewright.controlplane.model.seeds import Seed
from cachewright.controlplane.model.upgrades import upgraded
from cachewright.controlplane.model.upstreams import Migration, Upstream
from cachewright.controlplane.model.usage_limits import Limit, UsageLimits
from cachewright.controlplane.model.users import DEFAULT_USER
from cachewright.controlplane.model.versions import VERSIONS, Engine, release_described, requested_version

NODES = tuple(Node(f"g-00{number}", "0001", "us-east-1a") for number in (1, 2, 3))
SPEC = Spec(Engine.REDIS, "7.1.0", "cache.t3.micro", 6379, "default.redis7", (Shard("0001", NODES),))


def cache(spec: Spec, generation: int, seen: int) -> Cache:
    key = Key("0" * 12, "us-east-1", Kind.REPLICATION_GROUP, "g")
    return Cache(key, "i", datetime(2026, 1, 1, tzinfo=UTC), generation, False, spec, Status(generation=seen))  # noqa: FBT003


SLOW = LogConfiguration(
    LogType.SLOW, DestinationType.FIREHOSE, "stream", LogFormat.TEXT, datetime(2026, 1, 1, tzinfo=UTC)
)
OTHERWISE: dict[str, tuple[object, Consequence]] = {
    "engine": (Engine.VALKEY, Consequence.WORK),
    "version": ("7.0.7", Consequence.WORK),
    "node_type": ("cache.m5.large", Consequence.WORK),
    "port": (6380, Consequence.WORK),
    "parameter_group": ("mine", Consequence.WORK),
    "shards": ((Shard("0001", NODES[:2]),), Consequence.WORK),
    "automatic_failover": (True, Consequence.WORK),
    "multi_az": (True, Consequence.LOOK),
    "transit": (Transit.REQUIRED, Consequence.WORK),
    "cluster_mode": (ClusterMode.COMPATIBLE, Consequence.WORK),
    "parameters": ((("timeout", "30"),), Consequence.WORK),
    "auth": (Auth(("0" * 64,)), Consequence.WORK),
    "restricted": (True, Consequence.WORK),
    "schedule": (Schedule(snapshot_retention_limit=1), Consequence.LOOK),
    "pending": (Pending(node_type="cache.m5.large"), Consequence.LOOK),
    "change": (Change(1), Consequence.WORK),
    "origins": ((Origin(Kind.CACHE_CLUSTER, "c", "i"),), Consequence.WORK),
    "released": (("c.0001",), Consequence.WORK),
    "seed": (Seed("i", "n", ()), Consequence.WORK),
    "at_rest": (True, Consequence.WORK),
    "durability": (Durability.SYNC, Consequence.WORK),
    "network_type": ("dual_stack", Consequence.WORK),
    "ip_discovery": ("ipv6", Consequence.WORK),
    "user_group": ("mine", Consequence.WORK),
    "users": ((DEFAULT_USER,), Consequence.WORK),
    "logs": ((SLOW,), Consequence.LOOK),
    "upstream": (Upstream("10.0.0.1", 6379), Consequence.WORK),
    "updates": ((Applied("elc-20260101-001", datetime(2026, 1, 1, tzinfo=UTC)),), Consequence.WORK),
    "limits": (UsageLimits(Limit(10)), Consequence.WORK),
    "serverless": (True, Consequence.WORK),
    "migration": (Migration(Upstream("10.0.0.1", 6379)), Consequence.WORK),
    "datastore": (Membership("ldgnf-x", Role.PRIMARY, Place("eu-west-1", "g")), Consequence.LOOK),
}


@pytest.mark.parametrize("name", [field.name for field in fields(Spec)])
def test_what_follows_from_another_value(name: str) -> None:
    value, follows = OTHERWISE[name]
    after = replace(SPEC, **{name: value})  # type: ignore[arg-type]
    assert consequence(SPEC, after) is follows
    assert consequence(SPEC, replace(after, port=1)) is Consequence.WORK
    assert consequence(after, after) is Consequence.NONE


def test_nothing_waits_nothing_changes() -> None:
    assert applied(SPEC) == SPEC


def test_everything_that_waits_is_applied_once() -> None:
    more = Resize(("us-east-1b",))
    set_otherwise = (("timeout", "30"),)
    waits = Pending("cache.m5.large", Engine.VALKEY, "8.1.0", "mine", "g-002", True, True, more, set_otherwise)  # noqa: FBT003
    assert all(getattr(waits, field.name) != getattr(Pending(), field.name) for field in fields(Pending))
    after = applied(replace(SPEC, pending=waits))
    assert (after.node_type, after.engine, after.version) == ("cache.m5.large", Engine.VALKEY, "8.1.0")
    assert (after.parameter_group, after.parameters) == ("mine", set_otherwise)
    assert (after.automatic_failover, after.multi_az) == (True, True)
    assert (after.shards[0].promotions, after.shards[0].candidate) == (1, "g-002.0001")
    assert after.nodes == (*NODES, Node("g-001", "0002", "us-east-1b"))
    assert after.pending == Pending()
    assert applied(after) == after


def test_who_is_gone_is_not_promoted() -> None:
    assert promoting(SPEC, "g-009") == SPEC


def test_a_change_is_current_until_it_is_seen() -> None:
    before = cache(SPEC, generation=3, seen=3)
    after = with_change(before, replace(SPEC, automatic_failover=True, transit=Transit.PREFERRED), "SETTING")
    assert after.change == Change(4, automatic_failover=True, transit="off", token="SETTING")
    assert current_change(cache(after, generation=4, seen=3)) == after.change
    assert current_change(cache(after, generation=4, seen=4)) == Change()
    assert current_change(cache(after, generation=5, seen=4)) == Change()


def serving(before: Cache, **slots: str) -> Cache:
    status = replace(before.status, shards={name.strip("_"): ShardStatus(slots=text) for name, text in slots.items()})
    return replace(before, status=status)


def test_progress_is_the_share_of_the_moving_slots_that_have_arrived() -> None:
    one = replace(SPEC, shards=(Shard("0001", NODES, slots="0-16383"),))
    two = with_shards(one, (Shard("0001", NODES[:2], slots="0-8191"), Shard("0002", NODES[2:], slots="8192-16383")))
    before = serving(cache(one, generation=3, seen=3), _0001="0-16383")
    assert progress(before) is None
    after = with_change(before, two)
    assert after.change.moving == 8192
    busy = serving(cache(after, generation=4, seen=3), _0001="0-16383", _0002="")
    assert progress(busy) == 0
    assert progress(serving(busy, _0001="0-12287", _0002="12288-16383")) == 50
    assert progress(serving(busy, _0001="0-8191", _0002="8192-16383")) == 100
    assert progress(replace(busy, status=replace(busy.status, generation=4))) is None


def test_who_serves_a_slot_is_what_was_seen_and_before_that_what_was_wished() -> None:
    spec = replace(SPEC, shards=(Shard("0001", NODES, slots="0-16383"),))
    assert owners(cache(spec, generation=1, seen=0)) == {"0001": ((0, 16383),)}
    seen = serving(cache(spec, generation=1, seen=0), _0001="0-9", _0007="10-16383", _0008="")
    assert owners(seen) == {"0001": ((0, 9),), "0007": ((10, 16383),)}


def test_a_shard_stays_until_its_slots_have_left() -> None:
    spec = replace(SPEC, shards=(Shard("0002", NODES[:1], slots="0-16383"),))
    gone = {"0001": ShardStatus(slots="0-5", members=NODES[1:2]), "0003": ShardStatus(), "0002": ShardStatus()}
    seen = replace(cache(spec, generation=1, seen=0), status=Status(shards=gone))
    assert [shard.id for shard in seen.leaving] == ["0001"]
    assert [shard.id for shard in seen.shards] == ["0001", "0002"]
    assert seen.nodes == (NODES[1], NODES[0])


def test_the_last_nodes_may_go() -> None:
    assert with_nodes(SPEC, ()).nodes == ()


@pytest.mark.parametrize(
    ("engine", "current", "target_engine", "version", "described"),
    [
        ("redis", "6.2", None, None, "6.2.6"),
        ("redis", "6.2", "REDIS", None, "6.2.6"),
        ("redis", "3.2.4", None, "7.0", "7.0.7"),
        ("redis", "7.1", "valkey", "7.2", "7.2.6"),
        ("redis", "7.1", "valkey", None, "8.1.0"),
        ("valkey", "7.2", "redis", "7.1", "7.1.0"),
        ("valkey", "7.2", "redis", "7.0", None),
        ("valkey", "8.0", "redis", "7.1", None),
        ("valkey", "8.1", None, "8.0", None),
        ("memcached", "1.5.10", None, "1.6.22", "1.6.22"),
        ("redis", "7.1", "memcached", "1.6.22", None),
    ],
)
def test_upgrades(
    engine: str, current: str, target_engine: str | None, version: str | None, described: str | None
) -> None:
    release = requested_version(Engine(engine), current)
    if described:
        assert upgraded(release, target_engine, version).described == described
    else:
        with pytest.raises(Fault):
            upgraded(release, target_engine, version)


def test_redis_and_valkey_have_no_version_in_common() -> None:
    versions = [row.described for row in VERSIONS if row.engine is not Engine.MEMCACHED]
    assert len(set(versions)) == len(versions)
    assert release_described("7.1.0", Engine.VALKEY).engine is Engine.REDIS
    assert release_described("7.2.6", Engine.REDIS).engine is Engine.VALKEY


def test_every_family_has_a_generation() -> None:
    assert {row.name.split(".")[1] for row in NODE_TYPES} == set(GENERATIONS)


def test_the_recorded_answer() -> None:
    """What AWS answered for a cache.r5.xlarge with Redis 5.0, as far as it is documented."""
    allowed = moves(requested_version(Engine.REDIS, "5.0.5"), "cache.r5.xlarge")
    fives = ["cache.m5.12xlarge", "cache.m5.24xlarge", "cache.m5.4xlarge"]
    sizes = ["12xlarge", "24xlarge", "2xlarge", "4xlarge"]
    assert list(allowed.up) == [*fives, *(f"cache.r5.{size}" for size in sizes)]
    assert {"cache.m3.large", "cache.m5.2xlarge", "cache.r3.large", "cache.r4.xlarge", "cache.r5.large"} <= set(
        allowed.down
    )
    assert allowed.down[0] == "cache.m3.large"
    assert not any(name.startswith(("cache.m1.", "cache.m6g.", "cache.r6gd.")) for name in allowed.down)


@pytest.mark.parametrize(
    ("version", "current", "up", "down"),
    [
        ("7.1", "cache.m5.large", "cache.m6g.large", "cache.t3.medium"),
        ("7.1", "cache.m6g.large", "cache.r6g.large", "cache.m5.large"),
        ("7.1", "cache.r6gd.2xlarge", "cache.r6gd.4xlarge", "cache.r6gd.xlarge"),
    ],
)
def test_moves(version: str, current: str, up: str, down: str) -> None:
    allowed = moves(requested_version(Engine.REDIS, version), current)
    assert up in allowed.up
    assert down in allowed.down
    assert current not in (*allowed.up, *allowed.down)
    assert not set(allowed.up) & set(allowed.down)


def test_tiers_are_not_left_and_old_redis_does_not_shrink() -> None:
    tiered = moves(requested_version(Engine.REDIS, "7.1"), "cache.r6gd.xlarge")
    assert all(name.startswith("cache.r6gd.") for name in (*tiered.up, *tiered.down))
    assert moves(requested_version(Engine.REDIS, "3.2.6"), "cache.m4.xlarge").down == ()
