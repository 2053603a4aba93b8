"""New caches that begin with what a snapshot holds.

Source: the API reference of CreateCacheCluster and CreateReplicationGroup, SnapshotName; the ElastiCache user guide,
"Restoring from a backup into a new cache". What a request does not say is as it was at the source of the snapshot.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import count, islice
from typing import Any

from cachewright.controlplane.api.common.context import Context, Params
from cachewright.controlplane.api.parameter_groups.lookup import known_group as known_parameter_group
from cachewright.controlplane.api.serverless_snapshots import lookup as serverless_lookup
from cachewright.controlplane.api.snapshots.lookup import found_snapshot, invalid_state, noun_of, status_of
from cachewright.controlplane.api.snapshots.objects import seed_of_objects
from cachewright.controlplane.api.subnet_groups.lookup import known_group as known_subnet_group
from cachewright.controlplane.model import slots
from cachewright.controlplane.model.buckets import ObjectName
from cachewright.controlplane.model.cache import Cache, ClusterMode, Spec
from cachewright.controlplane.model.faults import Fault, invalid_combination
from cachewright.controlplane.model.names import node_id
from cachewright.controlplane.model.scaling import TIERED
from cachewright.controlplane.model.seeds import Seed, SeedFile, dealt_out
from cachewright.controlplane.model.snapshots import NodeSnapshot, Snapshot, SnapshotStatus, SourceSettings
from cachewright.controlplane.model.tags import Tags
from cachewright.controlplane.model.versions import (
    Engine,
    EngineVersion,
    engine_named,
    numbers,
    requested_version,
    version_of,
)

READABLE = frozenset({SnapshotStatus.AVAILABLE, SnapshotStatus.RESTORING})
BACK = ("7.2", "7.1")  # the only way back from Valkey to Redis
ALL_SLOTS = slots.written(slots.EVERY)


def source_of(context: Context, params: Params) -> Snapshot | None:
    """The snapshot that a new cache is to begin with; None when it begins with nothing. It is kept from being deleted
    until the cache is written down. Faults: there is none, it is not whole, or what is asked for cannot begin with one.
    """
    wanted, serverless = params.get("SnapshotName"), params.get("ServerlessCacheSnapshotName")
    if not wanted and not serverless:
        return None
    if wanted and serverless:
        raise invalid_combination("SnapshotName and ServerlessCacheSnapshotName cannot be given together.")
    if engine_named(params.get("Engine") or Engine.REDIS) is Engine.MEMCACHED:
        raise invalid_combination("Snapshot parameters are not supported for engine memcached.")
    snapshot = readable_serverless(context, serverless) if serverless else readable_snapshot(context, str(wanted))
    if snapshot.settings.engine is Engine.MEMCACHED:
        raise invalid_combination(
            f"Snapshot {snapshot.name} was taken with memcached, and is for serverless caches only."
        )
    return snapshot


def readable_snapshot(context: Context, wanted: str) -> Snapshot:
    """A snapshot that caches can begin with, locked. Faults: there is none, or it is not whole."""
    snapshot = found_snapshot(context, wanted, lock=True)
    if status_of(context, snapshot) not in READABLE:
        raise invalid_state(f"Snapshot {snapshot.name} is not in available state.")
    return snapshot


def readable_serverless(context: Context, wanted: str) -> Snapshot:
    """The same of a serverless cache."""
    snapshot = serverless_lookup.found_snapshot(context, wanted, lock=True)
    if status_of(context, snapshot) not in READABLE:
        raise serverless_lookup.invalid_state(snapshot)
    return snapshot


def with_snapshot(context: Context, params: Params, snapshot: Snapshot) -> dict[str, Any]:
    """The parameters of a request for a cache cluster as if it had repeated what the source of the snapshot was like.
    Fault when that was in cluster mode.
    """
    asked = {name: value for name, value in params.items() if value not in (None, "", [])}
    if snapshot.settings.cluster_mode is not ClusterMode.DISABLED:
        raise _clustered(snapshot)
    return {**_usual(context, asked, snapshot.settings, clustered=False), **asked}


def group_with_snapshot(context: Context, params: Params, snapshot: Snapshot) -> dict[str, Any]:
    """The same of a request for a replication group. Fault when the source was in cluster mode and the group is not to
    be, or when it shall be made out of a cluster, too.
    """
    asked = {name: value for name, value in params.items() if value not in (None, "", [])}
    if asked.get("PrimaryClusterId"):
        raise invalid_combination("PrimaryClusterId and SnapshotName cannot be given together.")
    before = snapshot.settings.cluster_mode is not ClusterMode.DISABLED
    several = len(asked.get("NodeGroupConfiguration") or ()) > 1 or asked.get("NumNodeGroups", 1) > 1
    mode = str(asked.get("ClusterMode", "")).lower()
    if before and mode == ClusterMode.DISABLED and not snapshot.serverless:  # whose keys are all in one file
        raise _clustered(snapshot)
    clustered = mode != ClusterMode.DISABLED if mode else before or several
    usual = _usual(context, asked, snapshot.settings, clustered=clustered)
    shards = _shards(asked, snapshot) if before else {}
    kept = {"DataTieringEnabled": snapshot.settings.data_tiering, "Durability": snapshot.settings.durability}
    return {**usual, **kept, **shards, **asked}


def inherited_tags(context: Context, snapshot: Snapshot | None) -> Tags:
    """The tags of a cache that is given none."""
    return context.transaction.tags.of(context.resource(noun_of(snapshot), snapshot.name)) if snapshot else ()


def seeded(context: Context, cache: Cache, snapshot: Snapshot | None, names: Sequence[ObjectName]) -> Cache:
    """A new cache that begins with a snapshot, with objects in buckets, or with nothing. Faults: see `seed_of` and
    `seed_of_objects`.
    """
    if snapshot:
        seed = seed_of(snapshot, cache.spec)
    elif names:
        seed = seed_of_objects(context, names, cache.spec)
    else:
        return cache
    return replace(cache, spec=replace(cache.spec, seed=seed))


def seed_of(snapshot: Snapshot, spec: Spec) -> Seed:
    """What a cache begins with that shall be like that. Faults: an older version, a node type that cannot hold it."""
    _check_version(snapshot, spec.release)
    if snapshot.settings.data_tiering and not spec.node_type.startswith(TIERED):
        raise invalid_combination(
            f"Snapshot {snapshot.name} is of a cache with data tiering, which only {TIERED}* node types have."
        )
    return Seed(snapshot.id, snapshot.name, tuple(_files(snapshot.nodes, spec)))


def _usual(context: Context, asked: Params, settings: SourceSettings, *, clustered: bool) -> dict[str, Any]:
    """What every cache takes over, as far as it is still there and fits. Not for how long automatic snapshots are kept:
    of that of a snapshot AWS says that it "is otherwise ignored", and of both creations that none means 0.
    """
    engine = engine_named(asked.get("Engine") or settings.engine)
    before = version_of(settings.engine, settings.version)
    version = {"EngineVersion": before.version} if engine is before.engine else {}
    release = requested_version(engine, asked.get("EngineVersion") or version.get("EngineVersion"))
    values = known_parameter_group(context, settings.parameter_group)
    fits = values is not None and values.family == release.family and values.clustered is clustered
    subnets = known_subnet_group(context, settings.subnet_group)
    usual: dict[str, Any] = {
        "Engine": engine.value,
        **version,
        "CacheNodeType": settings.node_type,
        "Port": settings.port,
        "CacheParameterGroupName": values.name if values and fits else "",
        "CacheSubnetGroupName": subnets.name if subnets else "",
        "PreferredMaintenanceWindow": settings.maintenance_window,
        "SnapshotWindow": settings.snapshot_window,
        "NotificationTopicArn": settings.topic_arn,
        "AutoMinorVersionUpgrade": settings.auto_minor_version_upgrade,
    }
    return {name: value for name, value in usual.items() if value != ""}


def _shards(asked: Params, snapshot: Snapshot) -> dict[str, Any]:
    """The shards of a snapshot of a group in cluster mode, unless the request wants more, fewer, or its own."""
    usual: dict[str, Any] = {
        "ClusterMode": snapshot.settings.cluster_mode.value,
        "AutomaticFailoverEnabled": snapshot.settings.automatic_failover,
    }
    count = len(snapshot.nodes)
    if asked.get("NodeGroupConfiguration") or asked.get("NumNodeGroups", count) != count:
        return usual
    counted = "ReplicasPerNodeGroup" in asked or "NumCacheClusters" in asked
    return {**usual, "NodeGroupConfiguration": [_entry(node, counted=counted) for node in snapshot.nodes]}


def _entry(node: NodeSnapshot, *, counted: bool) -> Mapping[str, Any]:
    replicas = {} if counted else {"ReplicaCount": node.replicas}
    return {"NodeGroupId": node.shard, "Slots": node.slots, **replicas}


def _files(nodes: Sequence[NodeSnapshot], spec: Spec) -> list[SeedFile]:
    """The file of each shard of a snapshot, and where it is loaded. Slots that shall be elsewhere move from there."""
    held = [(node.slots or ALL_SLOTS) if spec.clustered else "" for node in nodes]
    places = dealt_out(held, [shard.slots for shard in spec.shards])
    names = [shard.id for shard in spec.shards]
    more = (name for name in map(node_id, count(1)) if name not in names)
    every = [*names, *islice(more, len(nodes))]
    return [
        SeedFile(every[place], node.shard, node.size, node.digest, own)
        for place, node, own in zip(places, nodes, held, strict=True)
    ]


def _check_version(snapshot: Snapshot, release: EngineVersion) -> None:
    """Fault for what AWS does not restore it to: an older version, or an engine that has files of another kind."""
    before = version_of(snapshot.settings.engine, snapshot.settings.version)
    if Engine.MEMCACHED in (release.engine, before.engine) and release.engine is not before.engine:
        allowed = False
    elif release.engine is before.engine:
        allowed = numbers(release.described) >= numbers(before.described)
    else:
        allowed = release.engine is Engine.VALKEY or (before.version, release.version) == BACK
    if not allowed:
        raise invalid_combination(
            f"Snapshot {snapshot.name} was taken with {before.engine} {before.version} and cannot be restored to"
            f" {release.engine} {release.version}."
        )


def _clustered(snapshot: Snapshot) -> Fault:
    return invalid_combination(
        f"Snapshot {snapshot.name} is of a replication group with cluster mode enabled, and cannot be restored to a"
        " cache with cluster mode disabled."
    )
