"""Increase- and DecreaseNodeGroups, and RebalanceSlotsInGlobalReplicationGroup: of cluster mode enabled alone."""

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.global_replication_groups.lookup import changeable_datastore
from cachewright.controlplane.model.faults import invalid_value, not_built


def change_node_groups(context: Context, params: Params) -> Answer:
    """Refused: with cluster mode disabled there is one node group, with every key; else slots do not move."""
    if not params["ApplyImmediately"]:
        raise invalid_value("ApplyImmediately must be true: the shard configuration only changes at once.")
    if params.get("NodeGroupCount", 1) < 1:
        raise invalid_value(f"Invalid value {params['NodeGroupCount']} for NodeGroupCount. Must be at least 1")
    members = changeable_datastore(context, params["GlobalReplicationGroupId"])
    if members.primary.spec.clustered:
        raise not_built("moving slots in global datastores")
    raise invalid_value("Operation is only applicable for cluster mode enabled replication groups.")
