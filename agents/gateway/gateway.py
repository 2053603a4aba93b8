"""What keeps an address alive while the node behind it changes."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from cachewright.controlplane.model.cache import Address

Routes = Mapping[Address, tuple[Address, ...]]
Names = Mapping[Address, Collection[str]]  # host names by endpoint

PROBE = 1.0  # seconds that a probe waits for an answer


class Gateway(Protocol):
    """Leads connections from endpoints, which stay, to targets, which move. Every method raises `Later` when the
    gateway does not answer, and doing it twice is doing it once.
    """

    def route(self, routes: Mapping[Address, Sequence[Address]], sole: Collection[Address] = ()) -> None:
        """Lead new connections of each endpoint to its targets, to each in turn; close its sessions to any other.

        No targets: connections are refused. Endpoints that are `sole` lead to one target at a time for as long as they
        live: it may be given the endpoint's address itself.
        """
        ...

    def unroute(self, *endpoints: Address) -> None:
        """Close every session of these endpoints and refuse connections to them."""
        ...

    def routes(self) -> Routes:
        """Where every endpoint leads now: asked, not remembered."""
        ...

    def name(self, names: Names) -> None:
        """Encrypted clients that come to the port that all endpoints share are led to these endpoints by these host
        names, in lower case, and by no others. Nothing where there is no such port.
        """
        ...

    def names(self) -> Names:
        """By which host names clients are led to endpoints: asked, not remembered."""
        ...

    def is_lapsed(self) -> bool:
        """Whether it has ended all sessions because it heard nobody, and leads nobody until it is told to resume."""
        ...

    def resume(self) -> None:
        """Everything was told that it has to know: one that is lapsed leads clients again."""
        ...

    def probe(self) -> None:
        """Whether it can be told something, and leads clients where it should. Cheap, and done within seconds."""
        ...
