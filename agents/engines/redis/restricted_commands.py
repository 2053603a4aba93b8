"""The commands that AWS keeps for itself, as rules that take them away from a login.

Source: the ElastiCache user guide, "Supported and restricted Valkey and Redis OSS commands" (2026), node-based caches.
PSYNC is AWS's own, too, but replicas enter as whoever clients enter as, and need it.
"""

from collections.abc import Iterator

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
_PARTS_FROM = (7, 0)


def restrictions(version: tuple[int, ...]) -> tuple[str, ...]:
    """The rules, for a Redis of that version, 6.0 or later. They come after those that give everything."""
    parts = _taken() if version >= _PARTS_FROM else _given_back()
    return (*(f"-{name}" for name in _WHOLE), *parts)


def _taken() -> Iterator[str]:
    return (f"-{command}|{part}" for command, parts in _PARTS.items() for part in parts)


def _given_back() -> Iterator[str]:
    for command, parts in _REST.items():
        yield f"-{command}"
        yield from (f"+{command}|{part}" for part in parts)
