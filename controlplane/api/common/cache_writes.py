"""New caches and other specs, written down."""

from collections.abc import Iterable, Set
from dataclasses import replace

from cachewright.controlplane.api.common.context import Context
from cachewright.controlplane.model.cache import Cache, Key, Kind, Spec
from cachewright.controlplane.model.changes import Consequence, consequence, with_change
from cachewright.controlplane.model.nouns import Resource, cluster_of, resource_of
from cachewright.controlplane.model.parameters.fitting import check_fit
from cachewright.controlplane.model.quotas import NODES
from cachewright.controlplane.model.tags import Tags


def check_node_quota(context: Context, more: int) -> None:
    """Fault when the region would have too many nodes with so many more."""
    if more > 0:
        nodes = context.transaction.caches.count_nodes(context.caller.account, context.caller.region)
        context.quotas.check(NODES, nodes + more)


def add_cache(context: Context, cache: Cache, tags: Tags) -> None:
    """Write the spec for a new cache down, with its tags, which are those of its members, too. Faults: too many nodes
    in the region, parameters that do not fit.

    NameTaken when its name or that of one of its clusters is in use.
    """
    if cache.key.kind is not Kind.SERVERLESS_CACHE:  # which AWS counts by themselves
        check_node_quota(context, len(cache.spec.nodes))
    check_fit(cache.spec)
    context.transaction.caches.add(cache)
    context.transaction.tags.write(tags, {resource_of(cache.key), *_clusters(cache.key, _names(cache.spec))})


def change_cache(context: Context, before: Cache, after: Cache, token: str = "") -> Cache:
    """Write another spec and presentation of a cache down, as far as they are others; the cache as it is from now on.
    `token` is AWS's AuthTokenStatus, if any.
    """
    caches, spec = context.transaction.caches, after.spec
    saving, deliveries = before.saving, before.deliveries
    if after.presentation != before.presentation:
        before = caches.update_presentation(before.key, after.presentation)
    if consequence(before.spec, spec) is Consequence.WORK:
        spec = with_change(before, spec, token)
    written = caches.write_spec(before, spec)
    _write_tags(context, before, _names(before.spec), _names(spec))
    return replace(written, saving=saving, deliveries=deliveries)


def change_spec(context: Context, cache: Cache, spec: Spec) -> Cache:
    """Write another spec of a cache down; the cache as it is from now on."""
    return change_cache(context, cache, replace(cache, spec=spec))


def _write_tags(context: Context, cache: Cache, before: Set[str], after: Set[str]) -> None:
    """Members that come have the tags of their group; those that go have none any more."""
    tags = context.transaction.tags
    tags.forget(_clusters(cache.key, before - after))
    if new := after - before:
        tags.write(tags.of(resource_of(cache.key)), _clusters(cache.key, new))


def _names(spec: Spec) -> Set[str]:
    """The names of the cache clusters that a cache consists of, unless it is a serverless one."""
    return {node.cluster for node in spec.nodes}


def _clusters(key: Key, names: Iterable[str]) -> list[Resource]:
    if key.kind is Kind.SERVERLESS_CACHE:
        return []
    return [cluster_of(key, name) for name in names]
