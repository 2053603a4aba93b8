"""What cannot be had is told, and harms nobody."""

import http.client
from collections.abc import Mapping
from contextlib import closing

import pytest
from botocore.exceptions import WaiterError

from tests.e2e.clients import answers
from tests.e2e.cloud import SOON, Cloud, node_places, redis_at
from tests.e2e.plane import Plane

pytestmark = pytest.mark.docker

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        ("Action=Nonsense&Version=2015-02-02", FORM, 400, "InvalidAction"),
        ("Action=DescribeEvents", FORM, 400, "MissingParameter"),
        ("Action=DescribeEvents&Version=1999-01-01", FORM, 400, "InvalidAction"),
        ("Action=DeleteCacheCluster&Version=2015-02-02&CacheClusterId=c", FORM, 403, "MissingAuthenticationToken"),
        ("Version=2015-02-02", FORM, 400, "MissingAction"),
        ("Action=DescribeCacheClusters", {"Content-Type": "text/plain"}, 415, "UnsupportedMediaType"),
        ("Action=DescribeEvents&Comment=" + "x" * 2_000_000, FORM, 413, "RequestEntityTooLarge"),
        ("Action=DescribeCacheClusters&Version=2015-02-02&MaxRecords=many", FORM, 400, "InvalidParameterValue"),
        ("Action=%zz", FORM, 404, "MalformedQueryString"),
    ],
    ids=["unknown", "version", "other version", "unsigned", "missing", "type", "large", "number", "form"],
)
def test_bad_input(plane: Plane, body: str, headers: Mapping[str, str], status: int, code: str) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", plane.port, timeout=10)) as connection:
        connection.request("POST", "/", body, dict(headers))
        answer = connection.getresponse()
        text = answer.read().decode()
    assert (answer.status, f"<Code>{code}</Code>" in text) == (status, True), text
    assert plane.client("000000000000").describe_cache_clusters()["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_a_version_that_cannot_be_had(cloud: Cloud) -> None:
    """Older than what any registry has, and of a family that no distribution has."""
    cloud.ask_cluster("old", Engine="memcached", EngineVersion="1.4.5")
    told = cloud.await_reason("old", "no image of memcached 1.4.5")
    assert "memcached1.4" in told
    with pytest.raises(WaiterError, match="incompatible-network"):
        cloud.available_cluster("old")
    assert cloud.containers() == {}
    cloud.cluster("new")
    cloud.api.delete_cache_cluster(CacheClusterId="old")
    cloud.api.get_waiter("cache_cluster_deleted").wait(CacheClusterId="old", WaiterConfig=SOON)


def test_regions_and_accounts_are_worlds_apart(cloud: Cloud) -> None:
    elsewhere = Cloud(cloud.plane, cloud.machine, cloud.account, "eu-west-1")
    somebody = Cloud(cloud.plane, cloud.machine, f"9{cloud.account[1:]}")
    worlds = (cloud, elsewhere, somebody)
    places = [node_places(world.cluster("same"))["0001"] for world in worlds]
    assert len(set(places)) == len(worlds)
    for number, where in enumerate(places):
        with closing(redis_at(where)) as client:
            assert client.keys() == []
            client.set("number", number)
    for world in worlds:
        (shown,) = world.api.describe_cache_clusters()["CacheClusters"]
        assert shown["ARN"] == f"arn:aws:elasticache:{world.region}:{world.account}:cluster:same"
    cloud.api.delete_cache_cluster(CacheClusterId="same")
    cloud.api.get_waiter("cache_cluster_deleted").wait(CacheClusterId="same", WaiterConfig=SOON)
    assert [answers(where) for where in places[1:]] == [True, True]
    assert set(elsewhere.containers()) == set(somebody.containers()) == {"same.0001"}
