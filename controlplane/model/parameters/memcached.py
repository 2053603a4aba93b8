"""The parameters of the Memcached families.

Source: the ElastiCache user guide, "Memcached specific parameters"; types as the API reports them. The ranges of the
backlog, of chunks and of the largest item are nowhere documented: they are what the engine takes.
"""

from cachewright.controlplane.model.parameters.parameter import DataType, Effect, Modifiable, Parameter

_NEVER, _REBOOT = Modifiable.NEVER, Effect.REBOOT


def _switch(name: str, value: str, since: str, effect: Effect = _REBOOT) -> Parameter:
    return Parameter(name, value, "0,1", DataType.BOOLEAN, Modifiable.ALWAYS, effect, since)


def _number(name: str, value: str, allowed: str, since: str) -> Parameter:
    return Parameter(name, value, allowed, DataType.INTEGER, Modifiable.ALWAYS, _REBOOT, since)


def _word(name: str, value: str, allowed: str, since: str) -> Parameter:
    return Parameter(name, value, allowed, DataType.STRING, Modifiable.ALWAYS, _REBOOT, since)


def _fixed(name: str, value: str, allowed: str, since: str) -> Parameter:
    data_type = DataType.BOOLEAN if allowed == "0,1" else DataType.INTEGER
    return Parameter(name, value, allowed, data_type, _NEVER, _REBOOT, since)


MEMCACHED_1_4: tuple[Parameter, ...] = (
    _fixed("backlog_queue_limit", "1024", "1-10000", "1.4.5"),
    _word("binding_protocol", "auto", "auto,ascii", "1.4.5"),
    _switch("cas_disabled", "0", "1.4.5"),
    _number("chunk_size", "48", "1-1024", "1.4.5"),
    Parameter("chunk_size_growth_factor", "1.25", "1-1024", DataType.FLOAT, effect=_REBOOT, since="1.4.5"),
    _fixed("config_max", "16", "16", "1.4.14"),
    _fixed("config_size_max", "65536", "65536", "1.4.14"),
    _switch("disable_flush_all", "0", "1.4.24"),
    _switch("error_on_memory_exhausted", "0", "1.4.5"),
    _switch("expirezero_does_not_evict", "0", "1.4.24"),
    _word("hash_algorithm", "jenkins", "jenkins,murmur3", "1.4.24"),
    _fixed("hashpower_init", "16", "16", "1.4.14"),
    _number("idle_timeout", "0", "0-86400", "1.4.33"),
    _fixed("large_memory_pages", "0", "0,1", "1.4.5"),
    _fixed("lock_down_paged_memory", "0", "0,1", "1.4.5"),
    _switch("lru_crawler", "0", "1.4.24"),
    _switch("lru_crawler metadump", "0", "1.4.33", Effect.IMMEDIATE),  # its documented values are those of the command
    _switch("lru_maintainer", "0", "1.4.24"),
    _number("max_item_size", "1048576", "1024-134217728", "1.4.5"),
    _fixed("max_simultaneous_connections", "65000", "3-65000", "1.4.5"),
    _fixed("maximize_core_file_limit", "0", "0,1", "1.4.5"),
    _switch("maxconns_fast", "0", "1.4.14"),
    _number("memcached_connections_overhead", "100", "0-100000", "1.4.5"),
    _switch("modern", "1", "1.4.33"),
    _fixed("requests_per_event", "20", "20", "1.4.5"),
    _number("slab_automove", "0", "0,1,2", "1.4.14"),
    _number("slab_chunk_max", "524288", "1-", "1.4.33"),
    _switch("slab_reassign", "0", "1.4.14"),
    _switch("track_sizes", "0", "1.4.33"),
    _switch("watch", "1", "1.4.33", Effect.IMMEDIATE),
    _number("watcher_logbuf_size", "256", "1-", "1.4.33"),
    _number("worker_logbuf_size", "64", "1-", "1.4.33"),
)

REMOVED_IN_1_5 = frozenset({"expirezero_does_not_evict", "modern"})
ADDED_IN_1_5: tuple[Parameter, ...] = (
    _switch("inline_ascii_resp", "0", "1.5.10"),
    _switch("no_modern", "1", "1.5.10"),
)
