"""Every cache as whoever looks often needs it: what was not written since the last look is not read again."""

from dataclasses import dataclass, field, replace

from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.store.database import Transaction

_Read = tuple[tuple[str, int], Cache]  # the incarnation and the revision, and what was read


@dataclass(slots=True)
class Readings:
    """What the looks before have read. One thread at a time."""

    _read: dict[int, _Read] = field(default_factory=dict)  # by the number of the row

    def all(self, transaction: Transaction) -> list[Cache]:
        """Every cache that can be read, of every account and region."""
        there = transaction.caches.revisions()
        stale = {number for number, one in there.items() if self._read.get(number, ("", None))[0] != one}
        fresh = transaction.caches.numbered(stale) if stale else {}
        kept = {number: read for number, read in self._read.items() if number in there and number not in stale}
        self._read = kept | {number: (there[number], cache) for number, cache in fresh.items()}
        unwritten = transaction.unwritten
        return [replace(cache, unwritten=unwritten.get(cache.key, "")) for _, cache in self._read.values()]
