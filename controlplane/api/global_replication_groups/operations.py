"""The operations on global replication groups."""

from cachewright.controlplane.api.common.operation import Operation, Operations
from cachewright.controlplane.api.global_replication_groups.create import create_global_replication_group
from cachewright.controlplane.api.global_replication_groups.delete import delete_global_replication_group
from cachewright.controlplane.api.global_replication_groups.describe import describe_global_replication_groups
from cachewright.controlplane.api.global_replication_groups.disassociate import disassociate_global_replication_group
from cachewright.controlplane.api.global_replication_groups.failover import failover_global_replication_group
from cachewright.controlplane.api.global_replication_groups.modify import modify_global_replication_group
from cachewright.controlplane.api.global_replication_groups.node_groups import (
    decrease_node_groups,
    increase_node_groups,
    rebalance_slots,
)

_MOVING = (
    "Of cluster mode enabled. The primary moves slots online. Nodes of secondaries are told where slots are once all"
    " have arrived, one node after the other, by a new start and copy: until then reads of what has moved find nothing"
    " there, or are sent to another region. All members must be `available`."
)

OPERATIONS: Operations = {
    "CreateGlobalReplicationGroup": Operation(
        create_global_replication_group,
        "Of AWS's node families and engine versions, and of IPv4; not while cluster mode is `compatible`. With cluster"
        " mode enabled, secondaries of a single node group refuse writes with `CLUSTERDOWN` in place of `READONLY`, and"
        " those of Redis before 6.2 do not tell clients of all slots at each node. It is `primary-only` from the next"
        " look on. Members of all regions run on this machine, and copy each other. Each gets a parameter group of its"
        " own, `global-datastore-`, its id and four letters.",
    ),
    "DecreaseNodeGroupsInGlobalReplicationGroup": Operation(
        decrease_node_groups,
        f"{_MOVING} Node groups are named as the datastore or as its members name them.",
    ),
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
    "IncreaseNodeGroupsInGlobalReplicationGroup": Operation(
        increase_node_groups, f"{_MOVING} New node groups have the same ids in all regions."
    ),
    "ModifyGlobalReplicationGroup": Operation(
        modify_global_replication_group,
        "Every member rolls by itself, all at the same time. A major version needs a parameter group, which is looked"
        " up in the region of the request, and of which each member gets a copy.",
    ),
    "RebalanceSlotsInGlobalReplicationGroup": Operation(rebalance_slots, _MOVING),
}
