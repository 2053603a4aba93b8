"""DescribeCacheEngineVersions."""

from typing import Any

import pytest

from cachewright.controlplane.model.versions import VERSIONS
from tests.api.world import World


def names(answer: dict[str, Any]) -> list[str]:
    return [f"{row['Engine']} {row['EngineVersion']}" for row in answer["CacheEngineVersions"]]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"Engine": "VALKEY"}, ["valkey 7.2", "valkey 8.0", "valkey 8.1", "valkey 8.2", "valkey 9.0", "valkey 9.1"]),
        ({"DefaultOnly": True}, ["memcached 1.6.22", "redis 7.1", "valkey 8.1"]),
        ({"DefaultOnly": True, "Engine": "Redis"}, ["redis 7.1"]),
        ({"DefaultOnly": True, "CacheParameterGroupFamily": "redis6.x"}, ["redis 6.2"]),
        ({"CacheParameterGroupFamily": "redis3.2"}, ["redis 3.2.10", "redis 3.2.4", "redis 3.2.6"]),
        ({"EngineVersion": "7.2"}, ["valkey 7.2"]),
        ({"Engine": "redis", "EngineVersion": "7.2"}, []),
        ({"Engine": "mysql"}, []),
        ({"CacheParameterGroupFamily": "redis9"}, []),
    ],
)
def test_filters(params: dict[str, Any], expected: list[str]) -> None:
    assert names(World().ask("DescribeCacheEngineVersions", **params)) == expected


def test_pages_cover_everything_in_the_order_of_letters() -> None:
    world = World()
    seen: list[str] = []
    params: dict[str, Any] = {"MaxRecords": 20}
    while True:
        answer = world.ask("DescribeCacheEngineVersions", **params)
        seen += names(answer)
        if "Marker" not in answer:
            break
        params["Marker"] = answer["Marker"]
    assert seen == sorted(f"{row.engine} {row.version}" for row in VERSIONS)


def test_a_row() -> None:
    (row,) = World().ask("DescribeCacheEngineVersions", EngineVersion="6.2")["CacheEngineVersions"]
    assert row == {
        "Engine": "redis",
        "EngineVersion": "6.2",
        "CacheParameterGroupFamily": "redis6.x",
        "CacheEngineDescription": "Redis",
        "CacheEngineVersionDescription": "redis version 6.2.6",
    }
