"""Memcached clusters that change while applications use them, and encrypted ones."""

import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

import pytest
from pymemcache import Client, HashClient
from pymemcache.exceptions import MemcacheError

from tests.e2e.cloud import Cloud, Place, node_places, place
from tests.e2e.plane import Plane, run
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker

KEYS = [f"page-{number}" for number in range(600)]
NOW: dict[str, Any] = {"ApplyImmediately": True}


def ring_of(places: Sequence[Place]) -> HashClient:
    """A client that spreads keys over nodes: each key has the node that has the highest score for it, so that nodes
    that come and go move no keys but those that they get or had.
    """
    return HashClient(list(places), timeout=5, connect_timeout=5, use_pooling=True, max_pool_size=2)


def homes(places: Sequence[Place]) -> dict[str, str]:
    """Which node each key has."""
    with closing(ring_of(places)) as ring:
        return {key: ring.hasher.get_node(key) for key in KEYS}


def filled(places: Sequence[Place], value: bytes) -> None:
    """Every key has this value."""
    with closing(ring_of(places)) as ring:
        assert ring.set_many(dict.fromkeys(KEYS, value)) == []


def served(places: Sequence[Place], value: bytes) -> set[str]:
    """The keys that are found with this value; a key that moved has left an older one behind."""
    with closing(ring_of(places)) as ring:
        return {key for key, found in ring.get_many(KEYS).items() if found == value}


@dataclass(slots=True)
class Load:
    """An application that reads and writes all the time."""

    places: Sequence[Place]
    rounds: int = 0
    failures: list[str] = field(default_factory=list)
    _stop: Event = field(default_factory=Event)

    def work(self) -> None:
        """Until it is told to stop; keys of its own, so that it brings nothing back that was lost."""
        with closing(ring_of(self.places)) as ring:
            while not self._stop.wait(0.002):
                key = f"load-{self.rounds % 50}"
                try:
                    ring.set(key, str(self.rounds).encode(), noreply=False)
                    assert ring.get(key) == str(self.rounds).encode()
                except (MemcacheError, OSError, AssertionError) as error:
                    self.failures.append(repr(error))
                self.rounds += 1

    def stop(self) -> None:
        """Enough."""
        self._stop.set()


@contextmanager
def loaded(places: Sequence[Place]) -> Iterator[Load]:
    """An application uses these nodes meanwhile; it has worked, and nothing has failed, when the block ends."""
    load = Load(places)
    thread = Thread(target=load.work, name="load")
    thread.start()
    try:
        yield load
        before = load.rounds
        until("the application goes on", lambda: load.rounds > before + 10)
    finally:
        load.stop()
        thread.join()
    assert load.failures == []


def discovered(where: Place, trust: ssl.SSLContext | None = None) -> tuple[int, list[str]]:
    """What the configuration endpoint says: the version, and the ports and addresses of the nodes."""
    with socket.create_connection(where, timeout=5) as plain:
        wrapped = trust.wrap_socket(plain, server_hostname=where[0]) if trust else plain
        wrapped.sendall(b"config get cluster\r\n")
        said = b""
        while not said.endswith(b"END\r\n"):
            said += wrapped.recv(4096)
        if trust:
            wrapped.close()
    _, version, nodes, *_ = said.decode().splitlines()
    return int(version), nodes.split()


def test_nodes_come_under_load(cloud: Cloud) -> None:
    before = cloud.cluster("more", Engine="memcached", NumCacheNodes=3)
    configuration, three = place(before["ConfigurationEndpoint"]), node_places(before)
    filled(list(three.values()), b"kept")
    version, _ = discovered(configuration)
    with loaded(list(three.values())):
        cloud.api.modify_cache_cluster(CacheClusterId="more", NumCacheNodes=5, **NOW)
        after = cloud.available_cluster("more")
    five = node_places(after)
    assert {name: five[name] for name in three} == three
    assert place(after["ConfigurationEndpoint"]) == configuration
    assert discovered(configuration)[0] == version + 2
    assert len(discovered(configuration)[1]) == 5
    assert served(list(three.values()), b"kept") == set(KEYS), "nothing is lost where nodes come"
    old, new = homes(list(three.values())), homes(list(five.values()))
    assert served(list(five.values()), b"kept") == {key for key in KEYS if new[key] == old[key]}
    assert "Finished modifying number of nodes from 3 to 5" in [message for _, message in cloud.messages("more")]


def test_nodes_go_under_load(cloud: Cloud) -> None:
    before = cloud.cluster("less", Engine="memcached", NumCacheNodes=5)
    configuration, five = place(before["ConfigurationEndpoint"]), node_places(before)
    filled(list(five.values()), b"kept")
    version, _ = discovered(configuration)
    gone = ["0002", "0005"]
    stay = [where for name, where in five.items() if name not in gone]
    with loaded(stay):
        cloud.api.modify_cache_cluster(CacheClusterId="less", NumCacheNodes=3, CacheNodeIdsToRemove=gone, **NOW)
        after = cloud.available_cluster("less")
    assert list(node_places(after).values()) == stay
    assert discovered(configuration)[0] == version + 2
    assert len(discovered(configuration)[1]) == 3
    old, new = homes(list(five.values())), homes(stay)
    assert served(stay, b"kept") == {key for key in KEYS if new[key] == old[key]}, "the keys of the nodes that went"
    assert len(served(stay, b"kept")) > len(KEYS) / 3
    cloud.await_nodes("less.0001", "less.0003", "less.0004")
    assert "Finished modifying number of nodes from 5 to 3" in [message for _, message in cloud.messages("less")]


def test_items_of_many_sizes_take_no_more_room_than_they_need(cloud: Cloud) -> None:
    (where,) = node_places(cloud.cluster("room", Engine="memcached", NumCacheNodes=1)).values()
    with closing(Client(where, timeout=5)) as client:
        assert client.set_many({f"{key}-{size}": b"x" * size for key in KEYS for size in range(0, 400, 20)}) == []
        assert client.stats()[b"evictions"] == 0


def test_what_waits_is_done_in_a_window_that_is_opened_by_hand(cloud: Cloud, plane: Plane) -> None:
    cloud.cluster("later", Engine="memcached", NumCacheNodes=1, EngineVersion="1.6.12")
    where = node_places(cloud.shown_cluster("later"))
    asked = {"NumCacheNodes": 2, "EngineVersion": "1.6.22", "CacheNodeType": "cache.t3.small"}
    shown = cloud.api.modify_cache_cluster(CacheClusterId="later", **asked)["CacheCluster"]
    assert (shown["CacheClusterStatus"], shown["PendingModifiedValues"]) == ("available", asked)
    words = ("maintenance", "run", "later", "--account", cloud.account, "--url", plane.url)
    done = run(*words)
    assert (done.returncode, done.stdout) == (0, "later applies CacheNodeType, EngineVersion, NumCacheNodes\n"), done
    shown = cloud.available_cluster("later")
    assert {name: shown[name] for name in asked} == asked
    assert shown["PendingModifiedValues"] == {}
    assert {**node_places(shown), **where} == node_places(shown)
    assert run(*words).stdout == "later has nothing pending\n"
    assert run("maintenance", "run", "nobody", "--url", plane.url).stderr.startswith("cachewright: cannot find nobody")


def test_an_encrypted_cluster(cloud: Cloud, plane: Plane) -> None:
    params: dict[str, Any] = {"Engine": "memcached", "NumCacheNodes": 2, "TransitEncryptionEnabled": True}
    shown = cloud.cluster("tls", **params)
    assert shown["TransitEncryptionEnabled"] is True
    authority = run("ca", "--data-dir", str(plane.data_dir)).stdout.strip()
    trust = ssl.create_default_context(cafile=authority)
    for where in node_places(shown).values():
        with closing(Client(where, timeout=5, tls_context=trust)) as client:
            client.set("secret", b"kept")
            assert client.get("secret") == b"kept"
        with closing(Client(where, timeout=5)) as plain, pytest.raises((MemcacheError, OSError)):
            plain.version()
        stranger = ssl.create_default_context()
        with closing(Client(where, timeout=5, tls_context=stranger)) as client, pytest.raises(ssl.SSLError):
            client.version()
    assert len(discovered(place(shown["ConfigurationEndpoint"]), trust)[1]) == 2
    cloud.api.reboot_cache_cluster(CacheClusterId="tls", CacheNodeIdsToReboot=["0001"])
    first, second = node_places(cloud.available_cluster("tls")).values()
    with closing(Client(first, timeout=5, tls_context=trust)) as client:
        assert client.get("secret") is None
    with closing(Client(second, timeout=5, tls_context=trust)) as client:
        assert client.get("secret") == b"kept"
