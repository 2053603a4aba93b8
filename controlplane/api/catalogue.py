"""Which module answers which operation. It is loaded when one of its operations is first asked for: most installations
use few nouns.
"""

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module

from cachewright.controlplane.api.common.operation import Operation, Operations

_MODULES: Mapping[str, Sequence[str]] = {
    "allowed_node_types": ("ListAllowedNodeTypeModifications",),
    "cache_clusters.operations": (
        "CreateCacheCluster",
        "DeleteCacheCluster",
        "DescribeCacheClusters",
        "ModifyCacheCluster",
        "RebootCacheCluster",
    ),
    "cache_security_groups.operations": (
        "AuthorizeCacheSecurityGroupIngress",
        "CreateCacheSecurityGroup",
        "DeleteCacheSecurityGroup",
        "DescribeCacheSecurityGroups",
        "RevokeCacheSecurityGroupIngress",
    ),
    "engine_versions": ("DescribeCacheEngineVersions",),
    "events": ("DescribeEvents",),
    "global_replication_groups.operations": (
        "CreateGlobalReplicationGroup",
        "DecreaseNodeGroupsInGlobalReplicationGroup",
        "DeleteGlobalReplicationGroup",
        "DescribeGlobalReplicationGroups",
        "DisassociateGlobalReplicationGroup",
        "FailoverGlobalReplicationGroup",
        "IncreaseNodeGroupsInGlobalReplicationGroup",
        "ModifyGlobalReplicationGroup",
        "RebalanceSlotsInGlobalReplicationGroup",
    ),
    "parameter_groups.operations": (
        "CreateCacheParameterGroup",
        "DeleteCacheParameterGroup",
        "DescribeCacheParameterGroups",
        "DescribeCacheParameters",
        "DescribeEngineDefaultParameters",
        "ModifyCacheParameterGroup",
        "ResetCacheParameterGroup",
    ),
    "replication_groups.operations": (
        "CompleteMigration",
        "CreateReplicationGroup",
        "DecreaseReplicaCount",
        "DeleteReplicationGroup",
        "DescribeReplicationGroups",
        "IncreaseReplicaCount",
        "ModifyReplicationGroup",
        "ModifyReplicationGroupShardConfiguration",
        "StartMigration",
        "TestMigration",
        "TestFailover",
    ),
    "reserved_nodes.operations": (
        "DescribeReservedCacheNodes",
        "DescribeReservedCacheNodesOfferings",
        "PurchaseReservedCacheNodesOffering",
    ),
    "serverless_caches.operations": (
        "CreateServerlessCache",
        "DeleteServerlessCache",
        "DescribeServerlessCaches",
        "ModifyServerlessCache",
        "PrepareMigration",
        "StopMigration",
    ),
    "serverless_snapshots.operations": (
        "CopyServerlessCacheSnapshot",
        "CreateServerlessCacheSnapshot",
        "DeleteServerlessCacheSnapshot",
        "DescribeServerlessCacheSnapshots",
        "ExportServerlessCacheSnapshot",
    ),
    "service_updates.operations": (
        "BatchApplyUpdateAction",
        "BatchStopUpdateAction",
        "DescribeServiceUpdates",
        "DescribeUpdateActions",
    ),
    "snapshots.operations": (
        "CopySnapshot",
        "CreateSnapshot",
        "DeleteSnapshot",
        "DescribeSnapshots",
    ),
    "subnet_groups.operations": (
        "CreateCacheSubnetGroup",
        "DeleteCacheSubnetGroup",
        "DescribeCacheSubnetGroups",
        "ModifyCacheSubnetGroup",
    ),
    "tags": (
        "AddTagsToResource",
        "ListTagsForResource",
        "RemoveTagsFromResource",
    ),
    "user_groups.operations": (
        "CreateUserGroup",
        "DeleteUserGroup",
        "DescribeUserGroups",
        "ModifyUserGroup",
    ),
    "users.operations": (
        "CreateUser",
        "DeleteUser",
        "DescribeUsers",
        "ModifyUser",
    ),
}
_TAGGING: Mapping[str, Sequence[str]] = {
    "tagging.operations": (
        "DescribeReportCreation",
        "GetComplianceSummary",
        "GetResources",
        "GetTagKeys",
        "GetTagValues",
        "ListRequiredTags",
        "StartReportCreation",
        "TagResources",
        "UntagResources",
    ),
}


class Catalogue(Mapping[str, Operation]):
    """Rows of the modules' tables, by operation."""

    def __init__(self, modules: Mapping[str, Sequence[str]]) -> None:
        """The operations that each module has in its `OPERATIONS`."""
        self._modules = {name: module for module, names in modules.items() for name in names}

    def __getitem__(self, name: str) -> Operation:
        module = import_module(f"{__package__}.{self._modules[name]}")
        rows: Operations = module.OPERATIONS
        return rows[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)


OPERATIONS = Catalogue(_MODULES)
TAGGING = Catalogue(_TAGGING)  # those of the tagging service
