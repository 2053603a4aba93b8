"""Keeps the directory: its container runs from the first moment that somebody needs it."""

from collections.abc import Callable
from dataclasses import dataclass

from cachewright.agents.directory import blueprint
from cachewright.agents.directory.members import listing_of
from cachewright.agents.directory.program.listing import State
from cachewright.agents.directory.program.server import ADMIN
from cachewright.agents.planning.containers import Container, Port
from cachewright.agents.planning.containers import State as Life
from cachewright.agents.planning.labels import DIRECTORY
from cachewright.agents.planning.verdicts import Later
from cachewright.agents.reconcile.act.dns import inside, owner
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.versions import Engine
from cachewright.controlplane.store.database import Store


@dataclass(slots=True, eq=False)
class DirectoryController:
    """One for each instance and run of the agent."""

    store: Store
    tools: Tools
    run: str  # names this run of the agent: what an earlier one told the directory is told again
    reopened: Callable[[], None]  # another directory than before: everything has to be told to it
    boot: str = ""  # names the directory that runs; empty: nobody needed one yet

    def tend(self) -> None:
        """Make the directory as it should be; Later or Never when that fails."""
        if not self.boot and not self._needed():
            return
        container = self._container() or self._launched()
        boot = f"{self.run} {container.started_at}"
        if boot != self.boot:
            self.boot = boot
            self.reopened()

    def _needed(self) -> bool:
        """Whether host names are told, or have been, or there is a Memcached cluster."""
        caches = (cache.status.named or cache.spec.engine is Engine.MEMCACHED for cache in self._caches())
        return self.tools.naming.on or any(caches)

    def _container(self) -> Container | None:
        found = self.tools.runtime.containers(DIRECTORY)
        return next((container for container in found if container.state is Life.RUNNING), None)

    def _launched(self) -> Container:
        image = self.tools.images.directory().reference
        network, ports = self.tools.network, self.tools.ports
        place = blueprint.Place(str(network.directory), str(network.host))
        published = (Port(ADMIN, ports.directory),) if ports else ()
        name = f"cachewright-{self.tools.instance}-directory"
        self.tools.runtime.launch(blueprint.blueprint(image, place, name, DIRECTORY, self._written(), published))
        if container := self._container():
            return container
        raise Later("cannot start the directory: its container ended at once")

    def _written(self) -> State:
        """What it would know, had it run all the time. Encrypted clusters wait until they are told with their keys."""
        caches = [cache for cache in self._caches() if not cache.deleting]
        lists = (
            (cache.status.discovery.address.port, listing_of(cache.status, cache.status.discovery))
            for cache in caches
            if cache.status.discovery and cache.status.discovery.version
        )
        names = {owner(cache.key, cache.incarnation): self._names(cache) for cache in caches if cache.status.named}
        return State(
            {port: listing for port, listing in lists if not listing.encrypted},
            {who: told for who, told in names.items() if told},
            self.tools.naming.suffix if self.tools.naming.on else "",
        )

    def _names(self, cache: Cache) -> dict[str, str]:
        return inside(self.tools, self.tools.naming.records(cache))

    def _caches(self) -> list[Cache]:
        with self.store.read() as transaction:
            return list(transaction.caches.all())
