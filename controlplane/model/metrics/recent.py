"""A few figures of a node at a moment, as people watch them."""

from collections.abc import Mapping
from dataclasses import dataclass

from cachewright.controlplane.model.metrics.terms import Figures, Share, of, since
from cachewright.controlplane.model.versions import Engine


@dataclass(frozen=True, slots=True)
class Point:
    """None: the node does not tell, or there was no look before."""

    at: float  # seconds since 1970
    operations: float | None  # commands in a second, those of the control plane too
    hits: float | None  # per cent of what was read
    memory: float | None  # bytes
    connections: float | None
    lag: float | None  # seconds since a replica heard its primary
    evictions: float | None  # in a second


@dataclass(frozen=True, slots=True)
class _Terms:
    operations: tuple[str, ...]
    hits: str
    misses: str
    memory: str
    connections: str
    evictions: str


_REDIS = _Terms(
    ("total_commands_processed",),
    "keyspace_hits",
    "keyspace_misses",
    "used_memory",
    "connected_clients",
    "evicted_keys",
)
_TERMS: Mapping[Engine, _Terms] = {
    Engine.REDIS: _REDIS,
    Engine.VALKEY: _REDIS,
    Engine.MEMCACHED: _Terms(
        ("cmd_get", "cmd_set", "cmd_touch"), "get_hits", "get_misses", "bytes", "curr_connections", "evictions"
    ),
}


def point(at: float, engine: Engine, now: Figures, before: Figures | None) -> Point:
    """What is so at a moment, and what follows from what was counted since the look before."""
    terms = _TERMS[engine]
    between = since(now, before) if before else {}
    return Point(
        at,
        Share(of(*terms.operations), of("seconds")).value(between),
        Share(of(terms.hits), of(terms.hits, terms.misses), 100).value(between),
        now.get(terms.memory),
        now.get(terms.connections),
        now.get("master_last_io_seconds_ago"),
        Share(of(terms.evictions), of("seconds")).value(between),
    )
