"""AutoCutover: a migration into a serverless cache is completed as soon as everything is there."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from cachewright.controlplane.api.common.context import Caller
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.news import News
from cachewright.controlplane.ticker import Ticker

INTERVAL = 1.0  # seconds between two tries

log = logging.getLogger(__name__)


class AutomaticCutovers(Ticker):
    """Asks for what a person would ask for, again and again until it is not refused."""

    def __init__(self, store: Store, dispatch: Callable[[str, Mapping[str, Any], Caller], object]) -> None:
        super().__init__("automatic-cutovers", INTERVAL)
        self._store, self._dispatch = store, dispatch
        self._news = News(store, certain=False)

    def look(self) -> None:
        """Complete what follows its source, and lacks nothing."""
        for cache in self._news.found(self._due):
            self._complete(cache)

    def _due(self) -> list[Cache]:
        with self._store.read() as transaction:
            return list(filter(_is_due, transaction.caches.mentioning(spec='"migration":{')))

    def _complete(self, cache: Cache) -> None:
        try:
            self._dispatch("CompleteMigration", {"ServerlessCacheName": cache.key.id}, cache.key)
        except Fault as fault:
            log.debug("the migration to %s is not completed yet: %s", cache.key.id, fault.message)


def _is_due(cache: Cache) -> bool:
    """Whether it was asked for, and every node has come to follow the source."""
    migration = cache.spec.migration
    return migration is not None and migration.automatic and cache.status.generation >= cache.generation
