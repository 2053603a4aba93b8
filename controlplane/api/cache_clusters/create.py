"""CreateCacheCluster: a Memcached cluster, a single Redis node, which may begin with what a snapshot or an object in a
bucket holds, or one more replica of a replication group.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cachewright.controlplane.api.cache_clusters import view as cluster_view
from cachewright.controlplane.api.cache_clusters.inputs import CREATE_CACHE_CLUSTER, CREATE_REPLICA
from cachewright.controlplane.api.common.cache_writes import add_cache, change_spec, check_node_quota
from cachewright.controlplane.api.common.change_events import first_events, replicas_asked
from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.inputs import REFUSED
from cachewright.controlplane.api.common.log_delivery import first_logs
from cachewright.controlplane.api.common.networks import asked_network
from cachewright.controlplane.api.common.node_settings import node_type_for, port_for
from cachewright.controlplane.api.common.outposts import check_outposts
from cachewright.controlplane.api.common.presentation import first_presentation
from cachewright.controlplane.api.common.required import required
from cachewright.controlplane.api.common.schedule import first_schedule
from cachewright.controlplane.api.common.tags import asked_tags
from cachewright.controlplane.api.common.tokens import first_auth
from cachewright.controlplane.api.parameter_groups.assignment import group_for
from cachewright.controlplane.api.replication_groups.lookup import found
from cachewright.controlplane.api.replication_groups.members import check_can_grow, quiet_zones
from cachewright.controlplane.api.replication_groups.shape import check_group_nodes, check_replicas
from cachewright.controlplane.api.snapshots.objects import objects_of
from cachewright.controlplane.api.snapshots.seeding import inherited_tags, seeded, source_of, with_snapshot
from cachewright.controlplane.api.subnet_groups.zones import first_zones, next_zones
from cachewright.controlplane.model import node_types
from cachewright.controlplane.model.cache import Cache, Kind, Node, Shard, Spec, Transit
from cachewright.controlplane.model.changes import with_nodes
from cachewright.controlplane.model.events import CLUSTER
from cachewright.controlplane.model.faults import Fault, invalid_combination, invalid_value
from cachewright.controlplane.model.names import node_id
from cachewright.controlplane.model.node_counts import check_count
from cachewright.controlplane.model.nouns import CACHE_CLUSTER, cluster_of
from cachewright.controlplane.model.quotas import MEMCACHED_NODES
from cachewright.controlplane.model.scaling import TIERED, encrypts
from cachewright.controlplane.model.versions import Engine, EngineVersion, engine_named, numbers, requested_version
from cachewright.controlplane.model.zones import CROSS_AZ, MULTIPLE, SINGLE_AZ, known, spread
from cachewright.controlplane.store.caches import NameTaken

FIRST_TLS_MEMCACHED = (1, 6, 12)
SHARD = "0001"


@dataclass(frozen=True, slots=True)
class Placement:
    """A zone for each node, and what the cluster shows of it: empty until it is available when AWS chose."""

    zones: tuple[str, ...]
    mode: str = SINGLE_AZ
    shown: str = ""


def create_cache_cluster(context: Context, params: Params) -> Answer:
    """Write the spec for a new cache cluster."""
    name = CACHE_CLUSTER.checked_id(params["CacheClusterId"])
    if params.get("ReplicationGroupId"):
        return {"CacheCluster": cluster_view.cluster(_replica(context, params, name), name)}
    objects, snapshot = objects_of(params), source_of(context, params)
    tags = asked_tags(context, params) or inherited_tags(context, snapshot)
    cache = _cache(context, with_snapshot(context, params, snapshot) if snapshot else params, name)
    cache = seeded(context, cache, snapshot, objects)
    try:
        add_cache(context, cache, tags)
    except NameTaken:
        raise CACHE_CLUSTER.taken(name) from None
    context.tell(*first_events(CLUSTER, cache))
    return {"CacheCluster": cluster_view.cluster(cache, name)}


def _replica(context: Context, params: Params, name: str) -> Cache:
    """The group with one more replica."""
    cache = found(context, params["ReplicationGroupId"], lock=True)
    if any(value not in (None, "", []) for key, value in params.items() if CREATE_REPLICA[key] is REFUSED):
        raise invalid_combination("Cannot specify additional cache cluster parameters when creating a replica cluster")
    if cache.spec.clustered:
        raise Fault(
            "InvalidReplicationGroupStateFault",
            f"Replication group {cache.key.id} is in cluster mode. Use IncreaseReplicaCount.",
        )
    check_can_grow(cache)
    (shard,) = cache.spec.shards
    if context.transaction.caches.holding(context.caller.account, context.caller.region, name):
        raise CACHE_CLUSTER.taken(name)
    check_replicas(context.quotas, len(cache.spec.nodes))
    check_group_nodes(context.quotas, len(cache.spec.nodes) + 1, creating=True)
    check_node_quota(context, 1)
    wanted = params.get("PreferredAvailabilityZone")
    zones = next_zones(context, params, cache)
    (zone,) = known([wanted], context.zones) if wanted else quiet_zones(zones, shard, 1)
    tags = asked_tags(context, params)
    cache = change_spec(context, cache, with_nodes(cache.spec, (*cache.spec.nodes, Node(name, node_id(1), zone))))
    context.tell(replicas_asked(cache.key.id))
    if tags:  # else those of the group
        context.transaction.tags.write(tags, [cluster_of(cache.key, name)])
    return cache


def _cache(context: Context, params: Params, name: str) -> Cache:
    release = _release(params)
    node_type = node_type_for(release, required(params, "CacheNodeType"))
    if node_type.startswith(TIERED):
        raise invalid_combination(f"Cache node type {node_type} is for replication groups only.")
    group = group_for(context, release, params.get("CacheParameterGroupName"))
    if group.clustered:
        raise invalid_combination("Cluster mode should be disabled in parameter group, but found it is enabled.")
    count = _count(context, release.engine, params)
    placement = _placement(release.engine, params, count, first_zones(context, params))
    transit = _transit(release, node_type, params)
    port = port_for(release.engine, params)
    network_type, discovery = asked_network(context, params, release, node_type)
    presentation = first_presentation(context, params, CREATE_CACHE_CLUSTER)
    presentation = replace(presentation, az_mode=placement.mode, preferred_availability_zone=placement.shown)
    schedule = first_schedule(context, params, release)
    logs = first_logs(context, params, release)
    check_outposts(params)
    nodes = tuple(Node(name, node_id(number), zone) for number, zone in enumerate(placement.zones, 1))
    shards = (Shard(SHARD, nodes),)
    spec = Spec(
        release.engine,
        release.described,
        node_type,
        port,
        group.name,
        shards,
        transit=transit,
        parameters=group.deviations,
        restricted=context.restricted and release.engine is not Engine.MEMCACHED,
        schedule=schedule,
        network_type=network_type,
        ip_discovery=discovery,
        logs=logs,
    )
    return context.new(Kind.CACHE_CLUSTER, name, spec, presentation)


def _release(params: Params) -> EngineVersion:
    engine = engine_named(required(params, "Engine"))
    if engine is Engine.VALKEY:
        raise invalid_value("Invalid engine name: valkey. Use CreateReplicationGroup to create a Valkey cache.")
    return requested_version(engine, params.get("EngineVersion"))


def _count(context: Context, engine: Engine, params: Params) -> int:
    count: int = params.get("NumCacheNodes", 1)
    if engine is Engine.REDIS and count > 1:
        raise invalid_value("Cannot create a Redis cluster with a NumCacheNodes parameter greater than 1.")
    check_count(count)
    context.quotas.check(MEMCACHED_NODES, count)
    return count


def _placement(engine: Engine, params: Params, count: int, zones: Sequence[str]) -> Placement:
    mode = params.get("AZMode") or ""
    single = params.get("PreferredAvailabilityZone") or ""
    several = known(params.get("PreferredAvailabilityZones") or (), zones)
    _check_zones(engine, mode, single, several)
    if several:
        return _named(mode, several, count)
    if single:
        return Placement(known([single], zones) * count, SINGLE_AZ, single)
    if mode == CROSS_AZ:
        return _crossing(spread(zones, count))
    return Placement((zones[0],) * count)


def _check_zones(engine: Engine, mode: str, single: str, several: Sequence[str]) -> None:
    if mode not in ("", SINGLE_AZ, CROSS_AZ):
        raise invalid_value(f"Invalid value {mode} for AZMode. Must be one of: {SINGLE_AZ}, {CROSS_AZ}")
    if engine is not Engine.MEMCACHED and (mode == CROSS_AZ or several):
        raise invalid_combination(f"AZMode {CROSS_AZ} and PreferredAvailabilityZones are for memcached only.")
    if single and (several or mode == CROSS_AZ):
        raise invalid_combination(
            f"PreferredAvailabilityZone cannot be given with AZMode {CROSS_AZ} or PreferredAvailabilityZones."
        )


def _named(mode: str, zones: tuple[str, ...], count: int) -> Placement:
    if len(zones) != count:
        raise invalid_combination(
            "Must specify the same number of preferred availability zones as requested number of nodes."
        )
    if mode == CROSS_AZ or len(set(zones)) > 1:
        if mode == SINGLE_AZ:
            raise invalid_combination(f"AZMode {SINGLE_AZ} cannot be given with several availability zones.")
        return _crossing(zones)
    return Placement(zones, SINGLE_AZ, zones[0])


def _crossing(zones: tuple[str, ...]) -> Placement:
    if len(zones) == 1:
        raise invalid_combination(f"AZMode {CROSS_AZ} needs more than one cache node.")
    return Placement(zones, CROSS_AZ, MULTIPLE)


def _transit(release: EngineVersion, kind: str, params: Params) -> Transit:
    """Memcached alone is encrypted this way, from a version on, and not on the oldest node types."""
    tokens = first_auth(params, None).tokens
    if not params.get("TransitEncryptionEnabled"):
        return Transit.OFF
    if release.engine is Engine.REDIS:
        raise invalid_combination("Encryption feature is not supported for engine REDIS.")
    if numbers(release.version) < FIRST_TLS_MEMCACHED:
        raise invalid_combination(
            f"Encryption features are not supported for engine version {release.version}."
            f" Please use engine version {'.'.join(map(str, FIRST_TLS_MEMCACHED))}"
        )
    if not encrypts(release.engine, node_types.node_type(kind)):
        raise invalid_combination(f"Encryption feature is not supported for cache node type {kind}.")
    if tokens:
        raise invalid_combination("AUTH tokens are not supported for engine memcached.")
    return Transit.REQUIRED
