"""What events tell at once about a change of a cache."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.events import GROUP, Event
from cachewright.controlplane.model.notifications import Notification, is_foreign
from cachewright.controlplane.model.presentation import Presentation


def events_of(source: str, name: str, cache: Cache, next_cache: Cache) -> list[Event]:
    """The events of a change of `cache`, at once."""
    before, after, events = cache.spec, next_cache.spec, list[Event]()
    if len(after.nodes) > len(before.nodes) and not after.replicates:
        events.append(Event(source, name, "Increasing number of requested nodes"))
    if before.parameter_group != after.parameter_group:
        message = f"Updated to use a CacheParameterGroup {after.parameter_group}"
        events.append(Event(source, name, message, Notification.PARAMETERS_CHANGED))
    if cache.presentation.security_group_ids != next_cache.presentation.security_group_ids:
        message = "Applied change to security group"
        events.append(Event(source, name, message, Notification.SECURITY_GROUPS_CHANGED))
    if before.automatic_failover != after.automatic_failover:
        word = "on" if after.automatic_failover else "off"
        events.append(Event(source, name, f"Automatic failover has been turned {word} for replication group {name}"))
    more = [kind for kind in next_cache.presentation.unbuilt if kind not in cache.presentation.unbuilt]
    return [*events, *topic_told(source, cache, next_cache), *unbuilt(source, name, more)]


def replicas_asked(group: str) -> Event:
    """That a replication group shall have more of them. AWS publishes such a name; its text is known to nobody."""
    return Event(GROUP, group, "Increasing number of replicas", Notification.REPLICAS_INCREASING)


def first_events(source: str, cache: Cache) -> list[Event]:
    """What is told at once about a new cache."""
    nothing = replace(cache, presentation=Presentation())
    told = topic_told(source, nothing, cache)
    return [*told, *unbuilt(source, cache.key.id, cache.presentation.unbuilt)]


def topic_told(source: str, cache: Cache, next_cache: Cache) -> Iterator[Event]:
    """Why nothing is published to a topic that a cache gets."""
    key, topic = next_cache.key, next_cache.presentation.notification_topic_arn
    if topic == cache.presentation.notification_topic_arn or not is_foreign(topic, key.account, key.region):
        return
    where = f"account {key.account} in {key.region}"
    yield Event(source, key.id, f"Cachewright publishes nothing to {topic}: it is no topic of {where}.")


def unbuilt(source: str, name: str, kinds: Sequence[str]) -> list[Event]:
    """The event of parameters that are kept without effect; none when there are none."""
    message = f"Cachewright keeps and shows {', '.join(kinds)}, but does not act on it yet."
    return [Event(source, name, message)] if kinds else []
