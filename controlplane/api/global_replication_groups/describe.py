"""DescribeGlobalReplicationGroups: one global datastore, or a page of them by id."""

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.records import page_of_records
from cachewright.controlplane.api.global_replication_groups.lookup import (
    Members,
    found_datastore,
    members_of,
    own_datastores,
)
from cachewright.controlplane.api.global_replication_groups.view import global_replication_group


def describe_global_replication_groups(context: Context, params: Params) -> Answer:
    """One global datastore, or a page of them; the members only with ShowMemberInfo."""
    if wanted := params.get("GlobalReplicationGroupId"):
        return {"GlobalReplicationGroups": [_shown(params, found_datastore(context, wanted))]}
    shown, marker = page_of_records("DescribeGlobalReplicationGroups", params, own_datastores(context), {})
    groups = [_shown(params, members_of(context, datastore)) for datastore in shown]
    return {"GlobalReplicationGroups": groups, **marker}


def _shown(params: Params, members: Members) -> Answer:
    answer = global_replication_group(members)
    if not params.get("ShowMemberInfo"):
        del answer["Members"]
    return answer
