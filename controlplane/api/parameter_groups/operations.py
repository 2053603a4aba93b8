"""The operations on parameter groups and their parameters."""

from cachewright.controlplane.api.common.operation import Operation, Operations
from cachewright.controlplane.api.parameter_groups.create import create_cache_parameter_group
from cachewright.controlplane.api.parameter_groups.delete import delete_cache_parameter_group
from cachewright.controlplane.api.parameter_groups.describe import describe_cache_parameter_groups
from cachewright.controlplane.api.parameter_groups.modify import (
    modify_cache_parameter_group,
    reset_cache_parameter_group,
)
from cachewright.controlplane.api.parameter_groups.parameters import (
    describe_cache_parameters,
    describe_engine_default_parameters,
)

OPERATIONS: Operations = {
    "CreateCacheParameterGroup": Operation(create_cache_parameter_group, "Complete."),
    "DeleteCacheParameterGroup": Operation(delete_cache_parameter_group, "Complete."),
    "DescribeCacheParameterGroups": Operation(describe_cache_parameter_groups, "Complete.", writes=False),
    "DescribeCacheParameters": Operation(
        describe_cache_parameters,
        "Every family in full, with descriptions of our own; nothing has the source `engine-default`.",
        writes=False,
    ),
    "DescribeEngineDefaultParameters": Operation(
        describe_engine_default_parameters, "Every family in full, with descriptions of our own.", writes=False
    ),
    "ModifyCacheParameterGroup": Operation(
        modify_cache_parameter_group,
        "What takes effect at once reaches every node that uses the group; what an engine refuses is an error. The"
        " group of a member of a global datastore is changed together with those of all members.",
    ),
    "ResetCacheParameterGroup": Operation(
        reset_cache_parameter_group, "Single parameters, or all; as the operation before."
    ),
}
