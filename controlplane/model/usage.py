"""How full a node is right now. Nothing of it is remembered: it is asked for when somebody wants to know."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cachewright.controlplane.model.cache import Cache


@dataclass(frozen=True, slots=True)
class Usage:
    """One node that answers."""

    used: int  # bytes that the engine has taken
    limit: int  # bytes that it may take for items; 0: no limit
    keys: int


UsageReader = Callable[[Cache], Mapping[str, Usage]]  # of the nodes that answer, by name


def no_usage(_cache: Cache) -> Mapping[str, Usage]:
    """A gauge that nobody reads: no node answers."""
    return {}
