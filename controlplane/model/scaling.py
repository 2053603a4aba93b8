"""Which node types a cache may be moved to.

Source: the ElastiCache user guide, "Scaling" and "Supported node types", and a recorded answer of
ListAllowedNodeTypeModifications: up goes to newer generations only, down to older ones, too.
"""

from dataclasses import dataclass

from cachewright.controlplane.model.node_types import NODE_TYPES, NodeType, node_type
from cachewright.controlplane.model.versions import Engine, EngineVersion, numbers

TIERED = "cache.r6gd."
FIRST_SCALE_DOWN_REDIS = (3, 2, 10)
ANCIENT = 0  # the generation of families that nothing is moved to

GENERATIONS: dict[str, int] = {
    "t1": ANCIENT,
    "m1": ANCIENT,
    "m2": ANCIENT,
    "c1": ANCIENT,
    "m3": 3,
    "r3": 3,
    "t2": 4,
    "m4": 4,
    "r4": 4,
    "t3": 5,
    "m5": 5,
    "r5": 5,
    "t4g": 6,
    "m6g": 6,
    "r6g": 6,
    "r6gd": 6,
    "m7g": 7,
    "r7g": 7,
    "c7gn": 7,
    "m8g": 8,
    "r8g": 8,
    "c8gn": 8,
}

# The families of node types without encryption in transit.
UNENCRYPTED: dict[Engine, frozenset[str]] = {
    Engine.REDIS: frozenset({"m1", "m2"}),
    Engine.VALKEY: frozenset({"m1", "m2"}),
    Engine.MEMCACHED: frozenset({"m1", "m2", "m3", "r3", "t2"}),
}


@dataclass(frozen=True, slots=True)
class Moves:
    """The names of node types, in order."""

    up: tuple[str, ...] = ()
    down: tuple[str, ...] = ()


def runs_on(release: EngineVersion, row: NodeType) -> bool:
    """Whether a version runs on a node type."""
    if release.engine is Engine.VALKEY:
        return True
    if release.engine is Engine.MEMCACHED:
        return row.max_cache_memory > 0
    return bool(row.redis_from) and numbers(release.described) >= numbers(row.redis_from)


def moves(release: EngineVersion, current: str, *, encrypted: bool = False) -> Moves:
    """Where a node of type `current` can go, with encryption in transit or without."""
    engine, here = release.engine, node_type(current)
    rows = [row for row in NODE_TYPES if row != here and runs_on(release, row) and _reachable(here, row)]
    rows = [row for row in rows if not encrypted or encrypts(engine, row)]
    up = sorted(row.name for row in rows if _is_up(engine, here, row))
    least = memory(engine, here)
    down = sorted(row.name for row in rows if memory(engine, row) <= least and not _is_up(engine, here, row))
    fixed = release.engine is Engine.REDIS and numbers(release.described) < FIRST_SCALE_DOWN_REDIS
    return Moves(tuple(up), () if fixed else tuple(down))


def encrypts(engine: Engine, row: NodeType) -> bool:
    """Whether a node type takes encrypted connections."""
    return family(row) not in UNENCRYPTED[engine]


def memory(engine: Engine, row: NodeType) -> int:
    """How large a node type is for an engine: bytes, or megabytes for Memcached."""
    return row.max_cache_memory if engine is Engine.MEMCACHED else row.maxmemory


def family(row: NodeType) -> str:
    """`m5` of cache.m5.large."""
    return row.name.split(".")[1]


def generation(row: NodeType) -> int:
    """How new the family of a node type is, in comparable form."""
    return GENERATIONS[family(row)]


def _reachable(here: NodeType, row: NodeType) -> bool:
    return here.name.startswith(TIERED) == row.name.startswith(TIERED) and generation(row) != ANCIENT


def _is_up(engine: Engine, here: NodeType, row: NodeType) -> bool:
    """More memory, or as much of it in a newer generation."""
    newer, more = generation(row) - generation(here), memory(engine, row) - memory(engine, here)
    return newer >= 0 if more > 0 else newer > 0 and more == 0
