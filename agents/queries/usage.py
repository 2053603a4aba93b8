"""How full a node of a cache is right now."""

from cachewright.agents.planning.links import reach
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.usage import Usage


def measured(tools: Tools, cache: Cache, name: str) -> Usage | None:
    """How full the node `name` is; None when it does not answer."""
    return tools.drivers[cache.spec.engine].usage(reach(cache.status, name))
