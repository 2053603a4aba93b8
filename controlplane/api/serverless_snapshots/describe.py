"""DescribeServerlessCacheSnapshots: one snapshot of a serverless cache, or a page of them by name."""

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.serverless_caches.lookup import found
from cachewright.controlplane.api.serverless_snapshots.lookup import found_snapshot
from cachewright.controlplane.api.serverless_snapshots.view import serverless_snapshot
from cachewright.controlplane.api.snapshots.lookup import every_snapshot, uses_now
from cachewright.controlplane.model.faults import invalid_value
from cachewright.controlplane.model.nouns import SERVERLESS_CACHE_SNAPSHOT
from cachewright.controlplane.model.pages import page_of_results
from cachewright.controlplane.model.snapshots import Snapshot, SnapshotSource


def describe_serverless_cache_snapshots(context: Context, params: Params) -> Answer:
    """One snapshot, or a page of them by name: those of a cache, of a type, or all. Faults: there is none of that name;
    no cache of that name, and no snapshot of one that there was.
    """
    page = page_of_results("DescribeServerlessCacheSnapshots", params)
    wanted = params.get("ServerlessCacheSnapshotName")
    every = [found_snapshot(context, wanted)] if wanted else every_snapshot(context, SERVERLESS_CACHE_SNAPSHOT)
    found = _of_type(params, _of_cache(context, params, every))
    rest = [each for each in found if each.name > page.after][: page.limit]
    shown, token = page.cut(rest, lambda snapshot: snapshot.name)
    uses = uses_now(context)
    return {"ServerlessCacheSnapshots": [serverless_snapshot(context, each, uses) for each in shown], **token}


def _of_cache(context: Context, params: Params, snapshots: list[Snapshot]) -> list[Snapshot]:
    wanted = params.get("ServerlessCacheName")
    if not wanted:
        return snapshots
    own = [each for each in snapshots if each.cache == wanted.lower()]
    if not own:
        found(context, wanted)
    return own


def _of_type(params: Params, snapshots: list[Snapshot]) -> list[Snapshot]:
    wanted = params.get("SnapshotType")
    if not wanted:
        return snapshots
    types = [each.value for each in SnapshotSource]
    if wanted not in types:
        raise invalid_value(f"Invalid value {wanted} for SnapshotType. Must be one of: {', '.join(types)}")
    return [each for each in snapshots if each.source.value == wanted]
