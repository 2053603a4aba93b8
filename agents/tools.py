"""What the agent sees with and acts with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from agents.engines.driver import Driver
from agents.gateway.gateway import Gateway
from agents.runtime.images import Image
from agents.runtime.network import Network
from agents.runtime.runtime import Runtime
from controlplane.model.versions import Engine


class ImageSource(Protocol):
    """Where images come from."""

    def find(self, engine: str, version: str, family: str, upstream: str) -> Image:
        """The image closest to an engine version, within its parameter group family; Later or Never without one."""

    def gateway(self) -> Image:
        """The image of the gateway."""


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
