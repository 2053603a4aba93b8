"""The gateways of several hosts as one: each leads the same ports to the same nodes."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from cachewright.agents.each_host import EachHost, OneHost, tell_written
from cachewright.agents.gateway.gateway import Gateway, Routes
from cachewright.agents.gateway.host_local import HostLocal, NoHostLocal, leads_to
from cachewright.agents.planning.verdicts import Later
from cachewright.controlplane.model.cache import Address

Written = Callable[[], Routes]
Wanted = dict[Address, tuple[Address, ...] | None]  # None: it leads nowhere any more

_SOON = 0.5  # seconds until a directory may have been told everything


@dataclass(slots=True, eq=False)
class HostGateway(OneHost):
    """Implements `Gateway` for one host, by what all hosts' gateways were told. One that is lapsed may have missed what
    other agents told meanwhile, whatever this one has.
    """

    inner: Gateway
    wanted: Wanted
    written: Written
    host: str = ""
    local: HostLocal = field(default_factory=NoHostLocal)
    _local_at: str = ""  # where it was told that the local service is; empty: not everywhere where it is to lead there

    def route(self, routes: Mapping[Address, Sequence[Address]]) -> None:
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

    def _lead_all(self, *, lapsed: bool) -> None:
        """Each port leads where it is to: an endpoint that moved with its node was told at another host's address. What
        is led to is asked first: whatever another agent tells is written down before.
        """
        self._local_at = self.local.ready_at(self.host)
        known = [*self.inner.routes(), *self.wanted]
        self.inner.unroute(*_without(known, self.written()))
        tell_written(self.written, partial(self._lead, lapsed=lapsed))

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


class HostGateways:
    """Implements `Gateway`: see EachHost. Later when nobody could be told."""

    def __init__(
        self,
        gateways: Mapping[str, Gateway],
        written: Written,
        silent: Callable[[], Collection[str]] = frozenset,
        local: HostLocal | None = None,
    ) -> None:
        """`written` tells all routes as they are written down, before anybody is told; `silent` the hosts that do not
        answer.
        """
        self._written, self._local = written, local or NoHostLocal()
        self._wanted: Wanted = {}
        self._every = EachHost[HostGateway]("gateways", silent)
        self.attend(gateways)

    def attend(self, gateways: Mapping[str, Gateway]) -> None:
        """These are there from now on, beside those that were; one that comes is told everything."""
        come = {host: one for host, one in gateways.items() if host not in self._every}
        own = (self._wanted, self._written)
        self._every.attend({host: HostGateway(one, *own, host, self._local) for host, one in come.items()})

    def on(self, host: str) -> HostGateway:
        """The gateway of one host."""
        return self._every.on(host)

    def route(self, routes: Mapping[Address, Sequence[Address]]) -> None:
        """See `Gateway`."""
        self._wanted.update({endpoint: tuple(targets) for endpoint, targets in routes.items()})
        if any(leads_to(self._local, targets) for targets in routes.values()):
            self._local.await_any()
        self._every.any(lambda gateway: gateway.tell(*routes))

    def unroute(self, *endpoints: Address) -> None:
        """See `Gateway`."""
        self._wanted.update(dict.fromkeys(endpoints))
        self._every.any(lambda gateway: gateway.tell(*endpoints))

    def routes(self) -> Routes:
        """See `Gateway`: as any of them tells that answers."""
        return self._every.any(lambda gateway: gateway.routes())

    def is_lapsed(self) -> bool:
        """See `Gateway`: as any of them tells that answers."""
        return self._every.any(lambda gateway: gateway.is_lapsed())

    def resume(self) -> None:
        """See `HostGateway`."""

    def probe(self) -> None:
        """See `Gateway`: whether any of them does."""
        self._every.any(lambda gateway: gateway.probe())


def _without(known: Iterable[Address], routes: Routes) -> Sequence[Address]:
    """The endpoints at whose ports nothing is to be led anywhere."""
    ports = {endpoint.port for endpoint in routes}
    return [endpoint for endpoint in dict.fromkeys(known) if endpoint.port not in ports]
