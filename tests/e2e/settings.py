"""What engines say of themselves, in the words of parameter groups; written anew, without a look at our translation."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pymemcache.client.base import Client

from cachewright.controlplane.model.parameters.grammar import allows
from tests.e2e.cloud import Place, redis_at
from tests.e2e.encrypted import Options

MIB = 1024 * 1024
BUFFERS = "client-output-buffer-limit"
MUCH = "1073741824"  # bytes; clients with less would be thrown out

# What the service does, and the public engines do not know.
NOT_OF_REDIS = frozenset(
    {
        "close-on-replica-write",
        "rename-commands",
        "replica-allow-chaining",
        "reserved-memory",
        "reserved-memory-percent",
        "search-default-timeout-ms",
        "search-enable-partial-results",
        "search-fanout-target-mode",
    }
)
NOT_IN_THE_IMAGE: Mapping[str, frozenset[str]] = {"redis6.x": frozenset({"acl-pubsub-default"})}  # it has 6.0

_CLASSES = {"normal": "normal", "slave": "replica", "pubsub": "pubsub"}


def said_by_redis(where: Place, family: str, login: Options) -> Callable[[str], str | None]:
    """The value of a parameter as CONFIG GET shows it; None for one that the engine does not know."""
    with redis_at(where, **login) as client:
        config: dict[str, str] = client.config_get("*")
    config |= dict(_buffers(config[BUFFERS].split()))
    if "cluster-preferred-endpoint-type" in config:
        config["cluster-preferred-endpoint-type"] = "ip"  # it only differs where host names are told
    assert not NOT_OF_REDIS & config.keys()
    assert not NOT_IN_THE_IMAGE.get(family, frozenset()) & config.keys()
    return config.get


def _buffers(words: list[str]) -> Iterator[tuple[str, str]]:
    for start in range(0, len(words), 4):
        name, *limits = words[start : start + 4]
        for limit, value in zip(("hard-limit", "soft-limit", "soft-seconds"), limits, strict=True):
            yield f"{BUFFERS}-{_CLASSES[name]}-{limit}", value


def agree(name: str, told: str, said: str) -> bool:
    """Whether what is told and what the engine says are one."""
    if name == "maxclients":  # as many files as a container may open, at most
        return 0 < int(said) <= int(told)
    if name == "notify-keyspace-events":
        return set(told.replace("A", "g$lshzxe")) == set(said.replace("A", "g$lshzxe"))
    if name == "cluster-preferred-endpoint-type":
        return said == "ip"
    return told == said


def said_by_memcached(where: Place) -> dict[str, Any]:
    """`stats settings`, in the words of parameters."""
    with_types: dict[bytes, Any] = Client(where).stats("settings")
    raw = {name.decode(): text(value) for name, value in with_types.items()}
    return {parameter: said(raw) for parameter, said in MEMCACHED.items()}


def text(value: Any) -> str:
    """As Memcached writes it."""
    return value.decode() if isinstance(value, bytes) else str(int(value) if isinstance(value, bool) else value)


def _is(name: str, yes: str) -> Callable[[dict[str, str]], str]:
    return lambda raw: str(int(raw[name] == yes))


MEMCACHED: Mapping[str, Callable[[dict[str, str]], str]] = {
    "backlog_queue_limit": lambda raw: raw["tcp_backlog"],
    "binding_protocol": lambda raw: raw["binding_protocol"].removesuffix("-negotiate"),
    "cas_disabled": _is("cas_enabled", "no"),
    "chunk_size": lambda raw: raw["chunk_size"],
    "chunk_size_growth_factor": lambda raw: f"{float(raw['growth_factor']):g}",
    "disable_flush_all": _is("flush_enabled", "no"),
    "error_on_memory_exhausted": _is("evictions", "off"),
    "hash_algorithm": lambda raw: raw["hash_algorithm"],
    "hashpower_init": lambda raw: raw["hashpower_init"],
    "idle_timeout": lambda raw: raw["idle_timeout"],
    "lru_crawler": _is("lru_crawler", "yes"),
    "lru_crawler metadump": _is("dump_enabled", "no"),
    "lru_maintainer": _is("lru_maintainer_thread", "yes"),
    "max_item_size": lambda raw: raw["item_size_max"],
    "maxconns_fast": _is("maxconns_fast", "yes"),
    "requests_per_event": lambda raw: raw["reqs_per_event"],
    "slab_automove": lambda raw: raw["slab_automove"],
    "slab_chunk_max": lambda raw: raw["slab_chunk_max"],
    "slab_reassign": _is("slab_reassign", "yes"),
    "track_sizes": _is("track_sizes", "yes"),
    "watcher_logbuf_size": lambda raw: str(int(raw["watcher_logbuf_size"]) // 1024),
    "num_threads": lambda raw: raw["num_threads"],
}
# No setting of 1.6, or none that `stats settings` shows.
NOT_OF_MEMCACHED = frozenset(
    {
        "config_max",
        "config_size_max",
        "inline_ascii_resp",
        "large_memory_pages",
        "lock_down_paged_memory",
        "max_cache_memory",  # together with the overhead: `maxbytes`
        "max_simultaneous_connections",  # as many files as a container may open, at most
        "maximize_core_file_limit",
        "memcached_connections_overhead",
        "no_modern",
        "watch",
        "worker_logbuf_size",  # is not told, see `agents.engines.memcached.flags`
    }
)


def another(parameter: Mapping[str, Any]) -> str:
    """A value that the parameter does not have, but may."""
    name, value, allowed = (
        parameter["ParameterName"],
        parameter.get("ParameterValue", ""),
        parameter.get("AllowedValues", ""),
    )
    if name == "notify-keyspace-events":
        return "Kx" if set(value) != set("Kx") else "KEA"
    found = (each for each in _candidates(name, value, allowed) if each != value)
    return next(each for each in found if allows(allowed, parameter["DataType"], each))


def _candidates(name: str, value: str, allowed: str) -> Iterator[str]:
    if name.startswith(BUFFERS) and name.endswith("-limit"):
        yield MUCH
    if name == "chunk_size_growth_factor":
        yield "1.5"
    if value.lstrip("-").isdigit():
        yield from (str(int(value) + 1), str(int(value) - 1))
    for item in allowed.split(","):
        yield from (item, item.rstrip("-"), item.partition("-")[0])
