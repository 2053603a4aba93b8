"""DescribeCacheEngineVersions: what can be asked for."""

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.operation import Operation, Operations
from cachewright.controlplane.model.pages import page_of
from cachewright.controlplane.model.versions import DEFAULT_VERSION, VERSIONS, Engine, EngineVersion

DESCRIPTIONS: dict[Engine, str] = {Engine.MEMCACHED: "memcached", Engine.REDIS: "Redis", Engine.VALKEY: "Valkey"}


def describe_cache_engine_versions(_context: Context, params: Params) -> Answer:
    """A page of engine versions, ordered by engine and then by the letters of the version, as AWS does."""
    page = page_of("DescribeCacheEngineVersions", params)
    rows = sorted((row for row in VERSIONS if _wanted(row, params)), key=_name)
    later = [row for row in rows if _name(row) > page.after]
    shown, marker = page.cut(later, _name)
    return {"CacheEngineVersions": [_view(row) for row in shown], **marker}


def _name(row: EngineVersion) -> str:
    return f"{row.engine} {row.version}"


def _wanted(row: EngineVersion, params: Params) -> bool:
    engine, version = params.get("Engine"), params.get("EngineVersion")
    family = params.get("CacheParameterGroupFamily")
    if engine and engine.lower() != row.engine:
        return False
    if (version and version != row.version) or (family and family != row.family):
        return False
    return not params.get("DefaultOnly") or _is_default(row, family)


def _is_default(row: EngineVersion, family: str | None) -> bool:
    """The default of its engine, or the newest of the family that is asked for."""
    if family is None:
        return row.version == DEFAULT_VERSION[row.engine]
    return row == [other for other in VERSIONS if other.family == family][-1]


def _view(row: EngineVersion) -> Answer:
    return {
        "Engine": row.engine.value,
        "EngineVersion": row.version,
        "CacheParameterGroupFamily": row.family,
        "CacheEngineDescription": DESCRIPTIONS[row.engine],
        "CacheEngineVersionDescription": f"{row.engine} version {row.described}",
    }


OPERATIONS: Operations = {
    "DescribeCacheEngineVersions": Operation(describe_cache_engine_versions, "Complete.", writes=False),
}
