"""The tags of a request."""

from cachewright.controlplane.api.common.context import Context, Params
from cachewright.controlplane.model.quotas import TAGS
from cachewright.controlplane.model.tags import Tags, tags_of


def asked_tags(context: Context, params: Params) -> Tags:
    """The tags that a request gives. Faults: what a tag may not be; more than the quota, before each is looked at."""
    wanted = params.get("Tags") or ()
    context.quotas.check(TAGS, len(wanted))
    return tags_of(wanted)
