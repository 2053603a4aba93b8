"""Caches as they were seen when they came to rest, or just before a process is ended at a word: whoever looks at once,
after the end of a process or as a failover is asked for, need not wait for the container engine.

Docker tells nothing of a container whose process has ended until it has cleared up behind it, and whoever asks waits so
long. The process itself is gone much sooner, and whether it is can be asked of the kernel.
"""

from dataclasses import dataclass, field, replace

from cachewright.agents.planning.world import World
from cachewright.agents.reconcile.observe import ended
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Cache, Key


@dataclass(frozen=True, slots=True)
class Rested:
    """Thread-safe, as long as nobody else works on the same cache."""

    _seen: dict[Key, tuple[str, int, World]] = field(default_factory=dict)  # incarnation and revision at the rest

    def remember(self, cache: Cache, world: World) -> None:
        """What is left to do leaves the containers alone, as seen in that world and written down in the cache."""
        self._seen[cache.key] = cache.incarnation, cache.revision, world

    def forget(self, key: Key) -> None:
        """It is gone."""
        self._seen.pop(key, None)

    def recall(self, tools: Tools, cache: Cache, gateway: str) -> World | None:
        """The world as it was, if nothing has been written of the cache since but that a failover was asked for, or if
        nothing has and the process of a primary has ended for which somebody stands in or may do so. None: look at the
        containers.
        """
        incarnation, revision, world = self._seen.get(cache.key, ("", 0, World()))
        if incarnation != cache.incarnation or not cache.spec.automatic_failover:
            return None
        if cache.fails_over and cache.revision == revision + 1:  # no report asks for one, and it is asked for alone
            return replace(world, gateway=gateway)
        if cache.revision != revision:
            return None
        shards = cache.status.shards.values()
        primaries = [name for shard in shards for name in (shard.primary, shard.old_primary) if name]
        refused = {name: replace(world.at(name), refused=True) for name in ended(tools, cache, primaries, world)}
        return replace(world, gateway=gateway, nodes={**world.nodes, **refused}) if refused else None
