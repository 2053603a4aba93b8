"""What is kept and shown of the parameters that both Create operations have."""

import re

from cachewright.controlplane.api.common.context import Context, Params
from cachewright.controlplane.api.subnet_groups.lookup import found_group
from cachewright.controlplane.model import windows
from cachewright.controlplane.model.faults import invalid_combination, invalid_value
from cachewright.controlplane.model.options import Options
from cachewright.controlplane.model.subnet_groups import DEFAULT
from cachewright.controlplane.model.versions import Engine, EngineVersion

RETENTION = range(36)  # days
NETWORKS = ("ipv4", "ipv6", "dual_stack")
DISCOVERIES = ("ipv4", "ipv6")
WITHOUT_SNAPSHOTS = "cache.t1.micro"
_TOPIC = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:\S+")


def first_options(context: Context, params: Params, release: EngineVersion) -> Options:
    """What is kept of the parameters that both Create operations have. Faults: AWS's rules about each."""
    _check_network(params)
    snapshots = release.engine is not Engine.MEMCACHED
    weekly, daily = _windows(context, params, snapshots=snapshots)
    return Options(
        preferred_maintenance_window=weekly,
        snapshot_window=daily,
        snapshot_retention_limit=_retention(params, snapshots=snapshots),
        notification_topic_arn=_topic(params.get("NotificationTopicArn") or ""),
        cache_subnet_group_name=found_group(context, params.get("CacheSubnetGroupName") or DEFAULT).name,
        auto_minor_version_upgrade=params.get("AutoMinorVersionUpgrade", True),
        security_group_ids=tuple(params.get("SecurityGroupIds", ())),
    )


def _check_network(params: Params) -> None:
    if params.get("CacheSecurityGroupNames"):
        raise invalid_combination("Use of cache security groups is not permitted in this API version for your account.")
    for name, values in (("NetworkType", NETWORKS), ("IpDiscovery", DISCOVERIES)):
        if params.get(name, "ipv4") not in values:
            raise invalid_value(f"Invalid value {params[name]} for {name}. Must be one of: {', '.join(values)}")


def _windows(context: Context, params: Params, *, snapshots: bool) -> tuple[str, str]:
    maintenance = params.get("PreferredMaintenanceWindow") or ""
    region, random = context.caller.region, context.random
    if not snapshots:
        return windows.weekly_window(maintenance, region, random).text, ""
    weekly, daily = windows.windows(maintenance, params.get("SnapshotWindow") or "", region, random)
    return weekly.text, daily.text


def _retention(params: Params, *, snapshots: bool) -> int:
    """Days; Memcached has no snapshots, and neither has the smallest node type."""
    days: int = params.get("SnapshotRetentionLimit", 0)
    if days not in RETENTION:
        raise invalid_value(f"Invalid value {days} for SnapshotRetentionLimit. Must be between 0 and {RETENTION[-1]}")
    if not snapshots and (days or params.get("SnapshotWindow")):
        raise invalid_combination("Snapshot parameters are not supported for engine memcached.")
    if days and str(params["CacheNodeType"]).lower() == WITHOUT_SNAPSHOTS:
        raise invalid_combination(
            "Instance type does not support snapshotting. Snapshot retention limit parameter should not be specified."
        )
    return days


def _topic(arn: str) -> str:
    if arn and not _TOPIC.fullmatch(arn):
        raise invalid_value(f"Invalid notification topic ARN: {arn}")
    return arn
