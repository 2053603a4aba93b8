"""What the store tells of a cache after the deed. The agent writes every decision down before it acts on it."""

from dataclasses import dataclass, replace

from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.lifecycle import Phase


@dataclass(frozen=True, slots=True)
class Sighting:
    """A cache that is watched; seconds since the deed, None for what has not happened."""

    before: Cache
    now: Cache | None  # None: it was deleted
    changed: float = 0.0  # when the report changed last
    detection: float | None = None
    promotion: float | None = None
    recovery: float | None = None

    @property
    def rests(self) -> bool:
        """Whether there is nothing left to wait for, as far as anybody knows."""
        return self.now is None or self.now.phase is Phase.AVAILABLE


def begun(cache: Cache) -> Sighting:
    """Before the deed."""
    return Sighting(cache, cache)


def next_sighting(last: Sighting, cache: Cache | None, elapsed: float) -> Sighting:
    """After another look, `elapsed` seconds after the deed."""
    if cache is None or cache.incarnation != last.before.incarnation:
        return replace(last, now=None)
    if last.now and cache.status == last.now.status:
        return last
    seen = replace(last, now=cache, changed=elapsed, recovery=None)
    if seen.detection is None:
        seen = replace(seen, detection=elapsed)
    if seen.promotion is None and _succeeded(seen.before, cache):
        seen = replace(seen, promotion=elapsed)
    return replace(seen, recovery=elapsed) if seen.rests else seen


def _succeeded(before: Cache, after: Cache) -> bool:
    """Whether another node leads a shard, and was seen to."""
    known = before.status.shards
    return any(
        shard in known and now.primary != known[shard].primary and not now.old_primary
        for shard, now in after.status.shards.items()
    )
