"""Tags, of every noun that has them.

Source: the ElastiCache user guide, "Tagging your resources"; refusals of ARNs as callers of AWS report them.
"""

from collections.abc import Callable

from cachewright.controlplane.api.cache_clusters.lookup import found_cluster
from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.operation import Operation, Operations
from cachewright.controlplane.api.common.tags import asked_tags
from cachewright.controlplane.api.replication_groups.lookup import found
from cachewright.controlplane.api.serverless_caches import lookup as serverless_caches
from cachewright.controlplane.model.cache import Cache, Kind
from cachewright.controlplane.model.described import endpoints_shown
from cachewright.controlplane.model.events import SERVERLESS, Event
from cachewright.controlplane.model.faults import Fault, invalid_value
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.nouns import (
    NOUNS,
    OF_KIND,
    REPLICATION_GROUP,
    SERVERLESS_CACHE,
    Noun,
    Resource,
    cluster_of,
)
from cachewright.controlplane.model.quotas import TAGS
from cachewright.controlplane.model.tags import Tags, with_tags, without_tags


def list_tags_for_resource(context: Context, params: Params) -> Answer:
    """All tags of a resource."""
    resource, *_ = _resources(context, params["ResourceName"], lock=False)
    return _answer(context.transaction.tags.of(resource))


def add_tags_to_resource(context: Context, params: Params) -> Answer:
    """Add tags, or replace the values of those that are there; the answer is all of them."""
    more = asked_tags(context, params)
    return _answer(change_tags(context, params["ResourceName"], lambda tags: with_tags(tags, more)))


def remove_tags_from_resource(context: Context, params: Params) -> Answer:
    """Remove tags by their keys; the answer is what is left."""
    gone = frozenset(params["TagKeys"])
    return _answer(change_tags(context, params["ResourceName"], lambda tags: without_tags(tags, gone)))


def change_tags(context: Context, arn: str, change: Callable[[Tags], Tags]) -> Tags:
    """What the resource of an ARN has after a change, which those go along with that follow it. Faults: there is none,
    it is busy or takes no tags, the quota of any of them; then nothing was written.
    """
    resources = _resources(context, arn, lock=True)
    named = resources[0]
    if named.id in named.noun.defaults and named.noun.untagged_words:
        raise invalid_value(named.noun.untagged_words.format(id=named.id))
    tags = context.transaction.tags
    after = {resource: _changed(context, tags.of(resource), change) for resource in resources}
    told = named.noun is SERVERLESS_CACHE and after[named] != tags.of(named)
    for resource, changed in after.items():
        tags.write(changed, [resource])
    context.tell(*([Event(SERVERLESS, named.id, f"Tags updated for the cache {named.id}.")] if told else []))
    return after[named]


def _changed(context: Context, before: Tags, change: Callable[[Tags], Tags]) -> Tags:
    after = change(before)
    if len(after) > len(before):
        context.quotas.check(TAGS, len(after))
    return after


def _answer(tags: Tags) -> Answer:
    return {"TagList": [{"Key": key, "Value": value} for key, value in tags]}


def _resources(context: Context, arn: str, *, lock: bool) -> list[Resource]:
    """The resource of an ARN, and those whose tags change with it. Faults: there is none, or it is busy."""
    kind, name = _parts(context, arn)
    if kind not in NOUNS:
        raise _invalid(f"'{kind}' is no type of resource that can be tagged.")
    resource = context.resource(NOUNS[kind], name)
    if resource.noun in OF_KIND.values():
        cache = _cache(context, resource.noun, name, lock=lock)
        _check_taggable(cache)
        return [resource, *(_members(cache) if resource.noun is REPLICATION_GROUP else ())]
    if resource.id not in resource.noun.defaults and not context.records(resource.noun, object).has(resource.id):
        raise resource.noun.missing(name)
    return [resource]


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
    expected = context.caller.region if kind not in NOUNS or NOUNS[kind].regional else ""
    if (account, region) != (context.caller.account, expected):
        raise invalid_value("Unauthorized call. Please check the region or customer id")
    return kind, name


def _cache(context: Context, noun: Noun, name: str, *, lock: bool) -> Cache:
    """The cache that a resource is, or of which it is a member."""
    if noun is REPLICATION_GROUP:
        return found(context, name, lock=lock)
    if noun is SERVERLESS_CACHE:
        return serverless_caches.found(context, name, lock=lock)
    return found_cluster(context, name, lock=lock)[0]


def _check_taggable(cache: Cache) -> None:
    if cache.key.kind is Kind.SERVERLESS_CACHE:
        if not endpoints_shown(cache) or cache.ending:  # one that is being modified will do
            raise serverless_caches.busy()
        return
    if cache.phase is not Phase.AVAILABLE:
        raise Fault(
            "InvalidReplicationGroupStateFault", "Cluster not in available state to perform tagging operations."
        )


def _members(cache: Cache) -> list[Resource]:
    return [cluster_of(cache.key, name) for name in dict.fromkeys(node.cluster for node in cache.nodes)]


def _invalid(message: str) -> Fault:
    return Fault("InvalidARNFault", message)


OPERATIONS: Operations = {
    "AddTagsToResource": Operation(
        add_tags_to_resource,
        "Everything that can be created; what changes a replication group changes its members.",
    ),
    "ListTagsForResource": Operation(
        list_tags_for_resource,
        "Everything that can be created; what changes a replication group changes its members.",
        writes=False,
    ),
    "RemoveTagsFromResource": Operation(
        remove_tags_from_resource,
        "Everything that can be created; what changes a replication group changes its members.",
    ),
}
