"""The operations of the Resource Groups Tagging API."""

from cachewright.controlplane.api.common.operation import Operation, Operations
from cachewright.controlplane.api.tagging.changes import tag_resources, untag_resources
from cachewright.controlplane.api.tagging.policies import list_required_tags, refuse
from cachewright.controlplane.api.tagging.resources import get_resources
from cachewright.controlplane.api.tagging.words import get_tag_keys, get_tag_values

_NO_ORGANIZATION = "Refused, as AWS does in an account that is not the management account of an organization."

OPERATIONS: Operations = {
    "DescribeReportCreation": Operation(refuse, _NO_ORGANIZATION, writes=False),
    "GetComplianceSummary": Operation(refuse, _NO_ORGANIZATION, writes=False),
    "GetResources": Operation(
        get_resources, "Complete, but that resources without tags are not shown if they had some before.", writes=False
    ),
    "GetTagKeys": Operation(get_tag_keys, "Complete.", writes=False),
    "GetTagValues": Operation(get_tag_values, "Complete.", writes=False),
    "ListRequiredTags": Operation(list_required_tags, "Empty: there are no tag policies.", writes=False),
    "StartReportCreation": Operation(refuse, _NO_ORGANIZATION),
    "TagResources": Operation(tag_resources, "By the rules of `AddTagsToResource`."),
    "UntagResources": Operation(untag_resources, "By the rules of `RemoveTagsFromResource`."),
}
