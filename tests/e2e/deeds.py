"""What is done to the container of a node, and undone, while nobody expects it."""

from collections.abc import Callable
from dataclasses import dataclass

from docker.errors import APIError, NotFound
from docker.models.containers import Container
from docker.models.networks import Network

from tests.e2e.waiting import until


def _nothing(_: Container) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Deed:
    """One way to break a node. Undoing it gives the very same process back, if it is still there."""

    name: str
    do: Callable[[Container], None]
    undo: Callable[[Container], None] = _nothing

    def __str__(self) -> str:
        return self.name

    def try_to_undo(self, container: Container) -> None:
        """Undo it; what cannot be undone must be a container that is on its way out."""
        try:
            self.undo(container)
        except APIError:
            until(f"{container.name} is gone", lambda: _is_gone(container))


def _is_gone(container: Container) -> bool:
    try:
        container.reload()
    except NotFound:
        return True
    return False


def _network(container: Container) -> Network:
    """The only network that a container was made for, be it on it now or not."""
    (name,) = container.attrs["NetworkSettings"]["Networks"]
    network: Network = container.client.networks.get(name)
    return network


def _address(container: Container) -> str:
    (settings,) = container.attrs["NetworkSettings"]["Networks"].values()
    return str(settings["IPAMConfig"]["IPv4Address"])


KILL = Deed("kill", lambda container: container.kill())
PAUSE = Deed("pause", lambda container: container.pause(), lambda container: container.unpause())
HANG = Deed(
    "hang",  # Docker sees it running; only that nobody answers tells
    lambda container: container.kill(signal="SIGSTOP"),
    lambda container: container.kill(signal="SIGCONT"),
)
CUT_OFF = Deed(
    "cut off",
    lambda container: _network(container).disconnect(container),
    lambda container: _network(container).connect(container, ipv4_address=_address(container)),
)
DEEDS = (KILL, PAUSE, HANG, CUT_OFF)
