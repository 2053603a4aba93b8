"""The caller's cache security groups by name, the one that always exists among them."""

from cachewright.controlplane.api.common.context import Context
from cachewright.controlplane.model.cache_security_groups import DEFAULT, DEFAULT_GROUP, CacheSecurityGroup
from cachewright.controlplane.model.nouns import CACHE_SECURITY_GROUP
from cachewright.controlplane.store.records import Records


def own_groups(context: Context) -> Records[CacheSecurityGroup]:
    """The groups that the caller created, and the one that always exists once it was changed."""
    return context.records(CACHE_SECURITY_GROUP, CacheSecurityGroup)


def found_group(context: Context, wanted: str, *, lock: bool = False) -> CacheSecurityGroup:
    """The caller's group of that name; Fault when there is none. Names are looked up in any case."""
    name = wanted.lower()
    group = own_groups(context).get(name, lock=lock)
    if group is None and name == DEFAULT:
        return DEFAULT_GROUP
    if group is None:
        raise CACHE_SECURITY_GROUP.missing(wanted)
    return group
