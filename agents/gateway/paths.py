"""Whether endpoints lead where they should, as their clients find out: by connecting to them."""

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from cachewright.agents.gateway.gateway import Routes
from cachewright.agents.planning.verdicts import Later
from cachewright.controlplane.model.cache import Address

TIMEOUT = 1.0  # seconds that a connection may take
KEPT = 5.0  # seconds for which the routes that were read last are good enough


@dataclass(slots=True, eq=False)
class Paths:
    """One endpoint at each probe, each in turn; one that is out of order again and again, until it is well."""

    connects: Callable[[Address], bool]
    clock: Callable[[], float] = monotonic
    _routes: Routes = field(default_factory=dict)
    _read: float = float("-inf")
    _left: list[Address] = field(default_factory=list)
    _proven: set[Address] = field(default_factory=set)  # whatever keeps this machine from the others is not the gateway

    def probe(self, read: Callable[[], Routes]) -> None:
        """Later when an endpoint takes no connection that took some before, although who it leads to does."""
        if self.clock() - self._read > KEPT:
            self._renew(read())
        self._left = self._left or [*self._routes]
        if not self._left:
            return
        endpoint = self._left[-1]
        if self.connects(endpoint):
            self._proven.add(endpoint)
        elif endpoint in self._proven:
            self._renew(read())  # it may lead elsewhere by now, or be no more
            if any(map(self.connects, self._routes.get(endpoint, ()))) and not self.connects(endpoint):
                raise Later(f"cannot connect to the endpoint {endpoint}: it leads nowhere")
        self._left.pop()

    def _renew(self, routes: Routes) -> None:
        self._routes, self._read = routes, self.clock()
        self._proven &= routes.keys()


def connects(address: Address) -> bool:
    """Whether somebody takes a connection there, in time."""
    try:
        socket.create_connection((address.host, address.port), TIMEOUT).close()
    except OSError:
        return False
    return True
