"""What the engines are started from."""

from dataclasses import dataclass

from cachewright.agents.planning.links import Link
from cachewright.agents.planning.sizing import Size
from cachewright.controlplane.model.cache import Address


@dataclass(frozen=True, slots=True)
class Start:
    """What a node's command line is made from, besides the spec."""

    size: Size
    version: tuple[int, ...]  # of the build that runs
    port: int
    primary: Link | None = None  # whom it follows; cluster nodes know that from their own file
    announced: Address | None = None  # where a cluster node tells clients that it is, if not at its own address
    apart: bool = False  # whether a cluster node hears nothing of others
    alone: bool = False  # whether it serves all slots as a replica: there is no cluster that could be well
    host: str = ""  # what it tells its primary of itself, which may see a relay instead
    logins: tuple[tuple[str, ...], ...] = ()  # of a node that is told them here, and not by a file
    log: bool = False  # whether it logs what it holds, and begins with that
    file: bool = False  # whether it begins with a file of a snapshot: a part of it is as bad as none
    encrypted: bool = False  # how it reaches whomever it follows, now or one day
