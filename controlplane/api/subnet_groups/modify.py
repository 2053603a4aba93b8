"""ModifyCacheSubnetGroup: another description, other subnets."""

from collections.abc import Iterator
from dataclasses import replace

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.subnet_groups.lookup import found_group, own_groups
from cachewright.controlplane.api.subnet_groups.view import subnet_group
from cachewright.controlplane.api.subnet_groups.zones import subnets_of
from cachewright.controlplane.model.faults import invalid_value
from cachewright.controlplane.model.nouns import SUBNET_GROUP
from cachewright.controlplane.model.subnet_groups import DEFAULT, SubnetGroup, apart, check_leaving, check_subnets


def modify_cache_subnet_group(context: Context, params: Params) -> Answer:
    """Another description of a group, or all of its subnets anew. Fault when one goes in which nodes are."""
    before = found_group(context, params["CacheSubnetGroupName"], lock=True)
    description, subnets = params.get("CacheSubnetGroupDescription"), params.get("SubnetIds")
    if description is None and subnets is None:
        raise invalid_value("No modifications were requested.")
    if before.name == DEFAULT:
        raise invalid_value("The default cache subnet group cannot be modified.")
    after = before if description is None else replace(before, description=description)
    if subnets is not None:
        after = _with_subnets(context, after, check_subnets(subnets, context.quotas, len(before.subnets)))
        check_leaving(before, after, _zones_in_use(context, before))
    own_groups(context).change(after.name, after)
    return {"CacheSubnetGroup": subnet_group(context, after)}


def _with_subnets(context: Context, group: SubnetGroup, wanted: tuple[str, ...]) -> SubnetGroup:
    """The group with these subnets: those that stay keep their order, so that nodes stay in theirs. Fault when all are
    of another VPC; one that stays proves that the group's own was only made up.
    """
    here = [subnet.id for subnet in group.subnets if subnet.id in wanted]
    names = (*here, *(name for name in wanted if name not in here))
    vpc, subnets = subnets_of(context, names)
    if vpc and vpc != group.vpc_id and not here:
        raise apart(group.subnets[0].id, names[0])
    return replace(group, vpc_id=vpc or group.vpc_id, subnets=subnets)


def _zones_in_use(context: Context, group: SubnetGroup) -> Iterator[str]:
    for cache in context.transaction.caches.using(context.resource(SUBNET_GROUP, group.name)):
        yield from (node.zone for node in cache.nodes)
