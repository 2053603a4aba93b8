"""How many shards and nodes a new replication group has, and where they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cachewright.controlplane.api.common.context import Params
from cachewright.controlplane.api.common.outposts import check_outposts
from cachewright.controlplane.api.replication_groups.node_groups import (
    group_number,
    ids_of,
    slots_of,
    turned,
    zones_for,
)
from cachewright.controlplane.model.cache import ClusterMode, Spec
from cachewright.controlplane.model.faults import invalid_combination, invalid_value
from cachewright.controlplane.model.quotas import GROUP_NODES, REPLICAS, SHARDS, Quotas
from cachewright.controlplane.model.versions import Engine, numbers
from cachewright.controlplane.model.zones import known

NODE_GROUP = "0001"  # the only one with cluster mode disabled
ALL_SLOTS = "0-16383"
FIRST_FAILOVER_REDIS = (2, 8, 6)
WITHOUT_FAILOVER = "cache.t1."


@dataclass(frozen=True, slots=True)
class ShardShape:
    """A shard to be: the zone of every node, the primary's first. No slots with cluster mode disabled."""

    id: str
    slots: str
    zones: tuple[str, ...]


def shard_count(params: Params) -> int:
    """How many shards a request asks for. Fault when it contradicts itself."""
    wanted, entries = params.get("NumNodeGroups"), params.get("NodeGroupConfiguration") or []
    if wanted is not None and wanted < 1:
        raise invalid_value(f"Invalid value {wanted} for NumNodeGroups. Must be at least 1")
    if entries and wanted not in (None, len(entries)):
        raise invalid_combination("NodeGroupConfiguration must have as many entries as NumNodeGroups says.")
    return wanted or len(entries) or 1


def shape_of(params: Params, mode: ClusterMode, zones: Sequence[str], quotas: Quotas) -> tuple[ShardShape, ...]:
    """The shards that a request asks for. Faults: AWS's rules about counts, slots and zones."""
    count = shard_count(params)
    quotas.check(SHARDS, count)
    _check_counts(params, quotas)
    entries = params.get("NodeGroupConfiguration") or [{}] * count
    for entry in entries:
        _check_entry(params, entry, quotas)
    nodes = [1 + _replicas(params, entry) for entry in entries]
    check_group_nodes(quotas, sum(nodes), creating=True)
    if params.get("SnapshotArns") and mode is not ClusterMode.DISABLED and not all(map(_has_slots, entries)):
        raise invalid_combination("Slots must be provided when restoring from snapshot ARNs with cluster mode enabled")
    if mode is not ClusterMode.ENABLED:
        _check_only_entry(entries[0])
    served = slots_of(entries) if mode is not ClusterMode.DISABLED else ("",) * count
    placed = _placed(params, entries, nodes, zones)
    return tuple(map(ShardShape, ids_of(entries), served, placed))


def check_failover(spec: Spec) -> None:
    """AWS's rules about automatic failover and Multi-AZ of a spec."""
    automatic, multi_az, release = spec.automatic_failover, spec.multi_az, spec.release
    replicas = min(len(shard.nodes) for shard in spec.shards) - 1
    if automatic and not replicas and spec.cluster_mode is not ClusterMode.ENABLED:
        raise invalid_combination(
            "When using automatic failover, there must be at least 2 cache clusters in the replication group."
        )
    if automatic and spec.node_type.startswith(WITHOUT_FAILOVER):
        raise invalid_combination("Automatic failover is not supported for T1 cache node types.")
    if automatic and release.engine is Engine.REDIS and numbers(release.described) < FIRST_FAILOVER_REDIS:
        raise invalid_combination(f"Automatic failover is not supported for Redis version {release.version}.")
    if multi_az and not replicas:
        raise invalid_combination("Must have at least 1 replica for Multi-AZ enabled Replication Group")
    if multi_az and not automatic:
        raise invalid_combination("Automatic failover must be enabled for a Multi-AZ enabled Replication Group")


def check_not_negative(quotas: Quotas, count: int) -> None:
    """Fault for fewer replicas than none; its text is that of the quota, which says both limits."""
    if count < 0:
        raise quotas.exceeded(REPLICAS)


def check_replicas(quotas: Quotas, count: int) -> None:
    """AWS's limits for the replicas of a primary that shall have more."""
    check_not_negative(quotas, count)
    quotas.check(REPLICAS, count)


def check_group_nodes(quotas: Quotas, count: int, *, creating: bool = False) -> None:
    """AWS's quota for the nodes of a group that shall have more. Only the operations that create know its fault."""
    quotas.check(GROUP_NODES if creating else replace(GROUP_NODES, fault=SHARDS.fault), count)


def _check_counts(params: Params, quotas: Quotas) -> None:
    shards, nodes = params.get("NumNodeGroups"), params.get("NumCacheClusters")
    replicas = params.get("ReplicasPerNodeGroup")
    if nodes is not None and (shards is not None or replicas is not None):
        raise invalid_combination("NumCacheClusters cannot be given with NumNodeGroups or ReplicasPerNodeGroup.")
    if nodes is not None and len(params.get("NodeGroupConfiguration") or ()) > 1:
        raise invalid_combination("NumCacheClusters can only be specified for one node group.")
    check_replicas(quotas, replicas or 0)
    check_replicas(quotas, 0 if nodes is None else nodes - 1)


def _check_entry(params: Params, entry: Mapping[str, Any], quotas: Quotas) -> None:
    """The rules about one entry of NodeGroupConfiguration."""
    if "ReplicaCount" in entry:
        check_replicas(quotas, entry["ReplicaCount"])
        if params.get("ReplicasPerNodeGroup") is not None or params.get("NumCacheClusters") is not None:
            raise invalid_combination("ReplicaCount cannot be given with ReplicasPerNodeGroup or NumCacheClusters.")
    if entry and params.get("PreferredCacheClusterAZs"):
        raise invalid_combination("PreferredCacheClusterAZs cannot be given with NodeGroupConfiguration.")
    check_outposts(entry)


def _check_only_entry(entry: Mapping[str, Any]) -> None:
    if (wanted := entry.get("NodeGroupId")) and group_number(wanted) != NODE_GROUP:
        raise invalid_value(f"The node group of a cluster mode disabled replication group is {NODE_GROUP}.")
    if (slots := entry.get("Slots")) and slots != ALL_SLOTS:
        raise invalid_value(f"The slots of the only node group must be {ALL_SLOTS}.")


def _has_slots(entry: Mapping[str, Any]) -> bool:
    return bool(entry.get("Slots"))


def _replicas(params: Params, entry: Mapping[str, Any]) -> int:
    if "ReplicaCount" in entry:
        return int(entry["ReplicaCount"])
    if params.get("NumCacheClusters") is not None:
        return int(params["NumCacheClusters"]) - 1
    return int(params.get("ReplicasPerNodeGroup") or 0)


def _placed(
    params: Params, entries: Sequence[Mapping[str, Any]], nodes: Sequence[int], zones: Sequence[str]
) -> list[tuple[str, ...]]:
    """The zones of each shard; primaries are spread, too."""
    preferred = tuple(params.get("PreferredCacheClusterAZs") or ())
    if preferred and len(entries) > 1:
        raise invalid_combination("PreferredCacheClusterAZs can only be specified for one node group.")
    if preferred and len(preferred) != params.get("NumCacheClusters"):
        raise invalid_value(
            "When specifying preferred availability zones, the number of cache clusters must be specified and must"
            " match the number of preferred availability zones."
        )
    if preferred:
        return [known(preferred, zones)]
    return [
        zones_for(entry, count, turned(zones, number))
        for number, (entry, count) in enumerate(zip(entries, nodes, strict=True))
    ]
