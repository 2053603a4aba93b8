"""Since when the clock on the wall has shown the time that really passed, and what that makes of moments."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from cachewright.agents.planning.nodes.moments import ALWAYS, bounded
from cachewright.agents.reconcile.awake import Awake
from cachewright.controlplane.model.cache import Address, Cache, Key, Kind, NodeStatus, Spec, Status
from cachewright.controlplane.model.versions import Engine

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass(slots=True)
class Clocks:
    """Two, turned by hand."""

    wall: datetime = NOW
    passed: float = 100.0

    def go(self, wall: float, passed: float) -> None:
        self.wall += timedelta(seconds=wall)
        self.passed += passed


@pytest.mark.parametrize(
    ("wall", "passed", "gap"),
    [
        (3600.0, 3600.0, False),
        (3600.0, 2.0, True),  # it slept
        (2.5, 2.0, False),  # it is adjusted
        (-3600.0, 2.0, False),  # it was put back
    ],
)
def test_a_gap_is_what_only_the_clock_on_the_wall_shows(wall: float, passed: float, gap: bool) -> None:
    clocks = Clocks()
    awake = Awake(lambda: clocks.wall, lambda: clocks.passed)
    assert awake.since() == ALWAYS
    clocks.go(wall, passed)
    assert awake.since() == (clocks.wall if gap else ALWAYS)
    after = awake.since()
    clocks.go(60.0, 60.0)
    assert awake.since() == after


def cache(moment: datetime | None) -> Cache:
    node = NodeStatus(Address("10.0.0.1", 6379), silent_since=moment, busy_since=moment, astray_since=moment)
    spec = Spec(Engine.REDIS, "7.1.0", "cache.t3.micro", 6379, "", ())
    key = Key("000000000000", "us-east-1", Kind.CACHE_CLUSTER, "cc")
    return Cache(key, "1", NOW, 1, deleting=False, spec=spec, status=Status(nodes={"n": node}))


@pytest.mark.parametrize(
    ("moment", "expected"),
    [(None, None), (NOW - 2 * HOUR, NOW - HOUR), (NOW - HOUR / 2, NOW - HOUR / 2), (NOW + HOUR, NOW)],
)
def test_moments_are_neither_in_the_future_nor_before_the_machine_slept(
    moment: datetime | None, expected: datetime | None
) -> None:
    assert bounded(cache(moment), NOW - HOUR, NOW) == cache(expected)
