"""A service that runs on each of several hosts, of which the gateway of a host leads to that of the same host."""

from collections.abc import Sequence
from typing import Protocol

from cachewright.controlplane.model.cache import Address


class HostLocal(Protocol):
    """Such as the directories."""

    @property
    def placeholder(self) -> str:
        """The address that stands for it in routes, which nobody has."""

    def ready_at(self, host: str) -> str:
        """Where that of a host is; empty while clients may not be led there."""

    def doubt(self, host: str) -> None:
        """That of a host may have missed something: its host was away."""

    def await_all(self) -> None:
        """Return once clients may be led to one of them, and to all others that answer, or that takes long."""


class NoHostLocal:
    """There is none."""

    placeholder = ""

    def ready_at(self, host: str) -> str:  # noqa: ARG002 - wherever
        """See HostLocal."""
        return ""

    def doubt(self, host: str) -> None:
        """See HostLocal."""

    def await_all(self) -> None:
        """See HostLocal."""


def leads_to(service: HostLocal, targets: Sequence[Address]) -> bool:
    """Whether a route to these targets leads to the service."""
    return any(target.host == service.placeholder for target in targets)
