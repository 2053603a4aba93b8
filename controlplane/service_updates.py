"""Service updates by the clock: what is offered, who is told, and what applies itself after its recommended date."""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from cachewright.controlplane.api.common.context import Context
from cachewright.controlplane.api.service_updates.batch import apply
from cachewright.controlplane.model.builds import Builds
from cachewright.controlplane.model.cache import Cache, Key, Kind
from cachewright.controlplane.model.events import CLUSTER, Event
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.notifications import Notification
from cachewright.controlplane.model.service_updates import Catalogue, ServiceUpdate, UpdateStatus, advanced
from cachewright.controlplane.model.update_actions import (
    ActionStatus,
    action_of,
    is_outdated,
    needs,
    outdated_images,
)
from cachewright.controlplane.model.windows import Randomness, opening
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.news import News
from cachewright.controlplane.store.saving import with_saving
from cachewright.controlplane.ticker import Ticker

EVERYBODY = timedelta(minutes=1)  # between two looks at all caches; other builds are looked at sooner

log = logging.getLogger(__name__)


class ServiceUpdates(Ticker):
    """Looks until it is stopped. Without `examples` nothing but newer builds is offered."""

    def __init__(
        self, store: Store, clock: Callable[[], datetime], random: Randomness, interval: float, *, examples: bool
    ) -> None:
        super().__init__("service-updates", interval)
        self._store, self._clock, self._random, self._examples = store, clock, random, examples
        self._builds: Builds | None = None  # at the last look
        self._looked: datetime | None = None
        self._news = News(store)

    def look(self) -> None:
        """Bring the catalogue up to date, tell of what is new, and apply what is due."""
        now = self._clock()
        recent = self._looked and now - self._looked < EVERYBODY
        if recent and not self._news.found(self._other_builds):
            return
        with self._store.read() as transaction:
            builds, before = transaction.updates.builds(), transaction.updates.catalogue()
            caches = [c for c in transaction.caches.all() if c.key.kind is not Kind.SERVERLESS_CACHE]
        after = advanced(before, builds, outdated_images(caches, builds), now, examples=self._examples)
        told = list(_news(before, after, builds, caches, self._looked or now))
        if (after != before or told) and not self._written(before, after, told, now):
            return
        self._builds, self._looked = builds, now
        for key, update in _late(after, builds, caches, now):
            self._apply(key, update, now)

    def _other_builds(self) -> list[Builds]:
        with self._store.read() as transaction:
            builds = transaction.updates.builds()
        return [] if builds == self._builds else [builds]

    def _written(self, before: Catalogue, after: Catalogue, told: Iterable[tuple[Key, Event]], now: datetime) -> bool:
        """Whether the catalogue is another one now, and its events are told; not if another control plane on the same
        database was sooner: the next look sees what it wrote.
        """
        with self._store.write() as transaction:
            if transaction.updates.catalogue() != before:
                return False
            transaction.updates.write_catalogue(after)
            for key, event in told:
                transaction.events.add(key.account, key.region, [event], now, key)
        return True

    def _apply(self, key: Key, update: ServiceUpdate, now: datetime) -> None:
        """A busy cache is done when it is not any more, if its window is still open then."""
        with self._store.write() as transaction:
            cache = transaction.caches.get(key, lock=True)
            if cache is None:
                return
            try:
                context = Context(transaction, key, now, self._random, ())
                apply(context, with_saving(transaction, cache), update, by_system=True)
            except Fault as fault:
                log.info("cannot apply service update %s to %s now: %s", update.name, key, fault.message)


def _news(
    before: Catalogue, after: Catalogue, builds: Builds, caches: Iterable[Cache], since: datetime
) -> Iterator[tuple[Key, Event]]:
    """Of nodes that an update is for, and either of them is new."""
    known = {update.name for update in before.updates}
    available = [update for update in after.updates if update.status is UpdateStatus.AVAILABLE]
    for cache in caches:
        for update in (update for update in available if needs(cache, update, builds)):
            for node in cache.spec.nodes:
                new = update.name not in known or _came_after(cache, node.name, since)
                if new and is_outdated(cache, node, update, builds):
                    words = f"Service update is available for cache node {node.id}."
                    yield cache.key, Event(CLUSTER, node.cluster, words, Notification.UPDATE_OFFERED)


def _came_after(cache: Cache, node: str, since: datetime) -> bool:
    known = cache.status.nodes.get(node)
    return known is not None and known.created_at is not None and known.created_at > since


def _late(
    catalogue: Catalogue, builds: Builds, caches: Iterable[Cache], now: datetime
) -> Iterator[tuple[Key, ServiceUpdate]]:
    """What applies itself now: its window is open."""
    automatic = [update for update in catalogue.updates if update.automatic]
    for cache in caches if automatic else ():
        if opening(cache.spec.schedule.maintenance_window, now) is None:
            continue
        for update in automatic:
            action = action_of(cache, update, builds, now)
            if action and action.status is ActionStatus.SCHEDULED:
                yield cache.key, update
