"""The commands that AWS keeps for itself, as rules that take them away from a login.

Every command that an engine calls dangerous or administrative, and every part of `ACL`, `CLUSTER` and `MODULE`, stands
in `KEPT` or in `LEFT`; a test compares them with each build.
"""

from collections.abc import Sequence

from cachewright.controlplane.model.restricted_commands import KEPT, KEPT_SERVERLESS, PARTS_FROM, Version

# What clients may do: it changes data, which is theirs, or connections, or nothing. PSYNC is AWS's own, too, but
# replicas enter as whoever clients enter as, and need it, REPLCONF and, where slots move, RESTORE-ASKING.
_LEFT = """
acl|cat acl|dryrun acl|genpass acl|getuser acl|help acl|list acl|log acl|users acl|whoami
client|kill client|list client|no-evict client|pause client|unblock client|unpause
cluster|count-failure-reports cluster|countkeysinslot cluster|getkeysinslot cluster|getslotmigrations cluster|help
cluster|info cluster|keyslot cluster|myid cluster|myshardid cluster|nodes cluster|replicas cluster|shards
cluster|slaves cluster|slot-stats cluster|slots commandlog|get commandlog|len commandlog|reset flushall flushdb info
keys lastsave latency latency|doctor latency|graph latency|histogram latency|history latency|latest latency|reset
module|help module|list monitor pfdebug pfselftest psync replconf restore restore-asking role slowlog slowlog|get
slowlog|len slowlog|reset sort sort_ro swapdb client
"""
LEFT = frozenset(_LEFT.split())

# They show SHA-256 of passwords without salt, from which a token of 16 characters may be guessed. AWS hides the hashes.
_HASHES = frozenset({"acl|getuser", "acl|list"})

# The parts that are given back before Redis 7.
_GIVEN_BACK = (
    *(f"acl|{part}" for part in ("cat", "genpass", "getuser", "help", "list", "log", "users", "whoami")),
    *("cluster|count-failure-reports", "cluster|countkeysinslot", "cluster|getkeysinslot", "cluster|help"),
    *(f"cluster|{part}" for part in ("info", "keyslot", "myid", "nodes", "replicas", "slaves", "slots")),
    *("module|help", "module|list"),
)

_EVERYTHING = ("+@all",)
_ALL = frozenset({"allcommands", "nocommands"})
_CATEGORIES = frozenset({"@all", "@admin", "@dangerous", "@slow"})  # of the commands that have these parts


def restrictions(version: Version, rules: Sequence[str] = _EVERYTHING, *, hashes: bool = True) -> tuple[str, ...]:
    """What takes the restricted commands away from whoever has these rules, to come after them, for a build of that
    version, its own number and not one that it is compatible with; 6.0 or later. Without `hashes` it takes away what
    shows those of passwords, too.
    """
    hidden = frozenset[str]() if hashes else _HASHES
    kept = [name for name, since in KEPT.items() if version >= since]
    if version >= PARTS_FROM:
        return tuple(f"-{name}" for name in (*kept, *sorted(hidden)))
    whole = dict.fromkeys(name.partition("|")[0] for name in kept)
    allowed = _allowed_parts(rules)
    return (*(f"-{name}" for name in whole), *(f"+{name}" for name in allowed if name not in hidden))


def kept_besides(version: Version) -> tuple[str, ...]:
    """What takes away the commands that only serverless caches keep."""
    return tuple(f"-{name}" for name, since in KEPT_SERVERLESS.items() if version >= since)


def _allowed_parts(rules: Sequence[str]) -> list[str]:
    """What can be given back, as far as these rules have given it."""
    allowed: set[str] = set()
    for rule in map(str.lower, rules):
        sign, name = rule[0], rule[1:]
        if rule in _ALL or (sign in "+-" and name in _CATEGORIES):
            allowed = set(_GIVEN_BACK) if sign in "a+" else set()
        elif sign == "+":
            allowed |= {part for part in _GIVEN_BACK if name in (part, part.partition("|")[0])}
        elif sign == "-":
            allowed -= {part for part in _GIVEN_BACK if name in (part, part.partition("|")[0])}
    return [part for part in _GIVEN_BACK if part in allowed]
