"""How many ElastiCache Processing Units a command uses. Pure; standard library only: part of the container's program.

Source: the ElastiCache pricing page and user guide, "ElastiCache Processing Units": one for each kB that is transferred
and at least one; a command that needs more vCPU time than a SET or a GET uses more in proportion, if that is more than
for what it transfers. AWS does not say how it measures vCPU time. Here it follows from how many keys, fields or
members a command names.
"""

from collections.abc import Mapping

KB = 1024  # bytes
# Of the vCPU time of a SET or a GET: what each further key, field or member takes, and a script or a function at least.
# Measured with Valkey 8.1 and TLS, by the CPU time of its process: MGET 0.09 to 0.11, HMGET 0.10 to 0.13, EVAL 1.6.
SHARE = 0.1
SCRIPT = 2.0

# AWS does not meter these, whatever they transfer.
FREE = frozenset(
    b"AUTH HELLO MULTI DISCARD PING QUIT RESET CLIENT CLUSTER COMMAND CONFIG INFO READONLY READWRITE SELECT"
    b" SUBSCRIBE UNSUBSCRIBE PSUBSCRIBE PUNSUBSCRIBE SSUBSCRIBE SUNSUBSCRIBE PUBLISH SPUBLISH".split()
)
EXEC = b"EXEC"  # is not metered itself, but its reply has those of the commands that were queued
SCRIPTS = frozenset((b"EVAL", b"EVALSHA", b"EVAL_RO", b"EVALSHA_RO", b"FCALL", b"FCALL_RO"))

# How many words of a command belong to each element that it names, and how many come before the first.
_LISTS: Mapping[int, bytes] = {
    1: b"MGET DEL UNLINK EXISTS TOUCH PFCOUNT SINTER SUNION SDIFF",
    2: b"SADD SREM SMISMEMBER HMGET HDEL LPUSH RPUSH LPUSHX RPUSHX ZREM ZMSCORE GEOPOS GEOHASH PFADD",
}
_PAIRS: Mapping[int, bytes] = {1: b"MSET MSETNX", 2: b"HSET HMSET ZADD"}
_ELEMENTS: Mapping[bytes, tuple[int, int]] = {
    name: (before, width)
    for width, table in ((1, _LISTS), (2, _PAIRS))
    for before, names in table.items()
    for name in names.split()
}


def elements(name: bytes, words: int) -> int:
    """How many keys, fields or members a command of so many words names; its name is one of them."""
    before, width = _ELEMENTS.get(name, (words - 1, 1))
    return max(1, (words - before) // width)


def ecpus(name: bytes, words: int, transferred: int) -> float:
    """What a command has used whose request and reply are so many bytes together; `name` in capitals."""
    if name in FREE:
        return 0.0
    if name == EXEC:
        return transferred / KB
    vcpu = SCRIPT if name in SCRIPTS else 1 + SHARE * (elements(name, words) - 1)
    return max(1.0, vcpu, transferred / KB)
