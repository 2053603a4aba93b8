"""Every cache as whoever looks often tells it: what was not written since the last look is not read again."""

from dataclasses import dataclass, field, replace

from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.store.saving import beside
from cachewright.controlplane.store.transaction import Transaction

_Revision = tuple[str, int]  # the incarnation and the revision


@dataclass(slots=True)
class Readings:
    """What the looks before have read. One thread at a time."""

    _revisions: dict[int, _Revision] = field(default_factory=dict)  # by the number of the row
    _read: dict[int, Cache] = field(default_factory=dict)  # of those that can be read

    def all(self, transaction: Transaction) -> list[Cache]:
        """Every cache that can be read, of every account and region, with what is told of it beside its own row. One of
        which nothing was written is the very object of the last look.
        """
        there = transaction.caches.revisions()
        written = {number for number, _ in there.items() - self._revisions.items()}
        for number in written | self._revisions.keys() - there.keys():
            self._read.pop(number, None)
        if written:
            fresh = transaction.caches.numbered(written)
            self._read |= {number: replace(cache, unwritten="", deliveries={}) for number, cache in fresh.items()}
        self._revisions = there
        told = beside(transaction)
        return [told.of(cache) for cache in self._read.values()]
