"""Keeps the gateway: its container runs, and begins with the routes that were written down.

Where addresses of containers can be reached, the kernel forwards if it can; otherwise HAProxy does. A gateway that
runs is left as it is, whichever it is.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from cachewright.agents.gateway import blueprint, forwarding
from cachewright.agents.gateway.gateway import Routes
from cachewright.agents.planning.containers import Container, State
from cachewright.agents.planning.labels import FORWARDER, ROLE
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.tools import Tools
from cachewright.controlplane.store.database import Store

GATEWAY = {ROLE: "gateway"}
_STARTING = 10.0  # seconds until a gateway answers for the first time
_PAUSE = 0.02  # seconds between two looks at one that is starting

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class GatewayController:
    """One for each instance and run of the agent."""

    store: Store
    tools: Tools
    run: str  # names this run of the agent: what an earlier one told the gateway is told again
    reopened: Callable[[], None]  # another gateway than before: every route has to be told to it
    boot: str = ""  # names the gateway that runs
    _saved: Routes = field(default_factory=dict)  # what a restarted container would begin with

    def tend(self) -> None:
        """Make the gateway as it should be; Later or Never when that fails."""
        self.tools.runtime.open_network(str(self.tools.network.subnet))
        container = self._container() or self._launched()
        boot = f"{self.run} {container.started_at}"
        if boot != self.boot:
            self.boot = boot
            self.reopened()
        routes = self.tools.gateway.routes()
        if routes != self._saved and FORWARDER not in container.labels:  # the other kind writes them down itself
            self.tools.runtime.copy(container.name, blueprint.files(self._place, routes), "0:0")
            self._saved = routes

    def _container(self) -> Container | None:
        found = self.tools.runtime.containers(GATEWAY)
        return next((container for container in found if container.state is State.RUNNING), None)

    def _launched(self) -> Container:
        if self.tools.ports is None:
            try:
                return self._forwarder()
            except (Later, Never) as verdict:
                log.warning("HAProxy carries the endpoints, because the kernel does not: %s", verdict.reason)
        return self._proxy()

    def _forwarder(self) -> Container:
        image = self.tools.images.nftables().reference
        self.tools.runtime.launch(forwarding.blueprint(image, self._place, self._name, GATEWAY, self._written()))
        deadline = time.monotonic() + _STARTING
        while container := self._container():
            try:
                self.tools.gateway.routes()
            except Later:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE)
            else:
                return container
        raise Later(f"its container ended: {self._last_words()}")

    def _last_words(self) -> str:
        return next(
            (found.ending for found in self.tools.runtime.containers(GATEWAY) if found.ending), "no reason known"
        )

    def _proxy(self) -> Container:
        image = self.tools.images.gateway().reference
        ports = self.tools.ports.published if self.tools.ports else ()
        self.tools.runtime.launch(blueprint.blueprint(image, self._place, self._name, GATEWAY, self._written(), ports))
        if container := self._container():
            return container
        raise Later("cannot start the gateway: its container ended at once")

    @property
    def _name(self) -> str:
        return f"cachewright-{self.tools.instance}-gateway"

    @property
    def _place(self) -> blueprint.Place:
        network = self.tools.network
        return blueprint.Place(str(network.gateway), str(network.host), str(network.endpoints))

    def _written(self) -> Routes:
        with self.store.read() as transaction:
            caches = [cache for cache in transaction.caches.all() if not cache.deleting]
        return {cache.status.endpoints[name]: to for cache in caches for name, to in cache.status.routes.items()}
