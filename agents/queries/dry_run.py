"""Whether an engine takes other parameter values, asked of one that runs before anything is changed."""

from collections.abc import Mapping
from dataclasses import replace

from cachewright.agents.engines.redis.directives import MEMORY
from cachewright.agents.planning.links import reach
from cachewright.agents.reconcile.observe import configuration
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.lifecycle import NodePhase

UNTRIED = frozenset({MEMORY})  # every engine takes any limit, and throws away what is above it


def complaint(tools: Tools, cache: Cache, values: Mapping[str, str]) -> str:
    """What the engine says against these values of parameters, in its own words; empty when it takes them, or when
    there is no node to ask. The node has its own values again afterwards.
    """
    name = witness(cache)
    if not name:
        return ""
    driver, known, where = tools.drivers[cache.spec.engine], cache.status.nodes[name], reach(cache.status, name)
    if not driver.ping(where):  # a short way to find out that it hangs
        return ""
    before = configuration(cache.spec, known, tools.machine)
    after = configuration(_with(cache, values).spec, known, tools.machine)
    new = {
        directive: value
        for directive, value in after.directives.items()
        if before.directives.get(directive) != value and directive not in UNTRIED
    }
    parameters = driver.parameters
    return parameters.try_parameters(where, replace(after, directives=new)) if parameters and new else ""


def _with(cache: Cache, values: Mapping[str, str]) -> Cache:
    merged = tuple(sorted({**dict(cache.spec.parameters), **values}.items()))
    return replace(cache, spec=replace(cache.spec, parameters=merged))


def witness(cache: Cache) -> str:
    """The last node that is well: a replica, where there is one."""
    well = [name for name, known in cache.status.nodes.items() if known.phase is NodePhase.AVAILABLE and known.tuned]
    return well[-1] if well and cache.spec.replicates else ""
