"""Keeps the gateway: its container runs, and begins with the routes that were written down.

Where addresses of containers can be reached, the kernel forwards if it can; otherwise HAProxy does. A gateway that
runs is left as it is, whichever it is.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cachewright.agents.gateway import blueprint, forwarding
from cachewright.agents.gateway.gateway import Routes
from cachewright.agents.planning.containers import Container, State
from cachewright.agents.planning.images import GATEWAY as PROXY
from cachewright.agents.planning.images import NFTABLES, Fetch, Image, ImageNeed, Job
from cachewright.agents.planning.labels import FORWARDER, GATEWAY
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.system.outage import Outage, await_answer, remove_others
from cachewright.agents.tools import Tools
from cachewright.controlplane.store.database import Store

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class GatewayController:
    """One for each instance and run of the agent."""

    store: Store
    make_tools: Callable[[], Tools]  # raises Later or Never while the container engine is away
    run: str  # names this run of the agent: what an earlier one told the gateway is told again
    reopened: Callable[[], None]  # another gateway than before: every route has to be told to it
    outage: Outage = field(default_factory=Outage)
    boot: str = ""  # names the gateway that runs
    _kernel: bool | None = None  # whether it is to forward, once that was tried; None: while a gateway runs
    needs: tuple[ImageNeed, ...] = (NFTABLES, PROXY)
    _saved: Routes = field(default_factory=dict)  # what a restarted container would begin with

    def ensure(self, images: Mapping[ImageNeed, Image]) -> Job | None:
        """See Singleton."""
        tools = self.make_tools()
        tools.runtime.open_network(str(tools.network.subnet))
        container = _container(tools)
        if container is None or self.outage.is_over_patience():
            self._kernel = tools.ports is None and self._kernel is not False
            need = NFTABLES if self._kernel else PROXY
            if need not in images:
                return Fetch(need)
            container = self._launched(tools, need, images[need])
        self._kernel = None
        boot = f"{self.run} {container.started_at}"
        if boot != self.boot:
            self.boot = boot
            self.reopened()
        if self.outage.reason:
            return None
        routes = tools.gateway.routes()
        if routes != self._saved and FORWARDER not in container.labels:  # the other kind writes them down itself
            tools.runtime.copy(container.name, blueprint.files(_place(tools), routes), "0:0")
            self._saved = routes
        return None

    def probe(self) -> None:
        """See Probed."""
        self.make_tools().gateway.probe()

    def fall_back(self, verdict: Later | Never) -> bool:
        """See Singleton."""
        if not self._kernel:
            return False
        log.warning("HAProxy carries the endpoints, because the kernel does not: %s", verdict.reason)
        self._kernel = False
        return True

    def _launched(self, tools: Tools, need: ImageNeed, image: Image) -> Container:
        name, place, routes = f"cachewright-{tools.instance}-gateway", _place(tools), self._written()
        if need == NFTABLES:
            made = forwarding.blueprint(image.reference, place, name, GATEWAY, routes)
        else:
            ports = tools.ports.published if tools.ports else ()
            made = blueprint.blueprint(image.reference, place, name, GATEWAY, routes, ports)
        tools.runtime.launch(made)
        remove_others(tools.runtime, name, GATEWAY)
        self.outage.replaced()
        container = await_answer(lambda: _running(tools), tools.gateway.probe)
        self.outage.note("")
        return container

    def _written(self) -> Routes:
        with self.store.read() as transaction:
            caches = [cache for cache in transaction.caches.all() if not cache.deleting]
        return {cache.status.endpoints[name]: to for cache in caches for name, to in cache.status.routes.items()}


def _running(tools: Tools) -> Container:
    if container := _container(tools):
        return container
    endings = [found.ending for found in tools.runtime.containers(GATEWAY) if found.ending]
    raise Later(f"cannot start the gateway: its container ended: {next(iter(endings), 'no reason known')}")


def _container(tools: Tools) -> Container | None:
    found = tools.runtime.containers(GATEWAY)
    return next((container for container in found if container.state is State.RUNNING), None)


def _place(tools: Tools) -> blueprint.Place:
    network = tools.network
    return blueprint.Place(str(network.gateway), str(network.host), str(network.endpoints))
