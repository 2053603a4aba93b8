"""What the logs of nodes say that has not been delivered yet. Raises Later or Never, as whatever is asked does."""

from collections.abc import Sequence
from dataclasses import dataclass

from cachewright.agents.engines.driver import having
from cachewright.agents.outward.logs.destinations import LogStream
from cachewright.agents.planning.links import reach
from cachewright.agents.planning.log_delivery import MOST, Item, SlowPosition, missing, slow_position
from cachewright.agents.planning.log_records import engine_line, engine_record, slow_record
from cachewright.agents.reconcile.blueprints import container_of
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Cache, Node
from cachewright.controlplane.model.log_delivery import LogConfiguration, LogType

NANOSECONDS = 10**9


@dataclass(frozen=True, slots=True)
class Part:
    """One log of one node of a cache, as the cache is known."""

    cache: Cache
    node: Node
    configuration: LogConfiguration

    @property
    def stream(self) -> LogStream:
        """Where its records go."""
        return LogStream(self.cache.key, self.cache.spec.engine, self.node, self.configuration)


def end_of(tools: Tools, part: Part) -> SlowPosition | None:
    """The newest entry of a node's slow log; None when there is none, or the node does not answer."""
    spec = part.cache.spec
    slow_log = having(tools.drivers[spec.engine].slow_log, spec.engine, "slow logs")
    end = slow_log.end_of_slow_log(reach(part.cache.status, part.node.name))
    return None if end is None or end.id is None else SlowPosition(end.process, end.id)


def unread(tools: Tools, part: Part, reached: str) -> Sequence[Item]:
    """What has been logged since a position, from the oldest on; empty: since the delivery was asked for."""
    read = _slow_items if part.configuration.type is LogType.SLOW else _engine_items
    return read(tools, part, reached)


def _slow_items(tools: Tools, part: Part, reached: str) -> Sequence[Item]:
    end, known = end_of(tools, part), slow_position(reached)
    if end is None or not (count := missing(end, known)):
        return ()
    spec, wanted = part.cache.spec, part.configuration
    slow_log = having(tools.drivers[spec.engine].slow_log, spec.engine, "slow logs")
    entries = slow_log.slow_entries(reach(part.cache.status, part.node.name), count)
    first, since = end.id - count, int(wanted.since.timestamp())
    items = [
        Item(slow_record(part.node, entry, wanted.format), str(SlowPosition(end.process, entry.id)))
        for entry in entries
        if first < entry.id <= end.id and entry.timestamp >= since
    ]
    return [*items, Item(None, str(end))]


def _engine_items(tools: Tools, part: Part, reached: str) -> Sequence[Item]:
    cache, wanted = part.cache, part.configuration
    since = int(reached) if reached.isdigit() else int(wanted.since.timestamp() * NANOSECONDS)
    logged = tools.runtime.log(container_of(tools.instance, cache, part.node.name), since, MOST)
    return [
        Item(engine_record(part.node, line, wanted.format) if line else None, str(moment))
        for moment, line in ((one.moment, engine_line(one.text)) for one in logged)
    ]
