"""CreateReplicationGroup: a primary and its replicas, or several of them that share the keys in cluster mode."""

from dataclasses import replace
from functools import partial

from cachewright.controlplane.api.common.cache_writes import add_cache
from cachewright.controlplane.api.common.change_events import first_events
from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.encryption import encryptable, first_transit
from cachewright.controlplane.api.common.kms import checked_kms_key
from cachewright.controlplane.api.common.log_delivery import first_logs
from cachewright.controlplane.api.common.networks import asked_network
from cachewright.controlplane.api.common.node_settings import node_type_for, port_for
from cachewright.controlplane.api.common.presentation import first_presentation
from cachewright.controlplane.api.common.required import required
from cachewright.controlplane.api.common.schedule import first_schedule
from cachewright.controlplane.api.common.tags import asked_tags
from cachewright.controlplane.api.common.tokens import first_auth
from cachewright.controlplane.api.parameter_groups.assignment import group_for
from cachewright.controlplane.api.replication_groups import cluster_mode, global_members, transfers, user_groups
from cachewright.controlplane.api.replication_groups import shape as group_shape
from cachewright.controlplane.api.replication_groups import view as group_view
from cachewright.controlplane.api.replication_groups.durability import asked_durability, check_durable
from cachewright.controlplane.api.replication_groups.inheritance import with_primary, zones_from
from cachewright.controlplane.api.replication_groups.inputs import CREATE_REPLICATION_GROUP
from cachewright.controlplane.api.replication_groups.shape import ShardShape
from cachewright.controlplane.api.snapshots.objects import objects_of
from cachewright.controlplane.api.snapshots.seeding import group_with_snapshot, inherited_tags, seeded, source_of
from cachewright.controlplane.api.subnet_groups.zones import first_zones
from cachewright.controlplane.model.cache import Cache, ClusterMode, Kind, Node, Shard, Spec
from cachewright.controlplane.model.durability import Durability
from cachewright.controlplane.model.events import GROUP
from cachewright.controlplane.model.faults import Fault, invalid_combination, invalid_value
from cachewright.controlplane.model.names import member_id, node_id, shard_member_id
from cachewright.controlplane.model.nouns import CACHE_CLUSTER, REPLICATION_GROUP, resource_of
from cachewright.controlplane.model.parameter_groups import default_group
from cachewright.controlplane.model.presentation import Presentation
from cachewright.controlplane.model.scaling import TIERED
from cachewright.controlplane.model.schedule import Schedule
from cachewright.controlplane.model.tags import Tags
from cachewright.controlplane.model.versions import Engine, EngineVersion, engine_named, requested_version
from cachewright.controlplane.store.caches import NameTaken

LONGEST_DESCRIPTION = 255


def create_replication_group(context: Context, params: Params) -> Answer:
    """Write the spec for a new replication group."""
    name = REPLICATION_GROUP.checked_id(params["ReplicationGroupId"])
    joined = global_members.joined(context, params)
    wanted = params.get("PrimaryClusterId")
    primary = transfers.primary_for(context, wanted) if wanted else None
    objects, snapshot = objects_of(params), source_of(context, params)
    tags = asked_tags(context, params) or _tags_of(context, primary) or inherited_tags(context, snapshot)
    asked = group_with_snapshot(context, params, snapshot) if snapshot else params
    asked = global_members.with_primary(context, params, name, joined) if joined else asked
    cache = _cache(context, asked, name, primary)
    cache = seeded(context, cache, snapshot, objects)
    cache = global_members.associated(context, cache, joined) if joined else cache
    try:
        cache = transfers.taken_over(context, cache, primary) if primary else cache
        add_cache(context, cache, tags)
    except NameTaken:
        raise _taken(context, cache) from None
    context.tell(*first_events(GROUP, cache))
    return {"ReplicationGroup": group_view.group(cache)}


def _tags_of(context: Context, primary: Cache | None) -> Tags:
    """The tags of the cache cluster that the group is made out of."""
    return context.transaction.tags.of(resource_of(primary.key)) if primary else ()


def _taken(context: Context, cache: Cache) -> Fault:
    if context.transaction.caches.get(cache.key):
        return REPLICATION_GROUP.taken(cache.key.id)
    return CACHE_CLUSTER.taken(cache.key.id)


def _cache(context: Context, params: Params, name: str, primary: Cache | None) -> Cache:
    asked = with_primary(params, primary) if primary else params
    spec = _checked(context, asked, _shaped(context, asked, name, primary.spec.nodes if primary else ()))
    if primary:
        own = primary.spec
        spec = replace(spec, transit=own.transit, auth=own.auth, restricted=own.restricted)
    return context.new(Kind.REPLICATION_GROUP, name, spec, _presentation(context, asked))


def _shaped(context: Context, params: Params, name: str, first: tuple[Node, ...]) -> Spec:
    """What the nodes are and where; `first` is there already."""
    release = _release(params)
    node_type = node_type_for(release, required(params, "CacheNodeType"))
    wanted = params.get("CacheParameterGroupName")
    named = group_for(context, release, wanted) if wanted else None
    mode = cluster_mode.first_mode(params, release, named, group_shape.shard_count(params))
    zones = first_zones(context, params)
    zones = zones_from(first[0], params, zones) if first else zones
    shapes = group_shape.shape_of(params, mode, zones, context.quotas)
    network_type, discovery = asked_network(context, params, release, node_type)
    return Spec(
        release.engine,
        release.described,
        node_type,
        port_for(release.engine, params),
        named.name if named else default_group(release, clustered=mode is not ClusterMode.DISABLED),
        tuple(_shard(name, shape, mode, first) for shape in shapes),
        bool(params.get("AutomaticFailoverEnabled")),
        bool(params.get("MultiAZEnabled")),
        cluster_mode=mode,
        parameters=named.deviations if named else (),
        restricted=context.restricted,
        network_type=network_type,
        ip_discovery=discovery,
    )


def _shard(group: str, shape: ShardShape, mode: ClusterMode, first: tuple[Node, ...]) -> Shard:
    named = partial(shard_member_id, group, shape.id) if mode is ClusterMode.ENABLED else partial(member_id, group)
    more = (Node(named(number), node_id(1), zone) for number, zone in enumerate(shape.zones[len(first) :], 1))
    return Shard(shape.id, (*first, *more), slots=shape.slots)


def _checked(context: Context, params: Params, spec: Spec) -> Spec:
    """The same with everything that does not depend on its shape."""
    release = spec.release
    group_shape.check_failover(spec)
    _check_protection(params, release, spec.node_type)
    transit, auth = first_transit(params, release, spec.node_type), first_auth(params, context.now)
    schedule, logs = _schedule(context, params, spec), first_logs(context, params, release)
    spec = replace(spec, transit=transit, auth=auth, schedule=schedule, logs=logs)
    spec = user_groups.with_first_group(context, params, spec)
    durable = replace(spec, durability=asked_durability(params) or Durability.DISABLED)
    at_rest = durable.durable or params.get("AtRestEncryptionEnabled", spec.engine is Engine.VALKEY)
    durable = replace(durable, at_rest=at_rest)
    check_durable(durable)
    return durable


def _release(params: Params) -> EngineVersion:
    engine = engine_named(params.get("Engine") or Engine.REDIS)
    if engine is Engine.MEMCACHED:
        raise invalid_value("Invalid engine name: memcached. Use CreateCacheCluster to create a Memcached cluster.")
    return requested_version(engine, params.get("EngineVersion"))


def _schedule(context: Context, params: Params, spec: Spec) -> Schedule:
    schedule = first_schedule(context, params, spec.release)
    alone = spec.cluster_mode is not ClusterMode.ENABLED
    source = spec.nodes[:2][-1].cluster if schedule.snapshot_retention_limit and alone else ""
    return replace(schedule, snapshotting_cluster_id=source)


def _presentation(context: Context, params: Params) -> Presentation:
    return replace(
        first_presentation(context, params, CREATE_REPLICATION_GROUP),
        description=description(params["ReplicationGroupDescription"]),
        kms_key_id=checked_kms_key(context, params),
        data_tiering=bool(params.get("DataTieringEnabled")),
        durability=params.get("Durability") or "",
    )


def description(text: str) -> str:
    """What is said about a group; Fault when it is too long."""
    if len(text) > LONGEST_DESCRIPTION:
        raise invalid_value(f"ReplicationGroupDescription cannot be longer than {LONGEST_DESCRIPTION} characters.")
    return text


def _check_protection(params: Params, release: EngineVersion, node_type: str) -> None:
    """AWS's rules about encryption, who may log in, and what becomes of data that does not fit or must not be lost."""
    encrypted = params.get("AtRestEncryptionEnabled", release.engine is Engine.VALKEY)
    if (encrypted or params.get("TransitEncryptionEnabled")) and not encryptable(release):
        raise invalid_combination(
            f"Encryption features are not supported for engine version {release.version}."
            " Please use engine version 3.2.6"
        )
    if params.get("KmsKeyId") and not encrypted:
        raise invalid_combination("KmsKeyId can only be given when encryption at rest is enabled.")
    user_groups.check_asked(params)
    if node_type.startswith(TIERED) != bool(params.get("DataTieringEnabled")):
        raise invalid_combination(f"DataTieringEnabled must be true for {TIERED}* node types, and for no other.")
