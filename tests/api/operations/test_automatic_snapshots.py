"""Automatic snapshots over a real store: when the clock says so, and when somebody asks for one."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from threading import Barrier
from typing import Any

import pytest

from cachewright.controlplane.automatic_snapshots import AutomaticSnapshots
from cachewright.controlplane.model.automatic import Daily
from cachewright.controlplane.model.drills import NoSuchTarget, Unfit
from cachewright.controlplane.model.nouns import SNAPSHOT
from cachewright.controlplane.model.snapshots import Snapshot, SnapshotKey, SnapshotStatus
from cachewright.controlplane.store.database import Store
from tests.api.operations.test_snapshots import TAGS, change, forget, remembered, take
from tests.api.world import World

LIMIT = {
    "SnapshotRetentionLimit": 2,
    "SnapshotWindow": "13:00-14:00",
    "PreferredMaintenanceWindow": "sun:05:00-sun:06:00",
}
ONE, RG, X = "automatic.one-2026-03-01-13-00", "automatic.rg-002-2026-03-01-13-00", "automatic.x-2026-03-01-13-00"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """At noon: a cluster `one`, a group `rg` of two members, and a group `x` of two shards with two members each."""
    store = Store(f"sqlite:///{tmp_path / 'own.db'}")
    store.prepare()
    world = World(store=store)
    world.cluster("one", **LIMIT)
    world.group("rg", NumCacheClusters=2, Tags=TAGS, **LIMIT)
    world.group("x", NumNodeGroups=2, ReplicasPerNodeGroup=1, AutomaticFailoverEnabled=True, **LIMIT)
    for name in ("one", "rg", "x"):
        world.settle(name)
    return world


def automatic(world: World) -> AutomaticSnapshots:
    """As it is after the control plane was started."""
    return AutomaticSnapshots(world.store, lambda: world.now, world.random)


def look(world: World, **later: float) -> list[str]:
    """The snapshots that there are after a while and another look."""
    world.wait(**later)
    automatic(world).look()
    return listed(world)


def listed(world: World, **params: Any) -> list[str]:
    return [each["SnapshotName"] for each in world.ask("DescribeSnapshots", **params)["Snapshots"]]


def shown(world: World, name: str) -> dict[str, Any]:
    return dict(world.ask("DescribeSnapshots", SnapshotName=name)["Snapshots"][0])


def test_one_is_taken_in_the_window_and_only_one(world: World) -> None:
    assert look(world) == []
    assert look(world, hours=1) == [ONE, RG, X]
    assert look(world, minutes=1) == [ONE, RG, X]
    for name in (ONE, RG, X):
        take(world, name)
    assert look(world, minutes=10) == [ONE, RG, X]
    world.ask("DeleteSnapshot", SnapshotName=ONE)
    forget(world, ONE)
    assert look(world, minutes=10) == [RG, X]
    assert look(world, hours=4) == [RG, X]
    assert ONE.replace("01-13-00", "02-13-21") in look(world, hours=20)


def test_as_they_are_shown(world: World) -> None:
    look(world, hours=1)
    statuses = [each["CacheClusterStatus"] for each in world.ask("DescribeCacheClusters")["CacheClusters"]]
    assert [statuses.count(word) for word in ("snapshotting", "available")] == [4, 3]
    for name in (ONE, RG, X):
        take(world, name)
    assert {name: shown(world, name)["SnapshotSource"] for name in (ONE, RG, X)} == dict.fromkeys(
        (ONE, RG, X), "automated"
    )
    assert (shown(world, ONE)["CacheClusterId"], shown(world, RG)["CacheClusterId"]) == ("one", "rg-002")
    assert (shown(world, X)["ReplicationGroupId"], shown(world, X)["NumNodeGroups"]) == ("x", 2)
    assert listed(world, SnapshotSource="system") == [ONE, RG, X]
    assert listed(world, SnapshotSource="user") == []
    assert world.tags(SNAPSHOT, RG) == (("team", "shop"),)
    world.ask("CopySnapshot", SourceSnapshotName=ONE, TargetSnapshotName="kept")
    assert listed(world, SnapshotSource="user") == ["kept"]


def test_those_who_share_a_database_take_one(world: World) -> None:
    start = Barrier(8)

    def look_at(minute: int) -> None:
        def clock() -> datetime:
            start.wait()
            return world.now + timedelta(hours=1, minutes=minute)

        AutomaticSnapshots(world.store, clock, Random(minute)).look()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(look_at, range(8)))
    assert len(listed(world)) == 3


def test_they_do_not_count_as_asked_for(world: World) -> None:
    look(world, hours=1)
    take(world, ONE)
    world.quotas = replace(world.quotas, chosen={"snapshots-per-node": 1})
    world.ask("CreateSnapshot", SnapshotName="own", CacheClusterId="one")
    take(world, "own")
    assert world.refusal("CreateSnapshot", SnapshotName="more", CacheClusterId="one")[0] == "SnapshotQuotaExceededFault"


def test_who_was_away_takes_the_day_s_while_the_window_lasts(world: World) -> None:
    assert look(world, hours=1, minutes=59) == [name.replace("13-00", "13-59") for name in (ONE, RG, X)]


def test_who_was_away_for_the_whole_window_waits_for_the_next(world: World) -> None:
    assert look(world, hours=2) == []
    assert look(world, hours=23) == [name.replace("03-01", "03-02") for name in (ONE, RG, X)]


def test_a_busy_cache_waits_within_its_window(world: World) -> None:
    world.ask("CreateSnapshot", SnapshotName="own", CacheClusterId="one")
    assert look(world, hours=1) == [RG, X, "own"]
    take(world, "own")
    assert look(world, minutes=5) == [ONE.replace("13-00", "13-05"), RG, X, "own"]


def test_the_limit_falls(world: World) -> None:
    look(world, hours=1)
    for name in (ONE, RG, X):
        take(world, name)
    world.ask("ModifyCacheCluster", CacheClusterId="one", SnapshotRetentionLimit=0)
    world.ask("ModifyReplicationGroup", ReplicationGroupId="rg", SnapshotRetentionLimit=0)
    world.ask("ModifyReplicationGroup", ReplicationGroupId="x", SnapshotRetentionLimit=1)
    look(world, days=1)
    assert remembered_status(world) == {
        ONE: "available",
        RG: "available",
        X: "deleting",
        X.replace("01-13", "02-13"): "creating",
    }
    look(world, days=1)
    assert remembered_status(world)[ONE] == remembered_status(world)[RG] == "deleting"


def remembered_status(world: World) -> dict[str, str]:
    return {each["SnapshotName"]: each["SnapshotStatus"] for each in world.ask("DescribeSnapshots")["Snapshots"]}


def test_they_go_with_their_cache_and_others_stay(world: World) -> None:
    look(world, hours=1)
    for name in (ONE, RG, X):
        take(world, name)
    world.ask("CreateSnapshot", SnapshotName="own", CacheClusterId="one")
    take(world, "own")
    world.ask("DeleteCacheCluster", CacheClusterId="one", FinalSnapshotIdentifier="last")
    look(world, minutes=1)
    assert remembered_status(world)[ONE] == "available", "the cluster is still there"
    take(world, "last")
    world.gone("one")
    world.ask("DeleteReplicationGroup", ReplicationGroupId="x")
    look(world, minutes=1)
    gone = {ONE: "deleting", X: "deleting"}
    assert remembered_status(world) == {RG: "available", "own": "available", "last": "available", **gone}


def test_one_that_is_copied_stays_until_that_is_done(world: World) -> None:
    look(world, hours=1)
    take(world, ONE)
    world.ask("CopySnapshot", SourceSnapshotName=ONE, TargetSnapshotName="kept")
    look(world, days=3)
    assert remembered_status(world)[ONE] == "copying"
    take(world, "kept")
    look(world, minutes=1)
    assert (remembered_status(world)[ONE], remembered_status(world)["kept"]) == ("deleting", "available")


def test_one_that_cannot_be_read_or_written_holds_up_no_other(world: World) -> None:
    look(world, hours=1)
    for name in (ONE, RG, X):
        take(world, name)
    spoiled = """UPDATE caches SET spec = '{"unknown":"x",' || substr(spec, 2) WHERE id = 'one'"""
    group = {"CacheSubnetGroupName": "s", "CacheSubnetGroupDescription": "d", "SubnetIds": ["subnet-0a1b2c3d"]}
    world.ask("CreateCacheSubnetGroup", **group)
    world.group("a", CacheSubnetGroupName="s", **LIMIT)
    world.settle("a")
    world.cluster("b", **LIMIT)
    world.settle("b")
    with world.store.write() as transaction:
        transaction.connection.exec_driver_sql(spoiled)
        damaged = "UPDATE records SET document = 'none' WHERE noun = 'subnetgroup'"
        transaction.connection.exec_driver_sql(damaged)
    found = look(world, days=1)
    assert ONE in found
    assert remembered_status(world)[ONE] == "available", "nobody knows that its cache is gone"
    assert {RG, X, RG.replace("01-13", "02-13"), "automatic.b-2026-03-02-13-00"} < set(found)
    assert not [name for name in found if "a-00" in name]


def run(world: World, target: str) -> Daily:
    return automatic(world).run(target, "")


def test_the_day_s_is_taken_by_hand(world: World) -> None:
    names = [name.replace("13-00", "12-00") for name in (ONE, RG, X)]
    assert [run(world, target).name for target in ("one", "RG-001", "x")] == names
    assert listed(world) == names
    key = SnapshotKey(world.caller.account, world.caller.region, names[0])
    assert automatic(world).report(key).status is SnapshotStatus.CREATING
    take(world, names[0])
    assert automatic(world).report(key) == Daily(*(key.account, key.region, key.name), SnapshotStatus.AVAILABLE)
    change(world, names[0], status=SnapshotStatus.FAILED, failure="why")
    assert automatic(world).report(key).failure == "why"
    assert look(world, hours=1) == names, "that was the day's"
    assert ONE.replace("03-01", "03-02") in look(world, days=1)
    forget(world, names[0])
    with pytest.raises(NoSuchTarget, match="no snapshot has that name"):
        automatic(world).report(key)


@pytest.mark.parametrize(
    ("target", "kind", "reason"),
    [
        ("nobody", NoSuchTarget, "cannot find nobody: no group or cluster has that name"),
        ("m", Unfit, "cannot take the day's snapshot of m: clusters of Memcached have no snapshots"),
        (
            "off",
            Unfit,
            "cannot take the day's snapshot of off: its SnapshotRetentionLimit is 0, so that none is taken of it"
            " automatically",
        ),
        ("new", Unfit, "cannot take the day's snapshot of new: new is creating"),
        ("one", Unfit, "cannot take the day's snapshot of one: one is snapshotting"),
        ("rg", Unfit, "cannot take the day's snapshot of rg: Snapshot with specified name already exists."),
    ],
)
def test_of_what_none_is_taken_by_hand(world: World, target: str, kind: type[Exception], reason: str) -> None:
    world.cluster("m", Engine="memcached", NumCacheNodes=1)
    world.cluster("off")
    world.settle("off")
    world.cluster("new", **LIMIT)
    run(world, "one")
    take(world, run(world, "rg").name)
    with pytest.raises(kind) as refused:
        run(world, target)
    assert str(refused.value) == reason


def test_a_group_that_changes_the_member_that_is_saved(world: World) -> None:
    world.ask("ModifyReplicationGroup", ReplicationGroupId="rg", SnapshottingClusterId="rg-001")
    assert world.shown_group("rg")["SnapshottingClusterId"] == "rg-001"
    known = remembered(world, run(world, "rg").name)
    assert isinstance(known, Snapshot)
    assert (known.cluster, known.nodes[0].cluster, known.asked_at) == ("rg-001", "rg-001", world.now)
