"""Values with which the build at hand does not start: refused beforehand, and told where they came in nevertheless."""

import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError

from tests.e2e.cloud import SOON, Cloud
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker

DEFRAGMENT = {"activedefrag": "yes"}  # distributions build their engines without the allocator that defragments
WORDS = "Active defragmentation cannot be enabled"
REFUSED = {
    "redis6.x": (DEFRAGMENT, WORDS),
    "redis7": (DEFRAGMENT, WORDS),
    "valkey8": (DEFRAGMENT, WORDS),
    "valkey9": (DEFRAGMENT, WORDS),
    "memcached1.6": ({"chunk_size": "1024", "chunk_size_growth_factor": "1"}, "Factor must be greater than 1"),
}


def new_group(cloud: Cloud, family: str) -> None:
    cloud.api.create_cache_parameter_group(
        CacheParameterGroupName="own", CacheParameterGroupFamily=family, Description="of a test"
    )


def modify(cloud: Cloud, values: dict[str, str]) -> None:
    pairs = [{"ParameterName": name, "ParameterValue": value} for name, value in values.items()]
    cloud.api.modify_cache_parameter_group(CacheParameterGroupName="own", ParameterNameValues=pairs)


def set_by(cloud: Cloud) -> dict[str, str]:
    """What the group sets."""
    rows = cloud.api.describe_cache_parameters(CacheParameterGroupName="own", Source="user")["Parameters"]
    return {row["ParameterName"]: row["ParameterValue"] for row in rows}


def smuggle(cloud: Cloud, values: dict[str, str]) -> None:
    """Have the group set values as if they had been taken while no image was at hand."""
    named = "WHERE noun = 'parametergroup' AND account = ? AND id = 'own'"
    with closing(sqlite3.connect(cloud.plane.data_dir / "cachewright.db", timeout=10)) as database, database:
        (text,) = database.execute(f"SELECT document FROM records {named}", [cloud.account]).fetchone()
        document: dict[str, Any] = json.loads(text)
        document["values"] = [list(pair) for pair in values.items()]
        database.execute(f"UPDATE records SET document = ? {named}", [json.dumps(document), cloud.account])


@pytest.mark.parametrize("family", REFUSED)
def test_a_group_that_nobody_uses_cannot_have_what_its_build_refuses(cloud: Cloud, family: str) -> None:
    values, words = REFUSED[family]
    new_group(cloud, family)
    with pytest.raises(ClientError, match=words) as refused:
        modify(cloud, values)
    assert refused.value.response["Error"]["Code"] == "InvalidParameterValue"
    assert set_by(cloud) == {}


def test_a_group_whose_engine_refuses_to_start_is_create_failed(cloud: Cloud) -> None:
    new_group(cloud, "redis7")
    smuggle(cloud, DEFRAGMENT)
    cloud.ask_group("rg", 2, CacheParameterGroupName="own")
    cloud.await_reason("rg", WORDS)
    until("it has failed", lambda: cloud.whole_group("rg")["Status"] == "create-failed")
    modify(cloud, {"activedefrag": "no"})
    until("it is available", lambda: cloud.whole_group("rg")["Status"] == "available")
    assert len([message for _, message in cloud.messages("rg") if WORDS in message]) == 1


def test_a_cluster_whose_engine_refuses_to_start_can_be_deleted(cloud: Cloud) -> None:
    new_group(cloud, "redis7")
    smuggle(cloud, DEFRAGMENT)
    cloud.ask_cluster("one", CacheParameterGroupName="own")
    cloud.await_reason("one", WORDS)
    with pytest.raises(WaiterError, match="incompatible-network"):
        cloud.available_cluster("one")
    cloud.api.delete_cache_cluster(CacheClusterId="one")
    cloud.api.get_waiter("cache_cluster_deleted").wait(CacheClusterId="one", WaiterConfig=SOON)
    assert cloud.containers() == {}
