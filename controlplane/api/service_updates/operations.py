"""The operations on service updates."""

from cachewright.controlplane.api.common.operation import Operation, Operations
from cachewright.controlplane.api.service_updates.actions import describe_update_actions
from cachewright.controlplane.api.service_updates.batch import batch_apply_update_action, batch_stop_update_action
from cachewright.controlplane.api.service_updates.describe import describe_service_updates

OPERATIONS: Operations = {
    "BatchApplyUpdateAction": Operation(
        batch_apply_update_action,
        "Complete: nodes are rebuilt one by one, replicas first, and nothing is lost; Memcached nodes lose what they"
        " hold.",
    ),
    "BatchStopUpdateAction": Operation(
        batch_stop_update_action, "Complete: a node that was begun is finished, the others stay as they are."
    ),
    "DescribeServiceUpdates": Operation(
        describe_service_updates, "Complete; an update is a newer build of an engine on this machine.", writes=False
    ),
    "DescribeUpdateActions": Operation(
        describe_update_actions, "Complete, but for NodeDeletionDate; nothing is ever `scheduling`.", writes=False
    ),
}
