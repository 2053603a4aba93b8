"""The gateway of addresses that clients reach: the kernel forwards, or HAProxy where it cannot or did so before."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeVar

from cachewright.agents.gateway.gateway import Gateway, Names, Routes
from cachewright.agents.gateway.haproxy import HaproxyGateway
from cachewright.agents.gateway.nftables import NftablesGateway
from cachewright.agents.gateway.paths import Paths, reached
from cachewright.agents.planning.verdicts import Later
from cachewright.controlplane.model.cache import Address

T = TypeVar("T")


class DirectGateway:
    """Implements `Gateway` for whichever of both kinds answers at `admin`: one may take the other's place."""

    def __init__(self, admin: Address) -> None:
        self._kinds: tuple[Gateway, ...] = (NftablesGateway(admin), HaproxyGateway(admin))
        self._running: Gateway | None = None
        self._paths = Paths(reached)

    def route(self, routes: Mapping[Address, Sequence[Address]], sole: Collection[Address] = ()) -> None:
        """See `Gateway`."""
        self._ask(lambda gateway: gateway.route(routes, sole))

    def unroute(self, *endpoints: Address) -> None:
        """See `Gateway`."""
        self._ask(lambda gateway: gateway.unroute(*endpoints))

    def routes(self) -> Routes:
        """See `Gateway`."""
        return self._ask(lambda gateway: gateway.routes())

    def name(self, names: Names) -> None:
        """See `Gateway`: there is no such port."""

    def names(self) -> Names:
        """See `Gateway`."""
        return {}

    def is_lapsed(self) -> bool:
        """See `Gateway`: it never ends sessions by itself."""
        return False

    def resume(self) -> None:
        """See `Gateway`."""

    def probe(self) -> None:
        """See `Gateway`."""
        self._probe_admin()
        self._paths.probe(self.routes)

    def _probe_admin(self) -> None:
        """Whichever it is that answers; where nobody answers in time, none of both does."""
        first, second = sorted(self._kinds, key=lambda kind: kind is not self._running)
        try:
            first.probe()
        except Later as verdict:
            if isinstance(verdict.__cause__, TimeoutError):
                raise
            second.probe()

    def _ask(self, question: Callable[[Gateway], T]) -> T:
        gateway = self._running or self._found()
        try:
            answer = question(gateway)
        except Later:
            self._running = None
            raise
        self._running = gateway
        return answer

    def _found(self) -> Gateway:
        """The one that answers in its own words; else the last one, to say why there is none."""
        return next((gateway for gateway in self._kinds if _answers(gateway)), self._kinds[-1])


def _answers(gateway: Gateway) -> bool:
    try:
        gateway.routes()
    except Later:
        return False
    return True
