"""`cachewright export`: what there is as a CloudFormation template."""

from cachewright.controlplane.commands.apply import opened
from cachewright.controlplane.commands.aws import asking
from cachewright.controlplane.commands.live import CannotApply, Live
from cachewright.controlplane.commands.plane import ControlPlane
from cachewright.controlplane.templates import descriptions, export
from cachewright.controlplane.templates.attributes import Shown
from cachewright.controlplane.templates.export import Found
from cachewright.controlplane.templates.kinds import KINDS, SECURITY_GROUP, Kind
from cachewright.controlplane.templates.ways import WAYS
from cachewright.controlplane.templates.writing import as_yaml


def exported(plane: ControlPlane, region: str, stack: str) -> str:
    """A template of a stack as it was last applied, or of everything. CannotApply, NoAnswer."""
    records, live = opened(plane, region)
    if not stack:
        with asking(plane, "export"):
            return as_yaml(export.of_all(_found(live)))
    stacks = records.all()
    if stack not in stacks:
        raise CannotApply(f"there is no stack {stack}; there is: {', '.join(stacks) or 'none'}")
    return as_yaml(export.of_stack(stacks[stack]))


def _found(live: Live) -> list[Found]:
    """Every resource with a name of its own, but for those that are always there."""
    kinds = [KINDS[name] for name in WAYS if name != SECURITY_GROUP.type]
    return [
        Found(kind, str(shown[WAYS[kind.type].id]), descriptions.properties(kind, live.described(kind, shown)))
        for kind in kinds
        for shown in live.all(kind)
        if not _always_there(kind, shown)
    ]


def _always_there(kind: Kind, shown: Shown) -> bool:
    """Members belong to their groups, and defaults to everybody."""
    name = str(shown[WAYS[kind.type].id])
    default = name == "default" or name.startswith("default.")
    return default or bool(shown.get("ReplicationGroupId") and "CacheClusterId" in shown)
