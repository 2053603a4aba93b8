"""Snapshots on the pretend machine: whatever dies meanwhile, one that is available is whole."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest

from cachewright.agents.engines.redis.persistence import EMPTY
from cachewright.agents.memory.rdb import PATH, loaded
from cachewright.agents.planning.containers import File
from cachewright.agents.planning.verdicts import Later
from cachewright.controlplane.automatic_snapshots import AutomaticSnapshots
from cachewright.controlplane.model.cache import Cache, Kind
from cachewright.controlplane.model.nouns import SNAPSHOT
from cachewright.controlplane.model.snapshots import (
    NodeSnapshot,
    Snapshot,
    SnapshotSource,
    SnapshotStatus,
    SourceSettings,
)
from tests.agents.test_cluster_mode import sharded
from tests.agents.test_crashes import Crash, Fuse, Fused, fused
from tests.house import ACCOUNT, REGION, House, house

DATA = {"one": "1", "two": "2"}


@pytest.fixture
def home(tmp_path: Path) -> House:
    return house(tmp_path)


def fill(home: House, cache: Cache, data: dict[str, str] = DATA) -> None:
    for shard in cache.status.shards.values():
        for key, value in data.items():
            home.machine.processes.write(cache.status.nodes[shard.primary].address.host, key, value)


def written(home: House, snapshot: Snapshot) -> None:
    """Its record is there from now on, or is like this."""
    with home.store.write() as transaction:
        records = transaction.records(ACCOUNT, REGION, SNAPSHOT, Snapshot)
        if records.has(snapshot.name):
            records.change(snapshot.name, snapshot)
        else:
            records.add(snapshot.name, snapshot, snapshot.asked_at)


def asked(home: House, cache: Cache, name: str = "snap", **fields: Any) -> Snapshot:
    """Somebody wants a snapshot of a cache."""
    spec = cache.spec
    settings = SourceSettings(spec.engine, spec.version, spec.node_type, spec.port, spec.parameter_group)
    nodes = tuple(NodeSnapshot(s.nodes[0].cluster, s.nodes[0].id, s.id, slots=s.slots) for s in spec.shards)
    snapshot = Snapshot(
        *(name, token_hex(16), SnapshotStatus.CREATING, SnapshotSource.MANUAL, cache.key.kind, cache.key.id),
        *(cache.incarnation, home.clock(), settings, nodes),
    )
    snapshot = replace(snapshot, **fields)
    written(home, snapshot)
    return snapshot


def found(home: House, name: str = "snap") -> Snapshot:
    snapshot = home.snapshot(name)
    assert snapshot
    return snapshot


def contents(home: House, snapshot: Snapshot) -> Iterator[dict[str, str]]:
    """The keys of its files, each of which is what the record says."""
    for node in snapshot.nodes:
        content = b"".join(home.snapshots.taking.files.read(snapshot.id, node.shard))
        assert (node.size, node.digest) == (len(content), sha256(content).hexdigest())
        assert node.taken
        yield loaded(content)


def files(home: House) -> list[str]:
    return sorted(str(path.relative_to(home.directory)) for path in home.directory.rglob("*.rdb*"))


def assert_nothing_left_in_containers(home: House) -> None:
    for container in home.containers():
        kept = home.machine.files(container.name)
        assert not loaded(kept.get(PATH, b"REDIS0006\xff" + bytes(8)))


def test_a_group_is_saved_by_a_replica(home: House) -> None:
    cache = home.group("rg")
    fill(home, cache)
    asked(home, cache)
    home.settle_snapshot("snap")
    snapshot = found(home)
    assert snapshot.status is SnapshotStatus.AVAILABLE
    assert [node.cluster for node in snapshot.nodes] == ["rg-002"]
    assert list(contents(home, snapshot)) == [DATA]
    assert files(home) == [f"snapshots/{snapshot.id}/0001.rdb"]
    told = "cache-cluster: Snapshot succeeded for snapshot with ID 'snap' of replication group with ID 'rg'"
    assert [message for message in home.messages() if "Snapshot" in message] == [
        told.replace("cache-cluster", "rg-002")
    ]
    assert_nothing_left_in_containers(home)


def test_a_member_is_saved_by_itself(home: House) -> None:
    cache = home.group("rg")
    fill(home, cache)
    asked(home, cache, cluster="rg-003")
    home.settle_snapshot("snap")
    assert [node.cluster for node in found(home).nodes] == ["rg-003"]
    told = "rg-003: Snapshot succeeded for snapshot with ID 'snap' of cache cluster with ID 'rg-003'"
    assert told in home.messages()


def test_each_shard_has_a_file(home: House) -> None:
    cache = sharded(home, 2)
    for shard in cache.spec.shards:
        address = cache.status.nodes[cache.status.shards[shard.id].primary].address.host
        home.machine.processes.write(address, f"key of {shard.id}", shard.id)
    asked(home, cache)
    home.settle_snapshot("snap")
    assert list(contents(home, found(home))) == [{f"key of {number}": number} for number in ("0001", "0002")]
    assert len(files(home)) == 2


def take(home: House) -> None:
    asked(home, home.cache(Kind.REPLICATION_GROUP, "rg"))


def take_sealed(home: House) -> None:
    home.call("CreateSnapshot", SnapshotName="snap", CacheClusterId="rg-001")


def take_finally(home: House) -> None:
    asked(home, home.cache(Kind.REPLICATION_GROUP, "rg"), final=True)


def copy(home: House) -> None:
    take(home)
    home.settle_snapshot("snap")
    original = found(home)
    copied = replace(original, name="copy", id=token_hex(16), copied_from=original.id, status=SnapshotStatus.CREATING)
    written(home, copied)


def remove(home: House) -> None:
    take(home)
    home.settle_snapshot("snap")
    written(home, replace(found(home), status=SnapshotStatus.DELETING))


def leave(home: House) -> None:
    home.call("DeleteCacheCluster", CacheClusterId="rg-002", FinalSnapshotIdentifier="snap")


def members(home: House) -> list[str]:
    return [node.cluster for node in home.cache(Kind.REPLICATION_GROUP, "rg").spec.nodes]


WAYS: tuple[tuple[Callable[[House], None], str], ...] = (
    (take, "snap"),
    (take_finally, "snap"),
    (copy, "copy"),
    (remove, "snap"),
    (leave, "snap"),
    (take_sealed, "snap"),
)


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize(("way", "name"), WAYS, ids=lambda way: getattr(way, "__name__", ""))
def test_every_prefix_comes_to_rest(way: Callable[[House], None], name: str, before: bool, tmp_path: Path) -> None:
    for number in range(1, 100):
        directory = tmp_path / str(number)
        directory.mkdir()
        home = house(directory)
        fill(home, home.group("rg", nodes=3 if way is leave else 2, AtRestEncryptionEnabled=way is take_sealed))
        way(home)
        fuse = Fuse(number, before)
        home.restart(fused(home.backend, fuse))
        home.snapshots.taking = replace(home.snapshots.taking, files=Fused(home.snapshots.taking.files, fuse))  # type: ignore[arg-type]
        home.snapshots.ledger = Fused(home.snapshots.ledger, fuse)  # type: ignore[assignment]
        try:
            home.settle_snapshot(name)
            assert number > 2
            return
        except Crash:
            pass
        home.restart()
        assert_honest(home, name)
        home.settle_snapshot(name)
        if way is remove:
            assert home.snapshot(name) is None
            assert files(home) == []
        else:
            assert found(home, name).status is SnapshotStatus.AVAILABLE
            assert_honest(home, name)
            assert len(files(home)) == (2 if way is copy else 1)
        home.settle()
        with home.store.read() as transaction:
            assert bool(transaction.caches.keys()) is (way is not take_finally)
        if way is leave:
            assert members(home) == ["rg-001", "rg-003"]
        assert_nothing_left_in_containers(home)
    raise AssertionError("it never ends")


def assert_honest(home: House, name: str) -> None:
    """What is available is whole."""
    snapshot = home.snapshot(name)
    if snapshot and snapshot.status is SnapshotStatus.AVAILABLE:
        assert list(contents(home, snapshot)) == [DATA]


def test_a_file_that_is_taken_away_before_it_is_read_is_written_again(home: House) -> None:
    cache = home.group("rg", nodes=1)
    fill(home, cache)
    taken: list[str] = []

    def take(name: str) -> None:
        if not taken:
            taken.append(name)
            home.machine.copy(name, [File(PATH, EMPTY)])

    home.machine.reading = take
    asked(home, cache)
    home.settle_snapshot("snap")
    assert taken
    assert list(contents(home, found(home))) == [DATA]


@pytest.mark.parametrize("fault", ["kill", "pause", "remove"])
def test_another_node_saves_when_the_first_one_dies_meanwhile(fault: str, home: House) -> None:
    cache = home.group("rg")
    fill(home, cache)
    fallen: list[str] = []

    def fall(address: str) -> None:
        if not fallen:
            fallen.append(home.machine.holder(address) or "")
            getattr(home.machine, fault)(fallen[0])

    home.machine.saving = fall
    asked(home, cache)
    home.settle_snapshot("snap")
    assert fallen
    assert [node.cluster for node in found(home).nodes] == ["rg-003"]
    assert list(contents(home, found(home))) == [DATA]


def test_a_disk_that_is_full_for_a_while_delays_it_and_for_long_fails_it(home: House) -> None:
    cache = home.group("rg", nodes=1)
    fill(home, cache)
    address = cache.status.nodes["rg-001.0001"].address.host
    home.machine.full.add(address)
    asked(home, cache, "short")
    home.settle_snapshot("short", lambda: home.machine.full.discard(address))
    assert list(contents(home, found(home, "short"))) == [DATA]
    home.machine.full.add(address)
    begun = home.clock.moment
    asked(home, cache, "long")
    home.settle_snapshot("long")
    assert found(home, "long").status is SnapshotStatus.FAILED
    assert found(home, "long").failure.endswith("the engine could not write the file")
    assert timedelta(minutes=10) < home.clock.moment - begun < timedelta(minutes=11)
    assert len(files(home)) == 1
    told = "rg-001: Snapshot failed for snapshot with ID 'long' of replication group with ID 'rg': cannot have"
    assert any(message.startswith(told) for message in home.messages())


def test_a_data_directory_that_is_full_fails_it_at_once(home: House) -> None:
    cache = home.group("rg", nodes=1)
    fill(home, cache, {"large": "x" * 100_000})
    snapshot = asked(home, cache)
    (home.directory / "snapshots" / snapshot.id).mkdir(parents=True)
    (home.directory / "snapshots" / snapshot.id / "0001.rdb.part").symlink_to("/dev/full")
    begun = home.clock.moment
    home.settle_snapshot("snap")
    assert home.clock.moment - begun < timedelta(seconds=1)
    assert (found(home).status, found(home).failure[-23:]) == (SnapshotStatus.FAILED, "No space left on device")
    assert files(home) == []
    assert_nothing_left_in_containers(home)


def test_a_final_snapshot_that_fails_leaves_the_cache(home: House) -> None:
    cache = home.group("rg", nodes=1)
    home.machine.full.add(cache.status.nodes["rg-001.0001"].address.host)
    asked(home, cache, final=True)
    home.settle_snapshot("snap")
    assert found(home).status is SnapshotStatus.FAILED
    assert not home.cache(Kind.REPLICATION_GROUP, "rg").deleting


@pytest.mark.parametrize("named", ["", "rg-003"], ids=["whole", "who led when it was asked for"])
def test_a_final_snapshot_is_the_primarys_and_ends_the_cache(named: str, home: House) -> None:
    cache = home.group("rg")
    fill(home, cache)
    asked(home, cache, final=True, cluster=named)
    home.settle_snapshot("snap")
    assert [node.cluster for node in found(home).nodes] == ["rg-001"]
    home.settle()
    assert home.containers() == []
    assert list(contents(home, found(home))) == [DATA]


def test_a_replica_leaves_once_its_last_snapshot_is_safe(home: House) -> None:
    fill(home, home.group("rg"))
    leave(home)
    home.settle()
    assert members(home) == ["rg-001", "rg-002", "rg-003"]
    home.settle_snapshot("snap")
    assert [node.cluster for node in found(home).nodes] == ["rg-002"]
    home.settle()
    assert members(home) == ["rg-001", "rg-003"]
    assert sorted(container.name.rpartition("rg-")[2] for container in home.containers()) == ["001.0001", "003.0001"]
    assert "rg-002: Cache cluster deleted" in home.messages()
    assert list(contents(home, found(home))) == [DATA]


def test_a_replica_stays_whose_last_snapshot_fails(home: House) -> None:
    cache = home.group("rg")
    home.machine.full.add(cache.status.nodes["rg-002.0001"].address.host)
    leave(home)
    home.settle_snapshot("snap")
    home.settle()
    assert (found(home).status, members(home)) == (SnapshotStatus.FAILED, ["rg-001", "rg-002", "rg-003"])


def test_a_replica_that_leads_by_then_stays(home: House) -> None:
    fill(home, home.group("rg"))
    leave(home)
    for name in ("rg-003.0001", "rg-001.0001"):
        home.machine.kill(home.container(name))
    home.settle()
    assert home.cache(Kind.REPLICATION_GROUP, "rg").status.shards["0001"].primary == "rg-002.0001"
    home.settle_snapshot("snap")
    home.settle()
    assert (found(home).status, members(home)) == (SnapshotStatus.AVAILABLE, ["rg-001", "rg-002", "rg-003"])
    why = "Cache cluster rg-002 is serving as primary of replication group rg."
    assert f"rg-002: Cachewright does not delete rg-002: {why}" in home.messages()


@pytest.mark.parametrize("again", [False, True], ids=["gone", "another one of its name"])
def test_a_cache_that_is_deleted_meanwhile_fails_it(again: bool, home: House) -> None:
    cache = home.group("rg", nodes=1)
    asked(home, cache)
    with home.store.write() as transaction:
        transaction.caches.mark_deleted(cache.key)
    home.settle()
    if again:
        home.group("rg", nodes=1)
    home.settle_snapshot("snap")
    assert found(home).status is SnapshotStatus.FAILED
    assert found(home).failure == "cannot take a snapshot of rg: it is gone"
    assert files(home) == []


def test_a_copy_is_judged_by_what_was_written(home: House) -> None:
    fill(home, home.group("rg", nodes=1))
    copy(home)
    path = home.directory / "snapshots" / found(home).id / "0001.rdb"
    path.write_bytes(path.read_bytes()[:-1])
    home.settle_snapshot("copy")
    assert found(home, "copy").status is SnapshotStatus.FAILED
    assert found(home, "copy").failure == "cannot copy the file of shard 0001: it is damaged"


def test_one_that_was_replaced_meanwhile_is_taken_for_itself(home: House) -> None:
    cache = home.group("rg", nodes=1)
    fill(home, cache)
    first = asked(home, cache)

    def replaced(_: str) -> None:
        if found(home).id == first.id:
            asked(home, cache)

    home.machine.saving = replaced
    home.settle_snapshot("snap")
    assert found(home).id != first.id
    assert list(contents(home, found(home))) == [DATA]


def test_slots_that_move_meanwhile_have_it_taken_anew(home: House) -> None:
    cache = sharded(home, 2)
    moved: list[str] = []

    def move(_: str) -> None:
        if moved:
            return
        moved.append("0001")
        with home.store.write() as transaction:
            now = transaction.caches.get(cache.key)
            assert now
            shards = {name: replace(shard, slots="0-1") for name, shard in now.status.shards.items()}
            transaction.caches.write_status(now, replace(now.status, shards=shards), settled=True)

    home.machine.saving = move
    tries: list[str] = []
    asked(home, cache)
    home.settle_snapshot("snap", lambda: tries.append("again"))
    assert tries == ["again"]
    assert found(home).status is SnapshotStatus.AVAILABLE


def test_an_agent_that_dies_meanwhile_and_a_reboot_bring_nothing_back(home: House) -> None:
    cache = home.group("rg", nodes=1)
    fill(home, cache)
    asked(home, cache)
    home.restart(fused(home.backend, Fuse(3, before=True)))
    with pytest.raises(Crash):
        home.settle_snapshot("snap")
    assert loaded(home.machine.files(home.container("rg-001.0001"))[PATH]) == DATA
    home.restart()
    written(home, found(home).failed("of a test"))  # meanwhile a reboot is refused
    home.call("RebootCacheCluster", CacheClusterId="rg-001", CacheNodeIdsToReboot=["0001"])
    home.settle()
    assert home.machine.processes.at(cache.status.nodes["rg-001.0001"].address.host).data == {}


@pytest.mark.parametrize("status", [SnapshotStatus.CREATING, SnapshotStatus.FAILED])
def test_what_an_earlier_run_left_half_done_is_removed_at_the_start(status: SnapshotStatus, home: House) -> None:
    """But not what nobody knows: the database may have been lost."""
    cache = home.group("rg", nodes=1)
    take(home)
    home.settle_snapshot("snap")
    kept = files(home)
    half = asked(home, cache, "half", status=status)
    for identity in (half.id, "0" * 32):
        home.snapshots.taking.files.write(identity, "0009", [b"half"])
    home.restart()
    home.settle_snapshot("half")
    assert "snapshots/" + "0" * 32 + "/0009.rdb" in files(home)
    assert set(kept) < set(files(home))
    assert f"snapshots/{half.id}/0009.rdb" not in files(home)
    assert found(home, "half").status is (SnapshotStatus.AVAILABLE if status is SnapshotStatus.CREATING else status)


def test_who_does_not_answer_is_told_later(home: House) -> None:
    cache = home.group("rg", nodes=1)
    home.machine.pause(home.container("rg-001.0001"))
    snapshot = asked(home, cache)
    with pytest.raises(Later, match="its primary does not answer"):
        home.snapshots._part(snapshot, cache, "0001")


def test_the_days_snapshot_of_every_shape(home: House) -> None:
    days: dict[str, Any] = {"SnapshotRetentionLimit": 1, "SnapshotWindow": "00:00-23:00"}
    days["PreferredMaintenanceWindow"] = "sun:23:00-mon:00:00"
    home.cluster("one", **days)
    group, shards = home.group("g", 2, **days), sharded(home, 2)
    home.call("ModifyReplicationGroup", ReplicationGroupId="rg", **days)
    for cache in (home.cache(Kind.CACHE_CLUSTER, "one"), group, shards):
        fill(home, cache)
    automatic = AutomaticSnapshots(home.store, home.clock, home.random)
    automatic.look()
    moment = f"{home.clock():%Y-%m-%d-%H-%M}"
    names = [f"automatic.{source}-{moment}" for source in ("one", "g-002", "rg")]
    for name in names:
        home.settle_snapshot(name)
        assert list(contents(home, found(home, name))) == [DATA] * len(found(home, name).nodes)
    told = f"g-002: Snapshot succeeded for snapshot with ID '{names[1]}' of cache cluster with ID 'g-002'"
    assert told in home.messages()
    home.restart()
    home.clock.moment += timedelta(hours=1)
    automatic.look()
    with home.store.read() as transaction:
        assert sorted(key.name for key in transaction.snapshots.all()) == sorted(names)
    home.clock.moment += timedelta(days=1)
    home.call("DeleteCacheCluster", CacheClusterId="one")
    home.settle()
    automatic.look()
    for name in names:
        home.settle_snapshot(name)
        assert home.snapshot(name) is None
    assert {path.split("/")[1] for path in files(home)} == set()
