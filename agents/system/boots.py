"""Containers of the installation that are other ones than before: whoever uses them is told again."""

from collections.abc import Callable
from typing import Protocol


class Booted(Protocol):
    """What runs in one container at a time."""

    boot: str  # names the container that runs
    untold: bool  # nobody knows yet that it is another one

    @property
    def reopened(self) -> Callable[[], None]:
        """Tells those who use it."""


def tell(booted: Booted, boot: str) -> None:
    """Say which container runs. Who asks for its name has to find the new one before being told of it; what cannot be
    told now is told the next time.
    """
    booted.untold |= boot != booted.boot
    booted.boot = boot
    if booted.untold:
        booted.reopened()
        booted.untold = False
