"""What a serverless cache is made of here, where AWS says nothing of nodes, types and parameter groups.

Source: the ElastiCache user guide, "Supported engines and versions" and "Redis OSS and Valkey parameters" (serverless).
"""

from collections.abc import Mapping

from cachewright.controlplane.model.cache import Cache, Node, Shard
from cachewright.controlplane.model.changes import current_change
from cachewright.controlplane.model.faults import invalid_combination, invalid_value
from cachewright.controlplane.model.names import node_id, serverless_member_id
from cachewright.controlplane.model.parameters import Values, family_parameters
from cachewright.controlplane.model.pending import Change
from cachewright.controlplane.model.versions import VERSIONS, Engine, EngineVersion, engine_named, numbers

# What a node may use: 5 GiB for items, and as many connections as a serverless cache takes. It takes what it uses.
NODE_TYPE = "cache.m7g.large"
ONLY_TO_VALKEY = "This API supports only cross-engine upgrades to Valkey engine currently"
SHARD = "0001"
NODES: Mapping[Engine, int] = {Engine.REDIS: 2, Engine.VALKEY: 2, Engine.MEMCACHED: 1}  # which does not replicate
PORTS: Mapping[Engine, int] = {Engine.REDIS: 6379, Engine.VALKEY: 6379, Engine.MEMCACHED: 11211}
MAJORS: Mapping[Engine, tuple[str, ...]] = {
    Engine.REDIS: ("7",),
    Engine.VALKEY: ("7", "8", "9"),
    Engine.MEMCACHED: ("1.6",),
}
DEFAULT_MAJOR: Mapping[Engine, str] = {Engine.REDIS: "7", Engine.VALKEY: "8", Engine.MEMCACHED: "1.6"}

# What AWS has fixed otherwise than the family's default.
_FIXED: Values = (("acl-pubsub-default", "allchannels"), ("cluster-allow-reads-when-down", "yes"))


def major_version(release: EngineVersion) -> str:
    """AWS's MajorEngineVersion of a version."""
    parts = numbers(release.version)
    return ".".join(map(str, parts[:2] if release.engine is Engine.MEMCACHED else parts[:1]))


def release_of(engine: Engine, major: str | None) -> EngineVersion:
    """The newest version of a major one, of the engine's default for None. Fault when serverless caches lack it."""
    wanted = major or DEFAULT_MAJOR[engine]
    if wanted not in MAJORS[engine]:
        raise invalid_value(f"Invalid MajorEngineVersion {wanted} for engine {engine}.")
    rows = (row for row in VERSIONS if row.engine is engine and major_version(row) == wanted)
    return max(rows, key=lambda row: numbers(row.version))


def upgraded(current: EngineVersion, engine: str | None, major: str | None) -> EngineVersion:
    """The version that a request wants in place of the current one. Faults: another engine than Valkey, a major version
    that is not later, neither.
    """
    wanted = engine_named(engine) if engine else current.engine
    if wanted is current.engine and major in (None, major_version(current)):
        raise invalid_value(ONLY_TO_VALKEY)
    if wanted is not current.engine and (current.engine, wanted) != (Engine.REDIS, Engine.VALKEY):
        raise invalid_value(ONLY_TO_VALKEY)
    target = release_of(wanted, major)
    if wanted is current.engine and numbers(target.version) < numbers(current.version):
        raise invalid_combination(f"Cannot modify {wanted} from {major_version(current)} to {major_version(target)}")
    return target


def fixed_values(release: EngineVersion) -> Values:
    """The values of parameters in which a serverless cache differs from the family of its version."""
    family = {row.name: row.value for row in family_parameters(release.family) if row.exists_in(release.described)}
    return tuple((name, value) for name, value in _FIXED if name in family and family[name] != value)


def migration_status(cache: Cache) -> str:
    """The Status of AWS's MigrationSummary; empty when the cache is not under migration. AWS publishes no values."""
    migration = cache.spec.migration
    if migration is None:
        return "cutover" if is_cutting_over(cache) else ""
    if migration.stopped:
        return "stopped"
    if cache.spec.upstream:
        return "syncing"
    return "prepared" if current_change(cache) == Change() else "preparing"


def is_cutting_over(cache: Cache) -> bool:
    """Whether a migration was completed, and the cache is not yet as it was before it."""
    return cache.spec.migration is None and current_change(cache).migrated


def shard_of(cache: str, engine: Engine, zones: tuple[str, ...]) -> Shard:
    """The only shard: its primary and its replica are in different zones."""
    numbered = range(1, NODES[engine] + 1)
    nodes = (Node(serverless_member_id(cache, n), node_id(1), zones[(n - 1) % len(zones)]) for n in numbered)
    return Shard(SHARD, tuple(nodes), slots="" if engine is Engine.MEMCACHED else "0-16383")
