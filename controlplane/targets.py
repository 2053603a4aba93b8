"""Whom a person means who names a cache to a command."""

from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.drills import NoSuchTarget, Unfit
from cachewright.controlplane.store.saving import with_saving
from cachewright.controlplane.store.transaction import Transaction


def meant(transaction: Transaction, name: str, account: str) -> Cache:
    """The cache of that name, or the one that has a cache cluster of that name. NoSuchTarget; Unreadable; Unfit when it
    is not the only one of that name.
    """
    target = name.lower()
    transaction.caches.require_readable(target)
    named = transaction.caches.named({target})
    mine = [cache for cache in named if not cache.deleting and account in ("", cache.key.account)]
    found = [cache for cache in mine if target in (cache.key.id, *(node.cluster for node in cache.spec.nodes))]
    if not found:
        raise NoSuchTarget(f"cannot find {target}: no group or cluster has that name")
    if len(found) > 1:
        places = ", ".join(f"{cache.key.account} in {cache.key.region}" for cache in found)
        raise Unfit(f"cannot tell which {target} is meant: there is one of {places}; name the account")
    return with_saving(transaction, found[0])
