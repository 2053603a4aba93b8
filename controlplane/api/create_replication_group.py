"""CreateReplicationGroup: a primary and its replicas, with cluster mode disabled."""

from dataclasses import replace

from controlplane.api import group_shape, group_view, wishes
from controlplane.api.context import Answer, Context, Params
from controlplane.api.group_shape import Shape
from controlplane.api.inputs import CREATE_REPLICATION_GROUP, kept, refuse_unbuilt
from controlplane.model.cache import Cache, Kind, Node, Shard, Spec
from controlplane.model.faults import Fault, invalid_combination, invalid_value
from controlplane.model.names import group_id, member_id, node_id
from controlplane.model.options import Options
from controlplane.model.parameter_groups import group_for
from controlplane.model.versions import Engine, EngineVersion, engine_named, requested_version
from controlplane.store.caches import NameTaken

LONGEST_DESCRIPTION = 255
DURABILITIES = ("default", "async", "sync", "disabled")
INHERITED = (
    "PrimaryClusterId",
    "AutomaticFailoverEnabled",
    "NumNodeGroups",
    "CacheParameterGroupName",
    "CacheNodeType",
    "Engine",
    "EngineVersion",
    "CacheSecurityGroupNames",
    "TransitEncryptionEnabled",
    "AtRestEncryptionEnabled",
    "SnapshotArns",
    "SnapshotName",
)  # what a member of a global datastore takes from it


def create_replication_group(context: Context, params: Params) -> Answer:
    """Write the wish for a new replication group."""
    name = group_id(params["ReplicationGroupId"])
    _check_origin(context, params)
    cache = context.new(Kind.REPLICATION_GROUP, name, _spec(context, params, name))
    try:
        wishes.remember(context, cache)
    except NameTaken:
        raise _taken(context, cache) from None
    return {"ReplicationGroup": group_view.group(cache)}


def _taken(context: Context, cache: Cache) -> Fault:
    if context.transaction.caches.get(cache.key):
        return Fault("ReplicationGroupAlreadyExistsFault", "Replication group already exists")
    return Fault("CacheClusterAlreadyExistsFault", "Cache cluster already exists")


def _check_origin(context: Context, params: Params) -> None:
    """Whatever the group would grow out of."""
    if datastore := params.get("GlobalReplicationGroupId"):
        if any(params.get(name) is not None for name in INHERITED):
            raise invalid_combination(
                "Cannot use the given parameters when creating new replication group in an existing global"
                " replication group."
            )
        raise Fault("GlobalReplicationGroupNotFoundFault", f"GlobalReplicationGroup not found: {datastore}")
    if primary := params.get("PrimaryClusterId"):
        here = (context.caller.account, context.caller.region)
        if context.transaction.caches.holding(*here, primary.lower()) is None:
            raise Fault("CacheClusterNotFoundFault", f"CacheCluster not found: {primary}")
        refuse_unbuilt({"PrimaryClusterId": primary}, CREATE_REPLICATION_GROUP)


def _spec(context: Context, params: Params, name: str) -> Spec:
    release = _release(params)
    node_type = wishes.node_type_for(release, wishes.given(params, "CacheNodeType"))
    group = group_for(release, params.get("CacheParameterGroupName"))
    shape = group_shape.shape_of(params, group, context.zones)
    group_shape.check_failover(params, shape, release, node_type)
    _check_protection(params, release, node_type)
    port = wishes.port_for(release.engine, params)
    options = _options(context, params, release, _members(name, shape))
    refuse_unbuilt(params, CREATE_REPLICATION_GROUP)
    return Spec(
        release.engine,
        release.described,
        node_type,
        port,
        group,
        (_shard(name, shape),),
        bool(params.get("AutomaticFailoverEnabled")),
        bool(params.get("MultiAZEnabled")),
        options=options,
    )


def _release(params: Params) -> EngineVersion:
    engine = engine_named(params.get("Engine") or Engine.REDIS)
    if engine is Engine.MEMCACHED:
        raise invalid_value("Invalid engine name: memcached. Use CreateCacheCluster to create a Memcached cluster.")
    return requested_version(engine, params.get("EngineVersion"))


def _members(group: str, shape: Shape) -> tuple[str, ...]:
    return tuple(member_id(group, number) for number in range(1, len(shape.zones) + 1))


def _shard(group: str, shape: Shape) -> Shard:
    named = zip(_members(group, shape), shape.zones, strict=True)
    return Shard(group_shape.NODE_GROUP, tuple(Node(member, node_id(1), zone) for member, zone in named))


def _options(context: Context, params: Params, release: EngineVersion, members: tuple[str, ...]) -> Options:
    common = wishes.options_for(context, params, release)
    return replace(
        common,
        description=_description(params["ReplicationGroupDescription"]),
        snapshotting_cluster_id=members[:2][-1] if common.snapshot_retention_limit else "",
        at_rest_encryption=params.get("AtRestEncryptionEnabled", release.engine is Engine.VALKEY),
        kms_key_id=params.get("KmsKeyId") or "",
        data_tiering=bool(params.get("DataTieringEnabled")),
        durability=params.get("Durability") or "",
        unbuilt=kept(params, CREATE_REPLICATION_GROUP),
    )


def _description(text: str) -> str:
    if len(text) > LONGEST_DESCRIPTION:
        raise invalid_value(f"ReplicationGroupDescription cannot be longer than {LONGEST_DESCRIPTION} characters.")
    return text


def _check_protection(params: Params, release: EngineVersion, node_type: str) -> None:
    """AWS's rules about encryption, who may log in, and what becomes of data that does not fit or must not be lost."""
    wishes.check_token(params)
    encrypted = params.get("AtRestEncryptionEnabled", release.engine is Engine.VALKEY)
    if (encrypted or params.get("TransitEncryptionEnabled")) and not wishes.encryptable(release):
        raise invalid_combination(
            f"Encryption features are not supported for engine version {release.version}."
            " Please use engine version 3.2.6"
        )
    if params.get("KmsKeyId") and not encrypted:
        raise invalid_combination("KmsKeyId can only be given when encryption at rest is enabled.")
    for wanted in params.get("UserGroupIds") or ():
        raise Fault("UserGroupNotFoundFault", f"UserGroup {wanted} not found.")
    if node_type.startswith(wishes.TIERED) != bool(params.get("DataTieringEnabled")):
        raise invalid_combination(f"DataTieringEnabled must be true for {wishes.TIERED}* node types, and for no other.")
    if (durability := params.get("Durability")) and durability not in DURABILITIES:
        raise invalid_value(f"Invalid value {durability} for Durability. Must be one of: {', '.join(DURABILITIES)}")
