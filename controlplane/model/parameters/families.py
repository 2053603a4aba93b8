"""The full list of every parameter group family, as differences from the lists that are known in full.

Source: the ElastiCache user guide, "Engine-specific parameters", by version.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from cachewright.controlplane.model.parameters.memcached import ADDED_IN_1_5, MEMCACHED_1_4, REMOVED_IN_1_5
from cachewright.controlplane.model.parameters.parameter import Effect, Modifiable, Parameter, choice, flag, number
from cachewright.controlplane.model.parameters.redis import EVICTION_WITHOUT_LFU, NEVER, REDIS_2_8, REDIS_5_0, SINCE
from cachewright.controlplane.model.versions import numbers

Table = tuple[Parameter, ...]


def _without(table: Table, *names: str) -> Table:
    """The list without some parameters; a name that ends with `*` stands for all that begin so."""
    starts = tuple(name[:-1] for name in names if name.endswith("*"))
    return tuple(row for row in table if row.name not in names and not row.name.startswith(starts))


def _with(table: Table, *rows: Parameter) -> Table:
    """The list with more parameters, or with others in place of those of the same name."""
    return tuple(({row.name: row for row in table} | {row.name: row for row in rows}).values())


def _renamed(table: Table, name: Callable[[str], str]) -> Table:
    return tuple(replace(row, name=name(row.name)) for row in table)


def _later(rows: Iterable[Parameter], since: str) -> Table:
    return tuple(replace(row, since=since) for row in rows)


def _of_slaves(name: str) -> str:
    """What a parameter was called before Redis 5."""
    return name.replace("replica", "slave")


_REDIS_2_6 = _without(
    REDIS_2_8, "close-on-slave-write", "min-slaves-*", "notify-keyspace-events", "repl-backlog-*", "repl-timeout"
)
_REDIS_4_0 = _with(
    _renamed(
        _without(
            REDIS_5_0,
            "active-defrag-max-scan-fields",
            "lua-replicate-commands",
            "replica-ignore-maxmemory",
            "stream-node-*",
            "rename-commands",
        ),
        _of_slaves,
    ),
    number("active-defrag-cycle-min", "25", "1-75"),
    number("active-defrag-ignore-bytes", "104857600", "10485760-104857600"),
    number("repl-timeout", "60", "11-", NEVER),
)
_REDIS_3_2 = _with(
    _without(
        _REDIS_4_0,
        "activedefrag",
        "active-defrag-*",
        "lazyfree-*",
        "slave-lazy-flush",
        "lfu-*",
        "client-query-buffer-limit",
        "proto-max-bulk-len",
    ),
    choice("maxmemory-policy", "volatile-lru", EVICTION_WITHOUT_LFU),
)
_REDIS_6 = _with(
    _without(REDIS_5_0, "lua-replicate-commands"),
    choice("acl-pubsub-default", "allchannels", "resetchannels,allchannels"),
    number("acllog-max-len", "128"),
    number("active-expire-effort", "1", "1-10"),
    flag("cluster-allow-reads-when-down", "no"),
    number("databases", "16", "1-10000", Modifiable.UNUSED, Effect.REBOOT),
    flag("lazyfree-lazy-user-del", "no"),
    number("tracking-table-max-keys", "1000000"),
)
_REDIS_7 = _with(
    _without(_REDIS_6, "activerehashing", "hash-max-ziplist-*", "zset-max-ziplist-*", "list-max-ziplist-size"),
    flag("cluster-allow-pubsubshard-when-down", "yes"),
    choice("cluster-preferred-endpoint-type", "tls-dynamic", "ip,tls-dynamic"),
    number("hash-max-listpack-entries", "512"),
    number("hash-max-listpack-value", "64"),
    flag("latency-tracking", "no"),
    number("zset-max-listpack-entries", "128"),
    number("zset-max-listpack-value", "64"),
)
_VALKEY_8_1 = (
    number("commandlog-large-reply-max-len", "128", "0-1024"),
    number("commandlog-large-request-max-len", "128", "0-1024"),
    number("commandlog-reply-larger-than", "1048576", "-"),
    number("commandlog-request-larger-than", "1048576", "-"),
)
_VALKEY_8_2 = (
    number("search-default-timeout-ms", "50000", "1-60000"),
    flag("search-enable-partial-results", "yes"),
    choice("search-fanout-target-mode", "client", "client,throughput"),
)
_VALKEY_8 = _with(
    _without(_REDIS_7, "lazyfree-*", "replica-lazy-flush"),
    flag("extended-redis-compatibility", "yes"),
    number("maxmemory-samples", "3", "1-64"),
    number("repl-backlog-size", "10485760", "16384-"),
    *_later(_VALKEY_8_1, "8.1.0"),
    *_later(_VALKEY_8_2, "8.2.0"),
)
_VALKEY_9 = _with(
    _VALKEY_8,
    # The guide prints the default 0, which its own range does not have; the engine's is 1.
    number("cluster-databases", "1", "1-10000", Modifiable.UNUSED, Effect.REBOOT),
)
_MEMCACHED_1_5 = _with(_without(MEMCACHED_1_4, *REMOVED_IN_1_5), *ADDED_IN_1_5)


def _family(first: str, table: Table) -> Table:
    """The list in AWS's order, each parameter since the first version of the family at the earliest."""
    rows = (replace(row, since=max(first, SINCE.get(row.name, row.since), key=numbers)) for row in table)
    return tuple(sorted(rows, key=lambda row: order(row.name)))


def order(name: str) -> str:
    """What AWS sorts parameters by: `activedefrag` comes before `active-defrag-cycle-max`."""
    return name.replace("-", "")


TABLES: Mapping[str, Table] = {
    "memcached1.4": _family("1.4.5", MEMCACHED_1_4),
    "memcached1.5": _family("1.5.10", _MEMCACHED_1_5),
    "memcached1.6": _family("1.6.6", _MEMCACHED_1_5),
    "redis2.6": _family("2.6.13", _REDIS_2_6),
    "redis2.8": _family("2.8.6", REDIS_2_8),
    "redis3.2": _family("3.2.4", _REDIS_3_2),
    "redis4.0": _family("4.0.10", _REDIS_4_0),
    "redis5.0": _family("5.0.0", REDIS_5_0),
    "redis6.x": _family("6.0.0", _REDIS_6),
    "redis7": _family("7.0.0", _REDIS_7),
    "valkey7": _family("7.2.0", _REDIS_7),
    "valkey8": _family("8.0.0", _VALKEY_8),
    "valkey9": _family("9.0.0", _VALKEY_9),
}
