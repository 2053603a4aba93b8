"""What is kept and shown of the parameters of both Modify operations."""

from collections.abc import Mapping
from dataclasses import replace

from cachewright.controlplane.api.common.context import Context, Params
from cachewright.controlplane.api.common.inputs import Input, kept
from cachewright.controlplane.api.common.options import first_options
from cachewright.controlplane.model.cache import Spec
from cachewright.controlplane.model.faults import invalid_combination, invalid_value
from cachewright.controlplane.model.options import Options

TOPIC_STATUSES = ("active", "inactive")


def next_options(context: Context, params: Params, spec: Spec, inputs: Mapping[str, Input]) -> Options:
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
    new = first_options(context, {**before, **given}, spec.release)
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
