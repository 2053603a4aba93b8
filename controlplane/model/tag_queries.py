"""What the Resource Groups Tagging API asks about tags, and its answers in pages.

Source: its API reference, 2017-01-26.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cachewright.controlplane.model.faults import Fault, invalid_value
from cachewright.controlplane.model.nouns import Resource
from cachewright.controlplane.model.tags import Tags

SERVICE = "elasticache"  # all whose resources there are
LIFE = timedelta(minutes=15)  # of a token
RESOURCES = 50  # in a page, unless the request says otherwise
WORDS = 100  # keys, or values of one

_WITH_ARNS = ("TagFilters", "ResourceTypeFilters", "ResourcesPerPage", "TagsPerPage", "PaginationToken")
_MOST_RESOURCES, _LEAST_TAGS, _MOST_TAGS = 100, 100, 500


@dataclass(frozen=True, slots=True)
class Tagged:
    """A resource and its tags, of which there is one at least."""

    resource: Resource
    tags: Tags


@dataclass(frozen=True, slots=True)
class Filters:
    """Which resources a request is about: with any of the values (any at all, if none is named) of every key, of any of
    the types, and among the ARNs. What is empty does not matter.
    """

    keys: tuple[tuple[str, tuple[str, ...]], ...]
    types: frozenset[str]
    arns: frozenset[str]

    def has(self, tagged: Tagged) -> bool:
        """Whether it is about that one."""
        tags, type_of = dict(tagged.tags), tagged.resource.noun.type
        return (
            all(key in tags and (not values or tags[key] in values) for key, values in self.keys)
            and (not self.types or not self.types.isdisjoint({SERVICE, f"{SERVICE}:{type_of}"}))
            and (not self.arns or tagged.resource.arn in self.arns)
        )


def filters_of(params: Mapping[str, Any]) -> Filters:
    """The filters of GetResources. Faults: those that do not go together, a filter without a key."""
    arns = params.get("ResourceARNList", ())
    for name in _WITH_ARNS:
        if arns and params.get(name):
            raise invalid_value(f"ResourceARNList and {name} cannot be specified together.")
    if params.get("ExcludeCompliantResources") and not params.get("IncludeComplianceDetails"):
        raise invalid_value("ExcludeCompliantResources needs IncludeComplianceDetails.")
    keys = tuple((each.get("Key", ""), tuple(each.get("Values") or ())) for each in params.get("TagFilters", ()))
    if not all(key for key, _ in keys):
        raise invalid_value("Every filter in TagFilters must have a Key.")
    return Filters(keys, frozenset(params.get("ResourceTypeFilters", ())), frozenset(arns))


def pages_of(params: Mapping[str, Any], every: Sequence[Tagged]) -> Sequence[Tagged]:
    """Those of a page. Faults: sizes out of range."""
    size, tags = params.get("ResourcesPerPage"), params.get("TagsPerPage")
    if size is not None and not 1 <= size <= _MOST_RESOURCES:
        raise invalid_value(f"ResourcesPerPage must be between 1 and {_MOST_RESOURCES}.")
    if tags is not None and not _LEAST_TAGS <= tags <= _MOST_TAGS:
        raise invalid_value(f"TagsPerPage must be between {_LEAST_TAGS} and {_MOST_TAGS}.")
    limit = size or (_MOST_RESOURCES if tags else RESOURCES)
    return list(_with_tags_up_to(every[:limit], tags)) if tags else every[:limit]


def _with_tags_up_to(every: Sequence[Tagged], most: int) -> Iterator[Tagged]:
    """A resource is on one page with all of its tags, even where it alone has more than a page may have."""
    count = 0
    for tagged in every:
        if count and count + len(tagged.tags) > most:
            return
        count += len(tagged.tags)
        yield tagged


def token(operation: str, now: datetime, after: str) -> str:
    """What leads to the page behind `after`, for a while."""
    return urlsafe_b64encode(f"{operation}\n{int(now.timestamp())}\n{after}".encode()).decode()


def after_of(operation: str, now: datetime, wanted: str) -> str:
    """Behind what the page of a token begins; empty for the first one. Faults: it was given out for nothing or for
    something else, or too long ago.
    """
    if not wanted:
        return ""
    try:
        named, moment, after = urlsafe_b64decode(wanted.encode("ascii")).decode().split("\n", 2)
        given = datetime.fromtimestamp(int(moment), UTC)
    except (ValueError, OverflowError, OSError):
        raise invalid_value("Invalid PaginationToken.") from None
    if named != operation or not after:
        raise invalid_value("Invalid PaginationToken.")
    if now - given > LIFE:
        raise Fault("PaginationTokenExpiredException", "The PaginationToken has expired.")
    return after
