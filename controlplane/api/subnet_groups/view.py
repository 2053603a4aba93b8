"""A subnet group as AWS shows it."""

from cachewright.controlplane.api.common.context import Answer, Context
from cachewright.controlplane.model.nouns import SUBNET_GROUP
from cachewright.controlplane.model.subnet_groups import Subnet, SubnetGroup


def subnet_group(context: Context, group: SubnetGroup) -> Answer:
    """A subnet group of the caller's, or the one that always exists."""
    return {
        "CacheSubnetGroupName": group.name,
        "CacheSubnetGroupDescription": group.description,
        "VpcId": group.vpc_id,
        "Subnets": [_subnet(each) for each in group.subnets],
        "ARN": context.resource(SUBNET_GROUP, group.name).arn,
        "SupportedNetworkTypes": list(group.network_types),
    }


def _subnet(subnet: Subnet) -> Answer:
    return {
        "SubnetIdentifier": subnet.id,
        "SubnetAvailabilityZone": {"Name": subnet.zone},
        "SupportedNetworkTypes": list(subnet.network_types),
    }
