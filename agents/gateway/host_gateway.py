"""The gateway of one of several hosts: told what all are told, and everything that it may have missed."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from cachewright.agents.each_host import OneHost, tell_written
from cachewright.agents.gateway.gateway import Gateway, Names, Routes
from cachewright.agents.gateway.host_local import HostLocal, NoHostLocal, leads_to
from cachewright.agents.planning.verdicts import Later
from cachewright.controlplane.model.cache import Address

Wanted = dict[Address, tuple[Address, ...] | None]  # None: it leads nowhere any more
Named = dict[Address, frozenset[str]]

_SOON = 0.5  # seconds until a directory may have been told everything


@dataclass(frozen=True, slots=True)
class Written:
    """What gateways are to know, as it is written down."""

    routes: Callable[[], Routes]
    names: Callable[[], Names] = dict


@dataclass(slots=True, eq=False)
class HostGateway(OneHost):
    """Implements `Gateway` for one host, by what all hosts' gateways were told. One that is lapsed may have missed what
    other agents told meanwhile, whatever this one has.
    """

    inner: Gateway
    wanted: Wanted
    named: Named
    written: Written
    host: str = ""
    local: HostLocal = field(default_factory=NoHostLocal)
    _local_at: str = ""  # where it was told that the local service is; empty: not everywhere where it is to lead there

    def route(self, routes: Mapping[Address, Sequence[Address]], sole: Collection[Address] = ()) -> None:  # noqa: ARG002 - of the kernel's alone
        """See `Gateway`."""
        self.wanted.update({endpoint: tuple(targets) for endpoint, targets in routes.items()})
        self.tell(*routes)

    def unroute(self, *endpoints: Address) -> None:
        """See `Gateway`."""
        self.wanted.update(dict.fromkeys(endpoints))
        self.tell(*endpoints)

    def routes(self) -> Routes:
        """See `Gateway`."""
        return self.inner.routes()

    def name(self, names: Names) -> None:
        """See `Gateway`."""
        self.named.update(fixed(names))
        self.tell_names(names)

    def names(self) -> Names:
        """See `Gateway`."""
        return self.inner.names()

    def probe(self) -> None:
        """See `Gateway`."""
        self.inner.probe()
        if lapsed := self.inner.is_lapsed():
            self.local.doubt(self.host)
        if self.behind or lapsed or self.local.ready_at(self.host) not in ("", self._local_at):
            self.told_all(partial(self._lead_all, lapsed=lapsed))
        if lapsed:
            self.inner.resume()

    def is_lapsed(self) -> bool:
        """See `Gateway`."""
        return self.inner.is_lapsed()

    def resume(self) -> None:
        """See `Gateway`: a probe does it, since that alone knows whether everything was told."""

    def tell(self, *endpoints: Address) -> None:
        """Where endpoints lead by now; Later while one cannot lead to the local service."""
        done = [self.told(partial(self._lead_wanted, endpoint)) for endpoint in endpoints]
        if not all(done):
            raise Later(f"nobody is led to the directory of host {self.host} before it was told everything", _SOON)

    def tell_names(self, endpoints: Iterable[Address]) -> None:
        """By which names clients are led to endpoints by now."""
        self.told(lambda: self.inner.name({endpoint: self.named[endpoint] for endpoint in endpoints}))

    def _lead_all(self, *, lapsed: bool) -> None:
        """Each port leads where it is to: an endpoint that moved with its node was told at another host's address. What
        is led to is asked first: whatever another agent tells is written down before.
        """
        self._local_at = self.local.ready_at(self.host)
        known = [*self.inner.routes(), *self.wanted]
        self.inner.unroute(*_without(known, self.written.routes()))
        tell_written(self.written.routes, partial(self._lead, lapsed=lapsed))
        self._name_all()

    def _name_all(self) -> None:
        """Each port goes by the names that it is to go by; it is told those alone that are others."""
        before = self.inner.names()
        if gone := _without(before, self.written.names()):
            self.inner.name({endpoint: frozenset() for endpoint in gone})
        known = {endpoint.port: frozenset(each) for endpoint, each in before.items()}

        def tell(endpoint: Address, names: Collection[str]) -> None:
            if known.get(endpoint.port) != (wanted := frozenset(names)):
                self.inner.name({endpoint: wanted})
                known[endpoint.port] = wanted

        tell_written(self.written.names, tell)

    def _lead_wanted(self, endpoint: Address) -> bool:
        targets = self.wanted[endpoint]
        if targets is not None:
            return self._lead(endpoint, targets)
        self.inner.unroute(endpoint)
        return True

    def _lead(self, endpoint: Address, targets: Sequence[Address], *, lapsed: bool = False) -> bool:
        """Whether it leads there by now. What leads to the directory stays as it is until that was told everything; not
        where both may have missed something.
        """
        if not leads_to(self.local, targets):
            self.inner.route({endpoint: targets})
            return True
        if here := self.local.ready_at(self.host):
            self.inner.route({endpoint: [Address(here, target.port) for target in targets]})
            return True
        self._local_at = ""
        if lapsed:
            self.inner.unroute(endpoint)
        return False


def fixed(names: Names) -> Named:
    """Names that stay what they are."""
    return {endpoint: frozenset(each) for endpoint, each in names.items()}


def _without(known: Iterable[Address], wanted: Iterable[Address]) -> Sequence[Address]:
    """The endpoints at whose ports none is to be."""
    ports = {endpoint.port for endpoint in wanted}
    return [endpoint for endpoint in dict.fromkeys(known) if endpoint.port not in ports]
