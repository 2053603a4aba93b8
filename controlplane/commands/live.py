"""Resources as a control plane has them, for whoever applies templates: looked at, asked for, waited for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError

from cachewright.controlplane.commands.plane import ControlPlane
from cachewright.controlplane.commands.seen import look
from cachewright.controlplane.commands.waiting import FAILED, Wait
from cachewright.controlplane.templates import descriptions
from cachewright.controlplane.templates.attributes import Shown, attributes
from cachewright.controlplane.templates.descriptions import Described
from cachewright.controlplane.templates.kinds import (
    CACHE_CLUSTER,
    KINDS,
    PARAMETER_GROUP,
    REPLICATION_GROUP,
    SECURITY_GROUP,
    SECURITY_GROUP_INGRESS,
    Kind,
)
from cachewright.controlplane.templates.requests import Request
from cachewright.controlplane.templates.stack import Made, Stack
from cachewright.controlplane.templates.update_parts import Standing
from cachewright.controlplane.templates.values import Properties
from cachewright.controlplane.templates.ways import WAYS

_READY = frozenset({"available", "active", "authorized", ""})


class CannotApply(Exception):  # noqa: N818
    """Why a template cannot be applied, in words for the user."""


@dataclass(frozen=True, slots=True)
class Live:
    """The resources of an account in a region; `others` are the stacks that are not applied just now."""

    waiting: Wait  # for all resources together
    client: Any  # botocore's
    others: Mapping[str, Stack] = field(default_factory=dict)

    @property
    def plane(self) -> ControlPlane:
        """Where they are."""
        return self.waiting.plane

    def exists(self, kind: Kind, identifier: str) -> bool:
        """See World."""
        return self.shown(kind, identifier) is not None

    def properties(self, kind: Kind, identifier: str) -> Properties:
        """See World."""
        return descriptions.properties(kind, self.described(kind, self._present(kind, identifier)))

    def attributes(self, kind: Kind, identifier: str) -> Properties:
        """See Looks."""
        return attributes(kind, self._present(kind, identifier))

    def stack_of(self, kind: Kind, identifier: str) -> str:
        """See World."""
        mine = (kind.type, identifier)
        owners = (name for name, stack in self.others.items() if mine in [(m.type, m.id) for m in stack.made])
        return next(owners, "")

    def shown(self, kind: Kind, identifier: str) -> Shown | None:
        """One as the API shows it; None when there is none."""
        if kind is SECURITY_GROUP_INGRESS:
            return self._ingress(identifier)
        way = WAYS[kind.type]
        try:
            answer = getattr(self.client, way.operation)(**{way.id: identifier}, **way.options)
        except ClientError as error:
            if "NotFound" in error.response["Error"]["Code"]:
                return None
            raise
        found: list[Shown] = answer[way.list]
        return next((part for part in found if part.get("Status", part.get("CacheClusterStatus")) != "deleting"), None)

    def all(self, kind: Kind) -> Iterator[Shown]:
        """Every one of a type."""
        way = WAYS[kind.type]
        for page in self.client.get_paginator(way.operation).paginate(**way.options):
            yield from page[way.list]

    def described(self, kind: Kind, shown: Shown) -> Described:
        """With what other operations show of it."""
        tags = tuple(self.client.list_tags_for_resource(ResourceName=shown["ARN"])["TagList"])
        if kind is REPLICATION_GROUP:
            member = self.shown(CACHE_CLUSTER, shown["MemberClusters"][0]) if shown.get("MemberClusters") else None
            return Described(shown, member or {}, tags)
        if kind is not PARAMETER_GROUP:
            return Described(shown, tags=tags)
        pages = self.client.get_paginator("describe_cache_parameters").paginate(
            CacheParameterGroupName=shown["CacheParameterGroupName"], Source="user"
        )
        own = {one["ParameterName"]: one["ParameterValue"] for page in pages for one in page["Parameters"]}
        return Described(shown, tags=tags, parameters=own)

    def snapshots(self) -> frozenset[str]:
        """The names of all snapshots."""
        pages = self.client.get_paginator("describe_snapshots").paginate()
        return frozenset(snapshot["SnapshotName"] for page in pages for snapshot in page["Snapshots"])

    def send(self, request: Request) -> None:
        """Ask for something."""
        getattr(self.client, xform_name(request.operation))(**request.params)

    def standing(self, made: Made) -> Standing:
        """What requests that change a resource have to know of it."""
        shown = self._present(KINDS[made.type], made.id)
        return Standing(
            tuple(node["CacheNodeId"] for node in shown.get("CacheNodes", ())),
            tuple(group["NodeGroupId"] for group in shown.get("NodeGroups", ())),
        )

    def arn(self, made: Made) -> str:
        """The ARN of a resource."""
        return str(self._present(KINDS[made.type], made.id)["ARN"])

    def wait(self, made: Made) -> None:
        """Until a resource is as it was asked for. CannotApply when it will never be, Unfinished when that takes too
        long.
        """
        if not KINDS[made.type].lives:
            return
        for _ in self.waiting.moments(f"{made.logical} ({made.id})"):
            shown = self._present(KINDS[made.type], made.id)
            status = shown.get("CacheClusterStatus", shown.get("Status", ""))
            if status in _READY:
                return
            if status in FAILED:
                raise CannotApply(f"{made.logical} ({made.id}) is {status}: {self._reason(made.id)}")

    def wait_gone(self, made: Made) -> None:
        """Until there is no such resource any more. Unfinished when it takes too long."""
        for _ in self.waiting.moments(f"{made.logical} ({made.id})"):
            if not self._is_left(made):
                return

    def _is_left(self, made: Made) -> bool:
        if made.type == SECURITY_GROUP_INGRESS.type:
            return bool(self._permissions(made.id))
        if not KINDS[made.type].lives:
            return False
        way = WAYS[made.type]
        try:
            getattr(self.client, way.operation)(**{way.id: made.id})
        except ClientError as error:
            if "NotFound" in error.response["Error"]["Code"]:
                return False
            raise
        return True

    def _ingress(self, identifier: str) -> Shown | None:
        return next((part for part in self._permissions(identifier) if part["Status"] != "revoking"), None)

    def _permissions(self, identifier: str) -> list[Shown]:
        """Of an EC2 security group to a cache security group; one that is revoked is there for a moment."""
        group, name, *_ = identifier.split("/")
        found = self.shown(SECURITY_GROUP, group) or {}
        return [part for part in found.get("EC2SecurityGroups", ()) if part["EC2SecurityGroupName"] == name]

    def _present(self, kind: Kind, identifier: str) -> Shown:
        found = self.shown(kind, identifier)
        if found is None:
            raise CannotApply(f"there is no {kind.short} {identifier} any more")
        return found

    def _reason(self, name: str) -> str:
        return next((cache.reason for cache in look(self.plane).caches if cache.id == name), "no reason is known")
