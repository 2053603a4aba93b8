"""The commands that AWS keeps for itself, as rules that take them away from a login.

Source: the ElastiCache user guide, "Supported and restricted Valkey and Redis OSS commands" (2026), node-based caches.
PSYNC is AWS's own, too, but replicas enter as whoever clients enter as, and need it.
"""

from collections.abc import Iterator, Mapping

_WHOLE = ("bgrewriteaof", "bgsave", "config", "debug", "migrate", "replicaof", "save", "slaveof", "shutdown", "sync")

_PARTS = {
    "acl": ("deluser", "load", "save", "setuser"),
    "cluster": (
        *("addslots", "addslotsrange", "bumpepoch", "delslots", "delslotsrange", "failover"),
        *("flushslots", "forget", "links", "meet", "setslot"),
    ),
}

# Before Redis 7 a rule can take away whole commands only, and give back parts.
_REST = {
    "acl": ("cat", "genpass", "getuser", "help", "list", "log", "users", "whoami"),
    "cluster": (
        *("count-failure-reports", "countkeysinslot", "getkeysinslot", "help", "info", "keyslot", "myid", "nodes"),
        *("replicas", "replicate", "reset", "saveconfig", "set-config-epoch", "slaves", "slots"),
    ),
}
# They show SHA-256 of passwords without salt, from which a token of 16 characters may be guessed. AWS hides the hashes.
_HASHES = {"acl": ("getuser", "list")}
_PARTS_FROM = (7, 0)


def restrictions(version: tuple[int, ...], *, hashes: bool = True) -> tuple[str, ...]:
    """The rules, for a Redis of that version, 6.0 or later. They come after those that give everything. Without
    `hashes` they take away what shows those of passwords, too.
    """
    hidden = {} if hashes else _HASHES
    parts = _taken(hidden) if version >= _PARTS_FROM else _given_back(hidden)
    return (*(f"-{name}" for name in _WHOLE), *parts)


def _taken(hidden: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for command, parts in _PARTS.items():
        yield from (f"-{command}|{part}" for part in (*parts, *hidden.get(command, ())))


def _given_back(hidden: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for command, parts in _REST.items():
        yield f"-{command}"
        yield from (f"+{command}|{part}" for part in parts if part not in hidden.get(command, ()))
