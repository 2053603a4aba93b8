"""What a container takes of its machine. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class HostUsage:
    """At one moment. What is counted is counted since the container's start."""

    cpu_seconds: float
    processor_seconds: float  # of a clock that nobody sets, times the machine's processors
    memory: float  # bytes
    memory_limit: float  # bytes that it may have
    swap: float  # bytes
    major_faults: float  # pages that had to be read from a disk
    bytes_in: float  # on all networks but its own loopback
    bytes_out: float
    packets_in: float
    packets_out: float

    def figures(self) -> Mapping[str, float]:
        """By the names that the table of metrics has for them."""
        return {f"host_{name}": value for name, value in asdict(self).items()}
