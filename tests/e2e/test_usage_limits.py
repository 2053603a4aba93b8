"""A serverless cache with limits, and its snapshots, with real containers."""

import time
from contextlib import closing
from typing import Any

import pytest
from redis.exceptions import ExecAbortError, ResponseError

from tests.e2e.cloud import Cloud
from tests.e2e.encrypted import verifying
from tests.e2e.test_serverless_caches import Serverless, created
from tests.e2e.waiting import PATIENCE, until

pytestmark = pytest.mark.docker

RATE = 1000  # ECPUs a second
SECONDS = 3.0
VALUE = 3200  # bytes
USED = (len("*2\r\n$3\r\nGET\r\n$5\r\nlarge\r\n$3200\r\n\r\n") + VALUE) / 1024  # ECPUs of one request with its reply
GIB = 1024**3


def spent(client: Any) -> tuple[int, bool]:
    """Of a few requests at once, how many were answered with the value, and whether others were refused."""
    pipeline = client.pipeline(transaction=False)
    for _ in range(16):
        pipeline.get("large")
    replies = pipeline.execute(raise_on_error=False)
    refused = [each for each in replies if isinstance(each, ResponseError)]
    assert all("throttled" in str(each) for each in refused)
    values = [each for each in replies if each not in refused]
    assert all(len(each) == VALUE for each in values)
    return len(values), bool(refused)


def answered(client: Any, seconds: float) -> float:
    """How many requests a second were answered with the value, and not with a refusal, in so many seconds or what the
    last of them took longer.
    """
    begun, count = time.monotonic(), 0
    while time.monotonic() < begun + seconds:
        count += spent(client)[0]
    return count / (time.monotonic() - begun)


def exhaust(client: Any) -> None:
    """Nothing is left of the second before: however slow the machine is, something was refused."""
    deadline = time.monotonic() + PATIENCE
    while not spent(client)[1]:
        assert time.monotonic() < deadline, "nothing is refused"


def increments(client: Any) -> int:
    """How many transactions came through, of many that begin while nothing is left and go on until something is: some
    are refused.
    """
    through = refused = 0
    for _ in range(5):
        exhaust(client)
        came, deadline = through, time.monotonic() + PATIENCE
        while through == came:
            assert time.monotonic() < deadline, "everything is refused"
            pipeline = client.pipeline(transaction=True)
            for name in ("{n}one", "{n}two"):
                pipeline.incr(name)
            try:
                pipeline.execute()
                through += 1
            except (ExecAbortError, ResponseError):
                refused += 1
    assert refused
    return through


def test_a_cache_uses_no_more_than_its_limits_say(cloud: Cloud) -> None:
    limits = {"ECPUPerSecond": {"Maximum": RATE}, "DataStorage": {"Maximum": 1, "Unit": "GB"}}
    cache = created(cloud, Engine="valkey", CacheUsageLimits=limits)
    with closing(cache.client(6379)) as client:
        memory = client.info("memory")
        assert (memory["maxmemory"], memory["maxmemory_policy"]) == (GIB, "volatile-lru")
        client.set("large", "x" * VALUE)
        exhaust(client)
        assert answered(client, SECONDS) * USED == pytest.approx(RATE, rel=0.1)

        through = increments(client)
        counts = until("an answer", lambda: _counts(client))
        assert counts == [str(through)] * 2  # all of a transaction, or nothing

        with closing(client.pubsub()) as subscribed:
            subscribed.subscribe("news")
            until("somebody listens", lambda: client.publish("news", "told") == 1)
            until("it is heard", lambda: (subscribed.get_message(timeout=1.0) or {}).get("data") == "told")


def _counts(client: Any) -> list[str | None] | None:
    try:
        return list(client.mget("{n}one", "{n}two"))
    except ResponseError:
        return None


def test_a_snapshot_of_a_serverless_cache_is_what_another_begins_with(cloud: Cloud) -> None:
    cache = created(cloud, Engine="valkey")
    with closing(cache.client(6379)) as client:
        for number in range(100):
            client.set(f"key:{number}", number)
    asked = {"ServerlessCacheName": "s", "FinalSnapshotName": "last"}
    assert cloud.api.delete_serverless_cache(**asked)["ServerlessCache"]["Status"] == "deleting"
    named = {"ServerlessCacheSnapshotName": "last"}

    def shown() -> dict[str, Any]:
        answer = cloud.api.describe_serverless_cache_snapshots(**named)
        return dict(answer["ServerlessCacheSnapshots"][0])

    until("the snapshot is available", lambda: shown()["Status"] == "available")
    api = cloud.api
    api.create_serverless_cache(ServerlessCacheName="t", Engine="valkey", SnapshotArnsToRestore=[shown()["ARN"]])
    restored = Serverless(cloud, "t", verifying(cloud.plane)).available()
    with closing(restored.client(6379)) as client:
        assert client.dbsize() == 100
        assert client.get("key:99") == "99"
