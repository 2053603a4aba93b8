"""AuthorizeCacheSecurityGroupIngress and RevokeCacheSecurityGroupIngress: who may come in."""

from cachewright.controlplane.api.cache_security_groups.lookup import found_group, own_groups
from cachewright.controlplane.api.cache_security_groups.view import security_group
from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.model.cache_security_groups import CacheSecurityGroup, Ec2Group, ec2_group


def authorize_cache_security_group_ingress(context: Context, params: Params) -> Answer:
    """One more EC2 security group that may come in; it is authorized after a second."""
    group, asked = _asked(context, params)
    return _written(context, group.authorized(asked, context.now))


def revoke_cache_security_group_ingress(context: Context, params: Params) -> Answer:
    """An EC2 security group that may come in no longer; it is gone after a second."""
    group, asked = _asked(context, params)
    return _written(context, group.revoked(asked, context.now))


def _asked(context: Context, params: Params) -> tuple[CacheSecurityGroup, Ec2Group]:
    asked = ec2_group(params["EC2SecurityGroupName"], params["EC2SecurityGroupOwnerId"])
    return found_group(context, params["CacheSecurityGroupName"], lock=True), asked


def _written(context: Context, group: CacheSecurityGroup) -> Answer:
    """Write a group down: the one that always exists becomes a record when it is first changed."""
    groups = own_groups(context)
    if groups.has(group.name):
        groups.change(group.name, group)
    else:
        groups.add(group.name, group, context.now)
    return {"CacheSecurityGroup": security_group(context, group)}
