"""What the requests that change resources are made of. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from cachewright.controlplane.templates.actions import Step
from cachewright.controlplane.templates.requests import Request, named, noun_of, params_of
from cachewright.controlplane.templates.values import Properties, Value, mapping

_BY_ITSELF = frozenset(  # properties that have a request, or a form, of their own
    (
        *("AuthToken", "CacheUsageLimits", "LogDeliveryConfigurations", "NodeGroupConfiguration", "NumCacheClusters"),
        *("NumCacheNodes", "NumNodeGroups", "ReplicasPerNodeGroup", "Tags", "UserGroupIds"),
    )
)
_GONE: Mapping[str, Mapping[str, Any]] = {  # what is asked for in place of a property that is there no more
    "AutomaticFailoverEnabled": {"AutomaticFailoverEnabled": False},
    "Description": {"Description": ""},
    "MultiAZEnabled": {"MultiAZEnabled": False},
    "NotificationTopicArn": {"NotificationTopicStatus": "inactive"},
    "SnapshotRetentionLimit": {"SnapshotRetentionLimit": 0},
    "UserGroupId": {"RemoveUserGroup": True},
}
_ALL_GONE = frozenset(
    (
        *(*_GONE, "CacheUsageLimits", "FinalSnapshotName", "LogDeliveryConfigurations", "Properties", "Tags"),
        "UserGroupIds",
    )
)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a request has to know of what there is: ids of cache nodes, or of node groups."""

    nodes: tuple[str, ...] = ()
    node_groups: tuple[str, ...] = ()


def stays(step: Step) -> list[str]:
    """The properties that are there no more, and whose values stay nevertheless: nothing says what they would be."""
    return [change.name for change in step.changes if change.after is None and change.name not in _ALL_GONE]


def plain(step: Step, changed: Collection[str]) -> dict[str, Any]:
    """What is simply set, or given back its default."""
    names = [name for name in sorted(changed) if name not in _BY_ITSELF]
    found = params_of(step.made, {name: step.properties[name] for name in names if name in step.properties})
    for name in names:
        if name not in step.properties:
            found |= _GONE.get(name, {})
    return found


def modify(step: Step, params: Mapping[str, Any]) -> list[Request]:
    """The request that modifies a resource, if there is anything to modify."""
    return [Request(f"Modify{noun_of(step.made)}", named(step.made) | dict(params))] if params else []


def logs(step: Step, changed: Collection[str]) -> dict[str, Any]:
    """What is asked for of logs: those that the template has, and the end of those that it has no more."""
    if "LogDeliveryConfigurations" not in changed:
        return {}
    wanted = [mapping(part, "a log") for part in listed(step.properties.get("LogDeliveryConfigurations"))]
    kept = {part.get("LogType") for part in wanted}
    had = [mapping(part, "a log") for part in listed(before(step).get("LogDeliveryConfigurations"))]
    ended = [{"LogType": part.get("LogType"), "Enabled": False} for part in had if part.get("LogType") not in kept]
    return {"LogDeliveryConfigurations": [*wanted, *ended]}


def before(step: Step) -> Properties:
    """The properties as they were last applied."""
    return step.old.properties if step.old else {}


def listed(value: Value) -> list[Value]:
    """A list, which is empty where there is none."""
    return value if isinstance(value, list) else []


def texts(value: Value) -> frozenset[str]:
    """The texts of a list, without their order."""
    return frozenset(str(part) for part in listed(value))
