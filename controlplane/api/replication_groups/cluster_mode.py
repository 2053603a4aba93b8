"""Which cluster mode a replication group has, and how it may be changed.

Source: the ElastiCache user guide, "Modifying cluster mode" and "Scaling clusters"; texts as AWS answers where they are
known.
"""

from collections.abc import Sequence
from dataclasses import replace

from cachewright.controlplane.api.common.context import Context, Params
from cachewright.controlplane.api.parameter_groups.assignment import group_for
from cachewright.controlplane.model import slots
from cachewright.controlplane.model.cache import ClusterMode, Spec
from cachewright.controlplane.model.faults import invalid_combination, invalid_value
from cachewright.controlplane.model.parameter_groups import ParameterGroup, check_move, default_group
from cachewright.controlplane.model.pending import Pending
from cachewright.controlplane.model.versions import Engine, EngineVersion, numbers

FIRST_REDIS: dict[ClusterMode, tuple[int, ...]] = {
    ClusterMode.DISABLED: (),
    ClusterMode.COMPATIBLE: (7, 0),
    ClusterMode.ENABLED: (3, 2, 4),
}  # Valkey could do it always
STEPS = frozenset(
    {
        (ClusterMode.DISABLED, ClusterMode.COMPATIBLE),
        (ClusterMode.COMPATIBLE, ClusterMode.DISABLED),
        (ClusterMode.COMPATIBLE, ClusterMode.ENABLED),
    }
)
ALONE = frozenset({"ReplicationGroupId", "ApplyImmediately", "ClusterMode", "CacheParameterGroupName"})


def mode_named(wanted: str) -> ClusterMode:
    """The mode of that name; Fault when AWS has no such mode."""
    try:
        return ClusterMode(wanted.lower())
    except ValueError:
        modes = ", ".join(ClusterMode)
        raise invalid_value(f"Invalid value {wanted} for ClusterMode. Must be one of: {modes}") from None


def first_mode(params: Params, release: EngineVersion, named: ParameterGroup | None, shards: int) -> ClusterMode:
    """The mode of a new group: the one that is asked for, else what its parameter group or its shards need."""
    usual = ClusterMode.ENABLED if shards > 1 or (named and named.clustered) else ClusterMode.DISABLED
    mode = mode_named(params["ClusterMode"]) if params.get("ClusterMode") else usual
    if named:
        check_group(mode, named)
    if shards > 1 and mode is not ClusterMode.ENABLED:
        raise invalid_combination(f"NumNodeGroups must be 1 when cluster mode is {mode}.")
    check_version(mode, release)
    if mode is not ClusterMode.DISABLED and not params.get("AutomaticFailoverEnabled"):
        raise invalid_combination("Automatic failover must be enabled for a cluster mode enabled replication group.")
    return mode


def check_group(mode: ClusterMode, group: ParameterGroup) -> None:
    """Fault when a parameter group says otherwise."""
    if mode is not ClusterMode.DISABLED and not group.clustered:
        raise invalid_combination("Cluster mode should be enabled in parameter group, but found it is disabled.")
    if mode is ClusterMode.DISABLED and group.clustered:
        raise invalid_combination("Cluster mode should be disabled in parameter group, but found it is enabled.")


def check_version(mode: ClusterMode, release: EngineVersion) -> None:
    """Fault when a version does not have the mode."""
    if release.engine is Engine.REDIS and numbers(release.described) < FIRST_REDIS[mode]:
        raise invalid_combination(f"Cluster mode {mode} is not supported for Redis version {release.version}.")


def changed(context: Context, params: Params, spec: Spec) -> Spec | None:
    """The spec with the cluster mode that ModifyReplicationGroup asks for; None when it asks for no other one."""
    wanted = mode_named(params["ClusterMode"]) if params.get("ClusterMode") else spec.cluster_mode
    if wanted is spec.cluster_mode:
        return None
    _check_step(params, spec, wanted)
    (shard,) = spec.shards
    served = slots.written(slots.EVERY) if wanted is not ClusterMode.DISABLED else ""
    group = _group(context, params, spec, wanted)
    return replace(
        spec,
        cluster_mode=wanted,
        parameter_group=group.name,
        parameters=group.deviations,
        shards=(replace(shard, slots=served),),
    )


def check_between(params: Params, spec: Spec, names: Sequence[str]) -> None:
    """Fault for what AWS does not do while cluster mode is compatible: scaling and other versions."""
    if spec.cluster_mode is ClusterMode.COMPATIBLE and (asked := [name for name in names if params.get(name)]):
        raise invalid_combination(f"{asked[0]} cannot be modified while cluster mode is compatible.")


def _check_step(params: Params, spec: Spec, wanted: ClusterMode) -> None:
    if others := sorted(name for name, value in params.items() if value is not None and name not in ALONE):
        raise invalid_combination(f"{others[0]} cannot be modified together with ClusterMode.")
    if spec.cluster_mode is ClusterMode.ENABLED:
        raise invalid_combination("Cluster mode cannot be changed any more once it is enabled.")
    if (spec.cluster_mode, wanted) not in STEPS:
        raise invalid_combination(
            "To modify cluster mode from Disabled to Enabled, you must first set the cluster mode to Compatible."
        )
    if spec.pending != Pending():
        raise invalid_combination("The cluster mode cannot be modified while other modifications are pending.")
    check_version(wanted, spec.release)
    if not spec.automatic_failover or any(len(shard.nodes) < 2 for shard in spec.shards):
        raise invalid_combination(
            "Automatic failover must be enabled with at least 1 replica to modify the cluster mode."
        )


def _group(context: Context, params: Params, spec: Spec, wanted: ClusterMode) -> ParameterGroup:
    """The parameter group that the mode needs: the named one, or the twin of a default group."""
    before = group_for(context, spec.release, spec.parameter_group)
    twin = default_group(spec.release, clustered=wanted is not ClusterMode.DISABLED) if before.default else before.name
    group = group_for(context, spec.release, params.get("CacheParameterGroupName") or twin)
    check_group(wanted, group)
    check_move(before, group, switching=True)
    return group
