"""The tools for the chosen runtime, made once the container engine answers."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING

from cachewright.agents.administration import proof
from cachewright.agents.directory.blueprint import USER
from cachewright.agents.directory.client import RemoteDirectory
from cachewright.agents.directory.directory import Directory
from cachewright.agents.engines.dial import Dial, dial
from cachewright.agents.engines.driver import Driver
from cachewright.agents.engines.drivers import Drivers
from cachewright.agents.engines.redis.driver import RedisDriver
from cachewright.agents.gateway.direct import DirectGateway
from cachewright.agents.gateway.gateway import Gateway
from cachewright.agents.gateway.haproxy import HaproxyGateway
from cachewright.agents.planning import labels
from cachewright.agents.planning.containers import File
from cachewright.agents.planning.images import Image
from cachewright.agents.runtime.connection import Engine as DockerEngine
from cachewright.agents.runtime.docker import DockerRuntime
from cachewright.agents.runtime.images import Images
from cachewright.agents.runtime.local_images import Shelf
from cachewright.agents.runtime.runtime import Runtime
from cachewright.agents.tools import ImageSource, SecretStore
from cachewright.controlplane.model.builds import Build
from cachewright.controlplane.model.cache import Address
from cachewright.controlplane.model.hosts import Host
from cachewright.controlplane.model.versions import VERSIONS, Engine, EngineVersion
from cachewright.controlplane.settings import RuntimeKind
from cachewright.controlplane.store.database import Store

if TYPE_CHECKING:
    from cachewright.agents.memory.machine import Machine

_FIRST = datetime(2025, 1, 1, tzinfo=UTC)  # when the first pretend images were made
INSTANCE, SUBNET = "instance", "subnet"
TAKEN = 30.0  # seconds until somebody may have given an address range back
_TRIED = 0.5  # seconds for which the directory of one of several hosts is tried: the others are told meanwhile


@dataclass(frozen=True, slots=True)
class Backend:
    """What can be made before the container engine answers."""

    runtime: Runtime
    images: ImageSource
    drivers: Mapping[Engine, Driver]
    dial: Dial
    gateway: Callable[[Address], Gateway]  # from where it is told routes
    proxy: Callable[[Address], Gateway]  # one that publishes endpoints, from where its runtime API listens
    directory: Callable[[Address, str], Directory]  # from where it is told who is listed, and the host that it is on
    secret_store: SecretStore
    hosts: Mapping[str, Host] = field(default_factory=dict)  # of which each has a gateway, if there are several
    attend: Callable[[Mapping[str, Host]], None] = lambda _: None  # to these hosts from now on


def docker(instance: str, secret_store: SecretStore) -> Backend:
    """Real containers."""
    redis, runtime = RedisDriver(lambda: secret_store.credentials), DockerRuntime(instance)

    def memcached() -> Driver:
        from cachewright.agents.engines.memcached.driver import MemcachedDriver  # noqa: PLC0415 - see `Drivers`

        return MemcachedDriver(lambda: secret_store.credentials)

    return Backend(
        runtime,
        Images(shelf=Shelf(DockerEngine(), instance)),
        Drivers({Engine.REDIS: lambda: redis, Engine.VALKEY: lambda: redis, Engine.MEMCACHED: memcached}),
        dial,
        DirectGateway,
        HaproxyGateway,
        lambda admin, host: RemoteDirectory(admin, partial(_copied, runtime, host)),
        secret_store,
    )


def on_hosts(instance: str, secret_store: SecretStore, hosts: Mapping[str, Host]) -> Backend:
    """Real containers on several hosts, whose gateways ask for proof of who tells them routes."""
    from cachewright.agents.runtime.hosts.runtime import HostsRuntime  # noqa: PLC0415 - who has one host needs none

    runtime = HostsRuntime(instance, [*hosts.values()])
    proven = cache(lambda: proof(secret_store.administration()))
    return replace(
        docker(instance, secret_store),
        runtime=runtime,
        images=Images(shelf=Shelf(runtime.any_host(), instance)),
        proxy=lambda admin: HaproxyGateway(admin, proof=proven),
        directory=lambda admin, host: RemoteDirectory(admin, partial(_copied, runtime, host), proven, patience=_TRIED),
        hosts=hosts,
        attend=runtime.attend,
    )


def _copied(runtime: Runtime, host: str, file: File) -> None:
    """Put a file into the directory of a host."""
    for container in runtime.containers(labels.DIRECTORY):
        if container.host == host:
            runtime.copy(container.name, [file], USER)


def pretend(instance: str, secret_store: SecretStore, machine: "Machine | None" = None) -> Backend:
    """Pretend containers on a pretend machine."""
    from cachewright.agents.memory.directory import MemoryDirectory  # noqa: PLC0415 - real containers need none of it
    from cachewright.agents.memory.engines.driver import pretend_driver  # noqa: PLC0415
    from cachewright.agents.memory.gateway import MemoryGateway  # noqa: PLC0415
    from cachewright.agents.memory.runtime import MemoryRuntime  # noqa: PLC0415

    runtime = MemoryRuntime(instance, machine)
    own = {labels.INSTANCE: instance}
    gateway = MemoryGateway(hangs=lambda: runtime.machine.hangs({**labels.GATEWAY, **own}))
    directory = MemoryDirectory(hangs=lambda: runtime.machine.hangs({**labels.DIRECTORY, **own}))
    drivers = {engine: pretend_driver(runtime.machine, engine, gateway) for engine in Engine}
    return Backend(
        runtime,
        PretendImages(),
        drivers,
        runtime.machine.dial,
        lambda _: gateway,
        lambda _: gateway,
        lambda _admin, _host: directory,
        secret_store,
    )


class PretendImages:
    """Every image is there."""

    renewals = 0  # how often newer builds of everything came

    def find(self, engine: str, version: str, family: str, upstream: str) -> Image:  # noqa: ARG002
        """An image that only has a name."""
        return Image(self._reference(upstream, self.renewals), f"{engine} {version}", "/usr/bin")

    def builds(self) -> Sequence[Build]:
        """One of each version, and those of before."""
        every = {row.upstream: row for row in VERSIONS}.values()
        return [self._build(row, number) for row in every for number in range(self.renewals + 1)]

    def _build(self, row: EngineVersion, number: int) -> Build:
        """Reference and identity of a pretend image are the same; several versions may have one upstream image."""
        image, made = self._reference(row.upstream, number), _FIRST + timedelta(days=number)
        serves = [one.described for one in VERSIONS if one.upstream == row.upstream and one.engine is row.engine]
        return Build(
            image, row.engine, row.upstream.rpartition(":")[2], made, tuple(serves) if number == self.renewals else ()
        )

    def _reference(self, upstream: str, number: int) -> str:
        return f"{upstream}-{number}" if number else upstream

    def at_hand(self, engine: str, family: str) -> Sequence[Image]:
        """The one of the newest version, which only has a name."""
        newest = [row for row in VERSIONS if row.family == family][-1]
        return [self.find(engine, newest.described, family, newest.upstream)]

    def gateway(self) -> Image:
        """An image that only has a name."""
        return Image("gateway", "gateway pretended")

    def nftables(self) -> Image:
        """An image that only has a name."""
        return Image("nftables", "nftables pretended")

    def directory(self) -> Image:
        """An image that only has a name."""
        return Image("directory", "directory pretended")


BACKENDS: Mapping[RuntimeKind, Callable[[str, SecretStore], Backend]] = {
    RuntimeKind.DOCKER: docker,
    RuntimeKind.MEMORY: pretend,
}


def backend_of(
    kind: RuntimeKind, instance: str, secret_store: SecretStore, hosts: Mapping[str, Host] | None = None
) -> Backend:
    """What an installation acts with: on the hosts that it was told of, if there are any."""
    if hosts and kind is RuntimeKind.DOCKER:
        return on_hosts(instance, secret_store, hosts)
    return BACKENDS[kind](instance, secret_store)


def instance_of(store: Store, kept: str = "") -> str:
    """The name of this installation, chosen once: what it owns on the engine carries it. `kept` is the one that
    was kept outside the database, in case that has lost it.
    """
    with store.read() as transaction:
        known = transaction.facts.read(INSTANCE)
    if known:
        return known
    with store.write() as transaction:
        instance = transaction.facts.read(INSTANCE) or kept or secrets.token_hex(4)
        transaction.facts.write(INSTANCE, instance)
    return instance
