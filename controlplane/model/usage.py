"""How full a node is right now. Nothing of it is remembered: it is asked for when somebody wants to know."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """One node that answers."""

    used: int  # bytes that the engine has taken
    limit: int  # bytes that it may take for items; 0: no limit
    keys: int
    dropped: int = 0  # keys that it has loaded and given up since, although they had not expired
