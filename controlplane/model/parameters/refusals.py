"""What is said against values that are allowed, but with which a node would not start, or could not be kept."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

PAGE = 1024 * 1024  # bytes; Memcached's slab_page_size

# By these names Cachewright speaks to nodes, and primaries to replicas; whatever a client has said, primaries may say
# it in other words.
_NAMES = """
AUTH BRPOPLPUSH CLIENT CLUSTER DBSIZE DEL DUMP EVAL EVALSHA EXEC HSET INFO LPOP MEMORY MULTI PERSIST PEXPIRE PEXPIREAT
PING PUBLISH READONLY RESTORE ROLE RPOP RPOPLPUSH RPUSH SCRIPT SELECT SET SLOWLOG SREM STRLEN TYPE UNLINK WAIT XCLAIM
XGROUP ZREM
"""
NEEDED = frozenset(_NAMES.split())


def objections(values: Mapping[str, str]) -> Iterator[str]:
    """What speaks against the values of a cache, in the words of Memcached where it is Memcached that says so."""
    old = values.get("rename-commands", "").upper().split()[::2]
    if kept := sorted(NEEDED.intersection(old)):
        yield f"cannot rename {', '.join(kept)}: Cachewright and the replicas of its nodes need the name."
    if "slab_chunk_max" in values:
        yield from _of_memcached(values)


def _of_memcached(values: Mapping[str, str]) -> Iterator[str]:
    chunk = int(values["slab_chunk_max"])
    if Decimal(values["chunk_size_growth_factor"]) <= 1:
        yield "chunk_size_growth_factor: Factor must be greater than 1"
    if PAGE % chunk:
        yield f"slab_chunk_max (bytes: {chunk}) must divide evenly into {PAGE} (slab_page_size)"
