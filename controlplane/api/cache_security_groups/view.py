"""A cache security group as AWS shows it."""

from cachewright.controlplane.api.common.context import Answer, Context
from cachewright.controlplane.model.cache_security_groups import CacheSecurityGroup
from cachewright.controlplane.model.nouns import CACHE_SECURITY_GROUP


def security_group(context: Context, group: CacheSecurityGroup) -> Answer:
    """A group as it is at the moment of the request."""
    return {
        "OwnerId": context.caller.account,
        "CacheSecurityGroupName": group.name,
        "Description": group.description,
        "EC2SecurityGroups": [
            {
                "Status": each.status(context.now).value,
                "EC2SecurityGroupName": each.group.name,
                "EC2SecurityGroupOwnerId": each.group.owner,
            }
            for each in group.at(context.now).ingress
        ],
        "ARN": context.resource(CACHE_SECURITY_GROUP, group.name).arn,
    }
