"""What a request to modify a cache leaves for the maintenance window, unless it says ApplyImmediately.

Source: the ElastiCache user guide, "Modifying a cluster" and "Version management"; texts as AWS answers.
"""

from dataclasses import replace

from cachewright.controlplane.api.common.context import Context, Params
from cachewright.controlplane.api.common.encryption import encryptable
from cachewright.controlplane.api.parameter_groups.assignment import next_group
from cachewright.controlplane.model.cache import Cache, Spec, Transit
from cachewright.controlplane.model.faults import invalid_combination
from cachewright.controlplane.model.node_types import node_type
from cachewright.controlplane.model.parameter_groups import DEFAULT_GROUPS, default_group
from cachewright.controlplane.model.pending import Pending
from cachewright.controlplane.model.scaling import moves, runs_on
from cachewright.controlplane.model.upgrades import upgraded
from cachewright.controlplane.model.versions import EngineVersion

NO_CHANGE = "No modifications were requested"


def check_asked(params: Params, name: str, spec: Spec) -> None:
    """Fault when a request asks for nothing; what waits already may be asked for with ApplyImmediately alone."""
    asked = {key for key, value in params.items() if value is not None} - {name, "ApplyImmediately"}
    if not asked and not (params.get("ApplyImmediately") and spec.pending != Pending()):
        raise invalid_combination(NO_CHANGE)


def deferrable(context: Context, params: Params, cache: Cache) -> Pending:
    """What waits after a request, if it is not applied at once: what it asks for takes the place of what waited."""
    spec, waits = cache.spec, cache.spec.pending
    target = upgraded(spec.release, params.get("Engine"), params.get("EngineVersion"))
    if params.get("Engine") or params.get("EngineVersion"):
        waits = _waiting_version(context, params, cache, target)
    if wanted := params.get("CacheNodeType"):
        waits = replace(waits, node_type=_other_node_type(spec, target, wanted))
    if not runs_on(target, node_type(waits.node_type or spec.node_type)):
        raise invalid_combination(
            f"Cache node type {spec.node_type} does not support {target.engine} {target.version}."
        )
    return waits


def with_group(context: Context, params: Params, spec: Spec) -> Spec:
    """The spec with the parameter group that a request changes at once: one of the family that runs."""
    wanted = params.get("CacheParameterGroupName")
    if not wanted or _of_another_family(params, spec):
        return spec
    group = next_group(context, spec, spec.release, wanted)
    return replace(spec, parameter_group=group.name, parameters=group.deviations)


def check_blocked(params: Params, spec: Spec) -> None:
    """A node type that waits keeps versions from being changed at once, and the other way round."""
    if not params.get("ApplyImmediately"):
        return
    versions = params.get("EngineVersion") or params.get("Engine")
    if versions and spec.pending.node_type:
        raise invalid_combination("The engine version cannot be modified while a change of the node type is pending.")
    if params.get("CacheNodeType") and spec.pending.version:
        raise invalid_combination("The node type cannot be modified while a change of the engine version is pending.")


def _waiting_version(context: Context, params: Params, cache: Cache, target: EngineVersion) -> Pending:
    spec = cache.spec
    if target == spec.release:
        return replace(spec.pending, engine=None, version="", parameter_group="", parameters=())
    if spec.at_rest and not encryptable(target):
        raise invalid_combination(f"Encryption features are not supported for engine version {target.version}.")
    default = spec.parameter_group in DEFAULT_GROUPS and target.family != spec.release.family
    usual = default_group(target, clustered=spec.clustered) if default else spec.parameter_group
    wanted = params.get("CacheParameterGroupName") or usual
    group = next_group(context, spec, target, wanted)
    waits = replace(spec.pending, engine=target.engine, version=target.described)
    if target.family == spec.release.family:
        return replace(waits, parameter_group="", parameters=())
    return replace(waits, parameter_group=group.name, parameters=group.deviations)


def _of_another_family(params: Params, spec: Spec) -> bool:
    target = upgraded(spec.release, params.get("Engine"), params.get("EngineVersion"))
    return target.family != spec.release.family


def _other_node_type(spec: Spec, target: EngineVersion, wanted: str) -> str:
    """The wanted node type; empty when it is the present one."""
    row = node_type(wanted)
    allowed = moves(target, spec.node_type, encrypted=spec.transit is not Transit.OFF)
    if row.name == spec.node_type:
        return ""
    if row.name not in (*allowed.up, *allowed.down):
        raise invalid_combination(f"Cache node type {spec.node_type} cannot be modified to {row.name}.")
    return row.name
