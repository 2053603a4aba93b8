"""The operations on cache security groups."""

from cachewright.controlplane.api.cache_security_groups.create import create_cache_security_group
from cachewright.controlplane.api.cache_security_groups.delete import delete_cache_security_group
from cachewright.controlplane.api.cache_security_groups.describe import describe_cache_security_groups
from cachewright.controlplane.api.cache_security_groups.ingress import (
    authorize_cache_security_group_ingress,
    revoke_cache_security_group_ingress,
)
from cachewright.controlplane.api.common.operation import Operation, Operations

_IN_NO_CACHE = "Groups are kept and shown; no cache can be in one, as on AWS in a VPC."

OPERATIONS: Operations = {
    "AuthorizeCacheSecurityGroupIngress": Operation(authorize_cache_security_group_ingress, _IN_NO_CACHE),
    "CreateCacheSecurityGroup": Operation(create_cache_security_group, _IN_NO_CACHE),
    "DeleteCacheSecurityGroup": Operation(delete_cache_security_group, "Complete, but for the group `default`."),
    "DescribeCacheSecurityGroups": Operation(
        describe_cache_security_groups, "Complete, with the group `default`.", writes=False
    ),
    "RevokeCacheSecurityGroupIngress": Operation(revoke_cache_security_group_ingress, _IN_NO_CACHE),
}
