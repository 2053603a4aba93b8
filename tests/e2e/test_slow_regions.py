"""Replication between two regions that is late on purpose: by how much, through what, and at what cost."""

import json
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from docker.models.containers import Container
from redis import Redis

from cachewright.agents.planning.labels import CACHE, DELAYED, INSTANCE
from tests.e2e.cloud import Cloud, place, redis_at
from tests.e2e.datastores import LARGE, await_status, away, founded, written_while_away_takes_over
from tests.e2e.encrypted import PLAIN, Options, verifying
from tests.e2e.test_command import cachewright
from tests.e2e.test_metrics import scrape
from tests.e2e.waiting import PATIENCE, until

__all__ = ["away"]  # a fixture
pytestmark = pytest.mark.docker

DELAY, LONGER = 80, 300  # milliseconds
LAG = "GlobalDatastoreReplicationLag"
WRITES = 10
MANY = 200


@pytest.fixture
def near(cloud: Cloud) -> Iterator[None]:
    """No region is slow afterwards: others use the same control plane."""
    yield
    slow(cloud, 0)


def slow(cloud: Cloud, delay: int) -> None:
    words = ("region", "slow-down", "eu-west-1", "--delay", f"{delay}ms", "--json", "--url", cloud.plane.url)
    done = cachewright(*words)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["delay"] == delay


def relays(cloud: Cloud) -> list[Container]:
    """Those of the account that run."""
    labels = [f"{INSTANCE}={cloud.plane.instance}", DELAYED]
    found = cloud.machine.containers.list(filters={"label": labels}, ignore_removed=True)
    return [one for one in found if one.labels[CACHE].startswith(f"{cloud.account}/")]


def follows(node: Redis) -> str:
    """Where a node finds whom it follows, once it does; empty before."""
    place: Any = node.info("replication")
    return str(place["master_host"]) if place.get("master_link_status") == "up" else ""


def await_delay(cloud: Cloud, copy: Redis, delay: int) -> None:
    """It is followed so late by now."""

    def there() -> bool:
        late = [one.labels[DELAYED].endswith(f" {delay}") for one in relays(cloud)]
        return late == [True] and follows(copy).startswith("127.")

    until(f"a region is followed {delay} ms late", there)


def passage(home: Redis, copy: Redis) -> float:
    """The seconds from before a write until it is seen in the other region."""
    key, begun = f"written {time.monotonic_ns()}", time.monotonic()
    home.set(key, "x")
    while copy.get(key) is None:
        assert time.monotonic() - begun < PATIENCE
    return time.monotonic() - begun


def assert_late(home: Redis, copy: Redis, delay: int) -> None:
    """No write arrives sooner than the delay after it was begun, and so none sooner than that after it was
    acknowledged, but for the time that the acknowledgement took.
    """
    assert min(passage(home, copy) for _ in range(WRITES)) >= delay / 1000


def lag(cloud: Cloud) -> float:
    """The metric of the only secondary, in seconds."""
    (told,) = (value for (metric, _), value in scrape(cloud.plane.url, cloud.account).items() if metric == LAG)
    return told


@pytest.mark.parametrize(
    "asked", [{"Engine": "redis"}, {"Engine": "valkey", "TransitEncryptionEnabled": True}], ids=["plain", "encrypted"]
)
@pytest.mark.usefixtures("near")
def test_a_slow_region(cloud: Cloud, away: Cloud, asked: dict[str, Any]) -> None:
    """One test, because what it begins with takes seconds."""
    options: Options = verifying(cloud.plane) if "TransitEncryptionEnabled" in asked else PLAIN
    home_group = cloud.group("home", 2, CacheNodeType=LARGE, **asked)
    name = founded(cloud, "slow")
    secondary = {"ReplicationGroupId": "away", "ReplicationGroupDescription": "d", "GlobalReplicationGroupId": name}
    away.api.create_replication_group(**secondary, NumCacheClusters=2)
    away_group = away.available_group("away")
    await_status(cloud, name, "available")
    home, copy = (redis_at(place(group["PrimaryEndpoint"]), **options) for group in (home_group, away_group))
    copies, direct = home.info("stats")["sync_full"], follows(copy)
    assert not direct.startswith("127.")

    for delay in (DELAY, LONGER):
        slow(cloud, delay)
        await_delay(cloud, copy, delay)
        assert_late(home, copy, delay)
        assert lag(cloud) >= delay / 1000, "measured, and so nothing less"

    slow(cloud, DELAY)
    await_delay(cloud, copy, DELAY)
    (relay,) = relays(cloud)
    relay.kill()
    until("another relay", lambda: [one.id for one in relays(cloud)] not in ([], [relay.id]))
    await_delay(cloud, copy, DELAY)
    assert_late(home, copy, DELAY)
    whole = {f"many {number}": "x" * number for number in range(MANY)}
    home.mset(whole)
    until("all of it arrives", lambda: copy.mget(list(whole)) == list(whole.values()))

    slow(cloud, 0)
    until("it follows directly", lambda: follows(copy) == direct and not relays(cloud))
    until("a write arrives sooner", lambda: passage(home, copy) < DELAY / 1000)
    assert home.info("stats")["sync_full"] == copies, "nobody had to copy everything"

    slow(cloud, DELAY)
    await_delay(cloud, copy, DELAY)
    regions = [partial(redis_at, place(group["PrimaryEndpoint"]), **options) for group in (home_group, away_group)]
    assert written_while_away_takes_over(cloud, name, regions).lost(copy) == []
    await_delay(cloud, home, DELAY)
    assert_late(copy, home, DELAY)
    assert copy.info("stats")["sync_full"] == 1, "for its own replica, when that came"
