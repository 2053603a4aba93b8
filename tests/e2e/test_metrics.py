"""Metrics of real engines, as a scraper reads them."""

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families as parsed
from pymemcache import Client
from redis.exceptions import ResponseError

from cachewright.controlplane.own_key import TOKEN
from tests.e2e.cloud import Cloud, member_places, node_places, redis_at
from tests.e2e.plane import Plane
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker

HITS, MISSES = 30, 10

Told = dict[tuple[str, str], float]  # by metric and cache cluster


def scrape(url: str, account: str, **headers: str) -> Told:
    """The metrics of an account's nodes, by name and cache cluster."""
    request = urllib.request.Request(f"{url}/metrics", headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        families = parsed(answer.read().decode())
    samples = [sample for family in families for sample in family.samples if sample.labels.get("account") == account]
    return {(sample.name.removeprefix("elasticache_"), sample.labels["cluster"]): sample.value for sample in samples}


def scraped(cloud: Cloud, fits: Callable[[Told], object]) -> Told:
    """A scrape of which something is true. What only the machine knows, and what is of a minute, comes with one of the
    next; whoever asks within a second is told the same.
    """
    found: Told = {}

    def look() -> bool:
        found.clear()
        found.update(scrape(cloud.plane.url, cloud.account))
        return bool(fits(found))

    until("the metrics are told", look)
    return found


def test_a_group_tells_what_its_clients_did(cloud: Cloud) -> None:
    group = cloud.group("shop", nodes=2, Engine="valkey")
    with closing(redis_at(member_places(group)["shop-001"])) as client:
        before = scraped(cloud, lambda told: {("FreeableMemory", "shop-001"), ("CurrItems", "shop-002")} <= told.keys())
        client.set("key", "value", ex=1000)
        for number in range(HITS + MISSES):
            client.get("key" if number < HITS else "none")
        with pytest.raises(ResponseError):
            client.lpush("key", "no list")
        client.wait(1, 5000)
        after = scraped(cloud, lambda told: told.get(("CacheHitRate", "shop-001")))
    primary = {name: value for (name, cluster), value in after.items() if cluster == "shop-001"}
    came = {name: value - before.get((name, "shop-001"), 0.0) for name, value in primary.items()}
    assert (came["CacheHits_total"], came["CacheMisses_total"]) == (HITS, MISSES)
    assert (came["GetTypeCmds_total"], came["StringBasedCmds_total"]) == (HITS + MISSES, HITS + MISSES + 1)
    assert came["ListBasedCmds_total"] == 1
    assert came["ErrorCount_total"] >= 1, "clients try some things as they connect"
    assert (primary["CurrItems"], primary["CurrVolatileItems"], primary["CacheHitRate"]) == (1, 1, 75)
    assert 0 < primary["GetTypeCmdsLatency"] < 1000
    assert 0 < primary["DatabaseMemoryUsagePercentage"] < 50
    assert 0 < primary["EngineCPUUtilization"] < 100
    assert came["NetworkBytesIn_total"] > 0
    assert primary["FreeableMemory"] > 0
    assert (primary["IsPrimary"], after["IsPrimary", "shop-002"], after["CurrItems", "shop-002"]) == (1, 0, 1)


def test_a_memcached_cluster_tells_what_its_clients_did(cloud: Cloud) -> None:
    cluster = cloud.cluster("pages", Engine="memcached")
    with closing(Client(node_places(cluster)["0001"], timeout=5)) as client:
        before = scraped(cloud, lambda told: ("FreeableMemory", "pages") in told)
        client.set("key", "value", noreply=False)
        client.get("key")
        client.get("none")
        after = scraped(cloud, lambda told: told.get(("GetHits_total", "pages")))
    counted = ("CmdSet_total", "CmdGet_total", "GetHits_total", "GetMisses_total", "NewItems_total")
    assert [after[name, "pages"] - before[name, "pages"] for name in counted] == [1, 2, 1, 1, 1]
    assert after["CurrItems", "pages"] == 1
    assert after["UnusedMemory", "pages"] > 0


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Plane]:
    """A control plane that wants keys; it needs no containers."""
    plane = Plane(
        tmp_path / "data", settings={"CACHEWRIGHT_RUNTIME": "memory", "CACHEWRIGHT_CREDENTIALS": "AKID:secret"}
    )
    plane.up()
    yield plane
    plane.down()


def test_a_scraper_that_cannot_sign_finds_its_token_in_the_data_directory(guarded: Plane) -> None:
    file = guarded.data_dir / TOKEN
    assert file.stat().st_mode & 0o077 == 0
    assert scrape(guarded.url, "", Authorization=f"Bearer {file.read_text()}") == {}
    with pytest.raises(urllib.error.HTTPError, match="403"):
        scrape(guarded.url, "")
