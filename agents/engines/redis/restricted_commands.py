"""The commands that AWS keeps for itself, as rules that take them away from a login.

Every command that an engine calls dangerous or administrative, and every part of `ACL`, `CLUSTER` and `MODULE`, stands
in `KEPT` or in `LEFT`; a test compares them with each build. Source: the ElastiCache user guide, "Supported and
restricted Valkey and Redis OSS commands" (2026), node-based caches. What it does not name is kept when it changes
roles, membership, slots, persistence or the program itself.
"""

from collections.abc import Iterator, Mapping

Version = tuple[int, ...]

_FIRST: Version = (6, 0)
_PARTS_FROM: Version = (7, 0)  # before, a rule can take away whole commands only, and give back parts
_VALKEY_9: Version = (9, 0)  # no Redis of that number is ever run

# Each with the version of the build that has it first: engines refuse rules about what they do not know.
KEPT: Mapping[str, Version] = {
    **dict.fromkeys(("bgrewriteaof", "bgsave", "config", "debug", "migrate", "replicaof", "save", "slaveof"), _FIRST),
    **dict.fromkeys(("shutdown", "sync"), _FIRST),
    **dict.fromkeys(("acl|deluser", "acl|load", "acl|save", "acl|setuser"), _FIRST),
    **dict.fromkeys(("cluster|addslots", "cluster|bumpepoch", "cluster|delslots", "cluster|failover"), _FIRST),
    **dict.fromkeys(("cluster|flushslots", "cluster|forget", "cluster|meet", "cluster|setslot"), _FIRST),
    **dict.fromkeys(("cluster|addslotsrange", "cluster|delslotsrange", "cluster|links"), _PARTS_FROM),
    # Not in the guide: roles, membership and slots are AWS's to change, and so is the program.
    "failover": (6, 2),
    **dict.fromkeys(("cluster|replicate", "cluster|reset", "cluster|saveconfig", "cluster|set-config-epoch"), _FIRST),
    **dict.fromkeys(("cluster|cancelslotmigrations", "cluster|flushslot", "cluster|migrateslots"), _VALKEY_9),
    "cluster|syncslots": _VALKEY_9,
    **dict.fromkeys(("module|load", "module|unload"), _FIRST),
    "module|loadex": _PARTS_FROM,
}

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


def restrictions(version: Version, *, hashes: bool = True) -> tuple[str, ...]:
    """The rules, for a build of that version, its own number and not one that it is compatible with; 6.0 or later. They
    come after those that give everything. Without `hashes` they take away what shows those of passwords, too.
    """
    hidden = frozenset[str]() if hashes else _HASHES
    kept = [name for name, since in KEPT.items() if version >= since]
    if version >= _PARTS_FROM:
        return tuple(f"-{name}" for name in (*kept, *sorted(hidden)))
    whole = dict.fromkeys(name.partition("|")[0] for name in kept)
    return (*(f"-{name}" for name in whole), *_given_back(hidden))


def _given_back(hidden: frozenset[str]) -> Iterator[str]:
    return (f"+{name}" for name in _GIVEN_BACK if name not in hidden)
