"""What events tell at once about a change of a cache."""

from cachewright.controlplane.model.cache import Spec
from cachewright.controlplane.model.events import Event


def events_of(source: str, name: str, before: Spec, after: Spec) -> list[Event]:
    """What is events at once about a change."""
    events: list[Event] = []
    if len(after.nodes) > len(before.nodes) and not after.replicates:
        events.append(Event(source, name, "Increasing number of requested nodes"))
    if before.parameter_group != after.parameter_group:
        events.append(Event(source, name, f"Updated to use a CacheParameterGroup {after.parameter_group}"))
    if before.options.security_group_ids != after.options.security_group_ids:
        events.append(Event(source, name, "Applied change to security group"))
    if before.automatic_failover != after.automatic_failover:
        word = "on" if after.automatic_failover else "off"
        events.append(Event(source, name, f"Automatic failover has been turned {word} for replication group {name}"))
    if more := [kind for kind in after.options.unbuilt if kind not in before.options.unbuilt]:
        events.append(
            Event(source, name, f"Cachewright keeps and shows {', '.join(more)}, but does not act on it yet.")
        )
    return events
