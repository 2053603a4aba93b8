"""Where the nodes of a serverless cache tell clients that they are: at its endpoint, never at their own addresses.

CLUSTER SLOTS names one host, with the port of the primary and that of the replicas, as AWS's does. The primary's must
be the one at which nodes listen: replicas connect to the port that it announces. Nobody connects to a replica for that.
"""

from cachewright.agents.planning.endpoints.routes import PRIMARY, READER
from cachewright.controlplane.model.cache import Address, Cache, Kind, Status


def announced(cache: Cache, status: Status, node: str) -> Address | None:
    """What a node tells clients, by its role; None: its own address. No engine takes an address of IPv6 for a host
    name.
    """
    if cache.key.kind is not Kind.SERVERLESS_CACHE or not cache.spec.clustered:
        return None
    leads = any(shard.primary == node for shard in status.shards.values())
    told = status.shown(PRIMARY if leads else READER)
    return None if ":" in told.host else told
