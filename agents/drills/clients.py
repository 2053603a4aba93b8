"""How a drill enters a cache, as an application would."""

from collections.abc import Callable, Mapping

from cachewright.agents.engines.redis.probe import Client, RedisClient
from cachewright.agents.planning.endpoints.routes import PRIMARY
from cachewright.agents.planning.links import Reach, reach
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Cache, Transit
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.settings import RuntimeKind

Entrance = Callable[[Tools, Reach], Client]


def door(cache: Cache) -> Reach | None:
    """Where an application writes: the primary endpoint of a group, the only node of a cluster. None when there is no
    such place, as in a group that follows somebody else, or nobody is served yet.
    """
    if cache.phase is not Phase.AVAILABLE or not cache.spec.replicates or cache.spec.upstream:
        return None
    if endpoint := cache.status.endpoints.get(PRIMARY):
        encrypted = any(node.transit is not Transit.OFF for node in cache.status.nodes.values())
        return Reach(endpoint, encrypted, login=encrypted)
    nodes = cache.spec.nodes
    return reach(cache.status, nodes[0].name) if len(nodes) == 1 else None


def docker(tools: Tools, where: Reach) -> Client:
    """A real connection."""
    return RedisClient(where.address, tools.secret_store.credentials if where.encrypted else None)


def pretend(tools: Tools, where: Reach) -> Client:
    """A connection to the pretend machine."""
    from cachewright.agents.drills.pretend import entered  # noqa: PLC0415 - who has real containers has no need of it

    return entered(tools, where)


ENTRANCES: Mapping[RuntimeKind, Entrance] = {RuntimeKind.DOCKER: docker, RuntimeKind.MEMORY: pretend}
