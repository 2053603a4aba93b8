"""GetTagKeys and GetTagValues: which tags are in use."""

from collections.abc import Iterable

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.tagging.resources import every_tagged
from cachewright.controlplane.model.tag_queries import WORDS, after_of, token


def get_tag_keys(context: Context, params: Params) -> Answer:
    """A page of the keys of all tags, in their order."""
    return _page(context, params, ("GetTagKeys", "TagKeys"), (key for key, _ in _pairs(context)))


def get_tag_values(context: Context, params: Params) -> Answer:
    """A page of the values that a key has anywhere, in their order. An empty one is one, and comes first."""
    values = (value for key, value in _pairs(context) if key == params["Key"])
    return _page(context, params, ("GetTagValues", "TagValues"), values)


def _pairs(context: Context) -> Iterable[tuple[str, str]]:
    return (pair for tagged in every_tagged(context) for pair in tagged.tags)


def _page(context: Context, params: Params, names: tuple[str, str], words: Iterable[str]) -> Answer:
    operation, member = names
    asked = params.get("PaginationToken", "")
    after = after_of(operation, context.now, asked)
    left = sorted(word for word in set(words) if not asked or word > after)
    shown = left[:WORDS]
    more = len(shown) < len(left)
    return {"PaginationToken": token(operation, context.now, shown[-1]) if more else "", member: shown}
