"""AWS's rules about tags. Source: the ElastiCache user guide, "Tagging your resources"."""

from collections.abc import Iterable, Mapping, Sequence

from cachewright.controlplane.model.faults import invalid_value
from cachewright.controlplane.model.names import repeated

LONGEST_KEY = 128
LONGEST_VALUE = 256
RESERVED = "aws:"

Tags = tuple[tuple[str, str], ...]  # keys and values, in the order in which the keys were first given


def tags_of(wanted: Sequence[Mapping[str, str]]) -> Tags:
    """Keys and values as a request gives them; a value that is left out is empty. Faults: what a tag may not be."""
    tags = tuple((tag.get("Key", ""), tag.get("Value", "")) for tag in wanted)
    for key, value in tags:
        _check(key, value)
    if twice := repeated(key for key, _ in tags):
        raise invalid_value(f"Duplicate tag key: {twice}")
    return tags


def with_tags(tags: Tags, more: Tags) -> Tags:
    """What a resource has after `more` were added: the value of a key that it has already is replaced."""
    return tuple((dict(tags) | dict(more)).items())


def without_tags(tags: Tags, keys: Iterable[str]) -> Tags:
    """What is left of a resource's tags; a key that it does not have is no mistake."""
    gone = set(keys)
    return tuple((key, value) for key, value in tags if key not in gone)


def _check(key: str, value: str) -> None:
    if not 1 <= len(key) <= LONGEST_KEY:
        raise invalid_value(f"Tag keys must be between 1 and {LONGEST_KEY} characters long.")
    if len(value) > LONGEST_VALUE:
        raise invalid_value(f"Tag values cannot be longer than {LONGEST_VALUE} characters.")
    if key.lower().startswith(RESERVED):
        raise invalid_value(f"Tag keys cannot start with {RESERVED}")
