"""What actions on one cache need to know."""

from collections.abc import Iterable
from dataclasses import dataclass

from cachewright.agents.engines.driver import Driver
from cachewright.agents.planning.endpoints.routes import door
from cachewright.agents.planning.links import Reach, addresses, reach
from cachewright.agents.reconcile.blueprints import Blueprints
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Address, Cache, Status


@dataclass(frozen=True, slots=True)
class Acting:
    """A cache, and what is acted with."""

    tools: Tools
    cache: Cache
    status: Status  # as decided, and written down

    @property
    def blueprints(self) -> Blueprints:
        """What the cache's containers are made from."""
        return Blueprints(self.tools, self.cache, self.status)

    @property
    def driver(self) -> Driver:
        """The way to talk to the cache's engine."""
        return self.tools.drivers[self.cache.spec.engine]

    def address(self, node: str) -> Address:
        """A node's own address."""
        return self.status.nodes[node].address

    def reach(self, node: str) -> Reach:
        """The agent's way to a node."""
        return reach(self.status, node)

    def disconnect(self, nodes: Iterable[str]) -> None:
        """Let go of all connections to nodes of the cache as it was loaded: they are removed, or live a new life."""
        for node in nodes:
            for address in addresses(self.cache.status, node):
                self.driver.disconnect(address)

    def route_primary(self, endpoint: Address | None, node: str) -> None:
        """Have the primary endpoint lead to a node; nothing in a cache that has none."""
        if endpoint:
            self.tools.gateway.route({endpoint: (door(self.cache.spec, self.address(node)),)}, [endpoint])
