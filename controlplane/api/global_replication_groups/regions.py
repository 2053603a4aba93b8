"""RegionalConfigurations: where the nodes of new shards are in each region."""

from collections.abc import Mapping, Sequence

from cachewright.controlplane.api.common.context import Params
from cachewright.controlplane.api.global_replication_groups.lookup import Members
from cachewright.controlplane.api.replication_groups.resharding import for_new, new_ids
from cachewright.controlplane.model.faults import invalid_value
from cachewright.controlplane.model.global_replication_groups import Place
from cachewright.controlplane.model.names import repeated


def regional_entries(members: Members, asked: Sequence[Params], more: int) -> Mapping[Place, Sequence[Params]]:
    """An entry for each of so many new shards of each member, with the id that the shard has everywhere. Faults: no
    member, a member that is named twice, ids that are not alike.
    """
    configured = _configured(members, asked)
    entries = {place: for_new(cache.spec, configured.get(place, ()), more) for place, cache in members.groups}
    wanted = [_alike(shards) for shards in zip(*entries.values(), strict=True)]
    ids = new_ids([cache for _, cache in members.groups], wanted)
    return {
        place: [{**entry, "NodeGroupId": name} for entry, name in zip(own, ids, strict=True)]
        for place, own in entries.items()
    }


def _configured(members: Members, asked: Sequence[Params]) -> Mapping[Place, Sequence[Params]]:
    places = [Place(one["ReplicationGroupRegion"].lower(), one["ReplicationGroupId"].lower()) for one in asked]
    if strange := [place for place in places if place not in members.datastore.members]:
        raise invalid_value(
            f"Replication group {strange[0].group} in {strange[0].region} is not associated with Global Replication"
            f" Group {members.datastore.id}."
        )
    if twice := repeated(f"{place.group} in {place.region}" for place in places):
        raise invalid_value(f"Replication group {twice} must be given once in RegionalConfigurations.")
    return {place: one["ReshardingConfiguration"] for place, one in zip(places, asked, strict=True)}


def _alike(entries: Sequence[Params]) -> str:
    """The id that a shard is to have in all regions; empty when none names one."""
    named = {name.zfill(4) for entry in entries if (name := entry.get("NodeGroupId"))}
    if len(named) > 1:
        raise invalid_value(f"The node groups must have the same ids in all regions: {', '.join(sorted(named))}.")
    return next(iter(named), "")
