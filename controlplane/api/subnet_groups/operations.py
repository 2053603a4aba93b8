"""The operations on subnet groups."""

from cachewright.controlplane.api.common.operation import Operation, Operations
from cachewright.controlplane.api.subnet_groups.create import create_cache_subnet_group
from cachewright.controlplane.api.subnet_groups.delete import delete_cache_subnet_group
from cachewright.controlplane.api.subnet_groups.describe import describe_cache_subnet_groups
from cachewright.controlplane.api.subnet_groups.modify import modify_cache_subnet_group

OPERATIONS: Operations = {
    "CreateCacheSubnetGroup": Operation(
        create_cache_subnet_group,
        "Complete, of subnets that an EC2 of yours knows. Without one of any: they are spread over the zones, in a VPC"
        " that is named after the first.",
    ),
    "DeleteCacheSubnetGroup": Operation(delete_cache_subnet_group, "Complete."),
    "DescribeCacheSubnetGroups": Operation(
        describe_cache_subnet_groups, "Complete; the group `default` has made-up subnets.", writes=False
    ),
    "ModifyCacheSubnetGroup": Operation(
        modify_cache_subnet_group, "Complete, but for the group `default`, which stays as it is."
    ),
}
