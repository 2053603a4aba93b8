"""GetResources: what has tags."""

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.model.tag_queries import Tagged, after_of, filters_of, pages_of, token

_OPERATION = "GetResources"
_COMPLIANT = {"ComplianceDetails": {"ComplianceStatus": True}}  # there are no tag policies


def get_resources(context: Context, params: Params) -> Answer:
    """A page of the tagged resources that a request is about, by ARN."""
    filters, after = filters_of(params), after_of(_OPERATION, context.now, params.get("PaginationToken", ""))
    tagged = every_tagged(context) if not params.get("ExcludeCompliantResources") else []
    fitting = [each for each in tagged if each.resource.arn > after and filters.has(each)]
    shown = fitting[: len(filters.arns)] if filters.arns else pages_of(params, fitting)
    more = len(shown) < len(fitting)
    details = _COMPLIANT if params.get("IncludeComplianceDetails") else {}
    return {
        "PaginationToken": token(_OPERATION, context.now, shown[-1].resource.arn) if more else "",
        "ResourceTagMappingList": [{**_mapping(each), **details} for each in shown],
    }


def every_tagged(context: Context) -> list[Tagged]:
    """The caller's resources that have tags, by ARN."""
    found = context.transaction.tags.everywhere(context.caller.account, context.caller.region)
    return sorted((Tagged(resource, tags) for resource, tags in found.items()), key=lambda each: each.resource.arn)


def _mapping(tagged: Tagged) -> Answer:
    tags = [{"Key": key, "Value": value} for key, value in tagged.tags]
    return {"ResourceARN": tagged.resource.arn, "Tags": tags}
