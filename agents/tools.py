"""What the agent sees with and acts with."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from cachewright.agents.administration import Administration
from cachewright.agents.buckets.buckets import Buckets
from cachewright.agents.directory.directory import Directory
from cachewright.agents.engines.dial import Dial
from cachewright.agents.engines.driver import Driver
from cachewright.agents.engines.redis.acl_rules import Credentials
from cachewright.agents.engines.tls import Identity
from cachewright.agents.gateway.gateway import Gateway
from cachewright.agents.gateway.published import Ports
from cachewright.agents.planning.images import Image
from cachewright.agents.planning.placement import Sites
from cachewright.agents.runtime.network import Network
from cachewright.agents.runtime.runtime import Runtime
from cachewright.agents.source_logins.logins import NoLogins, SourceLogins
from cachewright.controlplane.model.builds import Build
from cachewright.controlplane.model.cache import Cache, Spec
from cachewright.controlplane.model.hostnames import Naming
from cachewright.controlplane.model.hosts import Host, counting
from cachewright.controlplane.model.versions import Engine


class ImageSource(Protocol):
    """Where images come from."""

    def find(self, engine: str, version: str, family: str, upstream: str) -> Image:
        """The image closest to an engine version, within its parameter group family; Later or Never without one."""

    def at_hand(self, engine: str, family: str) -> Sequence[Image]:
        """The images of an engine's family that are on the container engine; nothing is fetched or built."""

    def builds(self) -> Sequence[Build]:
        """Every build of a cache engine that is on the container engine, and which versions each serves best."""

    def gateway(self) -> Image:
        """The image of the gateway."""

    def nftables(self) -> Image:
        """The image of a gateway whose kernel forwards; Later or Never without one."""

    def directory(self) -> Image:
        """The image of the directory."""


class SecretStore(Protocol):
    """What nodes are given to know the agent, and to be known."""

    @property
    def credentials(self) -> Credentials:
        """The agent's own login."""

    def administration(self) -> Administration:
        """What the gateways of several hosts, and the agent that tells them routes, prove with who they are."""

    def identity(self, names: Sequence[str]) -> Identity:
        """A certificate for these addresses and host names, and its key."""


class SnapshotContents(Protocol):
    """What snapshots hold."""

    def read(self, snapshot: str, shard: str) -> Iterator[bytes]:
        """The file of a shard of the snapshot of that id, piece by piece; Later when it cannot be read."""


class StartedAhead(Protocol):
    """Containers that were started before anybody asked for them."""

    def offer(self, spec: Spec) -> Sequence[str]:
        """The names of those that such a cache can have, as far as they are nobody's."""

    def await_arrival(self, cache: Cache) -> float:
        """For how many seconds a cache should wait because one that it can have will be nobody's in a moment: it is
        made due when there are news. 0 where it should not.
        """

    def take(self, name: str) -> None:
        """It is somebody's from now on."""

    def recycle(self, tools: "Tools", cache: Cache, node: str, container: str) -> bool:
        """Make the container of a node that is no more one of them, if there is a need of it, with nothing of what it
        held; whether that is done. Else what is left of it is to be removed.
        """


class NothingAhead:
    """No container is started ahead."""

    def offer(self, spec: Spec) -> Sequence[str]:  # noqa: ARG002 - whatever it is
        """See StartedAhead."""
        return ()

    def await_arrival(self, cache: Cache) -> float:  # noqa: ARG002 - whatever it is
        """See StartedAhead."""
        return 0.0

    def take(self, name: str) -> None:
        """See StartedAhead."""

    def recycle(self, tools: "Tools", cache: Cache, node: str, container: str) -> bool:  # noqa: ARG002
        """See StartedAhead."""
        return False


class HostList(Protocol):
    """The hosts that were told."""

    def known(self) -> Mapping[str, Host]:
        """Those of now that are not joining, by name; none: there is one, and it has no name."""

    def told(self) -> Mapping[str, Host]:
        """All of now, by name."""

    def follow(self, follower: Callable[[Mapping[str, Host]], None]) -> None:
        """Tell somebody all hosts, as soon as anybody asks for them and they are others."""


class NoHosts:
    """No host was told."""

    def known(self) -> Mapping[str, Host]:
        """See HostList."""
        return {}

    def told(self) -> Mapping[str, Host]:
        """See HostList."""
        return {}

    def follow(self, follower: Callable[[Mapping[str, Host]], None]) -> None:
        """See HostList."""


@dataclass(frozen=True, slots=True)
class Tools:
    """One of each, for one Cachewright instance on one machine."""

    instance: str
    network: Network
    machine: int  # bytes of memory
    runtime: Runtime
    images: ImageSource
    drivers: Mapping[Engine, Driver]
    dial: Dial
    gateway: Gateway
    directory: Directory
    secret_store: SecretStore
    snapshots: SnapshotContents
    buckets: Buckets
    ports: Ports | None = None  # None: addresses of containers can be reached
    naming: Naming = field(default_factory=Naming)
    patience: float = 3.0  # seconds of silence after which a node counts as dead
    keep_data: bool = False  # whether nodes that come have volumes
    ahead: StartedAhead = field(default_factory=NothingAhead)
    hosts: HostList = field(default_factory=NoHosts)
    source_logins: SourceLogins = field(default_factory=NoLogins)

    @property
    def on_hosts(self) -> bool:
        """Whether endpoints are ports of several hosts."""
        return self.ports is not None and bool(self.hosts.known())

    def sites(self, taken: Mapping[str, int] | None = None) -> Sites:
        """Where nodes may run, with what nodes take of each host, as far as that is given."""
        told = self.hosts.told()
        known = counting(told)
        joining = frozenset(told.keys() - known.keys())
        return Sites(known, self.runtime.silent_hosts(), taken or {}, joining) if known else Sites()
