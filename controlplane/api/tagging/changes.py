"""TagResources and UntagResources: tags of several resources at once, each by the rules of its own operations."""

from collections.abc import Callable

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.tags import change_tags
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.tags import Tags, tags_of, with_tags, without_tags


def tag_resources(context: Context, params: Params) -> Answer:
    """The same tags for every resource. Fault when one of them is no tag."""
    more = tags_of([{"Key": key, "Value": value} for key, value in params["Tags"].items()])
    return _each(context, params, lambda tags: with_tags(tags, more))


def untag_resources(context: Context, params: Params) -> Answer:
    """Remove tags of every resource; what one does not have is no mistake."""
    gone = frozenset(params["TagKeys"])
    return _each(context, params, lambda tags: without_tags(tags, gone))


def _each(context: Context, params: Params, change: Callable[[Tags], Tags]) -> Answer:
    """What is refused for one resource is told, and changes nothing of it; the others are changed."""
    failed = {}
    for arn in dict.fromkeys(params["ResourceARNList"]):
        try:
            change_tags(context, arn, change)
        except Fault as fault:
            failed[arn] = _failure(fault)
    return {"FailedResourcesMap": failed}


def _failure(fault: Fault) -> Answer:
    return {"StatusCode": 400, "ErrorCode": "InvalidParameterException", "ErrorMessage": fault.message}
