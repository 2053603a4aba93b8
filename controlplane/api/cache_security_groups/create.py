"""CreateCacheSecurityGroup: a group that nobody may come in by yet."""

from cachewright.controlplane.api.cache_security_groups.view import security_group
from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.records import add_record
from cachewright.controlplane.api.common.tags import asked_tags
from cachewright.controlplane.model.cache_security_groups import CacheSecurityGroup
from cachewright.controlplane.model.nouns import CACHE_SECURITY_GROUP


def create_cache_security_group(context: Context, params: Params) -> Answer:
    """A group that nobody may come in by yet."""
    name = CACHE_SECURITY_GROUP.checked_id(params["CacheSecurityGroupName"])
    tags = asked_tags(context, params)
    group = CacheSecurityGroup(name, params["Description"])
    add_record(context, CACHE_SECURITY_GROUP, name, group, tags)
    return {"CacheSecurityGroup": security_group(context, group)}
