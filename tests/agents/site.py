"""A house on three hosts, each with a gateway and a directory of its own, and an agent that keeps them."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from cachewright.agents.administration import Administration
from cachewright.agents.backends import Backend
from cachewright.agents.directory.program.listing import Listing
from cachewright.agents.gateway.gateway import Gateway
from cachewright.agents.memory.directory import MemoryDirectory
from cachewright.agents.memory.engines.driver import pretend_driver
from cachewright.agents.memory.gateway import MemoryGateway
from cachewright.agents.memory.hosts import Power
from cachewright.agents.planning.images import DIRECTORY, GATEWAY
from cachewright.agents.planning.labels import DIRECTORY as DIRECTORIES
from cachewright.agents.system.host_directories import HostDirectoriesController
from cachewright.agents.system.host_gateways import HostGatewaysController
from cachewright.agents.system.secrets import DirectorySecrets
from cachewright.agents.tools import SecretStore, StartedAhead
from cachewright.controlplane.model.cache import Address, Cache, Key, Kind
from cachewright.controlplane.model.hostnames import Naming
from cachewright.controlplane.model.hosts import Host
from cachewright.controlplane.model.versions import Engine
from tests.house import PORTS, House, Kept, house

GIB = 1 << 30
HOSTS = {
    name: Host(name, f"tcp://10.77.0.{number}:2375", zone, f"10.77.0.{number}", 8 * GIB)
    for number, (name, zone) in enumerate(zip(("h1", "h2", "h3"), "abc", strict=True), 1)
}
TURNS = 4  # of those who keep gateways and directories, until nothing more follows


@dataclass(frozen=True)
class Proven:
    """The secrets of the house, and what is proved on several hosts."""

    inner: SecretStore

    def administration(self) -> Administration:
        return Administration(b"certificate\n", b"key\n", b"authority\n")

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)


class AnyGateway(MemoryGateway):
    """The way of the agent to nodes: by whichever gateway leads there."""

    def __init__(self, every: Mapping[str, MemoryGateway]) -> None:
        super().__init__()
        self._every = every

    def behind(self, port: int) -> Address:
        """See MemoryGateway."""
        for gateway in self._every.values():
            try:
                return gateway.behind(port)
            except ConnectionRefusedError:
                continue
        raise ConnectionRefusedError(f"cannot connect to port {port}: it leads nowhere")


class Site(House):
    """The house. Gateways and directories are what they were told, whichever container they are said to run in."""

    gateways: dict[str, MemoryGateway]
    directories: dict[str, MemoryDirectory]

    def __post_init__(self) -> None:
        self.gateways = {name: MemoryGateway(hangs=self._is_away(name), lapsed=True) for name in HOSTS}
        self.directories = {name: MemoryDirectory(hangs=self._is_away(name)) for name in HOSTS}
        self._copies: list[tuple[Kept, tuple[dict[str, MemoryGateway], dict[str, MemoryDirectory]]]] = []
        for host in HOSTS.values():
            self.machine.add_host(host.name, host.memory, host.address)
            with self.store.write() as transaction:
                transaction.hosts.write(host)
        House.__post_init__(self)

    def restart(
        self,
        backend: Backend | None = None,
        zones_down: frozenset[str] = frozenset(),
        ahead: StartedAhead | None = None,
    ) -> None:
        """See House."""
        if not self.backend.hosts:
            self.backend = self._over_hosts(self.backend)
        super().restart(backend or self.backend, zones_down, ahead)
        own = (self.store, self.tools, f"run {self.runs}", lambda: None)
        self.keepers = (HostGatewaysController(*own), HostDirectoriesController(*own))

    def turn(self) -> None:
        """Who keeps gateways and directories has a turn."""
        images = {GATEWAY: self.backend.images.gateway(), DIRECTORY: self.backend.images.directory()}
        for keeper in self.keepers:
            keeper.ensure(images)
        for keeper in reversed(self.keepers):
            if keeper.boot:
                keeper.probe()

    def settle(self, *keys: Key) -> None:
        """See House. Who keeps gateways and directories has turns before."""
        for _ in range(TURNS):
            self.turn()
        super().settle(*keys)

    def settle_all(self) -> None:
        """Everything comes to rest, also what follows for gateways and directories."""
        self.settle()
        self.settle()

    def keep(self) -> Kept:
        """See House."""
        kept = super().keep()
        self._copies.append((kept, deepcopy((self.gateways, self.directories))))
        return kept

    def go_back(self, kept: Kept) -> None:
        """See House."""
        gateways, directories = next(copy for other, copy in self._copies if other is kept)
        self.gateways.update(gateways)
        self.directories.update(directories)
        super().go_back(kept)

    def power(self, name: str, power: Power) -> None:
        """A host goes away, or comes back; its lease is over by then."""
        self.machine.power(name, power)
        self.gateways[name].lapsed = True

    def cluster_of(self, name: str = "mc") -> Cache:
        """A cluster as it is remembered."""
        return self.cache(Kind.CACHE_CLUSTER, name)

    def answer(self, host: str, cache: Cache) -> Listing:
        """What clients are told at the configuration endpoint of a host; ConnectionRefusedError where they reach no
        directory.
        """
        target = self.gateways[host].behind(cache.status.endpoints["configuration"].port)
        (beside,) = (one for one in self.containers_of(DIRECTORIES) if one == (host, target.host))
        return self.directories[beside[0]].state().discovery[target.port]

    def containers_of(self, labels: Mapping[str, str]) -> list[tuple[str, str]]:
        """Hosts and addresses of the containers of a kind."""
        return [(one.host, one.address) for one in self.backend.runtime.containers(labels)]

    def _is_away(self, name: str) -> "_Away":
        return _Away(self, name)

    def _over_hosts(self, backend: Backend) -> Backend:
        """Each host has its own."""
        names = {host.address: name for name, host in HOSTS.items()}

        def proxy(admin: Address) -> Gateway:
            return self.gateways[names.get(admin.host, admin.host)]

        proven: SecretStore = Proven(DirectorySecrets(self.directory, lambda: datetime.now(UTC)))  # type: ignore[assignment]
        way = AnyGateway(self.gateways)
        return replace(
            backend,
            drivers={engine: pretend_driver(backend.runtime.machine, engine, way) for engine in Engine},  # type: ignore[attr-defined]
            proxy=proxy,
            directory=lambda _, name: self.directories[name],
            secret_store=proven,
            hosts=HOSTS,
        )


class _Away:
    """Whether a host does not answer; the same for every copy of what runs there."""

    def __init__(self, site: Site, name: str) -> None:
        self._site, self._name = site, name

    def __call__(self) -> bool:
        return self._site.machine.hosts.known[self._name].power is not Power.ON

    def __deepcopy__(self, memo: object) -> "_Away":
        return self


def site(directory: Path, naming: Naming | None = None) -> Site:
    """A new one, whose endpoints have host names if it is told how."""
    plain, named = house(directory, PORTS), naming or Naming()
    return Site(plain.store, plain.machine, plain.backend, published=PORTS, directory=directory, naming=named)
