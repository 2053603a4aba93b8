"""What whoever starts the program has to know of it. Loaded without the program."""

from collections.abc import Sequence
from dataclasses import dataclass

HELD = 1 << 26  # bytes on their way at most: beyond that nothing is read until some have arrived


@dataclass(frozen=True, slots=True)
class Delaying:
    """What the relay does."""

    hosts: Sequence[str]  # where it listens
    door: int  # at which port
    host: str  # whom it leads to
    port: int
    delay: float  # seconds, in each direction
