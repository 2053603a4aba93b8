"""A cache as the API describes it: a replication group, or a cache cluster by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cachewright.controlplane.commands.aws import as_account, elasticache
from cachewright.controlplane.commands.plane import ControlPlane
from cachewright.controlplane.console.seen import GROUP, CacheSeen

Shown = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Described:
    """Whom to ask about a cache, and by which name."""

    aws: Any  # a client of botocore's, in the account and the region of the cache
    id: str
    is_group: bool

    @property
    def named(self) -> dict[str, str]:
        """The parameter that names it."""
        return {"ReplicationGroupId" if self.is_group else "CacheClusterId": self.id}

    def shown(self) -> Shown:
        """What AWS says of it; botocore's ClientError when it is not there."""
        if self.is_group:
            (group,) = self.aws.describe_replication_groups(**self.named)["ReplicationGroups"]
            return dict(group)
        (cluster,) = self.aws.describe_cache_clusters(**self.named, ShowCacheNodeInfo=True)["CacheClusters"]
        return dict(cluster)


def described(plane: ControlPlane, cache: CacheSeen) -> Described:
    """The same cache, where the API is asked about it."""
    aws = elasticache(as_account(plane, cache.account), cache.region)
    return Described(aws, cache.id, cache.kind == GROUP)


def status(shown: Shown) -> str:
    """AWS's word for how a cache is."""
    return str(shown.get("Status") or shown.get("CacheClusterStatus"))


def endpoint(shown: Shown) -> str:
    """Where a client connects, `host:port`; empty before there is such a place."""
    nodes = [node.get("Endpoint") for node in shown.get("CacheNodes", ())]
    groups = [group.get("PrimaryEndpoint") for group in shown.get("NodeGroups", ())]
    told = next(filter(None, (shown.get("ConfigurationEndpoint"), *groups, *nodes)), None)
    if not told:
        return ""
    host = f"[{told['Address']}]" if ":" in told["Address"] else told["Address"]
    return f"{host}:{told['Port']}"
