"""`cachewright create`, `delete`, `failover` and `reboot`, by the same API that everybody uses."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from botocore import xform_name

from cachewright.controlplane.commands.aws import as_account, asking, elasticache
from cachewright.controlplane.commands.create import Wanted, request
from cachewright.controlplane.commands.described import WORDS, Described, Shown, described
from cachewright.controlplane.commands.plane import Absent, ControlPlane, NoAnswer
from cachewright.controlplane.commands.seen import found
from cachewright.controlplane.commands.waiting import Wait
from cachewright.controlplane.console.seen import SERVERLESS, CacheSeen, NodeSeen


@dataclass(frozen=True, slots=True)
class Client:
    """Whom a command asks, whose cache it is, and how long it waits: 0 is not at all."""

    plane: ControlPlane
    account: str = ""
    seconds: float = 0.0

    def finished(self, cache: Described) -> Shown:
        """The cache as AWS shows it once it is available, or at once where nobody waits."""
        return Wait(self.plane, self.seconds).until_available(cache) if self.seconds else cache.shown()


def create(client: Client, wanted: Wanted, region: str) -> Shown:
    """Ask for a cache; as AWS shows it. NoAnswer when it is refused, or cannot be."""
    with asking(client.plane, f"create {wanted.name}"):
        aws = elasticache(as_account(client.plane, client.account), region)
        getattr(aws, f"create_{xform_name(WORDS[wanted.kind].one)}")(**request(wanted))
        return client.finished(Described(aws, wanted.name, wanted.kind))


def describe(client: Client, name: str) -> Shown:
    """A cache as AWS shows it."""
    cache = found(client.plane, name, client.account)
    with asking(client.plane, f"describe {name}"):
        return described(client.plane, cache).shown()


def delete(client: Client, name: str, final_snapshot: str) -> Shown:
    """Ask for the end of a cache, and wait for it; as AWS showed it last."""
    cache = described(client.plane, found(client.plane, name, client.account))
    parameter = "FinalSnapshotName" if cache.kind == SERVERLESS else "FinalSnapshotIdentifier"
    final = {parameter: final_snapshot} if final_snapshot else {}
    with asking(client.plane, f"delete {name}"):
        shown = cache.delete(final)
        if client.seconds:
            Wait(client.plane, client.seconds).until_gone(cache)
        return shown


def failover(client: Client, name: str, shard: str) -> Shown:
    """Have a replica take over a shard; as AWS shows the group."""
    seen = _with_nodes(client, name)
    chosen = _shard(seen, shard)
    cache = described(client.plane, seen)
    with asking(client.plane, f"fail {name} over"):
        cache.aws.test_failover(ReplicationGroupId=cache.id, NodeGroupId=chosen)
        return client.finished(cache)


def reboot(client: Client, name: str, node: str) -> Shown:
    """Restart a node of a cache, or all; as AWS shows the cache."""
    seen = _with_nodes(client, name)
    chosen = nodes(seen, node)
    cache = described(client.plane, seen)
    with asking(client.plane, f"reboot {name}"):
        for cluster, ids in chosen.items():
            cache.aws.reboot_cache_cluster(CacheClusterId=cluster, CacheNodeIdsToReboot=ids)
        return client.finished(cache)


def leader(client: Client, name: str, shard: str) -> str:
    """The cluster that leads a shard of a group, or its only one; AWS does not tell who does in cluster mode."""
    seen = found(client.plane, name, client.account)
    chosen = _shard(seen, shard).zfill(4)
    nodes = [node for shard in seen.shards if shard.id == chosen for node in shard.nodes]
    return next((node.name.rpartition(".")[0] for node in nodes if node.role == "primary"), "nobody")


def nodes(seen: CacheSeen, wanted: str) -> Mapping[str, list[str]]:
    """Ids of nodes by cluster: of the node that AWS or `cachewright status` calls so, or of all. Absent without one."""
    chosen: dict[str, list[str]] = {}
    for node in _every(seen):
        cluster, _, number = node.name.rpartition(".")
        if wanted in ("", node.name, number if cluster == seen.id else cluster):
            chosen.setdefault(cluster, []).append(number)
    if not chosen:
        raise Absent(f"{seen.id} has no node {wanted}; `cachewright status` shows all")
    return chosen


def _with_nodes(client: Client, name: str) -> CacheSeen:
    """A cache whose nodes AWS knows; NoAnswer for one that is serverless."""
    seen = found(client.plane, name, client.account)
    if seen.kind == SERVERLESS:
        raise NoAnswer(f"{name} is serverless, and AWS knows no nodes of it; `cachewright drill kill {name}` fails one")
    return seen


def _shard(seen: CacheSeen, wanted: str) -> str:
    every = [shard.id for shard in seen.shards]
    if wanted or len(every) == 1:
        return wanted or every[0]
    raise NoAnswer(f"{seen.id} has the shards {', '.join(every)}; say which with --shard")


def _every(seen: CacheSeen) -> Iterator[NodeSeen]:
    return (node for shard in seen.shards for node in shard.nodes)
