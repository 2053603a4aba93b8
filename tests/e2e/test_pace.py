"""Failovers that take as long as they shall, as clients see them."""

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from time import monotonic, sleep

import pytest
from redis.exceptions import RedisClusterException, RedisError

from tests.e2e.cloud import Cloud, place, redis_at
from tests.e2e.cluster_clients import redis_py
from tests.e2e.plane import run
from tests.e2e.sharded import Sharded

pytestmark = pytest.mark.docker

SECONDS = 3.0
LONGEST = 60.0  # seconds until somebody writes again, on the slowest machine


@pytest.fixture
def slow(cloud: Cloud) -> Iterator[Cloud]:
    """An account of a control plane whose failovers take their time."""
    assert run("pace", f"failover={SECONDS}", "--url", cloud.plane.url).stdout == "failover=3\n"
    yield cloud
    assert run("pace", "off", "--url", cloud.plane.url).stdout == "off\n"


def outage(write: Callable[[], object], deed: Callable[[], object]) -> float:
    """The seconds for which nobody writes: of two writes after a deed that succeed, the first that are so far apart. A
    client may try one again by itself.
    """
    write()
    deed()
    last, deadline = monotonic(), monotonic() + LONGEST
    while monotonic() < deadline:
        with suppress(RedisError, RedisClusterException, OSError):
            write()
            last, span = monotonic(), monotonic() - last
            if span >= SECONDS / 2:
                return span
        sleep(0.01)  # the machine has others to serve
    raise AssertionError("everybody writes all the time, or nobody any more")


def test_a_group(slow: Cloud) -> None:
    where = place(slow.group("rg", 2)["PrimaryEndpoint"])

    def write() -> None:
        with closing(redis_at(where)) as client:
            client.set("key", "value")

    span = outage(write, lambda: slow.api.test_failover(ReplicationGroupId="rg", NodeGroupId="0001"))
    assert span >= SECONDS - 1.0  # what is left of the former primary may take a write yet
    roles = {member["CurrentRole"] for member in slow.available_group("rg")["NodeGroupMembers"]}
    assert roles == {"primary", "replica"}


def test_a_shard(slow: Cloud) -> None:
    group = Sharded(slow, "rg").create(2, 1)
    with closing(redis_py(group)) as client:
        slot = client.keyslot("key")
        (shard,) = [
            name for name, ranges in group.slots.items() if any(first <= slot <= last for first, last in ranges)
        ]
        span = outage(
            lambda: client.set("key", "value"),
            lambda: slow.api.test_failover(ReplicationGroupId="rg", NodeGroupId=shard),
        )
    assert span >= SECONDS - 1.0
    group.available().check()
