"""A parameter group as AWS shows it."""

from cachewright.controlplane.api.common.context import Answer, Context
from cachewright.controlplane.model.nouns import PARAMETER_GROUP
from cachewright.controlplane.model.parameter_groups import ParameterGroup


def parameter_group(context: Context, group: ParameterGroup) -> Answer:
    """A parameter group of the caller's, or one that always exists."""
    return {
        "CacheParameterGroupName": group.name,
        "CacheParameterGroupFamily": group.family,
        "Description": group.description,
        "IsGlobal": bool(group.datastore),
        "ARN": context.resource(PARAMETER_GROUP, group.name).arn,
    }
