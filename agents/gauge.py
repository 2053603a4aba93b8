"""How full the nodes of a cache are right now."""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass

from agents.planning.links import reach
from agents.planning.verdicts import Later, Never
from agents.tools import Tools
from controlplane.model.cache import Cache
from controlplane.model.usage import Usage


@dataclass(frozen=True, slots=True)
class NodeGauge:
    """A Gauge that asks the engines."""

    tools: Callable[[], Tools]  # Later or Never while the container engine is away
    pool: Executor

    def __call__(self, cache: Cache) -> Mapping[str, Usage]:
        """See Gauge. Nodes that do not answer are left out."""
        try:
            driver = self.tools().drivers[cache.spec.engine]
        except (Later, Never):
            return {}
        names = list(cache.status.nodes)
        seen = self.pool.map(lambda name: driver.measure(reach(cache.status, name)), names)
        return {name: usage for name, usage in zip(names, seen, strict=True) if usage}
