"""Published endpoints: ports of 127.0.0.1, where addresses of containers cannot be reached.

The gateway's container publishes all of them at its start, because a container cannot publish another one later: the
engines' standard ports, as far as they were free, and a range.
"""

import json
import socket
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from cachewright.agents.gateway.blueprint import ADMIN, BY_NAME
from cachewright.agents.gateway.gateway import Gateway, Names, Routes
from cachewright.agents.planning.containers import Port
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.controlplane.model.cache import Address
from cachewright.controlplane.model.hosts import Host
from cachewright.controlplane.model.versions import DEFAULT_PORT
from cachewright.controlplane.store.database import Store

LOCAL = "127.0.0.1"
HIGHEST = 65535
FACT = "published ports"
DIRECTORY = "published port of the directory"
_DNS = 53  # where directories of hosts answer for host names
_OTHER_SNI = "set CACHEWRIGHT_SNI_PORT to a port that is free on every host"
FEWEST = 2  # one for an endpoint, and one to administer the gateway by


@dataclass(frozen=True, slots=True)
class Ports:
    """What is published by the gateway; the last one administers it. The directory publishes another one."""

    every: tuple[int, ...]
    directory: int = 0
    sni: int = 0  # of every host, where encrypted clients are led by host name; 0: nowhere

    @property
    def admin(self) -> Address:
        """Where the gateway's runtime API listens."""
        return Address(LOCAL, self.every[-1])

    def admin_of(self, host: Host) -> Address:
        """Where the runtime API of the gateway of one of several hosts listens."""
        return Address(host.address, self.admin.port)

    @property
    def directory_admin(self) -> Address:
        """Where the directory listens to the host."""
        return Address(LOCAL, self.directory)

    def directory_admin_of(self, host: Host) -> Address:
        """The same of the directory of one of several hosts: at the port beyond all others."""
        return Address(host.address, self._beyond(1))

    def by_name(self, wished: int) -> "Ports":
        """The same where encrypted clients of several hosts are led by host name: at the port that was wished, else at
        the one beyond the directory's. Never when something else is there.
        """
        port = wished or self._beyond(2)
        if port in (*self.every, self._beyond(1), _DNS):
            raise Never(f"cannot lead clients by host name at port {port}, which has another use: {_OTHER_SNI}")
        return replace(self, sni=port)

    def _beyond(self, number: int) -> int:
        beyond = self.admin.port + number
        return beyond if beyond <= HIGHEST else min(self.spare) - number

    @property
    def usable(self) -> Sequence[int]:
        """What endpoints may have."""
        return self.every[:-1]

    @property
    def spare(self) -> Sequence[int]:
        """What endpoints get that cannot have the port they were asked for."""
        return [port for port in self.usable if port not in DEFAULT_PORT.values()]

    @property
    def published(self) -> tuple[Port, ...]:
        """For the gateway's blueprint."""
        by_name = (Port(BY_NAME, self.sni),) if self.sni else ()
        return (*(Port(port, port) for port in self.usable), Port(ADMIN, self.admin.port), *by_name)


def ports_of(store: Store, first: int, last: int, *, here: bool = True) -> Ports:
    """The ports of this installation: chosen once, so that addresses stay what they were. Later while none are free
    `here`; on other hosts whoever publishes them finds out.
    """
    with store.read() as transaction:
        known = {name: transaction.facts.read(name) for name in (FACT, DIRECTORY)}
    wished = [*sorted(set(DEFAULT_PORT.values())), *range(first, last + 1)]
    every = known[FACT] or json.dumps([*_free(wished)] if here else wished)
    if len(json.loads(every)) < FEWEST:
        right = f"set CACHEWRIGHT_PUBLISHED_PORTS to others, such as {last + 1},{last + 64}"
        raise Later(f"cannot publish endpoints: no ports from {first} to {last} are free; {right}", 5.0)
    directory = known[DIRECTORY] or str(_any_free())
    with store.write() as transaction:
        transaction.facts.write(FACT, every)
        transaction.facts.write(DIRECTORY, directory)
    return Ports(tuple(json.loads(every)), int(directory))


def _any_free() -> int:
    with socket.create_server((LOCAL, 0)) as probe:
        return int(probe.getsockname()[1])


def _free(ports: Iterable[int]) -> Iterable[int]:
    for port in ports:
        with socket.socket() as probe, suppress(OSError):
            probe.bind((LOCAL, port))
            yield port


@dataclass(frozen=True, slots=True)
class PublishedGateway:
    """Implements `Gateway` for endpoints that are told as ports of 127.0.0.1: the gateway itself knows them as ports
    of its own address.
    """

    inner: Gateway
    host: str  # the gateway's own address
    told: str = LOCAL  # the address that clients have

    def route(self, routes: Mapping[Address, Sequence[Address]], sole: Collection[Address] = ()) -> None:  # noqa: ARG002 - of the kernel's alone
        """See `Gateway`."""
        self.inner.route({self._own(endpoint): targets for endpoint, targets in routes.items()})

    def unroute(self, *endpoints: Address) -> None:
        """See `Gateway`."""
        self.inner.unroute(*map(self._own, endpoints))

    def routes(self) -> Routes:
        """See `Gateway`."""
        return {Address(self.told, endpoint.port): targets for endpoint, targets in self.inner.routes().items()}

    def name(self, names: Names) -> None:
        """See `Gateway`."""
        self.inner.name({Address(self.host, endpoint.port): each for endpoint, each in names.items()})

    def names(self) -> Names:
        """See `Gateway`."""
        return {Address(self.told, endpoint.port): each for endpoint, each in self.inner.names().items()}

    def is_lapsed(self) -> bool:
        """See `Gateway`."""
        return self.inner.is_lapsed()

    def resume(self) -> None:
        """See `Gateway`."""
        self.inner.resume()

    def probe(self) -> None:
        """See `Gateway`."""
        self.inner.probe()

    def _own(self, endpoint: Address) -> Address:
        return Address(self.host, endpoint.port)
