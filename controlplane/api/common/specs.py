"""The parts of a spec that cache clusters and replication groups have in common."""

import re
from dataclasses import replace

from cachewright.controlplane.api.common.context import Context, Params
from cachewright.controlplane.model import node_types, versions, windows
from cachewright.controlplane.model.cache import Cache, Spec
from cachewright.controlplane.model.changes import noted
from cachewright.controlplane.model.faults import Fault, invalid_combination, invalid_value
from cachewright.controlplane.model.options import Options
from cachewright.controlplane.model.parameters.fitting import check_fit
from cachewright.controlplane.model.scaling import runs_on
from cachewright.controlplane.model.tags import tags_of
from cachewright.controlplane.model.versions import Engine, EngineVersion, numbers

NODE_QUOTA = 300  # per region, unless AWS is asked for more
RETENTION = range(36)  # days
NETWORKS = ("ipv4", "ipv6", "dual_stack")
DISCOVERIES = ("ipv4", "ipv6")
WITHOUT_SNAPSHOTS = "cache.t1.micro"
TLS_VERSIONS = "3.2.6"  # and 4.0.10 on, but nothing between

_TOPIC = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:\S+")


def given(params: Params, name: str) -> str:
    """A parameter that the operation cannot do without; Fault in AWS's words when it is absent."""
    value = params.get(name)
    if not value:
        raise invalid_value(f"The parameter {name} must be provided and must not be null.")
    return str(value)


def node_type_for(release: EngineVersion, wanted: str) -> str:
    """The node type, when the version runs on it."""
    row = node_types.node_type(wanted)
    if not runs_on(release, row):
        raise invalid_combination(f"Cache node type {row.name} does not support {release.engine} {release.version}.")
    return row.name


def encryptable(release: EngineVersion) -> bool:
    """Whether Redis or Valkey of that version can be encrypted, at rest or in transit."""
    return numbers(release.described) >= (4, 0, 10) or release.version == TLS_VERSIONS


def port_for(engine: Engine, params: Params) -> int:
    """The port of every node."""
    port: int = params.get("Port", versions.DEFAULT_PORT[engine])
    if not 1 <= port <= 65535:
        raise invalid_value(f"Invalid value {port} for Port. Must be between 1 and 65535")
    return port


def options_for(context: Context, params: Params, release: EngineVersion) -> Options:
    """What is kept of the parameters that both Create operations have. Faults: AWS's rules about each."""
    _check_network(params)
    snapshots = release.engine is not Engine.MEMCACHED
    weekly, daily = _windows(context, params, snapshots=snapshots)
    return Options(
        preferred_maintenance_window=weekly,
        snapshot_window=daily,
        snapshot_retention_limit=_retention(params, snapshots=snapshots),
        notification_topic_arn=_topic(params.get("NotificationTopicArn") or ""),
        auto_minor_version_upgrade=params.get("AutoMinorVersionUpgrade", True),
        security_group_ids=tuple(params.get("SecurityGroupIds", ())),
        tags=tags_of(params.get("Tags", ())),
    )


def _check_network(params: Params) -> None:
    if params.get("CacheSecurityGroupNames"):
        raise invalid_combination("Use of cache security groups is not permitted in this API version for your account.")
    subnets = params.get("CacheSubnetGroupName") or "default"
    if subnets.lower() != "default":
        raise Fault("CacheSubnetGroupNotFoundFault", f"Cache subnet group {subnets} not found.")
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


def check_quota(context: Context, more: int) -> None:
    """Fault when the region would have too many nodes with so many more."""
    nodes = context.transaction.caches.count_nodes(context.caller.account, context.caller.region)
    if nodes + more > NODE_QUOTA:
        raise Fault(
            "NodeQuotaForCustomerExceededFault",
            f"Customer node quota exceeded. You can have at most {NODE_QUOTA} nodes in this region.",
        )


def remember(context: Context, cache: Cache) -> None:
    """Write the spec for a new cache down. Faults: too many nodes in the region, parameters that do not fit.

    NameTaken when its name or that of one of its clusters is in use.
    """
    check_quota(context, len(cache.spec.nodes))
    check_fit(cache.spec)
    context.transaction.caches.add(cache)


def change(context: Context, cache: Cache, spec: Spec, token: str = "") -> Cache:
    """Write the next spec for a cache down, if it is another one. `token` is AWS's AuthTokenStatus, if any."""
    if spec == cache.spec:
        return cache
    if _only_words(cache.spec, spec):
        context.transaction.caches.update_presentation(cache.key, spec)
        return replace(cache, spec=spec)
    spec = noted(cache, spec, token)
    context.transaction.caches.write_spec(cache.key, spec)
    return replace(cache, spec=spec, generation=cache.generation + 1)


def _only_words(before: Spec, after: Spec) -> bool:
    """Whether nobody has to do anything about it."""
    return replace(after, options=before.options, pending=before.pending, multi_az=before.multi_az) == before
