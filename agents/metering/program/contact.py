"""What whoever starts the program has to know of it. Loaded without the program."""

from dataclasses import dataclass
from pathlib import Path

KEYS = Path("/metering/keys.pem")  # the node's certificate, its key and the authority
LONGEST = 1024 * 1024 * 1024  # bytes of a request: client-query-buffer-limit of serverless caches


@dataclass(frozen=True, slots=True)
class Metering:
    """What the relay does."""

    door: int  # where it listens
    host: str  # of the node: the network is shared with it
    port: int
    rate: int  # ECPUs per second
