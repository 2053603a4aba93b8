"""What the agent sees with and acts with."""

from collections.abc import Mapping
from dataclasses import dataclass

from agents.engines.driver import Driver
from agents.gateway.gateway import Gateway
from agents.runtime.images import ImageSource
from agents.runtime.network import Network
from agents.runtime.runtime import Runtime
from controlplane.model.versions import Engine


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
