"""Snapshots of serverless caches of Memcached that are written to: with flags, times to live, and whatever bytes there
are, whoever dies meanwhile.
"""

import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

import pytest
from pymemcache import Client

from tests.e2e.cloud import Cloud, Place
from tests.e2e.test_serverless_caches import Serverless
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker

KEYS = 20_000
HOT = 200
ADDED = 20  # whenever the hot ones are written
LARGE = bytes(range(256)) * 4000  # nearly as much as an item may have
MANY = 250
BINARY = b64encode(b"a key\x00\xff").decode()
DAY = 86_400


def created(cloud: Cloud, name: str, **params: Any) -> Serverless:
    cloud.api.create_serverless_cache(ServerlessCacheName=name, Engine="memcached", **params)
    return Serverless(cloud, name, {}).available()


def client(cache: Serverless) -> Client:
    return client_at(cache.entrance, cache.cloud)


def client_at(where: Place, cloud: Cloud) -> Client:
    context = ssl.create_default_context(cafile=str(cloud.plane.data_dir / "ca.pem"))
    return Client(where, tls_context=context, timeout=10)


def value(number: int) -> bytes:
    return number.to_bytes(4, "big") * (number % 100)


def fill(into: Client) -> None:
    """Items of many sizes: each tenth of them expires tomorrow, and each has flags."""
    for number in range(KEYS):
        into.set(f"key:{number}", value(number), expire=0 if number % 10 else DAY, flags=number, noreply=True)
    assert into.set("large", LARGE, noreply=False)
    assert into.set("soon", b"gone", expire=3, noreply=False)
    assert into.raw_command(f"ms {BINARY} 4 b F9 T{DAY}\r\n\r\n\r\n\r\n") == b"HD"


def flags_and_time(of: Client, key: str) -> tuple[int, int]:
    code, flags, left = of.raw_command(f"mg {key} f t").split()
    assert code == b"HD"
    return int(flags[1:]), int(left[1:])


def assert_whole(found: Client) -> None:
    """Everything is there as it was filled in, but for what has expired."""
    for start in range(0, KEYS, 500):
        numbers = range(start, start + 500)
        assert found.get_many([f"key:{n}" for n in numbers]) == {f"key:{n}": value(n) for n in numbers}
    assert flags_and_time(found, "key:7") == (7, -1)
    flags, left = flags_and_time(found, "key:10")
    assert flags == 10
    assert DAY - 120 < left <= DAY
    assert found.get("large") == LARGE
    assert found.get("soon") is None
    assert found.raw_command(f"mg {BINARY} b f v", b"\r\n\r\n\r\n\r\n") == b"VA 4 f9"
    assert found.get("cachewright:filled") is None


@contextmanager
def writing(cache: Serverless) -> Iterator[None]:
    """Some items are written and read again and again, and others are added."""
    stop = threading.Event()

    def write() -> None:
        with closing(client(cache)) as hot:
            turn = 0
            while not stop.is_set():
                turn += 1
                for number in range(HOT):
                    hot.set(f"hot:{number}", f"{number} {turn}".encode(), noreply=True)
                for number in range(ADDED):
                    hot.set(f"added:{turn}:{number}", b"", noreply=True)
                hot.get_many([f"hot:{number}" for number in range(HOT)])

    thread = threading.Thread(target=write)
    thread.start()
    try:
        with closing(client(cache)) as seen:
            until("it is written to", lambda: seen.get(f"hot:{HOT - 1}"))
        yield
    finally:
        stop.set()
        thread.join()


def shown(cloud: Cloud, name: str) -> dict[str, Any]:
    (found,) = cloud.api.describe_serverless_cache_snapshots(ServerlessCacheSnapshotName=name)[
        "ServerlessCacheSnapshots"
    ]
    return dict(found)


def saved(cloud: Cloud, name: str, cache: str) -> str:
    """The ARN of a snapshot that is available."""
    cloud.api.create_serverless_cache_snapshot(ServerlessCacheSnapshotName=name, ServerlessCacheName=cache)
    return available(cloud, name)


def available(cloud: Cloud, name: str) -> str:
    until(f"snapshot {name} is available", lambda: shown(cloud, name)["Status"] == "available")
    return str(shown(cloud, name)["ARN"])


def test_one_that_is_written_to(cloud: Cloud) -> None:
    cache = created(cloud, "s")
    with closing(client(cache)) as source:
        fill(source)
        with writing(cache):
            arn = saved(cloud, "snap", "s")
        assert_untouched(source)
    began = time.time()
    cloud.api.delete_serverless_cache(ServerlessCacheName="s", FinalSnapshotName="last")
    until("the item has expired", lambda: time.time() > began + 3)
    restored = created(cloud, "two", SnapshotArnsToRestore=[arn])
    with closing(client(restored)) as found:
        assert_whole(found)
        hot = found.get_many([f"hot:{number}" for number in range(HOT)])
        assert {key: str(item.split()[0], "ascii") for key, item in hot.items()} == {
            f"hot:{number}": str(number) for number in range(HOT)
        }
        assert int(found.stats()[b"evictions"]) == 0
    cloud.await_reason("two", "data was restored from snapshot")
    third = created(cloud, "three", SnapshotArnsToRestore=[available(cloud, "last")])
    with closing(client(third)) as found:
        assert_whole(found)


def assert_untouched(source: Client) -> None:
    """A snapshot is no use of an item."""
    assert b" fetch=no " in source.raw_command("me key:1")


def told(cloud: Cloud, cache: str) -> Any:
    """The container of the node of a cache, once that holds something; None before."""
    for name, container in cloud.containers().items():
        if name.startswith(cache) and container.status == "running":
            (network,) = container.attrs["NetworkSettings"]["Networks"].values()
            with suppress(OSError), closing(client_at((network["IPAddress"], 11211), cloud)) as node:
                return container if node.stats()[b"curr_items"] else None
    return None


def test_a_node_that_is_killed_while_it_is_told(open_cloud: Cloud) -> None:
    cache = created(open_cloud, "s")
    with closing(client(cache)) as source:
        fill(source)
        for number in range(MANY):  # so that it takes a while
            assert source.set(f"large:{number}", LARGE, noreply=False)
    arn = saved(open_cloud, "snap", "s")
    open_cloud.api.create_serverless_cache(ServerlessCacheName="two", Engine="memcached", SnapshotArnsToRestore=[arn])

    until("its node is told items", lambda: told(open_cloud, "two")).kill()
    with closing(client(Serverless(open_cloud, "two", {}).available())) as found:
        assert_whole(found)
        assert all(found.get(f"large:{number}") == LARGE for number in range(MANY))


def test_a_control_plane_that_is_killed_in_the_middle(open_cloud: Cloud) -> None:
    cache = created(open_cloud, "s")
    with closing(client(cache)) as source:
        fill(source)
    open_cloud.api.create_serverless_cache_snapshot(ServerlessCacheSnapshotName="snap", ServerlessCacheName="s")
    open_cloud.plane.kill()
    open_cloud.plane.up()
    arn = available(open_cloud, "snap")
    with closing(client(created(open_cloud, "two", SnapshotArnsToRestore=[arn]))) as found:
        assert_whole(found)
