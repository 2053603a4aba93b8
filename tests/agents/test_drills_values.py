"""What a drill means, and what it concludes from what the store tells."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cachewright.agents.drills.observations import begun, next_sighting
from cachewright.agents.drills.targets import hits
from cachewright.agents.drills.traffic import SPANS, counted
from cachewright.agents.drills.zones import bring_up, forget, take_down, zones_down
from cachewright.controlplane.model.cache import Cache, ShardStatus
from cachewright.controlplane.model.drills import DrillKind, NoSuchTarget, Order, Unfit, is_zone
from cachewright.controlplane.model.lifecycle import Phase
from tests.house import House, house


@pytest.fixture
def home(tmp_path: Path) -> House:
    """A new house."""
    return house(tmp_path)


def kill(target: str, account: str = "") -> Order:
    return Order(DrillKind.KILL, target, account=account)


def meant(caches: list[Cache], target: str, account: str = "") -> list[str]:
    """The nodes, in order."""
    return [node for hit in hits(caches, kill(target, account)) for node in hit.nodes]


def test_what_is_meant(home: House) -> None:
    caches = [home.group("rg"), home.cluster("one"), home.cluster("web", Engine="memcached", NumCacheNodes=2)]
    assert meant(caches, "rg") == ["rg-001.0001"]
    assert meant(caches, "rg/0001") == ["rg-001.0001"]
    assert meant(caches, "rg-002") == ["rg-002.0001"]
    assert meant(caches, "rg-002/0001") == ["rg-002.0001"]
    assert meant(caches, "one") == ["one.0001"]
    assert meant(caches, "web/0002") == ["web.0002"]
    zone = caches[0].spec.nodes[1].zone
    expected = [node.name for cache in caches for node in cache.spec.nodes if node.zone == zone]
    assert meant(caches, zone) == expected
    assert "rg-002.0001" in expected


@pytest.mark.parametrize("target", ["nobody", "rg/0002", "rg-001/0002", "one/"])
def test_what_is_nowhere(home: House, target: str) -> None:
    with pytest.raises(NoSuchTarget, match=f"cannot find {target}: "):
        meant([home.group("rg")], target)


def test_what_is_meant_by_nobody_knows_whom(home: House) -> None:
    group = home.group("rg")
    other = replace(group, key=replace(group.key, account="111122223333"))
    assert meant([group, other], "rg", "111122223333") == ["rg-001.0001"]
    with pytest.raises(Unfit, match="000000000000 in us-east-1, 111122223333 in us-east-1; name the account"):
        meant([group, other], "rg")
    with pytest.raises(Unfit, match="name one, web/0001 for one"):
        meant([home.cluster("web", Engine="memcached", NumCacheNodes=2)], "web")


@pytest.mark.parametrize(
    ("text", "zone"), [("us-east-1a", True), ("us-gov-west-1b", True), ("rg", False), ("us-east-1", False)]
)
def test_zones_read_like_zones(text: str, zone: bool) -> None:
    assert is_zone(text) is zone


def test_zones_go_down_and_come_up(home: House) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with home.store.write() as transaction:
        assert zones_down(transaction, now) == frozenset()
        take_down(transaction, ["us-east-1a"], now + timedelta(seconds=5))
        take_down(transaction, ["us-east-1b"], None)
        assert zones_down(transaction, now) == {"us-east-1a", "us-east-1b"}
        assert zones_down(transaction, now + timedelta(seconds=5)) == {"us-east-1b"}
        assert bring_up(transaction, ["us-east-1b"])
        assert not bring_up(transaction, ["us-east-1b"])
        assert zones_down(transaction, now) == {"us-east-1a"}
        forget(transaction)
        assert zones_down(transaction, now) == frozenset()


def test_what_is_seen_of_a_failover(home: House) -> None:
    cache = home.group("rg")
    led = cache.status.shards["0001"]
    noticed = replace(cache, status=replace(cache.status, phase=Phase.MODIFYING))
    decided = _with(noticed, replace(led, primary="rg-002.0001", old_primary="rg-001.0001"))
    promoted = _with(noticed, replace(led, primary="rg-002.0001"))
    recovered = replace(promoted, status=replace(promoted.status, phase=Phase.AVAILABLE))
    sighting = begun(cache)
    for elapsed, look in enumerate([cache, noticed, noticed, decided, promoted, recovered, recovered], 1):
        sighting = next_sighting(sighting, look, elapsed)
    assert (sighting.detection, sighting.promotion, sighting.recovery, sighting.changed) == (2, 5, 6, 6)
    assert sighting.rests


def test_a_recovery_that_was_none_does_not_count(home: House) -> None:
    cache = home.group("rg")
    noticed = replace(cache, status=replace(cache.status, phase=Phase.MODIFYING))
    recovered = replace(cache, status=replace(cache.status, notes=("different",)))
    sighting = begun(cache)
    for elapsed, look in enumerate([noticed, recovered, noticed], 1):
        sighting = next_sighting(sighting, look, elapsed)
    assert sighting.recovery is None
    assert not sighting.rests


def test_a_cache_that_is_gone_is_waited_for_no_more(home: House) -> None:
    cache = home.group("rg")
    assert next_sighting(begun(cache), None, 1.0).rests
    assert next_sighting(begun(cache), replace(cache, incarnation="another"), 1.0).now is None


def _with(cache: Cache, shard: ShardStatus) -> Cache:
    return replace(cache, status=replace(cache.status, shards={"0001": shard}))


def test_writes_are_counted_in_spans() -> None:
    writes = counted("rg", [10.0, 10.05, 10.09, 10.31], 10.0, 10.35)
    assert writes.counts == (3, 0, 0, 1)
    assert (writes.cache, writes.span_ms, writes.longest_ms) == ("rg", 100.0, 220.0)


def test_a_long_drill_has_longer_spans_and_an_outage_that_goes_on_counts() -> None:
    writes = counted("rg", [0.0], 0.0, 3600.0)
    assert len(writes.counts) <= SPANS + 1
    assert sum(writes.counts) == 1
    assert writes.longest_ms == 3_600_000.0


def test_who_was_never_answered_has_waited_all_the_time() -> None:
    assert counted("rg", [], 5.0, 7.0).longest_ms == 2000.0
