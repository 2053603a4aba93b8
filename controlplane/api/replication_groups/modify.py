"""ModifyReplicationGroup: settings, failover, roles, node type, version, encryption and tokens of a group."""

from dataclasses import replace

from cachewright.controlplane.api.common import deferred, encryption, tokens
from cachewright.controlplane.api.common.cache_writes import change_cache
from cachewright.controlplane.api.common.change_events import events_of
from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.log_delivery import next_logs
from cachewright.controlplane.api.common.networks import asked_discovery
from cachewright.controlplane.api.common.presentation import next_presentation
from cachewright.controlplane.api.common.schedule import next_schedule
from cachewright.controlplane.api.parameter_groups import assignment
from cachewright.controlplane.api.replication_groups import cluster_mode, user_groups
from cachewright.controlplane.api.replication_groups import shape as group_shape
from cachewright.controlplane.api.replication_groups import view as group_view
from cachewright.controlplane.api.replication_groups.create import description
from cachewright.controlplane.api.replication_groups.durability import check_durable, next_durability
from cachewright.controlplane.api.replication_groups.global_members import check_independent
from cachewright.controlplane.api.replication_groups.inputs import MODIFY_REPLICATION_GROUP
from cachewright.controlplane.api.replication_groups.lookup import found
from cachewright.controlplane.model.cache import Cache, ClusterMode, Spec
from cachewright.controlplane.model.changes import applied
from cachewright.controlplane.model.events import GROUP
from cachewright.controlplane.model.faults import Fault, invalid_combination
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.nouns import CACHE_CLUSTER
from cachewright.controlplane.model.pending import Pending
from cachewright.controlplane.model.presentation import Presentation
from cachewright.controlplane.model.schedule import Schedule


def modify_replication_group(context: Context, params: Params) -> Answer:
    """Another spec for a group. What can wait does, unless the request says ApplyImmediately."""
    cache = found(context, params["ReplicationGroupId"], lock=True)
    if cache.phase is not Phase.AVAILABLE:
        raise Fault("InvalidReplicationGroupStateFault", "Replication group must be in available state to modify.")
    deferred.check_asked(params, "ReplicationGroupId", cache.spec)
    check_independent(params, cache)
    return {"ReplicationGroup": group_view.group(modified(context, params, cache))}


def modified(context: Context, params: Params, cache: Cache) -> Cache:
    """A group with another spec, which is written down. Faults: AWS's rules about each parameter."""
    after, token = _next(context, params, cache)
    assignment.check_values(context, cache, after.spec)
    context.tell(*events_of(GROUP, cache.key.id, cache, after))
    return change_cache(context, cache, after, token)


def _next(context: Context, params: Params, cache: Cache) -> tuple[Cache, str]:
    """The group as it is desired next, and AWS's AuthTokenStatus if tokens are changed."""
    before = cache.spec
    if other := cluster_mode.changed(context, params, before):
        return replace(cache, spec=other), ""
    user_groups.check_next(context, params, before)
    cluster_mode.check_between(params, before, ("CacheNodeType", "Engine", "EngineVersion"))
    deferred.check_blocked(params, before)
    presentation = _presentation(context, params, cache)
    spec = replace(
        before,
        pending=_pending(context, params, cache),
        schedule=_schedule(context, params, before),
        transit=encryption.next_transit(params, before),
        durability=next_durability(params, before),
        logs=next_logs(context, params, before),
        ip_discovery=asked_discovery(params, before),
    )
    spec = deferred.with_group(context, params, spec)
    auth, token = tokens.next_auth(params, spec, context.now)
    spec = user_groups.with_next_group(context, params, cache, replace(spec, auth=auth))
    spec = _with_multi_az(params, spec)
    _check_failover(params, applied(spec))
    check_durable(applied(spec))
    spec = applied(spec) if params.get("ApplyImmediately") else spec
    return replace(cache, spec=spec, presentation=presentation), token


def _pending(context: Context, params: Params, cache: Cache) -> Pending:
    waits = deferred.deferrable(context, params, cache)
    if (automatic := params.get("AutomaticFailoverEnabled")) is not None:
        waits = replace(waits, automatic_failover=None if automatic == cache.spec.automatic_failover else automatic)
    if primary := params.get("PrimaryClusterId"):
        waits = replace(waits, primary=_candidate(cache, primary.lower()))
    return waits


def _candidate(cache: Cache, cluster: str) -> str:
    """The member that is to lead; empty when it does."""
    if cache.spec.clustered:
        raise invalid_combination("PrimaryClusterId can only be given when cluster mode is disabled.")
    (shard,) = cache.spec.shards
    _check_member(cache.spec, cluster)
    if cache.spec.automatic_failover:
        raise invalid_combination(
            "Automatic failover must be disabled before the primary of a replication group can be changed."
        )
    leader = cache.status.shards[shard.id].primary
    return "" if leader.rpartition(".")[0] == cluster else cluster


def _check_member(spec: Spec, cluster: str) -> None:
    if cluster not in [node.cluster for node in spec.nodes]:
        raise CACHE_CLUSTER.missing(cluster)


def _presentation(context: Context, params: Params, cache: Cache) -> Presentation:
    before, after = cache.presentation, next_presentation(context, params, cache, MODIFY_REPLICATION_GROUP)
    text = params.get("ReplicationGroupDescription")
    after = replace(after, durability=params.get("Durability") or before.durability)
    return replace(after, description=description(text)) if text else after


def _schedule(context: Context, params: Params, spec: Spec) -> Schedule:
    schedule, enabled = next_schedule(context, params, spec), spec.cluster_mode is ClusterMode.ENABLED
    if source := (params.get("SnapshottingClusterId") or "").lower():
        if enabled:
            raise invalid_combination("Cannot set snapshotting cluster for cluster mode enabled replication group")
        _check_member(spec, source)
        schedule = replace(schedule, snapshotting_cluster_id=source)
    if schedule.snapshot_retention_limit and not (schedule.snapshotting_cluster_id or enabled):
        raise invalid_combination(
            "Must specify both SnapshotRetentionLimit and SnapshottingClusterId to turn on snapshots"
        )
    return schedule


def _with_multi_az(params: Params, spec: Spec) -> Spec:
    """Multi-AZ changes at once, but never before the failover that it needs."""
    wanted = params.get("MultiAZEnabled")
    if wanted is None:
        return spec
    if wanted and not spec.automatic_failover:
        return replace(spec, pending=replace(spec.pending, multi_az=True))
    return replace(spec, multi_az=wanted, pending=replace(spec.pending, multi_az=None))


def _check_failover(params: Params, after: Spec) -> None:
    if params.get("AutomaticFailoverEnabled") is False and after.clustered:
        raise invalid_combination(
            "Turning off automatic failover for replication group with cluster mode enabled is not supported."
        )
    if params.get("AutomaticFailoverEnabled") and len(after.nodes) == 1 and not after.clustered:
        raise invalid_combination("Replication group must have at least one read replica to enable autofailover.")
    if {"AutomaticFailoverEnabled", "MultiAZEnabled"} & params.keys():
        group_shape.check_failover(after)
