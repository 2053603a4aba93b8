"""A global datastore as AWS shows it."""

from cachewright.controlplane.api.common import pending_view
from cachewright.controlplane.api.common.context import Answer
from cachewright.controlplane.api.global_replication_groups.lookup import Members
from cachewright.controlplane.model.cache import Cache, Transit
from cachewright.controlplane.model.changes import owners
from cachewright.controlplane.model.described import node_type_shown, release_shown
from cachewright.controlplane.model.global_replication_groups import GlobalStatus, MemberStatus, Place
from cachewright.controlplane.model.lifecycle import UNBORN
from cachewright.controlplane.model.nouns import GLOBAL_REPLICATION_GROUP, Resource
from cachewright.controlplane.model.slots import written


def global_replication_group(
    members: Members, status: GlobalStatus | None = None, marked: tuple[tuple[Place, MemberStatus], ...] = ()
) -> Answer:
    """A global datastore with its members, some of which may have a status that only the answer to a request knows."""
    datastore, primary = members.datastore, members.primary
    return {
        "GlobalReplicationGroupId": datastore.id,
        "GlobalReplicationGroupDescription": datastore.description,
        "Status": (status or members.status).value,
        "CacheNodeType": node_type_shown(primary),
        "Engine": release_shown(primary).engine.value,
        "EngineVersion": release_shown(primary).described,
        "Members": [_member(members, *group, dict(marked)) for group in members.groups],
        "ClusterEnabled": primary.spec.clustered,
        "GlobalNodeGroups": _node_groups(datastore.id, primary) if primary.spec.clustered else [],
        "AuthTokenEnabled": bool(primary.spec.auth.tokens),
        "TransitEncryptionEnabled": primary.spec.transit is not Transit.OFF,
        "AtRestEncryptionEnabled": primary.spec.at_rest,
        "ARN": Resource(primary.key.account, "", GLOBAL_REPLICATION_GROUP, datastore.id).arn,
    }


def _node_groups(name: str, primary: Cache) -> list[Answer]:
    served = owners(primary)
    slots = ((shard.id, written(served.get(shard.id, ()))) for shard in primary.spec.shards)
    return [{"GlobalNodeGroupId": f"{name}-{shard}", "Slots": ranges} for shard, ranges in slots]


def _member(members: Members, place: Place, cache: Cache, marked: dict[Place, MemberStatus]) -> Answer:
    born = cache.status.phase not in UNBORN
    return {
        "ReplicationGroupId": place.group,
        "ReplicationGroupRegion": place.region,
        "Role": members.datastore.membership(place).role.value,
        "AutomaticFailover": pending_view.failover(cache),
        "Status": marked.get(place, MemberStatus.ASSOCIATED if born else MemberStatus.ASSOCIATING).value,
    }
