"""Parameter groups on real engines: what the API says of every parameter is what the engine says."""

from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pymemcache.client.base import Client
from pymemcache.exceptions import MemcacheClientError
from redis import Redis
from redis.exceptions import ResponseError

from tests.e2e.cloud import MICRO, Cloud, Place, member_places, node_places, redis_at
from tests.e2e.encrypted import insider
from tests.e2e.settings import (
    MEMCACHED,
    MIB,
    NOT_IN_THE_IMAGE,
    NOT_OF_MEMCACHED,
    NOT_OF_REDIS,
    agree,
    another,
    said_by_memcached,
    said_by_redis,
)
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker

AT_ONCE = 20  # parameters of one request
FAMILIES = {
    "redis6.x": ("redis", "6.2"),
    "redis7": ("redis", "7.1"),
    "valkey8": ("valkey", "8.2"),
    "valkey9": ("valkey", "9.0"),
}
UNTRIED = frozenset(
    {
        "activedefrag",
        "rename-commands",
        "cluster-enabled",
        "reserved-memory",  # instead of reserved-memory-percent, never with it
    }
)  # each has a test of its own, or the mode


def new_group(cloud: Cloud, family: str, name: str = "own") -> None:
    cloud.api.create_cache_parameter_group(
        CacheParameterGroupName=name, CacheParameterGroupFamily=family, Description="of a test"
    )


def inside(cloud: Cloud, where: Place) -> Redis:
    """A client that may ask for settings."""
    return redis_at(where, **insider(cloud.plane))


def described(cloud: Cloud, name: str = "own") -> dict[str, dict[str, Any]]:
    """Every parameter of a group as it is told, by name."""
    pages = cloud.api.get_paginator("describe_cache_parameters").paginate(CacheParameterGroupName=name)
    return {row["ParameterName"]: row for row in pages.build_full_result()["Parameters"]}


def by_node_type(cloud: Cloud, name: str = "own") -> dict[str, str]:
    """The values for the smallest node type, by name."""
    pages = cloud.api.get_paginator("describe_cache_parameters").paginate(CacheParameterGroupName=name)
    rows = [row for page in pages for row in page["CacheNodeTypeSpecificParameters"]]
    own = {row["ParameterName"]: row["CacheNodeTypeSpecificValues"] for row in rows}
    return {
        parameter: next(value["Value"] for value in values if value["CacheNodeType"] == MICRO)
        for parameter, values in own.items()
    }


def modify(cloud: Cloud, values: Mapping[str, str], name: str = "own") -> None:
    pairs = [{"ParameterName": each, "ParameterValue": value} for each, value in values.items()]
    for start in range(0, len(pairs), AT_ONCE):
        cloud.api.modify_cache_parameter_group(
            CacheParameterGroupName=name, ParameterNameValues=pairs[start : start + AT_ONCE]
        )


def applied(cloud: Cloud, cluster: str) -> dict[str, Any]:
    """What a cluster says of its parameter group."""
    return dict(cloud.shown_cluster(cluster)["CacheParameterGroup"])


def await_status(cloud: Cloud, cluster: str, status: str) -> dict[str, Any]:
    def there() -> dict[str, Any]:
        shown = applied(cloud, cluster)
        return shown if shown["ParameterApplyStatus"] == status else {}

    return until(f"the parameters of {cluster} are {status}", there)


def others(rows: Iterable[dict[str, Any]], change_type: str) -> dict[str, str]:
    """Another value for every parameter that can be modified."""
    wanted = (row for row in rows if row["IsModifiable"] and row["ChangeType"] == change_type)
    return {row["ParameterName"]: another(row) for row in wanted if row["ParameterName"] not in UNTRIED}


def check_redis(cloud: Cloud, where: Place, family: str) -> None:
    """Every parameter of the group is as the engine says."""
    said = said_by_redis(where, family, insider(cloud.plane))
    wrong = {}
    rows = described(cloud)
    for name in rows.keys() - NOT_OF_REDIS - NOT_IN_THE_IMAGE.get(family, frozenset()):
        told = rows[name].get("ParameterValue", "")
        shown = said(name)
        if shown is None or not agree(name, told, shown):
            wrong[name] = (told, shown)
    assert wrong == {}
    check_memory(cloud, said("maxmemory") or "", rows["reserved-memory-percent"]["ParameterValue"])
    for limit in ("hard", "soft"):
        name = f"client-output-buffer-limit-replica-{limit}-limit"
        assert by_node_type(cloud)[name] == said(name)


def check_memory(cloud: Cloud, shown: str, reserved: str) -> None:
    whole = int(by_node_type(cloud)["maxmemory"])
    assert int(shown) == whole - whole * int(reserved) // 100


@pytest.mark.parametrize("family", FAMILIES)
def test_every_parameter_of_redis_and_valkey(cloud: Cloud, family: str) -> None:
    engine, version = FAMILIES[family]
    new_group(cloud, family)
    usual = described(cloud)
    modify(cloud, others(usual.values(), "requires-reboot"))
    shown = cloud.group("rg", 1, Engine=engine, EngineVersion=version, CacheParameterGroupName="own")
    (where,) = member_places(shown).values()
    with redis_at(where) as client:
        began = client.info("server")["run_id"]
    check_redis(cloud, where, family)

    changed = others(described(cloud).values(), "immediate")
    modify(cloud, changed)
    await_status(cloud, "rg-001", "in-sync")
    assert {name: described(cloud)[name]["ParameterValue"] for name in changed} == changed
    check_redis(cloud, where, family)

    named = [{"ParameterName": name} for name in changed]
    for start in range(0, len(named), AT_ONCE):
        some = named[start : start + AT_ONCE]
        cloud.api.reset_cache_parameter_group(CacheParameterGroupName="own", ParameterNameValues=some)
    await_status(cloud, "rg-001", "in-sync")
    assert {name: described(cloud)[name].get("ParameterValue") for name in changed} == {
        name: usual[name].get("ParameterValue") for name in changed
    }
    check_redis(cloud, where, family)
    with redis_at(where) as client:
        assert client.info("server")["run_id"] == began


def check_memcached(cloud: Cloud, where: Place) -> None:
    rows, by_type = described(cloud), by_node_type(cloud)
    told = {name: row["ParameterValue"] for name, row in rows.items()} | by_type
    said = said_by_memcached(where)
    assert told.keys() - NOT_OF_MEMCACHED == MEMCACHED.keys()
    assert said == {name: told[name] for name in MEMCACHED}
    room = int(told["max_cache_memory"]) - int(told["memcached_connections_overhead"])
    assert Client(where).stats("settings")[b"maxbytes"] == room * MIB
    assert watched(where) is (told["watch"] == "1")


def watched(where: Place) -> bool:
    """Whether a node lets its log be watched."""
    try:
        return bool(Client(where).raw_command("watch") == b"OK")
    except MemcacheClientError:
        return False


def test_every_parameter_of_memcached(cloud: Cloud) -> None:
    new_group(cloud, "memcached1.6")
    shown = cloud.cluster("web", Engine="memcached", NumCacheNodes=2, CacheParameterGroupName="own")
    first, second = node_places(shown).values()
    for where in (first, second):
        check_memcached(cloud, where)

    rows = described(cloud).values()
    coupled = {"max_item_size": str(2 * MIB), "slab_chunk_max": str(256 * 1024), "memcached_connections_overhead": "90"}
    modify(cloud, coupled)
    changed = others(rows, "requires-reboot") | others(rows, "immediate") | coupled
    modify(cloud, {name: value for name, value in changed.items() if name not in coupled})
    waiting = await_status(cloud, "web", "pending-reboot")
    assert waiting["CacheNodeIdsToReboot"] == ["0001", "0002"]

    cloud.api.reboot_cache_cluster(CacheClusterId="web", CacheNodeIdsToReboot=["0001"])
    cloud.available_cluster("web")
    assert applied(cloud, "web")["CacheNodeIdsToReboot"] == ["0002"]
    check_memcached(cloud, first)
    cloud.api.reboot_cache_cluster(CacheClusterId="web", CacheNodeIdsToReboot=["0002"])
    await_status(cloud, "web", "in-sync")
    check_memcached(cloud, second)


def test_values_reach_every_cache_that_uses_the_group(cloud: Cloud) -> None:
    new_group(cloud, "redis7")
    cloud.ask_group("rg", 3, CacheParameterGroupName="own")
    cloud.ask_cluster("one", CacheParameterGroupName="own")
    places = [*member_places(cloud.available_group("rg")).values()]
    places += node_places(cloud.available_cluster("one")).values()
    modify(cloud, {"timeout": "30", "maxmemory-policy": "allkeys-lfu"})

    def everywhere() -> bool:
        shown = [inside(cloud, where).config_get("timeout", "maxmemory-policy") for where in places]
        return shown == [{"timeout": "30", "maxmemory-policy": "allkeys-lfu"}] * len(places)

    until("CONFIG GET shows the values on every node", everywhere)
    for cluster in ("rg-001", "rg-002", "rg-003", "one"):
        await_status(cloud, cluster, "in-sync")


def test_what_an_engine_refuses_is_an_error_in_its_words(cloud: Cloud) -> None:
    """Distributions build their engines without the allocator that defragments."""
    new_group(cloud, "redis7")
    shown = cloud.group("rg", 1, CacheParameterGroupName="own")
    (where,) = member_places(shown).values()
    before = described(cloud)
    with pytest.raises(ClientError, match="Active defragmentation cannot be enabled") as refused:
        modify(cloud, {"activedefrag": "yes", "timeout": "30"})
    assert refused.value.response["Error"]["Code"] == "InvalidParameterValue"
    assert described(cloud) == before
    check_redis(cloud, where, "redis7")


def test_what_an_engine_takes_only_as_it_starts_waits_for_a_reboot(cloud: Cloud) -> None:
    new_group(cloud, "redis7")
    shown = cloud.cluster("one", CacheParameterGroupName="own")
    (where,) = node_places(shown).values()
    modify(cloud, {"rename-commands": "KEYS list_keys", "timeout": "30"})
    waiting = await_status(cloud, "one", "pending-reboot")
    assert waiting["CacheNodeIdsToReboot"] == ["0001"]
    until("the other value is there", lambda: inside(cloud, where).config_get("timeout") == {"timeout": "30"})
    assert redis_at(where).keys() == []
    cloud.api.reboot_cache_cluster(CacheClusterId="one", CacheNodeIdsToReboot=["0001"])
    await_status(cloud, "one", "in-sync")
    assert redis_at(where).execute_command("list_keys", "*") == []
    with pytest.raises(ResponseError, match="unknown command"):
        redis_at(where).keys()
    assert inside(cloud, where).config_get("timeout") == {"timeout": "30"}
