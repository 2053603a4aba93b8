"""Which automatic snapshots are due, what they are called, and which are kept no longer."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from cachewright.controlplane.model.automatic import Seen, Work, life_of, name_of, source_of, work
from cachewright.controlplane.model.cache import (
    Address,
    Cache,
    ClusterMode,
    Key,
    Kind,
    Node,
    NodeStatus,
    Origin,
    Saving,
    Shard,
    Spec,
    Status,
)
from cachewright.controlplane.model.lifecycle import NodePhase, Phase
from cachewright.controlplane.model.schedule import Schedule
from cachewright.controlplane.model.snapshots import Snapshot, SnapshotKey, SnapshotSource, SnapshotStatus
from cachewright.controlplane.model.versions import Engine
from cachewright.controlplane.model.windows import snapshot_opening
from tests.golden import values

ACCOUNT, REGION = "000000000000", "us-east-1"
NOON = "12:00-13:00"
MIDNIGHT = "23:30-00:30"


def at(text: str) -> datetime:
    """`2 12:30` of a certain month, in UTC."""
    day, time = text.split()
    hours, minutes = map(int, time.split(":"))
    return datetime(2026, 3, int(day), hours, minutes, tzinfo=UTC)


def cache(name: str = "shop", *, window: str = NOON, days: int = 3, member: str = "", clustered: bool = False) -> Cache:
    """A group of two members, or a cluster by itself when there is no `member` that snapshots are made of."""
    alone = not (member or clustered)
    names = [name] if alone else [f"{name}-001", f"{name}-002"]
    nodes = tuple(Node(cluster, "0001", "us-east-1a") for cluster in names)
    mode = ClusterMode.ENABLED if clustered else ClusterMode.DISABLED
    spec = Spec(
        Engine.REDIS,
        "7.1.0",
        "cache.t3.micro",
        6379,
        "",
        (Shard("0001", nodes),),
        cluster_mode=mode,
        schedule=Schedule("", window, days, member),
    )
    seen = {node.name: NodeStatus(Address("10.0.0.1", 6379), NodePhase.AVAILABLE) for node in nodes}
    kind = Kind.CACHE_CLUSTER if alone else Kind.REPLICATION_GROUP
    status = Status(Phase.AVAILABLE, 1, seen)
    key = Key(ACCOUNT, REGION, kind, name)
    return Cache(key, f"life of {name}", at("1 00:00"), 1, deleting=False, spec=spec, status=status)


def scheduled(known: Cache, **fields: Any) -> Cache:
    return replace(known, spec=replace(known.spec, schedule=replace(known.spec.schedule, **fields)))


def snapshot(of: Cache, asked: str, days: int = 3) -> Snapshot:
    return replace(
        values.SNAPSHOT,
        name=name_of(of, at(asked)),
        status=SnapshotStatus.AVAILABLE,
        source=SnapshotSource.AUTOMATED,
        kind=of.key.kind,
        cache=of.key.id,
        incarnation=of.incarnation,
        asked_at=at(asked),
        settings=replace(values.SNAPSHOT.settings, snapshot_retention_limit=days),
        export=None,
    )


def seen(caches: Iterable[Cache], snapshots: Iterable[Snapshot] = (), last: str = "") -> Seen:
    known = {each.key: each for each in caches}
    moments = {life_of(each): at(last) for each in known.values()} if last else {}
    records = {SnapshotKey(ACCOUNT, REGION, each.name): each for each in snapshots}
    return Seen(frozenset(known), known, records, moments)


@pytest.mark.parametrize(
    ("text", "now", "opened"),
    [
        (NOON, "2 12:00", "2 12:00"),
        (NOON, "2 12:59", "2 12:00"),
        (NOON, "2 13:00", None),
        (NOON, "2 11:59", None),
        (MIDNIGHT, "2 23:30", "2 23:30"),
        (MIDNIGHT, "3 00:29", "2 23:30"),
        (MIDNIGHT, "3 00:30", None),
        ("", "2 12:00", None),
    ],
)
def test_when_a_daily_window_opened(text: str, now: str, opened: str | None) -> None:
    assert snapshot_opening(text, at(now)) == (at(opened) if opened else None)


@pytest.mark.parametrize(
    ("window", "last", "now", "due"),
    [
        (NOON, "", "2 12:00", True),
        (NOON, "", "2 13:00", False),  # the window was missed: the next one counts
        (NOON, "1 12:00", "2 12:00", True),
        (NOON, "1 12:59", "2 12:00", True),  # the cache was busy until then
        (NOON, "2 12:00", "2 12:01", False),  # whoever is started again knows that it was taken
        (NOON, "2 03:00", "2 12:01", False),  # by hand, or in a window that was another one in the morning
        (NOON, "1 18:00", "2 12:01", True),  # by hand, the day before
        (MIDNIGHT, "", "3 00:10", True),
        (MIDNIGHT, "2 23:30", "3 00:10", False),  # another day, but the same window
        (MIDNIGHT, "2 00:10", "2 23:40", False),
        (MIDNIGHT, "2 00:10", "3 00:00", True),  # in the same window as it would have been
        (MIDNIGHT, "1 23:30", "2 23:30", True),
    ],
)
def test_one_is_taken_a_day(window: str, last: str, now: str, due: bool) -> None:
    shop = cache(window=window)
    assert work(seen([shop], last=last), at(now)) == Work(take=(shop.key,) if due else ())


def test_the_clock_is_read_in_utc() -> None:
    here = at("2 12:30").astimezone(timezone(timedelta(hours=9)))
    assert work(seen([cache()]), here).take
    assert not work(seen([cache()], last="2 12:00"), here).take
    assert name_of(cache(), here) == "automatic.shop-2026-03-02-12-30"


def test_each_cache_has_a_window_of_its_own() -> None:
    shop, basket = cache("shop"), cache("basket", window=MIDNIGHT, member="basket-002")
    both = seen([shop, basket])
    assert [key.id for key in work(both, at("2 12:30")).take] == ["shop"]
    assert [key.id for key in work(both, at("2 23:45")).take] == ["basket"]
    assert work(both, at("2 18:00")) == Work()


BUSY = {
    "turned off": scheduled(cache(), snapshot_retention_limit=0),
    "no window": scheduled(cache(), snapshot_window=""),
    "changed": replace(cache(), status=replace(cache().status, phase=Phase.MODIFYING)),
    "not there yet": replace(cache(), status=Status()),
    "deleted": replace(cache(), deleting=True),
    "saved by somebody else": replace(cache(), saving=Saving(frozenset({"shop"}))),
    "deleted with a last snapshot": replace(cache(), saving=Saving(frozenset({"shop"}), final=True)),
}


@pytest.mark.parametrize("busy", BUSY.values(), ids=BUSY)
def test_of_what_none_is_taken(busy: Cache) -> None:
    assert work(seen([busy]), at("2 12:30")).take == ()


@pytest.mark.parametrize(
    ("known", "source", "name"),
    [
        (cache(), "shop", "automatic.shop-2026-03-02-12-05"),
        (cache(member="shop-001"), "shop-001", "automatic.shop-001-2026-03-02-12-05"),
        (cache(member="shop-002"), "shop-002", "automatic.shop-002-2026-03-02-12-05"),
        (cache(clustered=True), "", "automatic.shop-2026-03-02-12-05"),
    ],
)
def test_of_what_one_is_taken_and_how_it_is_called(known: Cache, source: str, name: str) -> None:
    assert source_of(known) == source
    assert name_of(known, at("2 12:05")) == name


def test_a_group_waits_for_the_member_that_is_saved() -> None:
    shop, rest = cache(member="shop-002"), cache(member="shop-001")
    gone = {**shop.status.nodes}
    gone["shop-002.0001"] = replace(gone["shop-002.0001"], phase=NodePhase.RECOVERING)
    for known, due in ((shop, False), (rest, True)):
        busy = replace(known, status=replace(known.status, phase=Phase.MODIFYING, nodes=gone))
        assert bool(work(seen([busy]), at("2 12:30")).take) is due


def removed(known: Snapshot, now: str, *caches: Cache, unreadable: Iterable[Key] = ()) -> bool:
    there = seen(caches, [known])
    return bool(work(replace(there, names=there.names | frozenset(unreadable)), at(now)).remove)


@pytest.mark.parametrize(
    ("days", "promised", "now", "over"),
    [
        (3, 3, "5 12:04", False),
        (3, 3, "5 12:05", True),
        (1, 3, "3 12:05", True),  # fewer days from now on
        (7, 3, "8 12:05", False),  # more days
        (0, 3, "5 12:04", False),  # turned off: as long as was promised
        (0, 3, "5 12:05", True),
    ],
)
def test_days_that_are_over(days: int, promised: int, now: str, over: bool) -> None:
    shop = cache(days=days)
    assert removed(snapshot(shop, "2 12:05", promised), now, shop) is over


def test_one_goes_with_its_cache() -> None:
    shop = cache()
    known = snapshot(shop, "2 12:05")
    assert not removed(known, "2 12:10", shop)
    assert removed(known, "2 12:10")
    assert removed(known, "2 12:10", replace(shop, deleting=True))
    assert removed(known, "2 12:10", replace(shop, incarnation="another one of that name"))
    assert not removed(known, "9 12:10", unreadable=[shop.key])
    group = cache("basket", member="basket-002")
    origins = (Origin(shop.key.kind, shop.key.id, shop.incarnation),)
    assert not removed(known, "2 12:10", replace(group, spec=replace(group.spec, origins=origins)))


@pytest.mark.parametrize("status", SnapshotStatus)
def test_only_what_has_ended_is_removed(status: SnapshotStatus) -> None:
    over = status in {SnapshotStatus.AVAILABLE, SnapshotStatus.FAILED}
    assert removed(replace(snapshot(cache(), "2 12:05"), status=status), "9 12:05") is over


def test_what_somebody_asked_for_stays() -> None:
    assert not removed(replace(snapshot(cache(), "2 12:05"), source=SnapshotSource.MANUAL), "9 12:05")


def test_one_that_is_being_exported_stays_until_that_is_done() -> None:
    shop = cache(days=3)
    known = snapshot(shop, "2 12:05", 3)
    assert removed(known, "9 12:05", shop)
    assert not removed(replace(known, export=values.SNAPSHOT.export), "9 12:05", shop)
