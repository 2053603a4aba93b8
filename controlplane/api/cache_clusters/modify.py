"""ModifyCacheCluster: settings, nodes, node type and version of a cluster; settings alone of a member of a group."""

from dataclasses import replace

from cachewright.controlplane.api.cache_clusters import node_count
from cachewright.controlplane.api.cache_clusters import view as cluster_view
from cachewright.controlplane.api.cache_clusters.inputs import MODIFY_CACHE_CLUSTER
from cachewright.controlplane.api.cache_clusters.lookup import AVAILABLE, found_cluster, nodes_of
from cachewright.controlplane.api.common import deferred
from cachewright.controlplane.api.common.cache_writes import change_cache
from cachewright.controlplane.api.common.change_events import events_of
from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.log_delivery import next_logs
from cachewright.controlplane.api.common.networks import asked_discovery
from cachewright.controlplane.api.common.presentation import next_presentation
from cachewright.controlplane.api.common.schedule import next_schedule
from cachewright.controlplane.api.parameter_groups import assignment
from cachewright.controlplane.model.cache import Cache, ClusterMode, Kind
from cachewright.controlplane.model.changes import applied
from cachewright.controlplane.model.described import cluster_status
from cachewright.controlplane.model.events import CLUSTER
from cachewright.controlplane.model.faults import Fault, invalid_combination
from cachewright.controlplane.model.lifecycle import SNAPSHOTTING, Phase

OF_A_GROUP = (
    "CacheNodeType",
    "Engine",
    "EngineVersion",
    "CacheParameterGroupName",
    "SecurityGroupIds",
    "LogDeliveryConfigurations",
)  # what the members of a group have in common
MODIFIABLE = (AVAILABLE, SNAPSHOTTING)
OF_GROUPS = ("AuthToken", "AuthTokenUpdateStrategy")  # that no cluster by itself can have


def modify_cache_cluster(context: Context, params: Params) -> Answer:
    """Another spec for a cache cluster. What can wait does, unless the request says ApplyImmediately."""
    cache, name = found_cluster(context, params["CacheClusterId"], lock=True)
    if cluster_status(cache, nodes_of(cache, name)) not in MODIFIABLE or cache.phase is not Phase.AVAILABLE:
        raise Fault("InvalidCacheClusterStateFault", f"Cache cluster {name} is not in available state.")
    deferred.check_asked(params, "CacheClusterId", cache.spec)
    _check(params, cache, name)
    after = _next(context, params, cache, name)
    assignment.check_values(context, cache, after.spec)
    context.tell(*events_of(CLUSTER, name, cache, after))
    return {"CacheCluster": cluster_view.cluster(change_cache(context, cache, after), name)}


def _check(params: Params, cache: Cache, name: str) -> None:
    engine = cache.spec.engine
    if any(params.get(key) for key in OF_GROUPS):
        raise invalid_combination("AUTH tokens are modified with ModifyReplicationGroup.")
    if cache.key.kind is Kind.REPLICATION_GROUP and any(params.get(key) for key in OF_A_GROUP):
        raise invalid_combination(
            f"Cache cluster {name} is a member of replication group {cache.key.id}: use ModifyReplicationGroup."
        )
    node_count.check_engine(params, cache)
    if (wanted := params.get("Engine")) and wanted.lower() != engine:
        raise invalid_combination(f"Cannot modify {engine} to {wanted.lower()}: use ModifyReplicationGroup.")


def _next(context: Context, params: Params, cache: Cache, name: str) -> Cache:
    before = cache.spec
    deferred.check_blocked(params, before)
    presentation = next_presentation(context, params, cache, MODIFY_CACHE_CLUSTER)
    schedule = next_schedule(context, params, before)
    alone = cache.key.kind is Kind.CACHE_CLUSTER
    enabled = before.cluster_mode is ClusterMode.ENABLED  # then every shard is backed up
    if params.get("SnapshotRetentionLimit") and not (alone or enabled):
        schedule = replace(schedule, snapshotting_cluster_id=name)
    logs = next_logs(context, params, before)
    spec = replace(
        before,
        pending=deferred.deferrable(context, params, cache),
        schedule=schedule,
        logs=logs,
        ip_discovery=asked_discovery(params, before),
    )
    after = replace(cache, spec=deferred.with_group(context, params, spec), presentation=presentation)
    if not before.replicates:
        after = _with_nodes(context, params, after)
    return replace(after, spec=applied(after.spec)) if params.get("ApplyImmediately") and alone else after


def _with_nodes(context: Context, params: Params, cache: Cache) -> Cache:
    """A Memcached cluster with what a request says about its nodes."""
    spec, presentation = cache.spec, node_count.next_presentation(params, cache.spec, cache.presentation)
    resize = node_count.next_wait(context, params, cache, presentation.az_mode)
    return replace(cache, spec=replace(spec, pending=replace(spec.pending, resize=resize)), presentation=presentation)
