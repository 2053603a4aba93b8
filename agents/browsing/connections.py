"""How nodes are connected to, on the machine where they run."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from cachewright.agents.browsing.places import Place
from cachewright.agents.engines.exchange import Exchange, exchange
from cachewright.controlplane.model.browsing import Refusal
from cachewright.controlplane.model.cache import Address
from cachewright.controlplane.settings import RuntimeKind

Connect = Callable[[Address, Path | None, float, int], AbstractContextManager[Exchange]]
"""See `exchange`."""


def pretend(address: Address, authority: Path | None, until: float, most: int) -> AbstractContextManager[Exchange]:  # noqa: ARG001
    """No connection: what listens at that address, if anything does, is somebody else's."""
    raise Refusal("a pretended engine holds nothing that could be looked at")


CONNECTIONS: Mapping[RuntimeKind, Connect] = {RuntimeKind.DOCKER: exchange, RuntimeKind.MEMORY: pretend}


@dataclass(frozen=True, slots=True)
class Connections:
    """Connections to nodes."""

    connect: Connect
    authority: Callable[[], Path]  # the certificate against which encrypted nodes are checked

    def to(self, place: Place, until: float, most: int) -> AbstractContextManager[Exchange]:
        """A connection until that moment of the monotonic clock, which hears `most` bytes of each answer."""
        return self.connect(place.address, self.authority() if place.encrypted else None, until, most)
