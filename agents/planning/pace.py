"""What is held back because it shall take as long as at AWS."""

from dataclasses import replace
from datetime import datetime, timedelta

from cachewright.controlplane.model.cache import Cache, ShardStatus, Status
from cachewright.controlplane.model.lifecycle import UNBORN, Phase
from cachewright.controlplane.model.pace import Deed, Pace


def since_when(cache: Cache, status: Status, now: datetime) -> Status:
    """A report that says since when a cache is not available, or is being deleted."""
    begins = status.phase is Phase.DELETING and cache.status.phase is not Phase.DELETING
    return replace(status, since=now if begins else status.since or now)


def held_back(cache: Cache, status: Status, pace: Pace, now: datetime) -> tuple[Status, float]:
    """The report of a cache that is as desired, but not said to be yet, and for how many seconds; 0: it may be."""
    deed = _deed(cache)
    if deed is None:
        return status, 0.0
    phase = Phase.MODIFYING if status.phase is Phase.AVAILABLE else status.phase
    held = since_when(cache, replace(status, phase=phase), now)
    return held, remaining(held, deed, pace, now)


def remaining(status: Status, deed: Deed, pace: Pace, now: datetime) -> float:
    """The seconds that it takes still."""
    return _seconds(pace.of(deed) - _elapsed(status.since, now))


def is_over(status: ShardStatus, pace: Pace, now: datetime) -> bool:
    """Whether a shard that lost its primary has been without one for long enough."""
    return _elapsed(status.lost_since, now) >= pace.of(Deed.FAILOVER)


def until_a_failover(status: Status, pace: Pace, now: datetime) -> float:
    """The seconds until the next shard gets a primary again; 0 when none waits."""
    lost = (shard.lost_since for shard in status.shards.values() if shard.lost_since)
    return min((_seconds(pace.of(Deed.FAILOVER) - _elapsed(moment, now)) for moment in lost), default=0.0)


def without_primary(status: Status) -> frozenset[str]:
    """The lost primaries of shards in which nobody shall lead yet."""
    return frozenset(shard.primary for shard in status.shards.values() if shard.lost_since)


def _deed(cache: Cache) -> Deed | None:
    """What was asked for; to mend a cache is nothing that was."""
    phase = cache.status.phase
    if phase in UNBORN:
        return Deed.CREATE
    if phase is Phase.REBOOTING:
        return Deed.REBOOT
    asked = cache.status.generation != cache.generation and not cache.spec.change.makes_quiet(cache.generation)
    return Deed.MODIFY if asked else None


def _seconds(span: timedelta) -> float:
    return max(0.0, span.total_seconds())


def _elapsed(since: datetime | None, now: datetime) -> timedelta:
    """Nothing has begun in the future, in case the clock was put back."""
    return max(now - (since or now), timedelta())
