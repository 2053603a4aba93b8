"""What events tell at once about a change of a cache."""

from collections.abc import Sequence

from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.events import Event


def events_of(source: str, name: str, cache: Cache, next_cache: Cache) -> list[Event]:
    """The events of a change of `cache`, at once."""
    before, after, events = cache.spec, next_cache.spec, list[Event]()
    if len(after.nodes) > len(before.nodes) and not after.replicates:
        events.append(Event(source, name, "Increasing number of requested nodes"))
    if before.parameter_group != after.parameter_group:
        events.append(Event(source, name, f"Updated to use a CacheParameterGroup {after.parameter_group}"))
    if cache.presentation.security_group_ids != next_cache.presentation.security_group_ids:
        events.append(Event(source, name, "Applied change to security group"))
    if before.automatic_failover != after.automatic_failover:
        word = "on" if after.automatic_failover else "off"
        events.append(Event(source, name, f"Automatic failover has been turned {word} for replication group {name}"))
    more = [kind for kind in next_cache.presentation.unbuilt if kind not in cache.presentation.unbuilt]
    return events + unbuilt(source, name, more)


def unbuilt(source: str, name: str, kinds: Sequence[str]) -> list[Event]:
    """The event of parameters that are kept without effect; none when there are none."""
    message = f"Cachewright keeps and shows {', '.join(kinds)}, but does not act on it yet."
    return [Event(source, name, message)] if kinds else []
