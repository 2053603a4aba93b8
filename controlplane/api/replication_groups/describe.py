"""DescribeReplicationGroups: one replication group, or a page of them by name."""

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.replication_groups import view as group_view
from cachewright.controlplane.api.replication_groups.lookup import found
from cachewright.controlplane.model.cache import Kind
from cachewright.controlplane.model.pages import page_of
from cachewright.controlplane.store.saving import all_with_saving


def describe_replication_groups(context: Context, params: Params) -> Answer:
    """One replication group, or a page of them by name."""
    if wanted := params.get("ReplicationGroupId"):
        return {"ReplicationGroups": [group_view.group(found(context, wanted))]}
    page = page_of("DescribeReplicationGroups", params)
    here = (context.caller.account, context.caller.region, Kind.REPLICATION_GROUP)
    read = context.transaction.caches.page_of(*here, page.after, page.limit)
    shown, marker = page.cut(all_with_saving(context.transaction, read), lambda cache: cache.key.id)
    return {"ReplicationGroups": [group_view.group(cache) for cache in shown], **marker}
