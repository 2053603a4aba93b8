"""Whether endpoints lead where they should, as their clients find out: by connecting to them."""

import errno
import logging
import selectors
import socket
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from time import monotonic

from cachewright.agents.gateway.gateway import Routes
from cachewright.agents.planning.verdicts import Later
from cachewright.controlplane.model.cache import Address

TIMEOUT = 0.5  # seconds that connections may take; a probe waits for them twice
_BEGUN = (0, errno.EINPROGRESS)
KEPT = 5.0  # seconds for which the routes that were read last are good enough


log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Paths:
    """One endpoint at each probe, each in turn; one that is out of order again and again, until it is well."""

    reached: Callable[[Sequence[Address]], Collection[Address]]  # those where somebody takes a connection, in time
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
        if self.reached([endpoint]):
            self._proven.add(endpoint)
        elif endpoint in self._proven:
            self._renew(read())  # it may lead elsewhere by now, or be no more
            targets = self._routes.get(endpoint, ())
            # Connections lead to the targets in turn, some of which may be dead: one for each, and one more.
            found = self.reached([*[endpoint] * (len(targets) + 1), *targets])
            if endpoint not in found and any(target in found for target in targets):
                raise Later(f"cannot connect to the endpoint {endpoint}: it leads nowhere")
        self._left.pop()

    def _renew(self, routes: Routes) -> None:
        self._routes, self._read = routes, self.clock()
        self._proven &= routes.keys()


def reached(addresses: Sequence[Address]) -> Collection[Address]:
    """Those where somebody takes a connection, in time; all are tried at once, and as often as they are named."""
    with ExitStack() as opened:
        try:
            return _reached(addresses, opened)
        except OSError as error:  # no file is left for a connection
            log.info("cannot try endpoints: %s", error)
            return ()


def _reached(addresses: Sequence[Address], opened: ExitStack) -> Collection[Address]:
    found, deadline = set[Address](), monotonic() + TIMEOUT
    selector = opened.enter_context(selectors.DefaultSelector())
    for address in addresses:
        family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        connection = opened.enter_context(socket.socket(family))
        connection.settimeout(0)
        if connection.connect_ex((address.host, address.port)) in _BEGUN:
            selector.register(connection, selectors.EVENT_WRITE, (connection, address))
    while selector.get_map() and (left := deadline - monotonic()) > 0:
        for key, _ in selector.select(left):
            connection, address = key.data
            selector.unregister(connection)
            if not connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                found.add(address)
    return found
