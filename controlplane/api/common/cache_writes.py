"""New caches and other specs, written down."""

from dataclasses import replace

from cachewright.controlplane.api.common.context import Context
from cachewright.controlplane.model.cache import Cache, Spec
from cachewright.controlplane.model.changes import noted
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.parameters.fitting import check_fit

NODE_QUOTA = 300  # per region, unless AWS is asked for more


def check_node_quota(context: Context, more: int) -> None:
    """Fault when the region would have too many nodes with so many more."""
    nodes = context.transaction.caches.count_nodes(context.caller.account, context.caller.region)
    if nodes + more > NODE_QUOTA:
        raise Fault(
            "NodeQuotaForCustomerExceededFault",
            f"Customer node quota exceeded. You can have at most {NODE_QUOTA} nodes in this region.",
        )


def add_cache(context: Context, cache: Cache) -> None:
    """Write the spec for a new cache down. Faults: too many nodes in the region, parameters that do not fit.

    NameTaken when its name or that of one of its clusters is in use.
    """
    check_node_quota(context, len(cache.spec.nodes))
    check_fit(cache.spec)
    context.transaction.caches.add(cache)


def change_spec(context: Context, cache: Cache, spec: Spec, token: str = "") -> Cache:
    """Write the next spec for a cache down, if it is another one. `token` is AWS's AuthTokenStatus, if any."""
    if spec == cache.spec:
        return cache
    if _only_words(cache.spec, spec):
        context.transaction.caches.update_presentation(cache.key, spec)
        return replace(cache, spec=spec)
    spec = noted(cache, spec, token)
    context.transaction.caches.write_spec(cache.key, spec)
    return replace(cache, spec=spec, generation=cache.generation + 1)


def _only_words(before: Spec, after: Spec) -> bool:
    """Whether nobody has to do anything about it."""
    return replace(after, options=before.options, pending=before.pending, multi_az=before.multi_az) == before
