"""Service updates that were asked for, as a spec has them."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Applied:
    """A service update that the nodes of a cache are to have; of several the last one counts, and has the others."""

    name: str
    at: datetime  # when it was asked for
    by_system: bool = False  # it applied itself after its recommended date; otherwise somebody asked for it
    stopped_at: datetime | None = None  # nodes that were not begun by then stay as they are; None: it was not stopped
