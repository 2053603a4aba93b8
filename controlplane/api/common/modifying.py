"""What ModifyCacheCluster and ModifyReplicationGroup have in common.

Source: the ElastiCache user guide, "Modifying a cluster" and "Version management"; texts as AWS answers.
"""

from collections.abc import Mapping
from dataclasses import replace

from cachewright.controlplane.api.common import specs
from cachewright.controlplane.api.common.context import Context, Params
from cachewright.controlplane.api.common.inputs import Input, kept
from cachewright.controlplane.api.parameter_groups.assignment import next_group
from cachewright.controlplane.model.cache import Spec, Transit
from cachewright.controlplane.model.events import Event
from cachewright.controlplane.model.faults import invalid_combination, invalid_value
from cachewright.controlplane.model.node_types import node_type
from cachewright.controlplane.model.options import Options
from cachewright.controlplane.model.parameter_groups import DEFAULT_GROUPS, default_group
from cachewright.controlplane.model.pending import Pending
from cachewright.controlplane.model.scaling import moves, runs_on
from cachewright.controlplane.model.upgrades import upgraded
from cachewright.controlplane.model.versions import EngineVersion

TOPIC_STATUSES = ("active", "inactive")
NO_CHANGE = "No modifications were requested"


def check_asked(params: Params, name: str, spec: Spec) -> None:
    """Fault when a request asks for nothing; what waits already may be asked for with ApplyImmediately alone."""
    asked = {key for key, value in params.items() if value is not None} - {name, "ApplyImmediately"}
    if not asked and not (params.get("ApplyImmediately") and spec.pending != Pending()):
        raise invalid_combination(NO_CHANGE)


def settings(context: Context, params: Params, spec: Spec, inputs: Mapping[str, Input]) -> Options:
    """What is kept and shown after a request: it changes at once."""
    old = spec.options
    before = {
        "CacheNodeType": spec.node_type,
        "PreferredMaintenanceWindow": old.preferred_maintenance_window,
        "SnapshotWindow": old.snapshot_window,
        "SnapshotRetentionLimit": old.snapshot_retention_limit,
        "NotificationTopicArn": old.notification_topic_arn,
        "AutoMinorVersionUpgrade": old.auto_minor_version_upgrade,
        "SecurityGroupIds": old.security_group_ids,
    }
    given = {name: value for name, value in params.items() if value not in (None, "")}
    new = specs.options_for(context, {**before, **given}, spec.release)
    return replace(
        old,
        preferred_maintenance_window=new.preferred_maintenance_window,
        snapshot_window=new.snapshot_window,
        snapshot_retention_limit=new.snapshot_retention_limit,
        notification_topic_arn=new.notification_topic_arn,
        notification_topic_status=_topic_status(params, new),
        auto_minor_version_upgrade=new.auto_minor_version_upgrade,
        security_group_ids=new.security_group_ids,
        unbuilt=tuple(dict.fromkeys((*old.unbuilt, *kept(params, inputs)))),
    )


def _topic_status(params: Params, options: Options) -> str:
    status = params.get("NotificationTopicStatus") or options.notification_topic_status
    if status not in TOPIC_STATUSES:
        allowed = ", ".join(TOPIC_STATUSES)
        raise invalid_value(f"Invalid value {status} for NotificationTopicStatus. Must be one of: {allowed}")
    if params.get("NotificationTopicStatus") and not options.notification_topic_arn:
        raise invalid_combination("NotificationTopicStatus can only be given when there is a notification topic.")
    return str(status)


def deferrable(context: Context, params: Params, spec: Spec) -> Pending:
    """What waits after a request, if it is not applied at once: what it asks for takes the place of what waited."""
    target = upgraded(spec.release, params.get("Engine"), params.get("EngineVersion"))
    waits = spec.pending
    if params.get("Engine") or params.get("EngineVersion"):
        waits = _waiting_version(context, params, spec, target)
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


def events_of(source: str, name: str, before: Spec, after: Spec) -> list[Event]:
    """What is told at once about a change."""
    told: list[Event] = []
    if len(after.nodes) > len(before.nodes) and not after.replicates:
        told.append(Event(source, name, "Increasing number of requested nodes"))
    if before.parameter_group != after.parameter_group:
        told.append(Event(source, name, f"Updated to use a CacheParameterGroup {after.parameter_group}"))
    if before.options.security_group_ids != after.options.security_group_ids:
        told.append(Event(source, name, "Applied change to security group"))
    if before.automatic_failover != after.automatic_failover:
        word = "on" if after.automatic_failover else "off"
        told.append(Event(source, name, f"Automatic failover has been turned {word} for replication group {name}"))
    if more := [kind for kind in after.options.unbuilt if kind not in before.options.unbuilt]:
        told.append(Event(source, name, f"Cachewright keeps and shows {', '.join(more)}, but does not act on it yet."))
    return told


def _waiting_version(context: Context, params: Params, spec: Spec, target: EngineVersion) -> Pending:
    if target == spec.release:
        return replace(spec.pending, engine=None, version="", parameter_group="", parameters=())
    if spec.options.at_rest_encryption and not specs.encryptable(target):
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
