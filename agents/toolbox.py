"""The tools of one process, made once the container engine answers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

from cachewright.agents.backends import SUBNET, Backend
from cachewright.agents.buckets.buckets import Buckets
from cachewright.agents.buckets.choice import buckets_of
from cachewright.agents.directory.blueprint import Place
from cachewright.agents.directory.directory import Directory
from cachewright.agents.directory.hosts import HostDirectories, Written
from cachewright.agents.gateway.blueprint import ADMIN
from cachewright.agents.gateway.gateway import Gateway
from cachewright.agents.gateway.hosts import HostGateways
from cachewright.agents.gateway.published import Ports, PublishedGateway, ports_of
from cachewright.agents.gateway.silence import ProbedGateway
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.runtime.network import Network
from cachewright.agents.sealing.keys import Kms, kms_at
from cachewright.agents.snapshots.files import FOLDER, SnapshotFiles
from cachewright.agents.source_logins.choice import logins_of
from cachewright.agents.source_logins.logins import NoLogins, SourceLogins
from cachewright.agents.system import listings
from cachewright.agents.system.gateway import written
from cachewright.agents.system.hosts import hosts_in
from cachewright.agents.tools import HostList, NoHosts, NothingAhead, SnapshotContents, StartedAhead, Tools
from cachewright.controlplane.model.cache import Address
from cachewright.controlplane.model.hostnames import Naming
from cachewright.controlplane.model.hosts import ONLY, Host
from cachewright.controlplane.settings import EndpointMode, Settings
from cachewright.controlplane.store.database import Store

MEMORY = "memory of hosts"  # a fact: bytes by name
TAKEN = 30.0  # seconds until somebody may have given an address range back
_NOTHING_AHEAD = NothingAhead()


@dataclass(slots=True, eq=False)
class LazyTools:
    """Makes the tools on first use, and remembers the subnet, so that addresses stay what they were.

    While the container engine hangs an attempt takes seconds, and many ask: one tries, the others are told at once what
    came of the last attempt.
    """

    store: Store
    instance: str
    backend: Backend
    snapshots: SnapshotContents
    buckets: Buckets
    published: tuple[int, int] | None = None  # the range of ports, where addresses of containers cannot be reached
    naming: Naming = field(default_factory=Naming)
    patience: float = 3.0  # see Tools
    keep_data: bool = False  # see Tools
    ipv6: bool = True  # whether a network that is made has it
    ahead: StartedAhead = field(default_factory=NothingAhead)
    hosts: HostList = field(default_factory=NoHosts)
    source_logins: SourceLogins = field(default_factory=NoLogins)
    _tools: Tools | None = None
    _last: Later | Never | None = None  # what came of the last attempt; None: there was none
    _lock: Lock = field(default_factory=Lock)

    def tools(self) -> Tools:
        """The tools; Later or Never while the container engine does not answer."""
        last = self._last
        if self._tools is None and self._lock.acquire(blocking=last is None):
            try:
                if self._tools is None and self._last is last:
                    self._try()
            finally:
                self._lock.release()
        if self._tools is None:
            raise _again(self._last)
        return self._tools

    def _try(self) -> None:
        try:
            with self.store.one_at_a_time("network"):
                self._tools = self._made()
        except (Later, Never) as verdict:
            self._last = verdict

    def _made(self) -> Tools:
        backend = self.backend
        with self.store.read() as transaction:
            preferred, caches = transaction.facts.read(SUBNET) or "", transaction.caches.keys()
        network = backend.runtime.open_network(preferred, ipv6=self.ipv6)
        if str(network.subnet) != preferred:
            if preferred and caches:
                raise Later(
                    f"cannot serve the caches that there are: their addresses are of {preferred}, which another network"
                    " has taken. Remove that one, then `cachewright down --keep-data` and `cachewright up`",
                    TAKEN,
                )
            with self.store.write() as transaction:
                transaction.facts.write(SUBNET, str(network.subnet))
        ports = ports_of(self.store, *self.published, here=not backend.hosts) if self.published else None
        gateway, directory = self._of_hosts(network, ports) if ports and backend.hosts else self._opened(network, ports)
        return Tools(
            instance=self.instance,
            network=network,
            machine=self._machine(),
            runtime=backend.runtime,
            images=backend.images,
            drivers=backend.drivers,
            dial=backend.dial,
            gateway=gateway,
            directory=directory,
            secret_store=backend.secret_store,
            snapshots=self.snapshots,
            buckets=self.buckets,
            ports=ports,
            naming=self.naming,
            patience=self.patience,
            keep_data=self.keep_data,
            ahead=self.ahead,
            hosts=self.hosts,
            source_logins=self.source_logins,
        )

    def _machine(self) -> int:
        """The memory that a node may have on whichever host, in bytes. What was seen of a host counts as long as that
        is told: a Swarm without a leader does not answer, and who begins then has failovers to see to.
        """
        hosts = self.hosts.told()
        with self.store.read() as transaction:
            before: dict[str, int] = json.loads(transaction.facts.read(MEMORY) or "{}")
        told = self.backend.runtime.capacities({name: memory for name, memory in before.items() if name in hosts})
        seen = {name: memory for name, memory in told.items() if name in hosts and not hosts[name].memory}
        if seen != before:
            with self.store.write() as transaction:
                transaction.facts.write(MEMORY, json.dumps(seen))
        return min(told.values())

    def _opened(self, network: Network, ports: Ports | None) -> tuple[Gateway, Directory]:
        """Those of the only host."""
        backend, own = self.backend, str(network.gateway)
        if ports:
            gateway: Gateway = PublishedGateway(backend.proxy(ports.admin), own)
            return ProbedGateway(gateway), backend.directory(ports.directory_admin, ONLY)
        place = Place(str(network.directory), str(network.host))
        return ProbedGateway(backend.gateway(Address(own, ADMIN))), backend.directory(place.admin, ONLY)

    def _of_hosts(self, network: Network, ports: Ports) -> tuple[Gateway, Directory]:
        """Those of several hosts: each gateway leads to the directory beside it, wherever that is."""
        known = Written(
            lambda: listings.written(self.store, self.tools()),
            lambda port: listings.keys_at(self.store, self.tools(), port),
        )
        silent = self.backend.runtime.silent_hosts
        directories = HostDirectories(str(network.directory), known, silent)
        gateways = HostGateways({}, lambda: written(self.store, network), silent, directories)

        def attend(told: Mapping[str, Host]) -> None:
            backend, own = self.backend, str(network.gateway)
            directories.attend(
                {name: backend.directory(ports.directory_admin_of(host), name) for name, host in told.items()}
            )
            gateways.attend({name: _hosts_own(backend, host, own, ports) for name, host in told.items()})

        attend(self.backend.hosts)
        self.hosts.follow(attend)
        return gateways, directories


def _again(verdict: Later | Never | None) -> Later | Never:
    """The same verdict for somebody else."""
    assert verdict
    return Later(verdict.reason, verdict.delay) if isinstance(verdict, Later) else Never(verdict.reason)


def _hosts_own(backend: Backend, host: Host, own: str, ports: Ports) -> Gateway:
    return ProbedGateway(PublishedGateway(backend.proxy(ports.admin_of(host)), own, host.address))


@dataclass(frozen=True, slots=True)
class Toolbox:
    """What a process acts, or looks, with."""

    kms: Kms
    buckets: Buckets
    files: SnapshotFiles
    lazy: LazyTools

    def tools(self) -> Tools:
        """See LazyTools."""
        return self.lazy.tools()


def toolbox_of(
    store: Store, settings: Settings, instance: str, backend: Backend, ahead: StartedAhead = _NOTHING_AHEAD
) -> Toolbox:
    """As the settings say. `ahead`: the nodes that were started before anybody asked for them."""
    kms, buckets = kms_at(settings.kms_endpoint), buckets_of(settings)
    files = SnapshotFiles(settings.files / FOLDER, kms)
    hosts = hosts_in(store)
    hosts.follow(backend.attend)
    lazy = LazyTools(
        *(store, instance, backend, files, buckets),
        _published_by(settings, backend),
        settings.naming,
        settings.patience,
        keep_data=settings.keep_data,
        ipv6=settings.ipv6,
        ahead=ahead,
        hosts=hosts,
        source_logins=logins_of(settings),
    )
    return Toolbox(kms, buckets, files, lazy)


def _published_by(settings: Settings, backend: Backend) -> tuple[int, int] | None:
    """The range of ports at which endpoints are published; None: addresses of containers can be reached."""
    return settings.published_ports if settings.endpoints is EndpointMode.PUBLISHED or backend.hosts else None
