"""The operations on global replication groups."""

from cachewright.controlplane.api.common.operation import Operation, Operations
from cachewright.controlplane.api.global_replication_groups.create import create_global_replication_group
from cachewright.controlplane.api.global_replication_groups.delete import delete_global_replication_group
from cachewright.controlplane.api.global_replication_groups.describe import describe_global_replication_groups
from cachewright.controlplane.api.global_replication_groups.disassociate import disassociate_global_replication_group
from cachewright.controlplane.api.global_replication_groups.failover import failover_global_replication_group
from cachewright.controlplane.api.global_replication_groups.modify import modify_global_replication_group
from cachewright.controlplane.api.global_replication_groups.node_groups import change_node_groups

_ONLY_CLUSTERS = (
    "Refused as AWS refuses it with cluster mode disabled. With cluster mode enabled it is not built (501): nodes of a"
    " secondary know by their files alone where slots are."
)

OPERATIONS: Operations = {
    "CreateGlobalReplicationGroup": Operation(
        create_global_replication_group,
        "Of AWS's node families and engine versions, and of IPv4; with cluster mode enabled of two node groups or more,"
        " and of no Redis before 7.0 (501). It is `primary-only` from the next look on. Members of all regions run on"
        " this machine, and copy each other. Each gets a parameter group of its own, `global-datastore-`, its id and"
        " four letters.",
    ),
    "DecreaseNodeGroupsInGlobalReplicationGroup": Operation(change_node_groups, _ONLY_CLUSTERS),
    "DeleteGlobalReplicationGroup": Operation(
        delete_global_replication_group,
        "Complete; it is gone at once, and its primary stays as AWS's documentation has it, whatever"
        " `RetainPrimaryReplicationGroup` says.",
    ),
    "DescribeGlobalReplicationGroups": Operation(
        describe_global_replication_groups, "Complete; from every region of the account.", writes=False
    ),
    "DisassociateGlobalReplicationGroup": Operation(
        disassociate_global_replication_group,
        "Complete; the group is no member any more from the next look on, and takes writes as soon as it is"
        " `available`.",
    ),
    "FailoverGlobalReplicationGroup": Operation(
        failover_global_replication_group,
        "Without losing an acknowledged write where both regions are well; forced where the primary region is down."
        " With cluster mode enabled the old primary region answers nothing until it has copied everything.",
    ),
    "IncreaseNodeGroupsInGlobalReplicationGroup": Operation(change_node_groups, _ONLY_CLUSTERS),
    "ModifyGlobalReplicationGroup": Operation(
        modify_global_replication_group,
        "Every member rolls by itself, all at the same time. A major version needs a parameter group, which is looked"
        " up in the region of the request, and of which each member gets a copy.",
    ),
    "RebalanceSlotsInGlobalReplicationGroup": Operation(change_node_groups, _ONLY_CLUSTERS),
}
