"""Containers of caches that are deleted, which serve others: who gets one, what it then is, and what a crash leaves."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cachewright.agents.memory.runtime import MemoryRuntime
from cachewright.agents.planning.containers import Container
from cachewright.agents.planning.labels import AHEAD, CACHE, WARM, Labels
from cachewright.agents.planning.verdicts import Later
from cachewright.agents.reconcile.addresses import NODES
from cachewright.agents.reconcile.turns import After, Priority, Turn
from cachewright.agents.reconcile.warm.shapes import USUAL
from cachewright.controlplane.model.cache import Address, Cache, Key, Kind
from tests.agents.test_crashes import Crash, Fuse, fused
from tests.agents.test_warm_pool import as_it_is, assert_sound_but_for_the_pool, fill, idle, redis, started, warmed
from tests.house import ACCOUNT, REGION, House, house


@pytest.fixture
def home(tmp_path: Path) -> House:
    """A new house."""
    return house(tmp_path)


def delete(home: House, name: str) -> None:
    home.call("DeleteReplicationGroup", ReplicationGroupId=name)
    home.settle()


def warm(home: House) -> set[str]:
    """When what runs for nobody was started."""
    return {one.started_at for one in home.backend.runtime.containers(WARM) if one.name == one.labels[AHEAD]}


def host(cache: Cache) -> str:
    (node,) = cache.status.nodes.values()
    return node.address.host


def told(cache: Cache) -> Address:
    """Where callers are told the node is."""
    (name,) = cache.status.nodes
    return cache.status.shown_address(name)


def is_gone(home: House, name: str) -> bool:
    with home.store.read() as transaction:
        return transaction.caches.get(Key(ACCOUNT, REGION, Kind.REPLICATION_GROUP, name)) is None


def test_the_node_of_a_deleted_cache_serves_another_one_which_is_as_any_new_one(home: House) -> None:
    cold = redis(home, "cold")
    warmed(home, redis=1)
    former = redis(home, "former")
    before, process = started(home, former), home.machine.processes.at(host(former))
    assert home.gateway.routes()[told(former)] == (Address(host(former), 6379),)
    home.machine.processes.write(host(former), "key", "value")
    connection = home.machine.processes.dial(host(former))
    delete(home, "former")
    assert before < warm(home)
    assert home.gateway.routes().keys() == set(cold.status.endpoints.values())
    assert connection.recv(1) == b""
    another = redis(home, "another")
    assert started(home, another) == before
    assert as_it_is(home, another) == as_it_is(home, cold)
    found = home.machine.processes.at(host(another))
    assert (found.data, found.connections) == ({}, [])
    assert found.run_id != process.run_id
    assert told(another) not in former.status.endpoints.values()
    assert {told(another), *another.status.endpoints.values()} <= home.gateway.routes().keys()
    assert home.container("another-001.0001").endswith("-us-east-1-another-001.0001")


def test_a_cluster_tells_an_endpoint_in_place_of_a_node_that_may_serve_others_and_keeps_it(home: House) -> None:
    """The agent reaches the node where it is, whatever becomes of the gateway."""
    warmed(home, redis=1)
    (cold,) = home.cluster("cold", CacheNodeType="cache.r7g.large").status.nodes.values()
    assert not cold.recyclable
    warm = home.cluster("warm", CacheNodeType=USUAL)
    assert told(warm).host != host(warm)
    (node,) = home.call("DescribeCacheClusters", CacheClusterId="warm", ShowCacheNodeInfo=True)["CacheClusters"][0][
        "CacheNodes"
    ]
    assert node["Endpoint"] == {"Address": told(warm).host, "Port": told(warm).port}
    home.gateway.answers = False
    home.settle()
    assert home.cache(Kind.CACHE_CLUSTER, "warm").status.nodes["warm.0001"].silent_since is None
    home.gateway.answers = True
    home.machine.kill(home.container("warm.0001"))
    home.settle()
    again = home.cache(Kind.CACHE_CLUSTER, "warm")
    assert told(again) == told(warm)
    assert home.gateway.routes()[told(again)] == (again.status.nodes["warm.0001"].address,)


def test_of_too_many_it_is_none(home: House) -> None:
    pool = warmed(home, redis=1)
    former = redis(home, "former")
    fill(pool, home)
    assert pool.stock.expect("another", former.spec)
    before = warm(home)
    delete(home, "former")
    assert warm(home) == before
    assert not before & started(home, former)
    assert {one.labels.get(CACHE) for one in home.containers()} == {None}


def test_what_is_missing_is_not_started_while_it_is_on_its_way(home: House) -> None:
    pool = warmed(home, redis=1)
    former = redis(home, "former")
    assert pool.stock.expect("former", former.spec)
    assert pool.stock.missing() is None
    pool.stock.forgo("former")
    assert pool.stock.missing()


def test_where_a_file_was_written_it_is_removed(home: House) -> None:
    warmed(home, redis=1)
    former = redis(home, "former")
    home.call("CreateSnapshot", SnapshotName="saved", CacheClusterId="former-001")
    home.settle_snapshot("saved")
    home.settle()
    assert_removed(home, former)


def test_what_cannot_begin_anew_is_removed(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    warmed(home, redis=1)
    former = redis(home, "former")

    def refuse(_: str) -> None:
        raise Later("it refuses")

    monkeypatch.setattr(home.machine, "renew", refuse)
    assert_removed(home, former)


def test_an_address_that_an_endpoint_leads_to_is_nobody_elses(home: House) -> None:
    warmed(home, redis=1)
    former = redis(home, "former")
    led = dict(home.gateway.routes())
    home.gateway.answers = False
    home.call("DeleteReplicationGroup", ReplicationGroupId="former")
    home.reconcile(former.key)
    home.gateway.answers = True
    assert home.gateway.routes() == led
    with home.store.read() as transaction:
        assert transaction.leases.has(NODES, former.incarnation, "former-001.0001")
    home.settle()
    assert not home.gateway.routes()
    assert is_gone(home, "former")


def test_one_that_comes_back_as_is_looked_for_what_has_ended_stays(home: House) -> None:
    pool = warmed(home, redis=1)
    former = redis(home, "former")
    before, listed = started(home, former), list[bool]()

    class Listing(MemoryRuntime):
        def containers(self, labels: Labels | None = None) -> list[Container]:
            found = super().containers(labels)
            if labels == WARM and not listed:
                listed.append(True)
                delete(home, "former")
            return found

    pool.fill(replace(home.tools(), runtime=Listing("test", home.machine)))
    assert listed
    assert before < warm(home)


def assert_removed(home: House, former: Cache) -> None:
    before = started(home, former)
    name = former.key.id
    delete(home, name)
    assert not before & {one.started_at for one in home.containers()}
    with home.store.read() as transaction:
        assert not transaction.leases.has(NODES, former.incarnation, f"{name}-001.0001")


@pytest.mark.parametrize("what", ["unrestricted", "paused", "another life", "cold", "a replica"])
def test_what_is_not_known_to_be_clean_is_removed(home: House, what: str) -> None:
    home.restricted = what != "unrestricted"
    pool = warmed(home, redis=1)
    if what == "cold":
        for name in idle(home):
            pool.stock.take(name)
    redis(home, "former")
    if what == "paused":
        home.machine.pause(home.container("former-001.0001"))
    if what == "another life":
        home.machine.kill(home.container("former-001.0001"))
        home.settle()
    if what == "a replica":
        home.call("IncreaseReplicaCount", ReplicationGroupId="former", NewReplicaCount=1, ApplyImmediately=True)
        home.settle()
    assert_removed(home, home.cache(Kind.REPLICATION_GROUP, "former"))


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("number", range(1, 6))
def test_whoever_dies_on_the_way_leaves_nothing_of_it(home: House, number: int, before: bool) -> None:
    """Route, renewal, name: each before and after the deed."""
    pool = warmed(home, redis=1)
    redis(home, "former")
    fuse = Fuse(number, before)
    home.restart(fused(home.backend, fuse), ahead=pool)
    home.call("DeleteReplicationGroup", ReplicationGroupId="former")
    with suppress(Crash):
        home.settle()
    again = warmed(home, redis=1)
    home.settle()
    assert is_gone(home, "former")
    other = redis(home, "other")
    assert_sound_but_for_the_pool(home, other, again)


@pytest.mark.parametrize("again", [True, False])
def test_a_cache_that_is_not_gone_yet_takes_nothing_from_the_next_one(home: House, again: bool) -> None:
    """The container was given back, another cache has it, and only then whoever deleted the first one goes on."""
    pool = warmed(home, redis=1)
    former = redis(home, "former")
    before, (name,) = started(home, former), former.status.nodes
    home.call("DeleteReplicationGroup", ReplicationGroupId="former")
    assert pool.recycle(home.tools(), former, name, home.container(name))
    home.call("CreateReplicationGroup", ReplicationGroupId="other", ReplicationGroupDescription="d", Engine="redis",
              CacheNodeType=USUAL, NumCacheClusters=1)  # fmt: skip
    home.settle(replace(former.key, id="other"))
    other = home.cache(Kind.REPLICATION_GROUP, "other")
    assert started(home, other) == before
    if again:
        home.backend = replace(home.backend, runtime=MemoryRuntime("test", home.machine))
        home.restart(ahead=pool)
    home.settle()
    assert is_gone(home, "former")
    assert started(home, other) == before
    assert home.cache(Kind.REPLICATION_GROUP, "other").status.nodes["other-001.0001"].life == 1


def test_a_pool_that_has_ended_keeps_nothing(home: House) -> None:
    pool = warmed(home, redis=1)
    redis(home, "former")
    runtime: Any = Ending(home.backend.runtime, pool.stock.empty)
    home.restart(replace(home.backend, runtime=runtime), ahead=pool)
    delete(home, "former")
    assert not [one for one in home.backend.runtime.containers(WARM) if one.image.startswith("redis")]


class Ending:
    """A runtime; as a container is called otherwise something else happens."""

    def __init__(self, real: object, deed: Any) -> None:
        self._real, self._deed = real, deed

    def __getattr__(self, name: str) -> Any:
        if name == "rename":
            self._deed()
        return getattr(self._real, name)


def test_a_cache_waits_for_a_node_that_is_on_its_way_back(home: House) -> None:
    """The second one is created while the node of the first begins anew."""
    pool = warmed(home, redis=1)
    former = redis(home, "former")
    before = started(home, former)
    (ahead,) = (known.ahead for known in former.status.nodes.values())
    delete(home, "former")
    pool.stock.take(ahead)  # as it was a moment ago
    assert pool.stock.expect(ahead, former.spec)
    home.call("CreateReplicationGroup", ReplicationGroupId="next", ReplicationGroupDescription="d", Engine="redis",
              CacheNodeType=USUAL, NumCacheClusters=1)  # fmt: skip
    key = replace(former.key, id="next")
    outcome = home.reconciler.reconcile(Turn(key, None, woken=True, priority=Priority.ROUTINE))
    assert isinstance(outcome, After)
    assert not home.cache(Kind.REPLICATION_GROUP, "next").status.nodes
    assert pool.stock.arrived(ahead)
    home.settle()
    assert started(home, home.cache(Kind.REPLICATION_GROUP, "next")) == before
