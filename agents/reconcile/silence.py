"""Since when nodes are silent, and how long the last look waits for them. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from math import inf

from cachewright.agents.planning.world import World
from cachewright.controlplane.model.cache import Cache

RECENT = timedelta(seconds=1)  # so long ago at most was an answer that silence is counted from
SHORTEST = 0.1  # seconds that a node is asked for at least
ROUNDED = 0.001  # seconds by which clocks may differ


def counted(world: World, cache: Cache, heard: Mapping[str, datetime]) -> World:
    """The same world, in which nodes that fell silent just now were asked in vain since their last answer, if it was
    heard a moment ago: a ping that they did not answer is why they were looked at. `heard` is when each was asked what
    it answered last.
    """
    nodes = dict(world.nodes)
    for name, sight in world.nodes.items():
        known, last = cache.status.nodes.get(name), heard.get(name)
        fell_silent = known is not None and not known.silent_since and sight.answer is None
        if fell_silent and sight.asked and last and timedelta() < sight.asked - last < RECENT:
            nodes[name] = replace(sight, asked=last)
    return replace(world, nodes=nodes)


def patience_left(cache: Cache, asked: datetime, patience: timedelta) -> float:
    """The seconds, after a look has begun, until somebody has been silent for as long as anybody is waited for; any
    number where nobody is silent, or has been for longer.
    """
    since = (node.silent_since for node in cache.status.nodes.values() if node.answered == node.life)
    ends = (min(moment, asked) + patience - asked for moment in since if moment)  # no moment is in the future
    left = min((end.total_seconds() for end in ends if end > timedelta()), default=inf)
    return max(left + ROUNDED, SHORTEST)
