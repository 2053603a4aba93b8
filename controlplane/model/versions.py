"""Which engine versions AWS offers, and what runs in their place.

Source: the ElastiCache user guide, "Supported engines and versions" (2026). `described` is the patch version that
Describe operations show for a request of `version`; upstream is the public image of the same parameter group family.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from cachewright.controlplane.model.faults import Fault, invalid_combination, invalid_value


class Engine(StrEnum):
    """AWS's engine names."""

    REDIS = "redis"
    VALKEY = "valkey"
    MEMCACHED = "memcached"


DEFAULT_PORT: dict[Engine, int] = {Engine.REDIS: 6379, Engine.VALKEY: 6379, Engine.MEMCACHED: 11211}


@dataclass(frozen=True, slots=True)
class EngineVersion:
    """One version that can be asked for."""

    engine: Engine
    version: str  # as requested: `7.1`
    described: str  # as answered: `7.1.0`
    family: str  # parameter group family; an engine of another family never runs in its place
    upstream: str  # public image reference

    @property
    def default_group(self) -> str:
        """The parameter group that is used when none is named."""
        return f"default.{self.family}"


def _same(engine: Engine, family: str, *versions: str) -> tuple[EngineVersion, ...]:
    """Versions that are requested and described alike, down to the patch."""
    return tuple(EngineVersion(engine, v, v, family, f"{engine}:{v}") for v in versions)


VERSIONS: tuple[EngineVersion, ...] = (
    *_same(Engine.MEMCACHED, "memcached1.4", "1.4.5", "1.4.14", "1.4.24", "1.4.33", "1.4.34"),
    *_same(Engine.MEMCACHED, "memcached1.5", "1.5.10", "1.5.16"),
    *_same(Engine.MEMCACHED, "memcached1.6", "1.6.6", "1.6.12", "1.6.17", "1.6.22"),
    *_same(Engine.REDIS, "redis2.6", "2.6.13"),
    *_same(Engine.REDIS, "redis2.8", "2.8.6", "2.8.19", "2.8.21", "2.8.22", "2.8.23", "2.8.24"),
    *_same(Engine.REDIS, "redis3.2", "3.2.4", "3.2.6", "3.2.10"),
    *_same(Engine.REDIS, "redis4.0", "4.0.10"),
    *_same(Engine.REDIS, "redis5.0", "5.0.0", "5.0.3", "5.0.4", "5.0.5", "5.0.6"),
    EngineVersion(Engine.REDIS, "6.0", "6.0.5", "redis6.x", "redis:6.0"),
    EngineVersion(Engine.REDIS, "6.2", "6.2.6", "redis6.x", "redis:6.2"),
    EngineVersion(Engine.REDIS, "7.0", "7.0.7", "redis7", "redis:7.0"),
    EngineVersion(Engine.REDIS, "7.1", "7.1.0", "redis7", "redis:7.0"),
    EngineVersion(Engine.VALKEY, "7.2", "7.2.6", "valkey7", "valkey/valkey:7.2"),
    EngineVersion(Engine.VALKEY, "8.0", "8.0.1", "valkey8", "valkey/valkey:8.0"),
    EngineVersion(Engine.VALKEY, "8.1", "8.1.0", "valkey8", "valkey/valkey:8.1"),
    EngineVersion(Engine.VALKEY, "8.2", "8.2.0", "valkey8", "valkey/valkey:8.1"),
    EngineVersion(Engine.VALKEY, "9.0", "9.0.0", "valkey9", "valkey/valkey:9.0"),
    EngineVersion(Engine.VALKEY, "9.1", "9.1.0", "valkey9", "valkey/valkey:9.1"),
)

DEFAULT_VERSION: dict[Engine, str] = {Engine.REDIS: "7.1", Engine.VALKEY: "8.1", Engine.MEMCACHED: "1.6.22"}
NEWEST_REDIS_6 = "6.2"

_BY_REQUEST = {(row.engine, row.version): row for row in VERSIONS}
_BY_DESCRIPTION = {(row.engine, row.described): row for row in VERSIONS}

FAMILIES: frozenset[str] = frozenset(row.family for row in VERSIONS)


@cache
def numbers(version: str) -> tuple[int, ...]:
    """A version in comparable form."""
    return tuple(int(part) for part in version.split("."))


def engine_named(name: str) -> Engine:
    """The engine that a request names, in any case; Fault when AWS has no such engine."""
    try:
        return Engine(name.lower())
    except ValueError:
        raise invalid_value(f"Invalid engine name: {name}") from None


def version_of(engine: Engine, described: str) -> EngineVersion:
    """The row of a version as Describe operations show it; KeyError for any other."""
    return _BY_DESCRIPTION[engine, described]


def release_described(version: str, likely: Engine) -> EngineVersion:
    """The row of a version as Describe operations show it, of the likely engine or of the one it comes from or goes
    to: Redis and Valkey have no such version in common. KeyError for any other.
    """
    engines = (likely, Engine.REDIS, Engine.VALKEY)
    return version_of(next((engine for engine in engines if (engine, version) in _BY_DESCRIPTION), likely), version)


def requested_version(engine: Engine, version: str | None) -> EngineVersion:
    """The row of a version as requests name it, the engine's default for None.

    Faults: `Cannot find version 7.4 for redis`; from Redis 6 on a patch version is refused.
    """
    wanted = version or DEFAULT_VERSION[engine]
    if engine is Engine.REDIS and wanted == "6.x":
        wanted = NEWEST_REDIS_6
    if row := _BY_REQUEST.get((engine, wanted)):
        return row
    raise _unknown(engine, wanted)


def _unknown(engine: Engine, wanted: str) -> Fault:
    minor = ".".join(wanted.split(".")[:2])
    if wanted.count(".") == 2 and (engine, minor) in _BY_REQUEST:
        return invalid_value(f"Specific version selection is not allowed for '{wanted}', please use '{minor}'")
    return invalid_combination(f"Cannot find version {wanted} for {engine}")
