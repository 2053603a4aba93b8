"""Spec in, world out: everything that happens to a cache, on the pretend machine."""

from collections.abc import Callable
from concurrent.futures import wait
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cachewright.agents.planning.containers import State
from cachewright.agents.planning.links import addresses
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.reconcile.polling import RETRY_PERMANENT
from cachewright.agents.reconcile.turns import After, Outcome, Priority, Rest, Turn, Until
from cachewright.controlplane.model.cache import Address, Cache, Kind
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.store.database import Store
from tests.house import MODES, House, house


@pytest.fixture(params=MODES)
def home(tmp_path: Path, request: pytest.FixtureRequest) -> House:
    """A new house, whose endpoints are reached either way."""
    return house(tmp_path, MODES[request.param])


def assert_sound(home: House, cache: Cache) -> None:
    """One container for each node, in its right life; one primary, which the endpoints know; no orphan."""
    assert cache.phase is (Phase.MIGRATING if cache.spec.upstream else Phase.AVAILABLE), cache.status
    names = sorted(c.labels["cachewright.node"] for c in home.containers() if "cachewright.role" not in c.labels)
    assert names == sorted(node.name for node in cache.spec.nodes)
    assert all(c.state is State.RUNNING for c in home.containers())
    nodes = [c for c in home.containers() if "cachewright.role" not in c.labels]
    lives = {c.labels["cachewright.node"]: c.labels["cachewright.life"] for c in nodes}
    assert lives == {name: str(node.life) for name, node in cache.status.nodes.items()}
    if cache.key.kind is Kind.REPLICATION_GROUP:
        leader = cache.status.nodes[cache.status.shards["0001"].primary].address
        processes = {name: home.machine.processes.at(n.address.host) for name, n in cache.status.nodes.items()}
        followed = cache.spec.upstream.host if cache.spec.upstream else ""
        assert [name for name, p in processes.items() if p.leader == followed] == [cache.status.shards["0001"].primary]
        assert all(p.leader in (followed, leader.host) for p in processes.values())
        assert not processes[cache.status.shards["0001"].primary].held
        routes = home.routes()
        assert routes[cache.status.endpoints["primary"]] == (leader,)
        replicas = {n.address for n in cache.status.nodes.values()} - {leader}
        assert set(routes[cache.status.endpoints["reader"]]) == (replicas or {leader})
        assert home.machine.processes.heard(leader.host) == {replica.host for replica in replicas}


def test_a_cluster_is_created_and_told(home: House) -> None:
    cache = home.cluster("one")
    assert_sound(home, cache)
    assert home.messages() == [
        "one: Cache cluster created",
        "one: This cache cluster does not support persistence (ex: 'appendonly').  "
        "Please use a different instance type to enable persistence.",
        "one: Added cache node 0001 in availability zone us-east-1a",
        "one: Cachewright runs redis pretended in place of redis 7.1.0.",
    ]


def test_a_group_is_created_and_told(home: House) -> None:
    cache = home.group("rg", nodes=3)
    assert_sound(home, cache)
    told = [message for message in home.messages() if "is not to be had" not in message]
    assert told[-2:] == [
        "rg: Replication group rg created",
        "rg: Automatic failover has been turned on for replication group rg",
    ]


def test_memcached_nodes_share_a_configuration_endpoint(home: House) -> None:
    cache = home.cluster("mc", Engine="memcached", NumCacheNodes=3)
    assert_sound(home, cache)
    routes = home.routes()
    assert cache.status.discovery is not None
    assert routes[cache.status.endpoints["configuration"]] == (cache.status.discovery.address,)


def test_deleting_leaves_nothing(home: House) -> None:
    home.group("rg")
    home.call("DeleteReplicationGroup", ReplicationGroupId="rg")
    home.settle()
    assert home.containers() == []
    assert home.routes() == {}
    assert home.messages()[-4:] == [
        "rg-001: Cache cluster deleted",
        "rg-002: Cache cluster deleted",
        "rg-003: Cache cluster deleted",
        "rg: Replication group rg deleted",
    ]
    with home.store.read() as transaction:
        assert transaction.caches.keys() == []


def test_no_connection_outlives_the_node(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel would tell a container that is gone of its end for two minutes."""
    cache, remove, left = home.group(), home.machine.remove, set[Address]()
    reached = {name: {*addresses(cache.status, name)} for name in cache.status.nodes}
    assert all(home.machine.connected & those for those in reached.values())

    def removed(container: str) -> None:
        for name, those in reached.items():
            if home.machine.holder(cache.status.nodes[name].address.host) == container:
                left.update(home.machine.connected & those)
        remove(container)

    monkeypatch.setattr(home.machine, "remove", removed)
    home.call("DeleteReplicationGroup", ReplicationGroupId="rg")
    home.settle()
    assert home.containers() == []
    assert left == set()


def test_a_failover_on_request_tells_what_aws_tells(home: House) -> None:
    before = home.group("rg")
    told = len(home.messages())
    home.machine.processes.write(before.status.nodes["rg-001.0001"].address.host, "key", "value")
    home.call("TestFailover", ReplicationGroupId="rg", NodeGroupId="0001")
    home.settle()
    after = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert_sound(home, after)
    assert after.status.shards["0001"].primary == "rg-002.0001"
    assert {n: s.address for n, s in after.status.nodes.items()} == {
        n: s.address for n, s in before.status.nodes.items()
    }
    assert all(home.machine.processes.at(n.address.host).data == {"key": "value"} for n in after.status.nodes.values())
    assert home.messages()[told:] == [
        "rg: Test Failover API called for node group 0001",
        "rg-001: Failover from primary node rg-001 to replica node rg-002 completed",
        "rg: Failover from primary node rg-001 to replica node rg-002 completed",
        "rg-001: Recovering cache nodes 0001",
        "rg-001: Finished recovery for cache nodes 0001",
    ]


def test_a_reboot_keeps_the_container_and_loses_the_contents(home: House) -> None:
    cache = home.cluster("one")
    host = cache.status.nodes["one.0001"].address.host
    home.machine.processes.write(host, "key", "value")
    life, started = home.containers()[0].labels["cachewright.life"], home.containers()[0].started_at
    answer = home.call("RebootCacheCluster", CacheClusterId="one", CacheNodeIdsToReboot=["0001"])
    assert answer["CacheCluster"]["CacheClusterStatus"] == "rebooting cluster nodes"
    home.settle()
    assert_sound(home, home.cache(Kind.CACHE_CLUSTER, "one"))
    assert home.machine.processes.at(host).data == {}
    assert home.containers()[0].labels["cachewright.life"] == life
    assert home.containers()[0].started_at != started
    assert home.messages()[-2:] == ["one: Cache node 0001 shutdown", "one: Cache node 0001 restarted"]


FAULTS: dict[str, Callable[[House, str], None]] = {
    "killed": lambda home, name: home.machine.kill(name),
    "stopped": lambda home, name: home.machine.stop(name),
    "removed": lambda home, name: home.machine.remove(name),
    "paused": lambda home, name: home.machine.pause(name),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("node", ["rg-001.0001", "rg-003.0001"])
def test_whatever_is_done_by_hand_is_repaired(home: House, fault: str, node: str) -> None:
    before = home.group("rg")
    home.machine.processes.write(before.status.nodes["rg-001.0001"].address.host, "key", "value")
    FAULTS[fault](home, home.container(node))
    home.settle()
    after = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert_sound(home, after)
    assert {n: s.address for n, s in after.status.nodes.items()} == {
        n: s.address for n, s in before.status.nodes.items()
    }
    assert all(home.machine.processes.at(n.address.host).data == {"key": "value"} for n in after.status.nodes.values())


def test_without_automatic_failover_a_lost_primary_comes_back_empty(home: House) -> None:
    cache = home.group("rg", AutomaticFailoverEnabled=False)
    home.machine.processes.write(cache.status.nodes["rg-001.0001"].address.host, "key", "value")
    home.machine.kill(home.container("rg-001.0001"))
    home.settle()
    after = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert_sound(home, after)
    assert after.status.shards["0001"].primary == "rg-001.0001"
    assert all(home.machine.processes.at(n.address.host).data == {} for n in after.status.nodes.values())


@pytest.mark.parametrize("verdict", [Later("cannot start: no space left on device"), Never("no image of redis 7.1.0")])
def test_what_cannot_be_is_told_and_recovers_by_itself(home: House, verdict: Later | Never) -> None:
    home.machine.refusal = lambda _: verdict
    home.call("CreateReplicationGroup", ReplicationGroupId="rg", ReplicationGroupDescription="d",
              CacheNodeType="cache.t3.micro", Engine="redis", NumCacheClusters=1)  # fmt: skip
    key = home_key(home)
    assert home.reconcile(key) is not None
    cache = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert cache.phase is (Phase.FAILED if isinstance(verdict, Never) else Phase.CREATING)
    failed = "rg: Failed to create replication group rg due to unsuccessful creation of its cache cluster(s)."
    assert home.messages() == [*([failed] if isinstance(verdict, Never) else []), f"rg: {verdict.reason}"]
    home.machine.refusal = lambda _: None
    home.clock.moment += timedelta(seconds=RETRY_PERMANENT)
    home.settle()
    assert_sound(home, home.cache(Kind.REPLICATION_GROUP, "rg"))


def home_key(home: House) -> Any:
    """The only key."""
    with home.store.read() as transaction:
        return transaction.caches.keys()[0]


def test_an_engine_that_is_away_is_told(home: House) -> None:
    home.group("rg")
    home.machine.away = True
    assert home.reconcile(home_key(home)) is not None
    cache = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert cache.phase is Phase.MODIFYING
    assert cache.status.reason
    home.machine.away = False
    home.settle()
    assert_sound(home, home.cache(Kind.REPLICATION_GROUP, "rg"))


def test_strays_are_removed(home: House, tmp_path: Path) -> None:
    home.group("rg")
    other = Store(f"sqlite:///{tmp_path / 'other.db'}")
    other.prepare()
    lost = House(other, home.machine, home.backend)
    lost.group("rg", nodes=2)  # another cache of that name, from the same installation
    assert_sound(lost, lost.cache(Kind.REPLICATION_GROUP, "rg"))


def test_published_ports_that_are_used_up_are_told_once_with_what_to_set(tmp_path: Path) -> None:
    home = house(tmp_path, (16379, 16381))  # the last one is the agent's own
    home.call("CreateReplicationGroup", ReplicationGroupId="rg", ReplicationGroupDescription="d",
              CacheNodeType="cache.t3.micro", Engine="redis", NumCacheClusters=3)  # fmt: skip
    for _ in range(5):
        assert home.reconcile(home_key(home)) is not None
    (told,) = home.messages()
    assert told.startswith("rg: cannot give rg an address: all 2 published ports have an endpoint;")
    assert "set CACHEWRIGHT_PUBLISHED_PORTS to a wider range" in told
    home.call("DeleteReplicationGroup", ReplicationGroupId="rg")
    home.settle()
    with home.store.read() as transaction:
        assert transaction.caches.keys() == []


@pytest.mark.parametrize(("woken", "outcome"), [(False, Rest()), (True, After(0.0))])
def test_a_cache_does_not_rest_upon_a_look_that_began_before_the_last_news(
    home: House, woken: bool, outcome: Outcome
) -> None:
    key = home.group("rg").key
    memory: object = None
    for _ in range(2):  # the containers, and what is in them
        looking = home.reconciler.reconcile(Turn(key, memory, woken=memory is None, priority=Priority.ROUTINE))
        assert isinstance(looking, Until)
        wait(looking.work)
        memory = looking.memory
    assert home.reconciler.reconcile(Turn(key, memory, woken=woken, priority=Priority.ROUTINE)) == outcome
