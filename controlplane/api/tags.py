"""Tags of cache clusters, replication groups and parameter groups.

Source: the ElastiCache user guide, "Tagging your resources"; refusals of ARNs as callers of AWS report them.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.operation import Operation, Operations
from cachewright.controlplane.api.parameter_groups.lookup import known_group, own_groups
from cachewright.controlplane.api.replication_groups.lookup import found
from cachewright.controlplane.model.cache import Cache, Kind
from cachewright.controlplane.model.faults import Fault, invalid_value
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.options import Options
from cachewright.controlplane.model.parameter_groups import ParameterGroup
from cachewright.controlplane.model.tags import Tags, tags_of, with_tags, without_tags

Change = Callable[[Tags], Tags]

# Resource types that can be tagged but that nobody can create yet: there is none of that name.
UNBUILT = {
    "reserved-instance": "ReservedCacheNodeNotFoundFault",
    "securitygroup": "CacheSecurityGroupNotFoundFault",
    "serverlesscache": "ServerlessCacheNotFoundFault",
    "serverlesscachesnapshot": "ServerlessCacheSnapshotNotFoundFault",
    "snapshot": "SnapshotNotFoundFault",
    "subnetgroup": "CacheSubnetGroupNotFoundFault",
    "user": "UserNotFoundFault",
    "usergroup": "UserGroupNotFoundFault",
}


@dataclass(frozen=True, slots=True)
class Tagged:
    """A resource with tags: a cache, or the member `member` of a replication group."""

    cache: Cache
    member: str = ""

    @property
    def tags(self) -> Tags:
        """All of them."""
        options = self.cache.spec.options
        return dict(options.member_tags).get(self.member, options.tags)

    def changed(self, change: Change) -> "Tagged":
        """The same after a change of its tags; what changes a group changes every member."""
        options = self.cache.spec.options
        changed = _member(options, self.member, change(self.tags)) if self.member else _group(options, change)
        return replace(self, cache=replace(self.cache, spec=replace(self.cache.spec, options=changed)))

    def write(self, context: Context) -> None:
        """Remember the tags."""
        context.transaction.caches.update_presentation(self.cache.key, self.cache.spec)


@dataclass(frozen=True, slots=True)
class TaggedParameterGroup:
    """A parameter group with its tags."""

    group: ParameterGroup

    @property
    def tags(self) -> Tags:
        """All of them."""
        return self.group.tags

    def changed(self, change: Change) -> "TaggedParameterGroup":
        """The same after a change of its tags; Fault for a group that always exists."""
        if self.group.default:
            raise invalid_value(f"The parameter group {self.group.name} is a default group and cannot be tagged.")
        return replace(self, group=replace(self.group, tags=change(self.tags)))

    def write(self, context: Context) -> None:
        """Remember the tags."""
        own_groups(context).change(self.group)


Resource = Tagged | TaggedParameterGroup


def list_tags_for_resource(context: Context, params: Params) -> Answer:
    """All tags of a resource."""
    return _answer(_resource(context, params["ResourceName"], lock=False))


def add_tags_to_resource(context: Context, params: Params) -> Answer:
    """Add tags, or replace the values of those that are there; the answer is all of them."""
    more = tags_of(params["Tags"])
    return _change(context, params, lambda tags: with_tags(tags, more))


def remove_tags_from_resource(context: Context, params: Params) -> Answer:
    """Remove tags by their keys; the answer is what is left."""
    return _change(context, params, lambda tags: without_tags(tags, params["TagKeys"]))


def _change(context: Context, params: Params, change: Change) -> Answer:
    after = _resource(context, params["ResourceName"], lock=True).changed(change)
    after.write(context)
    return _answer(after)


def _answer(resource: Resource) -> Answer:
    return {"TagList": [{"Key": key, "Value": value} for key, value in resource.tags]}


def _group(options: Options, change: Change) -> Options:
    members = tuple((member, change(tags)) for member, tags in options.member_tags)
    return replace(options, tags=change(options.tags), member_tags=members)


def _member(options: Options, member: str, tags: Tags) -> Options:
    return replace(options, member_tags=tuple((dict(options.member_tags) | {member: tags}).items()))


def _resource(context: Context, arn: str, *, lock: bool) -> Resource:
    kind, name = _parts(context, arn)
    if kind == "parametergroup":
        return _parameter_group(context, name, lock=lock)
    if kind == "replicationgroup":
        resource = Tagged(found(context, name, lock=lock))
    elif kind == "cluster":
        resource = _cluster(context, name, lock=lock)
    elif kind in UNBUILT:
        raise Fault(UNBUILT[kind], f"{name} is not present")
    else:
        raise _invalid(f"'{kind}' is no type of resource that can be tagged.")
    if resource.cache.phase is not Phase.AVAILABLE:
        raise Fault(
            "InvalidReplicationGroupStateFault", "Cluster not in available state to perform tagging operations."
        )
    return resource


def _parts(context: Context, arn: str) -> tuple[str, str]:
    """Type and name of the caller's resource."""
    parts = arn.split(":", 6)
    if len(parts) < 7:
        raise _invalid("Input ARN string does not have 7 components.")
    _, partition, service, region, account, kind, name = parts
    if partition != "aws":
        raise _invalid(f"The partition of the ARN is '{partition}', expected 'aws'.")
    if service != "elasticache":
        raise _invalid(f"The service of the ARN is '{service}', expected 'elasticache'.")
    if (account, region) != (context.caller.account, context.caller.region):
        raise invalid_value("Unauthorized call. Please check the region or customer id")
    return kind, name


def _parameter_group(context: Context, name: str, *, lock: bool) -> TaggedParameterGroup:
    group = known_group(context, name, lock=lock)
    if group is None:
        raise Fault("CacheParameterGroupNotFoundFault", f"{name} is not present")
    return TaggedParameterGroup(group)


def _cluster(context: Context, name: str, *, lock: bool) -> Tagged:
    here = (context.caller.account, context.caller.region)
    cache = context.transaction.caches.holding(*here, name.lower(), lock=lock)
    if cache is None:
        raise Fault("CacheClusterNotFoundFault", f"CacheCluster not found: {name}")
    return Tagged(cache, name.lower() if cache.key.kind is Kind.REPLICATION_GROUP else "")


def _invalid(message: str) -> Fault:
    return Fault("InvalidARNFault", message)


OPERATIONS: Operations = {
    "AddTagsToResource": Operation(
        add_tags_to_resource,
        "Cache clusters, replication groups with their members, parameter groups.",
    ),
    "ListTagsForResource": Operation(
        list_tags_for_resource,
        "Cache clusters, replication groups with their members, parameter groups.",
        writes=False,
    ),
    "RemoveTagsFromResource": Operation(
        remove_tags_from_resource,
        "Cache clusters, replication groups with their members, parameter groups.",
    ),
}
