"""Service updates and update actions as AWS shows them."""

from cachewright.controlplane.api.common.context import Answer
from cachewright.controlplane.model.cache import Kind
from cachewright.controlplane.model.service_updates import ServiceUpdate
from cachewright.controlplane.model.update_actions import NodeUpdate, UpdateAction
from cachewright.controlplane.model.versions import VERSIONS, numbers

_TYPE, _EACH = "security-update", "1 minute per node"


def update(shown: ServiceUpdate) -> Answer:
    """A service update. What has not ended has no end date."""
    return {
        **_of(shown),
        "ServiceUpdateDescription": shown.description,
        "Engine": ", ".join(engine.value for engine in shown.engines),
        "EngineVersion": _versions(shown),
        "AutoUpdateAfterRecommendedApplyByDate": shown.automatic,
        "EstimatedUpdateTime": _EACH,
        **({"ServiceUpdateEndDate": shown.ended_at} if shown.ended_at else {}),
    }


def action(shown: UpdateAction, *, nodes: bool) -> Answer:
    """How far an update is with a cache, and with each of its nodes if that is wanted."""
    cache = shown.cache
    group = cache.key.kind is Kind.REPLICATION_GROUP
    return {
        "ReplicationGroupId" if group else "CacheClusterId": cache.key.id,
        **_of(shown.update),
        "UpdateActionAvailableDate": shown.available_at,
        "UpdateActionStatus": shown.status.value,
        "NodesUpdated": f"{shown.done}/{len(shown.nodes)}",
        "UpdateActionStatusModifiedDate": shown.modified_at,
        "SlaMet": shown.sla.value,
        "EstimatedUpdateTime": _EACH,
        "Engine": cache.spec.engine.value,
        **(_groups(shown) if nodes and group else {}),
        **({"CacheNodeUpdateStatus": [_node(one) for one in shown.nodes]} if nodes and not group else {}),
    }


def _of(shown: ServiceUpdate) -> Answer:
    return {
        "ServiceUpdateName": shown.name,
        "ServiceUpdateReleaseDate": shown.released_at,
        "ServiceUpdateSeverity": shown.severity.value,
        "ServiceUpdateStatus": shown.status.value,
        "ServiceUpdateRecommendedApplyByDate": shown.recommended_by,
        "ServiceUpdateType": _TYPE,
    }


def _versions(shown: ServiceUpdate) -> str:
    if shown.versions:
        return ", ".join(f"{engine.value} {version}" for engine in shown.engines for version in shown.versions)
    rows = ([row.described for row in VERSIONS if row.engine is engine] for engine in shown.engines)
    first = zip(shown.engines, (min(each, key=numbers) for each in rows), strict=True)
    return ", ".join(f"{engine.value} {version} and onwards" for engine, version in first)


def _groups(shown: UpdateAction) -> Answer:
    by_name = {one.node.name: one for one in shown.nodes}
    rows = [
        {
            "NodeGroupId": shard.id,
            "NodeGroupMemberUpdateStatus": [
                {"CacheClusterId": node.cluster, **_node(by_name[node.name])} for node in shard.nodes
            ],
        }
        for shard in shown.cache.spec.shards
    ]
    return {"NodeGroupUpdateStatus": rows}


def _node(shown: NodeUpdate) -> Answer:
    asked = shown.applied
    dates = {
        "NodeUpdateStartDate": shown.started_at,
        "NodeUpdateEndDate": shown.ended_at,
        "NodeUpdateInitiatedDate": asked.at if asked else None,
        "NodeUpdateStatusModifiedDate": shown.modified_at,
    }
    return {
        "CacheNodeId": shown.node.id,
        "NodeUpdateStatus": shown.status.value,
        **({"NodeUpdateInitiatedBy": "system" if asked.by_system else "customer"} if asked else {}),
        **{name: moment for name, moment in dates.items() if moment},
    }
