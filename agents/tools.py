"""What the agent sees with and acts with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from agents.directory.directory import Directory
from agents.engines.driver import Driver
from agents.engines.guard import Identity
from agents.engines.logins import Credentials
from agents.gateway.gateway import Gateway
from agents.ports import Ports
from agents.runtime.images import Image
from agents.runtime.network import Network
from agents.runtime.runtime import Runtime
from controlplane.model.hostnames import Naming
from controlplane.model.versions import Engine


class ImageSource(Protocol):
    """Where images come from."""

    def find(self, engine: str, version: str, family: str, upstream: str) -> Image:
        """The image closest to an engine version, within its parameter group family; Later or Never without one."""

    def gateway(self) -> Image:
        """The image of the gateway."""

    def directory(self) -> Image:
        """The image of the directory."""


class Guard(Protocol):
    """What nodes are given to know the agent, and to be known."""

    @property
    def credentials(self) -> Credentials:
        """The agent's own login."""

    def identity(self, names: Sequence[str]) -> Identity:
        """A certificate for these addresses and host names, and its key."""


@dataclass(frozen=True, slots=True)
class Tools:
    """One of each, for one Cachewright instance on one machine."""

    instance: str
    network: Network
    machine: int  # bytes of memory
    runtime: Runtime
    images: ImageSource
    drivers: Mapping[Engine, Driver]
    gateway: Gateway
    directory: Directory
    guard: Guard
    ports: Ports | None = None  # None: addresses of containers can be reached
    naming: Naming = field(default_factory=Naming)
