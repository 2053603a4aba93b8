"""How the parts of caches are called. The ids of resources are rows of `nouns.py`."""

from collections.abc import Iterable

SUFFIX = "cache.cachewright.test"  # of host names; nobody can own a name under .test (RFC 6761)


def node_id(number: int) -> str:
    """The id of the `number`-th node of a cache cluster, counted from 1; node groups are numbered alike."""
    return f"{number:04}"


def member_id(group: str, number: int) -> str:
    """The cache cluster that is the `number`-th member of a group with cluster mode disabled, counted from 1."""
    return f"{group}-{number:03}"


def shard_member_id(group: str, shard: str, number: int) -> str:
    """The cache cluster that is the `number`-th member of a shard with cluster mode enabled, counted from 1."""
    return member_id(f"{group}-{shard}", number)


def serverless_member_id(cache: str, number: int) -> str:
    """What the `number`-th node of a serverless cache is called in place of a cache cluster, counted from 1. No cache
    cluster can have such a name: identifiers have no two hyphens in a row.
    """
    return f"{cache}--{number:03}"


def repeated(names: Iterable[str]) -> str | None:
    """The first name that is there a second time."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None
