"""What waits for the maintenance window, and is done."""

from dataclasses import dataclass, replace

from cachewright.controlplane.api.common.change_events import events_of
from cachewright.controlplane.model.cache import Cache, Kind, Spec
from cachewright.controlplane.model.changes import applied, with_change
from cachewright.controlplane.model.events import CLUSTER, GROUP, Event
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.pending import Pending, words


@dataclass(frozen=True, slots=True)
class Done:
    """The next spec for a cache, with everything that waited, and the events about it."""

    spec: Spec
    events: tuple[Event, ...]


def can_be_done(cache: Cache) -> bool:
    """Whether something waits, and nothing else is going on: neither a change nor a snapshot."""
    return cache.phase is Phase.AVAILABLE and not cache.saving.clusters and cache.spec.pending != Pending()


def done(cache: Cache, occasion: str) -> Done:
    """Everything that waits is done; the event names the `occasion`: `in the maintenance window`."""
    spec = with_change(cache, applied(cache.spec))
    source, name = CLUSTER if cache.key.kind is Kind.CACHE_CLUSTER else GROUP, cache.key.id
    what = ", ".join(words(cache.spec.pending))
    begun = Event(source, name, f"Cachewright applies {occasion} what was pending: {what}.")
    return Done(spec, (begun, *events_of(source, name, cache, replace(cache, spec=spec))))
