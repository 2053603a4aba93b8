"""How each type of resource is looked up in the API."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cachewright.controlplane.templates.kinds import (
    CACHE_CLUSTER,
    PARAMETER_GROUP,
    REPLICATION_GROUP,
    SECURITY_GROUP,
    SERVERLESS_CACHE,
    SUBNET_GROUP,
    USER,
    USER_GROUP,
)


@dataclass(frozen=True, slots=True)
class Way:
    """How a type of resource is looked up."""

    operation: str
    list: str  # the part of its answer
    id: str  # the parameter that names one, and the part of the answer that does
    options: Mapping[str, Any] = field(default_factory=dict)


WAYS: Mapping[str, Way] = {
    CACHE_CLUSTER.type: Way("describe_cache_clusters", "CacheClusters", "CacheClusterId", {"ShowCacheNodeInfo": True}),
    REPLICATION_GROUP.type: Way("describe_replication_groups", "ReplicationGroups", "ReplicationGroupId"),
    SERVERLESS_CACHE.type: Way("describe_serverless_caches", "ServerlessCaches", "ServerlessCacheName"),
    PARAMETER_GROUP.type: Way("describe_cache_parameter_groups", "CacheParameterGroups", "CacheParameterGroupName"),
    SUBNET_GROUP.type: Way("describe_cache_subnet_groups", "CacheSubnetGroups", "CacheSubnetGroupName"),
    SECURITY_GROUP.type: Way("describe_cache_security_groups", "CacheSecurityGroups", "CacheSecurityGroupName"),
    USER.type: Way("describe_users", "Users", "UserId"),
    USER_GROUP.type: Way("describe_user_groups", "UserGroups", "UserGroupId"),
}
