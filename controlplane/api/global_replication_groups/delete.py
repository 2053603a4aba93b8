"""DeleteGlobalReplicationGroup: the end of a global datastore that has no secondaries."""

from dataclasses import replace

from cachewright.controlplane.api.common.cache_writes import change_spec
from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.global_replication_groups.lookup import (
    changeable_datastore,
    invalid_state,
    own_datastores,
)
from cachewright.controlplane.api.global_replication_groups.parameter_groups import detach
from cachewright.controlplane.api.global_replication_groups.view import global_replication_group
from cachewright.controlplane.model.global_replication_groups import GlobalStatus


def delete_global_replication_group(context: Context, params: Params) -> Answer:
    """The primary stays, as a group of its own, whatever RetainPrimaryReplicationGroup says: AWS's documentation has it
    that a primary is never deleted with its global datastore.
    """
    members = changeable_datastore(context, params["GlobalReplicationGroupId"])
    datastore = members.datastore
    if datastore.secondaries:
        raise invalid_state(f"Global Replication Group {datastore.id} has secondary members. Disassociate them first.")
    answer = global_replication_group(members, GlobalStatus.DELETING)
    for _, cache in members.groups:
        change_spec(context, cache, replace(cache.spec, datastore=None))
        detach(context, cache)
    own_datastores(context).remove(datastore.id)
    return {"GlobalReplicationGroup": answer}
