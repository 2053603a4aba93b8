"""Who else is in the global datastore of a cache: one day it may have to follow any of them."""

from collections.abc import Sequence

from cachewright.controlplane.model.cache import Cache, Key, Kind
from cachewright.controlplane.model.global_replication_groups import GlobalReplicationGroup
from cachewright.controlplane.model.nouns import GLOBAL_REPLICATION_GROUP
from cachewright.controlplane.store.transaction import Transaction


def fellows_of(transaction: Transaction, cache: Cache, other: Key | None) -> Sequence[Cache]:
    """The members besides a cache in cluster mode and the `other` one that decides about it now, if there is one."""
    member = cache.spec.datastore
    if not (member and cache.spec.clustered):
        return ()
    account = cache.key.account
    datastores = transaction.records(account, "", GLOBAL_REPLICATION_GROUP, GlobalReplicationGroup)
    datastore = datastores.get(member.datastore)
    places = datastore.members if datastore else ()
    keys = (Key(account, place.region, Kind.REPLICATION_GROUP, place.group) for place in places)
    found = (transaction.caches.get(key) for key in keys if key not in (cache.key, other))
    return [fellow for fellow in found if fellow]
