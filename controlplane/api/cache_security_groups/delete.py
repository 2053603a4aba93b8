"""DeleteCacheSecurityGroup: the end of a group. No cache can be in one."""

from cachewright.controlplane.api.cache_security_groups.lookup import found_group, own_groups
from cachewright.controlplane.api.common.context import Answer, Context, Params


def delete_cache_security_group(context: Context, params: Params) -> Answer:
    """The end of a group. Faults: it is the default one, or somebody is just being authorized or revoked."""
    group = found_group(context, params["CacheSecurityGroupName"], lock=True)
    group.check_deletable(context.now)
    own_groups(context).remove(group.name)
    return {}
