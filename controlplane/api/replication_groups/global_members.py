"""Replication groups that are members of a global datastore.

Source: the API reference of CreateReplicationGroup, GlobalReplicationGroupId; the user guide, "Global datastores".
"""

from dataclasses import replace
from typing import Any

from cachewright.controlplane.api.common.context import Context, Params
from cachewright.controlplane.api.common.tokens import token_digest
from cachewright.controlplane.api.global_replication_groups.create import check_kind
from cachewright.controlplane.api.global_replication_groups.lookup import (
    Members,
    changeable_datastore,
    invalid_state,
    own_datastores,
)
from cachewright.controlplane.api.global_replication_groups.parameter_groups import copied, group_of
from cachewright.controlplane.api.replication_groups.node_groups import ids_of
from cachewright.controlplane.model.cache import Cache, Spec, Transit
from cachewright.controlplane.model.faults import Fault, invalid_combination, invalid_value
from cachewright.controlplane.model.global_replication_groups import MOST_SECONDARIES, Place
from cachewright.controlplane.model.lifecycle import UNBORN

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
    "ServerlessCacheSnapshotName",
)  # what a member takes from its global datastore, or cannot have
SHARED = (
    "AutomaticFailoverEnabled",
    "CacheNodeType",
    "CacheParameterGroupName",
    "Engine",
    "EngineVersion",
    "TransitEncryptionEnabled",
    "TransitEncryptionMode",
    "AuthToken",
    "AuthTokenUpdateStrategy",
    "ClusterMode",
    "Durability",
)  # what all members have alike, so that none is changed alone


def joined(context: Context, params: Params) -> Members | None:
    """The global datastore that a request makes a secondary of. Faults: what cannot be given, a datastore that is
    busy, full, or in this region already.
    """
    wanted = params.get("GlobalReplicationGroupId")
    if not wanted:
        return None
    if any(params.get(name) is not None for name in INHERITED):
        raise _contradiction()
    members = changeable_datastore(context, wanted)
    datastore, region = members.datastore, context.caller.region
    if members.primary.status.phase in UNBORN:
        raise invalid_state(f"Global Replication Group {datastore.id} is not in a valid state to be modified.")
    if region in [place.region for place in datastore.members]:
        raise invalid_value(f"Global Replication Group {datastore.id} has a member in region {region} already.")
    if len(datastore.secondaries) >= MOST_SECONDARIES:
        raise invalid_value(f"Global Replication Group {datastore.id} has {MOST_SECONDARIES} secondaries already.")
    return members


def _contradiction() -> Fault:
    return invalid_combination(
        "Cannot use the given parameters when creating new replication group in an existing global replication group."
    )


def with_primary(context: Context, params: Params, name: str, members: Members) -> dict[str, Any]:
    """The parameters as if the request had repeated what the primary is, but for the parameter group: a new copy of the
    primary's. Fault for another AUTH token, and another mode of encryption.
    """
    primary, token, mode = members.primary, params.get("AuthToken"), params.get("TransitEncryptionMode")
    spec = primary.spec
    if mode is not None and mode != spec.transit:
        raise _contradiction()
    if token and token_digest(token) not in spec.auth.tokens:
        raise invalid_value("Invalid AuthToken provided.")
    shared = {
        "Engine": spec.engine.value,
        "EngineVersion": spec.release.version,
        "CacheNodeType": spec.node_type,
        "CacheParameterGroupName": copied(context, group_of(context, primary), name, members.datastore.id).name,
        "AutomaticFailoverEnabled": spec.automatic_failover,
        "AtRestEncryptionEnabled": spec.at_rest,
        "TransitEncryptionEnabled": spec.transit is not Transit.OFF,
        "DataTieringEnabled": primary.presentation.data_tiering,
    }
    node_groups = {"NodeGroupConfiguration": _node_groups(params, spec)} if spec.clustered else {}
    own = {name: value for name, value in params.items() if name not in ("AuthToken", "TransitEncryptionMode")}
    return {**own, **shared, **node_groups}


def _node_groups(params: Params, spec: Spec) -> list[dict[str, Any]]:
    """One for each of the primary's, with its id and its slots. Fault when the request asks for others."""
    entries = params.get("NodeGroupConfiguration") or [{}] * len(spec.shards)
    if len(entries) != len(spec.shards):
        raise invalid_value(f"The Global Replication Group has {len(spec.shards)} node groups.")
    numbered = [{**entry, "NodeGroupId": name} for entry, name in zip(entries, ids_of(entries), strict=True)]
    asked = {entry["NodeGroupId"]: entry for entry in numbered}
    if any(asked.get(shard.id, {}).get("Slots", shard.slots) != shard.slots for shard in spec.shards) or (
        asked.keys() != {shard.id for shard in spec.shards}
    ):
        raise invalid_value("The node groups and their slots must be those of the Global Replication Group.")
    return [{**asked[shard.id], "Slots": shard.slots} for shard in spec.shards]


def associated(context: Context, cache: Cache, members: Members) -> Cache:
    """A new group as a secondary, which the datastore has from now on; the group is not written yet. Fault when it is
    of a kind that none can be of.
    """
    check_kind(cache.spec)
    place = Place(cache.key.region, cache.key.id)
    datastore = replace(members.datastore, secondaries=(*members.datastore.secondaries, place))
    own_datastores(context).change(datastore.id, datastore)
    own = members.primary.spec
    spec = replace(cache.spec, transit=own.transit, auth=own.auth, restricted=own.restricted)
    return replace(cache, spec=replace(spec, datastore=datastore.membership(place), upstream=datastore.upstream(place)))


def check_independent(params: Params, cache: Cache) -> None:
    """Fault when a request changes in one member what all have alike."""
    if any(params.get(name) is not None for name in SHARED):
        check_no_member(cache)


def check_no_member(cache: Cache) -> None:
    """Fault when a group is a member."""
    if member := cache.spec.datastore:
        raise invalid_value(
            f"Cluster [{cache.key.id}] is part of a global cluster [{member.datastore}]. Request rejected."
        )
