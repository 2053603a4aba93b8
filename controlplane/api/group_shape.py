"""How many nodes a new replication group has, and where they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from controlplane.api.context import Params
from controlplane.api.inputs import NODE_GROUP_CONFIGURATION, refuse_unbuilt
from controlplane.model.cache import Spec
from controlplane.model.faults import Fault, invalid_combination, invalid_value, not_built
from controlplane.model.parameter_groups import clustered
from controlplane.model.versions import Engine, numbers
from controlplane.model.zones import known, spread

NODE_GROUP = "0001"  # the only one with cluster mode disabled
ALL_SLOTS = "0-16383"
MOST_REPLICAS = 5
MOST_CLUSTERED_NODES = 90
CLUSTER_MODES = ("enabled", "disabled", "compatible")
FIRST_FAILOVER_REDIS = (2, 8, 6)
WITHOUT_FAILOVER = "cache.t1."


@dataclass(frozen=True, slots=True)
class Shape:
    """The zone of every node of the only shard; the first one is the primary's."""

    zones: tuple[str, ...]

    @property
    def replicas(self) -> int:
        """Nodes besides the primary."""
        return len(self.zones) - 1


def shape_of(params: Params, group: str, zones: Sequence[str]) -> Shape:
    """The shape that a request asks for. Faults: AWS's rules about counts and zones; cluster mode is not built."""
    _check_counts(params)
    _check_cluster_mode(params, group)
    entry = (params.get("NodeGroupConfiguration") or [{}])[0]
    _check_node_group(params, entry)
    return Shape(known(_preferred(params), zones) or _configured(entry, 1 + _replicas(params, entry), zones))


def check_failover(spec: Spec) -> None:
    """AWS's rules about automatic failover and Multi-AZ of a wish with one shard."""
    automatic, multi_az, release = spec.automatic_failover, spec.multi_az, spec.release
    replicas = len(spec.nodes) - 1
    if automatic and not replicas:
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


def _check_counts(params: Params) -> None:
    shards, nodes = params.get("NumNodeGroups"), params.get("NumCacheClusters")
    replicas = params.get("ReplicasPerNodeGroup")
    if nodes is not None and (shards is not None or replicas is not None):
        raise invalid_combination("NumCacheClusters cannot be given with NumNodeGroups or ReplicasPerNodeGroup.")
    if shards is not None and shards < 1:
        raise invalid_value(f"Invalid value {shards} for NumNodeGroups. Must be at least 1")
    check_replicas(replicas or 0)
    check_replicas(1 if nodes is None else nodes - 1)
    if (shards or 1) * (1 + (replicas or 0)) > MOST_CLUSTERED_NODES:
        raise Fault(
            "NodeGroupsPerReplicationGroupQuotaExceededFault",
            f"A replication group can have at most {MOST_CLUSTERED_NODES} nodes.",
        )


def check_replicas(count: int) -> None:
    """AWS's limits for the replicas of a primary."""
    if not 0 <= count <= MOST_REPLICAS:
        raise invalid_value(f"The number of replicas per node group must be within 0 and {MOST_REPLICAS}.")


def _check_cluster_mode(params: Params, group: str) -> None:
    mode = params.get("ClusterMode") or "disabled"
    if mode not in CLUSTER_MODES:
        raise invalid_value(f"Invalid value {mode} for ClusterMode. Must be one of: {', '.join(CLUSTER_MODES)}")
    configured = params.get("NodeGroupConfiguration") or []
    shards = params.get("NumNodeGroups") or len(configured) or 1
    if configured and len(configured) != shards:
        raise invalid_combination("NodeGroupConfiguration must have as many entries as NumNodeGroups says.")
    if shards == 1 and mode == "disabled" and not clustered(group):
        return
    if shards > 1 and params.get("PreferredCacheClusterAZs"):
        raise invalid_combination("PreferredCacheClusterAZs can only be specified for one node group.")
    if shards > 1 and params.get("CacheParameterGroupName") and not clustered(group):
        raise invalid_combination("Cluster mode should be enabled in parameter group, but found it is disabled.")
    if not params.get("AutomaticFailoverEnabled"):
        raise invalid_combination("Automatic failover must be enabled for a cluster mode enabled replication group.")
    if params.get("SnapshotArns") and not all(entry.get("Slots") for entry in configured or [{}]):
        raise invalid_combination("Slots must be provided when restoring from snapshot ARNs with cluster mode enabled")
    raise not_built("cluster mode")


def _check_node_group(params: Params, entry: Mapping[str, Any]) -> None:
    """The rules about the only entry of NodeGroupConfiguration."""
    if (wanted := entry.get("NodeGroupId")) and wanted.zfill(4) != NODE_GROUP:
        raise invalid_value(f"The node group of a cluster mode disabled replication group is {NODE_GROUP}.")
    if (slots := entry.get("Slots")) and slots != ALL_SLOTS:
        raise invalid_value(f"The slots of the only node group must be {ALL_SLOTS}.")
    if "ReplicaCount" in entry:
        check_replicas(entry["ReplicaCount"])
        if params.get("ReplicasPerNodeGroup") is not None or params.get("NumCacheClusters") is not None:
            raise invalid_combination("ReplicaCount cannot be given with ReplicasPerNodeGroup or NumCacheClusters.")
    if entry and params.get("PreferredCacheClusterAZs"):
        raise invalid_combination("PreferredCacheClusterAZs cannot be given with NodeGroupConfiguration.")
    refuse_unbuilt(entry, NODE_GROUP_CONFIGURATION)


def _replicas(params: Params, entry: Mapping[str, Any]) -> int:
    if "ReplicaCount" in entry:
        return int(entry["ReplicaCount"])
    if params.get("NumCacheClusters") is not None:
        return int(params["NumCacheClusters"]) - 1
    return int(params.get("ReplicasPerNodeGroup") or 0)


def _preferred(params: Params) -> tuple[str, ...]:
    preferred = tuple(params.get("PreferredCacheClusterAZs") or ())
    if preferred and len(preferred) != params.get("NumCacheClusters"):
        raise invalid_value(
            "When specifying preferred availability zones, the number of cache clusters must be specified and must"
            " match the number of preferred availability zones."
        )
    return preferred


def _configured(entry: Mapping[str, Any], nodes: int, zones: Sequence[str]) -> tuple[str, ...]:
    """The zones of the node group; those that are not named are chosen round and round, the primary's first."""
    first = known([entry.get("PrimaryAvailabilityZone") or zones[0]], zones)
    replicas = known(entry.get("ReplicaAvailabilityZones") or (), zones)
    if replicas and len(replicas) != nodes - 1:
        raise invalid_value("ReplicaAvailabilityZones must name one availability zone for each replica.")
    start = zones.index(first[0])
    return (*first, *replicas) if replicas else spread([*zones[start:], *zones[:start]], nodes)
