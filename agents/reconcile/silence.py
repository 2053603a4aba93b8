"""Since when nodes are silent, and how long the last look waits for them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import inf

from cachewright.agents.planning.world import World
from cachewright.controlplane.model.cache import Cache

RECENT = timedelta(seconds=1)  # before a question without an answer: an answer so long ago at most is counted from
FOLLOWED = timedelta(seconds=2)  # within which a look follows the ping that was not answered
SHORTEST = 0.1  # seconds that a node is asked for at least
ROUNDED = 0.001  # seconds by which clocks may differ


@dataclass(frozen=True, slots=True)
class Pinged:
    """When a node was pinged: what it answered last, and what it has not answered first since then."""

    heard: datetime
    vain: datetime | None = None

    def silent_since(self, asked: datetime) -> datetime:
        """From when on it is silent, if it has not answered a question of that moment either: its last answer, unless
        pings have been late, or the machine slept, so that it may have answered since.
        """
        first = self.vain if self.vain and timedelta() < asked - self.vain < FOLLOWED else asked
        return self.heard if timedelta() < first - self.heard < RECENT else first


def counted(world: World, cache: Cache, pinged: Mapping[str, Pinged]) -> World:
    """The same world, in which nodes that fell silent just now were asked in vain for as long as the pings tell that
    they were looked at for.
    """
    nodes = dict(world.nodes)
    for name, sight in world.nodes.items():
        known, pings = cache.status.nodes.get(name), pinged.get(name)
        fell_silent = known is not None and not known.silent_since and sight.answer is None
        if fell_silent and sight.asked and pings:
            nodes[name] = replace(sight, asked=pings.silent_since(sight.asked))
    return replace(world, nodes=nodes)


def patience_left(cache: Cache, asked: datetime, patience: timedelta, pinged: Mapping[str, Pinged]) -> float:
    """The seconds, after a look has begun, until somebody has been silent for as long as anybody is waited for: few
    where that is over already, and pings of this process were in vain, too. Any number where nobody is silent.
    """
    known = cache.status.nodes.items()
    since = {name: node.silent_since for name, node in known if node.silent_since and node.answered == node.life}
    ends = {name: min(moment, asked) + patience - asked for name, moment in since.items()}  # none is in the future
    vain = {name for name, pings in pinged.items() if pings.vain}
    left = min((end.total_seconds() for name, end in ends.items() if end > timedelta() or name in vain), default=inf)
    return max(left + ROUNDED, SHORTEST)
