"""The requests that change a replication group without replacing it. Pure."""

from collections.abc import Collection
from typing import Any

from cachewright.controlplane.templates.actions import Step
from cachewright.controlplane.templates.requests import Request, named
from cachewright.controlplane.templates.update_parts import Standing, before, listed, logs, modify, plain, texts


def replication_group(step: Step, changed: Collection[str], standing: Standing) -> list[Request]:
    """What changes a replication group, one request after the other."""
    params = plain(step, changed) | logs(step, changed) | _user_groups(step, changed)
    requests = modify(step, params | {"ApplyImmediately": True} if params else {})
    more, fewer = _replicas(step, changed)
    # Failover needs a replica: the first one comes before it is asked for, the last one goes after it is given up.
    return [*more, *requests, *_token(step, changed), *_shards(step, changed, standing), *fewer]


def _user_groups(step: Step, changed: Collection[str]) -> dict[str, Any]:
    if "UserGroupIds" not in changed:
        return {}
    old, new = (texts(part.get("UserGroupIds")) for part in (before(step), step.properties))
    ways = {"UserGroupIdsToAdd": sorted(new - old), "UserGroupIdsToRemove": sorted(old - new)}
    return {name: ids for name, ids in ways.items() if ids}


def _token(step: Step, changed: Collection[str]) -> list[Request]:
    """A token takes the place of another one: added first, so that nobody is shut out, and then alone."""
    if "AuthToken" not in changed or "AuthToken" not in step.properties:
        return []
    ways = ("ROTATE", "SET") if "AuthToken" in before(step) else ("SET",)
    token = {"AuthToken": step.properties["AuthToken"], "ApplyImmediately": True}
    return [request for way in ways for request in modify(step, token | {"AuthTokenUpdateStrategy": way})]


def _shards(step: Step, changed: Collection[str], standing: Standing) -> list[Request]:
    """Another number of shards, the first ones of which stay."""
    number = step.properties.get("NumNodeGroups")
    if not {"NumNodeGroups", "NodeGroupConfiguration"}.intersection(changed):
        return []
    if number is None:
        number = len(listed(step.properties.get("NodeGroupConfiguration"))) or 1
    count = int(str(number))
    if count == len(standing.node_groups):
        return []
    params: dict[str, Any] = named(step.made) | {"NodeGroupCount": count, "ApplyImmediately": True}
    if count < len(standing.node_groups):
        params["NodeGroupsToRetain"] = sorted(standing.node_groups)[:count]
    return [Request("ModifyReplicationGroupShardConfiguration", params)]


def _replicas(step: Step, changed: Collection[str]) -> tuple[list[Request], list[Request]]:
    """What brings more replicas, and what takes some away."""
    for name, primaries in (("ReplicasPerNodeGroup", 0), ("NumCacheClusters", 1)):
        if name in changed and name in step.properties:
            wanted = int(str(step.properties[name])) - primaries
            params = named(step.made) | {"NewReplicaCount": wanted, "ApplyImmediately": True}
            if wanted > int(str(before(step).get(name, primaries))) - primaries:
                return [Request("IncreaseReplicaCount", params)], []
            return [], [Request("DecreaseReplicaCount", params)]
    return [], []
