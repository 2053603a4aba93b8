"""CreateCacheSubnetGroup: the subnets in which caches are to be."""

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.records import add_record
from cachewright.controlplane.api.common.tags import asked_tags
from cachewright.controlplane.api.subnet_groups.view import subnet_group
from cachewright.controlplane.api.subnet_groups.zones import subnets_of
from cachewright.controlplane.model.nouns import SUBNET_GROUP
from cachewright.controlplane.model.subnet_groups import SubnetGroup, check_subnets, vpc_of


def create_cache_subnet_group(context: Context, params: Params) -> Answer:
    """A group of subnets."""
    name = SUBNET_GROUP.checked_id(params["CacheSubnetGroupName"])
    tags = asked_tags(context, params)
    wanted = check_subnets(params["SubnetIds"], context.quotas)
    vpc, subnets = subnets_of(context, wanted)
    group = SubnetGroup(name, params["CacheSubnetGroupDescription"], vpc or vpc_of(wanted), subnets)
    add_record(context, SUBNET_GROUP, name, group, tags)
    return {"CacheSubnetGroup": subnet_group(context, group)}
