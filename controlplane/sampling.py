"""Figures of nodes are taken again and again while somebody looks."""

from collections.abc import Callable

from cachewright.controlplane.ticker import Ticker


class Sampling(Ticker):
    """Calls `take` in a thread of its own, every `interval` seconds."""

    def __init__(self, take: Callable[[], None], interval: float) -> None:
        super().__init__("figures", interval)
        self._take = take

    def look(self) -> None:
        """See Ticker."""
        self._take()
