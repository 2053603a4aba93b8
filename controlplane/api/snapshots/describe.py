"""DescribeSnapshots: one snapshot, or a page of them by name."""

from collections.abc import Mapping

from cachewright.controlplane.api.cache_clusters.lookup import found_cluster
from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.snapshots.lookup import every_snapshot, found_snapshot, uses_now
from cachewright.controlplane.api.snapshots.view import snapshot_shown
from cachewright.controlplane.model.cache import Kind
from cachewright.controlplane.model.faults import invalid_value
from cachewright.controlplane.model.pages import page_of
from cachewright.controlplane.model.snapshots import Snapshot, SnapshotSource

MOST = 50  # on a page
SOURCES: Mapping[str, SnapshotSource] = {"system": SnapshotSource.AUTOMATED, "user": SnapshotSource.MANUAL}


def describe_snapshots(context: Context, params: Params) -> Answer:
    """One snapshot, or a page of them by name: those of a cache, of a source, or all. Faults: there is none of that
    name; no cluster of that name, and no snapshot of one that there was.
    """
    page = page_of("DescribeSnapshots", params, MOST)
    wanted = params.get("SnapshotName")
    snapshots = [found_snapshot(context, wanted)] if wanted else every_snapshot(context)
    found = _of_source(params, _of_group(params, _of_cluster(context, params, snapshots)))
    rest = [each for each in found if each.name > page.after][: page.limit]
    shown, marker = page.cut(rest, lambda snapshot: snapshot.name)
    uses, config = uses_now(context), params.get("ShowNodeGroupConfig", False)
    return {"Snapshots": [snapshot_shown(context, each, uses, config=config) for each in shown], **marker}


def _of_cluster(context: Context, params: Params, snapshots: list[Snapshot]) -> list[Snapshot]:
    cluster = params.get("CacheClusterId")
    if not cluster:
        return snapshots
    found = [each for each in snapshots if cluster.lower() in {node.cluster for node in each.nodes}]
    if not found:
        found_cluster(context, cluster)
    return found


def _of_group(params: Params, snapshots: list[Snapshot]) -> list[Snapshot]:
    group = params.get("ReplicationGroupId")
    if not group:
        return snapshots
    source = (Kind.REPLICATION_GROUP, group.lower())
    return [each for each in snapshots if (each.kind, each.cache) == source]


def _of_source(params: Params, snapshots: list[Snapshot]) -> list[Snapshot]:
    wanted = params.get("SnapshotSource")
    if not wanted:
        return snapshots
    if wanted not in SOURCES:
        raise invalid_value(f"Invalid value {wanted} for SnapshotSource. Must be one of: {', '.join(SOURCES)}")
    return [each for each in snapshots if each.source is SOURCES[wanted]]
