"""How full the nodes of a cache are right now."""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor

from cachewright.agents.planning.links import reach
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.usage import Usage


def measured(tools: Callable[[], Tools], pool: Executor, cache: Cache) -> Mapping[str, Usage]:
    """See Gauge: asks all engines at the same time."""
    try:
        driver = tools().drivers[cache.spec.engine]
    except (Later, Never):
        return {}
    names = list(cache.status.nodes)
    seen = pool.map(lambda name: driver.usage(reach(cache.status, name)), names)
    return {name: usage for name, usage in zip(names, seen, strict=True) if usage}
