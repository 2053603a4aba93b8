"""The operations of the Resource Groups Tagging API."""

from cachewright.controlplane.api.common.operation import Operation, Operations
from cachewright.controlplane.api.tagging.changes import tag_resources, untag_resources
from cachewright.controlplane.api.tagging.resources import get_resources
from cachewright.controlplane.api.tagging.words import get_tag_keys, get_tag_values

OPERATIONS: Operations = {
    "GetResources": Operation(
        get_resources, "Complete, but that resources without tags are not shown if they had some before.", writes=False
    ),
    "GetTagKeys": Operation(get_tag_keys, "Complete.", writes=False),
    "GetTagValues": Operation(get_tag_values, "Complete.", writes=False),
    "TagResources": Operation(tag_resources, "By the rules of `AddTagsToResource`."),
    "UntagResources": Operation(untag_resources, "By the rules of `RemoveTagsFromResource`."),
}
