"""The requests that change a resource without replacing it. Pure."""

from collections.abc import Callable, Collection, Mapping

from cachewright.controlplane.templates.actions import Step
from cachewright.controlplane.templates.group_updates import replication_group
from cachewright.controlplane.templates.kinds import (
    CACHE_CLUSTER,
    PARAMETER_GROUP,
    REPLICATION_GROUP,
    SERVERLESS_CACHE,
    USER_GROUP,
)
from cachewright.controlplane.templates.requests import Request, parameter_resets, parameter_values
from cachewright.controlplane.templates.serverless_updates import serverless_cache
from cachewright.controlplane.templates.update_parts import Standing, before, listed, logs, modify, plain, texts
from cachewright.controlplane.templates.values import Properties, mapping


def modification(step: Step, standing: Standing) -> list[Request]:
    """What changes a resource, one request after the other; tags are another matter."""
    changed = frozenset(change.name for change in step.changes)
    return _MODIFICATIONS.get(step.made.type, _simply)(step, changed, standing)


def tag_changes(applied: Properties, wanted: Properties) -> tuple[list[str], list[dict[str, str]]]:
    """The keys to remove, and the tags to add, of a resource with these properties."""
    old, new = _tags(applied), _tags(wanted)
    added = [{"Key": key, "Value": value} for key, value in new.items() if old.get(key) != value]
    return sorted(old.keys() - new.keys()), added


def _tags(properties: Properties) -> dict[str, str]:
    parts = [mapping(tag, "a tag") for tag in listed(properties.get("Tags"))]
    return {str(tag["Key"]): str(tag.get("Value", "")) for tag in parts}


def _cache_cluster(step: Step, changed: Collection[str], standing: Standing) -> list[Request]:
    params = plain(step, changed) | logs(step, changed)
    if "NumCacheNodes" in changed:
        number = int(str(step.properties["NumCacheNodes"]))
        params["NumCacheNodes"] = number
        if leaving := sorted(standing.nodes)[number:]:
            params["CacheNodeIdsToRemove"] = leaving
    return modify(step, params | {"ApplyImmediately": True} if params else {})


def _parameter_group(step: Step, changed: Collection[str], _standing: Standing) -> list[Request]:
    if "Properties" not in changed:
        return []
    old, new = (mapping(part.get("Properties") or {}, "Properties") for part in (before(step), step.properties))
    differing = {name: value for name, value in new.items() if old.get(name) != value}
    gone = sorted(old.keys() - new.keys())
    return [*parameter_resets(step.made, gone), *parameter_values(step.made, differing)]


def _simply(step: Step, changed: Collection[str], _standing: Standing) -> list[Request]:
    return modify(step, plain(step, changed))


def _user_group(step: Step, changed: Collection[str], _standing: Standing) -> list[Request]:
    old, new = (texts(part.get("UserIds")) for part in (before(step), step.properties))
    ways = {"UserIdsToAdd": sorted(new - old), "UserIdsToRemove": sorted(old - new)}
    engine = {"Engine": step.properties["Engine"]} if "Engine" in changed else {}
    return modify(step, {name: ids for name, ids in ways.items() if ids} | engine)


_MODIFICATIONS: Mapping[str, Callable[[Step, Collection[str], Standing], list[Request]]] = {
    CACHE_CLUSTER.type: _cache_cluster,
    REPLICATION_GROUP.type: replication_group,
    SERVERLESS_CACHE.type: serverless_cache,
    PARAMETER_GROUP.type: _parameter_group,
    USER_GROUP.type: _user_group,
}
