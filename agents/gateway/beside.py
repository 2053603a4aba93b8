"""What is beside the gateways of several hosts: one on each, to which the gateway of the same host leads."""

from collections.abc import Sequence
from typing import Protocol

from cachewright.controlplane.model.cache import Address


class Beside(Protocol):
    """Such as the directories: a route to them leads to that of the same host."""

    @property
    def meant(self) -> str:
        """The address by which routes mean it, which nobody has."""

    def ready_at(self, host: str) -> str:
        """Where that of a host is; empty while clients may not be led there."""

    def doubt(self, host: str) -> None:
        """That of a host may have missed something: its host was away."""

    def await_any(self) -> None:
        """Return once clients may be led to one of them, or that takes long."""


class Nothing:
    """There is nothing beside them."""

    meant = ""

    def ready_at(self, host: str) -> str:  # noqa: ARG002 - wherever
        """See Beside."""
        return ""

    def doubt(self, host: str) -> None:
        """See Beside."""

    def await_any(self) -> None:
        """See Beside."""


def is_meant(beside: Beside, targets: Sequence[Address]) -> bool:
    """Whether a route to these targets leads to what is beside the gateway."""
    return any(target.host == beside.meant for target in targets)
