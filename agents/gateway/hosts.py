"""The gateways of several hosts as one: each leads the same ports to the same nodes."""

from collections.abc import Callable, Collection, Mapping, Sequence

from cachewright.agents.each_host import EachHost
from cachewright.agents.gateway.gateway import Gateway, Names, Routes
from cachewright.agents.gateway.host_gateway import HostGateway, Named, Wanted, Written, fixed
from cachewright.agents.gateway.host_local import HostLocal, NoHostLocal, leads_to
from cachewright.controlplane.model.cache import Address


class HostGateways:
    """Implements `Gateway`: see EachHost. Later when nobody could be told."""

    def __init__(
        self,
        gateways: Mapping[str, Gateway],
        written: Written,
        silent: Callable[[], Collection[str]] = frozenset,
        local: HostLocal | None = None,
    ) -> None:
        """`written`: as it is written down before anybody is told; `silent` tells the hosts that do not answer."""
        self._written, self._local = written, local or NoHostLocal()
        self._wanted: Wanted = {}
        self._named: Named = {}
        self._every = EachHost[HostGateway]("gateways", silent)
        self.attend(gateways)

    def attend(self, gateways: Mapping[str, Gateway]) -> None:
        """These are there from now on, beside those that were; one that comes is told everything."""
        come = {host: one for host, one in gateways.items() if host not in self._every}
        own = (self._wanted, self._named, self._written)
        self._every.attend({host: HostGateway(one, *own, host, self._local) for host, one in come.items()})

    def on(self, host: str) -> HostGateway:
        """The gateway of one host."""
        return self._every.on(host)

    def route(self, routes: Mapping[Address, Sequence[Address]], sole: Collection[Address] = ()) -> None:  # noqa: ARG002 - of the kernel's alone
        """See `Gateway`."""
        self._wanted.update({endpoint: tuple(targets) for endpoint, targets in routes.items()})
        if any(leads_to(self._local, targets) for targets in routes.values()):
            self._local.await_all()
        self._every.any(lambda gateway: gateway.tell(*routes))

    def unroute(self, *endpoints: Address) -> None:
        """See `Gateway`."""
        self._wanted.update(dict.fromkeys(endpoints))
        self._every.any(lambda gateway: gateway.tell(*endpoints))

    def routes(self) -> Routes:
        """See `Gateway`: as any of them tells that answers."""
        return self._every.any(lambda gateway: gateway.routes())

    def name(self, names: Names) -> None:
        """See `Gateway`."""
        self._named.update(fixed(names))
        self._every.any(lambda gateway: gateway.tell_names(names))

    def names(self) -> Names:
        """See `Gateway`: as any of them tells that answers."""
        return self._every.any(lambda gateway: gateway.names())

    def is_lapsed(self) -> bool:
        """See `Gateway`: as any of them tells that answers."""
        return self._every.any(lambda gateway: gateway.is_lapsed())

    def resume(self) -> None:
        """See `HostGateway`."""

    def probe(self) -> None:
        """See `Gateway`: whether any of them does."""
        self._every.any(lambda gateway: gateway.probe())
