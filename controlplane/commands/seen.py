"""What there is, as a control plane tells it: quickly, and of every account and region."""

from cachewright.controlplane.commands.answers import read
from cachewright.controlplane.commands.plane import Absent, ControlPlane, NoAnswer, asked, foreign
from cachewright.controlplane.console.paths import MEMBERS, TOPOLOGY
from cachewright.controlplane.console.seen import CacheSeen, Members, Topology

_WAYS = ("configuration", "primary")  # endpoints, the better one first


def look(plane: ControlPlane) -> Topology:
    """The topology that the control plane tells."""
    try:
        return read(Topology, asked(plane, TOPOLOGY))
    except ValueError as error:
        raise foreign(plane.url, "its answer is no topology") from error


def members(plane: ControlPlane) -> Members:
    """The processes that work together there, if there are several."""
    try:
        return read(Members, asked(plane, MEMBERS))
    except Absent:  # one of an earlier version, which is alone
        return Members()
    except ValueError as error:
        raise foreign(plane.url, "its answer tells of no members") from error


def found(plane: ControlPlane, name: str, account: str) -> CacheSeen:
    """The cache of that name. Absent when there is none, NoAnswer when there are several."""
    every = (cache for cache in look(plane).caches if cache.id == name.lower())
    caches = [cache for cache in every if account in ("", cache.account)]
    if not caches:
        raise Absent(f"there is no cache {name}; `cachewright list` shows all that there are")
    if len(caches) > 1:
        places = ", ".join(f"{cache.account} in {cache.region}" for cache in caches)
        raise NoAnswer(f"there is a cache {name} of {places}; say which with --account")
    return caches[0]


def place(cache: CacheSeen) -> str:
    """Where a client connects, `host:port`; empty while there is no such place."""
    told = {endpoint.name: endpoint.address for endpoint in cache.endpoints}
    nodes = [node.address for shard in cache.shards for node in shard.nodes]
    return next(filter(None, (*(told.get(way, "") for way in _WAYS), *nodes)), "")
