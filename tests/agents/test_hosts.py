"""Several hosts: where nodes run, what becomes of them as a host dies, is cut off, returns, or is drained."""

import json
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import wait
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from cachewright.agents.memory.engines.driver import PretendDriver, PretendRedis
from cachewright.agents.memory.hosts import Power
from cachewright.agents.memory.machine import Machine
from cachewright.agents.planning.containers import State
from cachewright.agents.planning.host_leases import lease_of
from cachewright.agents.planning.links import Reach
from cachewright.agents.planning.outages import Outages
from cachewright.agents.planning.placement import Sites, placed
from cachewright.agents.planning.world import Answer
from cachewright.agents.reconcile.observe import Look
from cachewright.agents.reconcile.silence import SHORTEST
from cachewright.agents.reconcile.turns import After, Priority, Rest, Turn, Until
from cachewright.agents.runtime.runtime import Runtime
from cachewright.agents.toolbox import MEMORY
from cachewright.controlplane.model.cache import Cache, Key, Kind, NodeStatus
from cachewright.controlplane.model.hosts import Host
from tests.agents.test_cluster_mode import sharded
from tests.agents.test_crashes import Crash, Fuse, fused
from tests.agents.test_kept_data import key_of
from tests.house import ACCOUNT, MODES, PATIENCE, REGION, Clock, House, house

GIB = 1 << 30
HOSTS = tuple(
    Host(f"h{number}", f"tcp://10.77.0.{number}:2375", zone, f"10.77.0.{number}", 8 * GIB)
    for number, zone in enumerate("abc", 1)
)
PRIMARY, REPLICA = "rg-001.0001", "rg-002.0001"


@pytest.fixture
def home(tmp_path: Path) -> House:
    made = house(tmp_path)
    made.tell_hosts(*HOSTS)
    return made


def group(home: House) -> Cache:
    return home.cache(Kind.REPLICATION_GROUP, "rg")


def node(home: House, name: str) -> NodeStatus:
    return group(home).status.nodes[name]


def places(home: House) -> dict[str, str]:
    return {name: known.host for name, known in group(home).status.nodes.items()}


def write(home: House, key: str) -> None:
    """Through the primary endpoint, from where everybody is."""
    (target,) = home.routes()[group(home).status.endpoints["primary"]]
    home.machine.processes.write(target.host, key, "value")


def read(home: House, name: str) -> dict[str, str]:
    return home.machine.processes.at(node(home, name).address.host).data


def drain(home: House, name: str) -> None:
    with home.store.write() as transaction:
        transaction.hosts.write(replace(transaction.hosts.all()[name], draining=True))


def leave_and_return(home: House, name: str, way: str) -> None:
    """A host is drained, or off or cut until everything has come to rest without it."""
    if way == "drain":
        drain(home, name)
    else:
        home.machine.power(name, Power(way))
    home.settle()
    home.machine.power(name, Power.ON)
    home.settle()


def test_nodes_are_on_hosts_of_their_zones(home: House) -> None:
    cache = home.group()
    zones = {host.name: host.zone for host in HOSTS}
    assert {node.name: f"us-east-1{zones[places(home)[node.name]]}" for node in cache.spec.nodes} == {
        node.name: node.zone for node in cache.spec.nodes
    }
    assert {one.host for one in home.containers()} == {"h1", "h2", "h3"}
    with home.store.read() as transaction:
        assert set(transaction.hosts.taken()) == {"h1", "h2", "h3"}


def test_what_is_deleted_takes_nothing(home: House) -> None:
    home.group()
    home.call("DeleteReplicationGroup", ReplicationGroupId="rg")
    home.settle()
    with home.store.read() as transaction:
        assert transaction.hosts.taken() == {}


@pytest.mark.parametrize("power", [Power.OFF, Power.CUT])
def test_the_primary_of_a_host_that_is_away_fails_over_and_is_rebuilt_elsewhere(home: House, power: Power) -> None:
    home.group()
    write(home, "before")
    lost = places(home)[PRIMARY]
    home.machine.power(lost, power)
    began = home.clock.moment
    home.settle()
    assert home.clock.moment - began < PATIENCE + timedelta(seconds=1.5)  # no deed waits for the host that is away
    assert group(home).status.shards["0001"].primary != PRIMARY
    assert lost not in places(home).values()
    assert all(read(home, name) == {"before": "value"} for name in places(home))
    assert any("runs on host" in message and "no host of us-east-1a has room" in message for message in home.messages())


def test_a_primary_that_is_given_up_with_its_host_is_not_asked_any_more(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.group()
    lost, asked = node(home, PRIMARY), list[int]()

    def look(driver: PretendRedis, way: Reach) -> Answer | None:
        if way.address.host == lost.address.host:
            asked.append(node(home, PRIMARY).fenced)
        return PretendDriver.look(driver, way)

    monkeypatch.setattr(PretendRedis, "look", look)
    home.machine.power(lost.host, Power.OFF)
    home.settle()
    assert node(home, PRIMARY).fenced == lost.life
    assert asked, "it is waited for until then"
    assert not any(asked)


def test_a_host_that_returns_has_its_earlier_lives_removed_before_anything_leads_to_them(home: House) -> None:
    home.group()
    lost = places(home)[PRIMARY]
    home.machine.power(lost, Power.CUT)
    home.settle()
    home.machine.power(lost, Power.ON)
    assert [one.state for one in home.containers() if one.host == lost] == [State.RUNNING]
    home.settle()
    assert not [one for one in home.containers() if one.host == lost]
    assert sorted(one.labels["cachewright.node"] for one in home.containers()) == sorted(places(home))
    assert group(home).phase == "available"


def test_a_container_engine_that_is_silent_for_a_moment_moves_nobody(home: House) -> None:
    cache = home.group()
    before = places(home)
    home.machine.hosts.known[before[PRIMARY]].power = Power.CUT  # its engine alone: what runs there is reached
    home.reconcile(cache.key)
    home.clock.moment += 3 * PATIENCE
    home.reconcile(cache.key)
    home.machine.hosts.known[before[PRIMARY]].power = Power.ON
    home.settle()
    assert places(home) == before
    assert group(home).status.shards["0001"].primary == PRIMARY


def test_a_drained_host_is_left_with_everything(home: House) -> None:
    home.group()
    left = places(home)[PRIMARY]
    write(home, "before")
    drain(home, left)
    home.settle()
    assert left not in places(home).values()
    assert left not in {one.host for one in home.containers()}
    with home.store.read() as transaction:
        assert transaction.hosts.nodes_on(left) == 0
    assert all(read(home, name) == {"before": "value"} for name in places(home))


def test_a_node_without_replicas_leaves_a_drained_host_with_everything(home: House) -> None:
    home.group(nodes=1)
    left = places(home)[PRIMARY]
    write(home, "before")
    drain(home, left)
    home.settle()
    assert places(home)[PRIMARY] not in ("", left)
    assert read(home, PRIMARY) == {"before": "value"}


def open_again(home: House, name: str) -> None:
    with home.store.write() as transaction:
        transaction.hosts.write(replace(transaction.hosts.all()[name], draining=False))


@pytest.mark.parametrize("moves", [PRIMARY, REPLICA])
def test_a_shard_is_not_left_on_one_host_when_there_is_another(home: House, moves: str) -> None:
    """Whoever is outside of its zone moves once it can: a host that is lost takes all with it that is there alone."""
    home.group(nodes=2)
    write(home, "before")
    left, stays = places(home)[moves], places(home)[{PRIMARY: REPLICA, REPLICA: PRIMARY}[moves]]
    drain(home, "h3")
    drain(home, left)
    home.settle()
    assert set(places(home).values()) == {stays}
    open_again(home, left)
    home.settle()
    assert places(home)[moves] == left
    assert home.cache(Kind.REPLICATION_GROUP, "rg").phase == "available"
    assert all(read(home, name) == {"before": "value"} for name in places(home))


def test_who_is_given_up_first_leaves_the_host_of_a_zone_to_whom_it_belongs(home: House) -> None:
    """Both nodes of a shard were on a host that died, and another host has more room."""
    home.group(nodes=2)
    drain(home, "h2")
    drain(home, "h3")
    home.settle()
    assert set(places(home).values()) == {"h1"}
    hosts = {host.name: replace(host, memory=16 * GIB) if host.name == "h2" else host for host in HOSTS}
    sites, nodes = Sites(hosts, {"h1": "no route to host"}), group(home).status.nodes
    given_up = {**nodes, PRIMARY: replace(nodes[PRIMARY], life=nodes[PRIMARY].life + 1)}
    assert placed(group(home), given_up, sites, GIB)[PRIMARY].host == "h3"


def test_a_shard_that_was_asked_for_in_one_zone_stays_on_its_host(home: House) -> None:
    home.group(nodes=2, PreferredCacheClusterAZs=["us-east-1a", "us-east-1a"])
    assert set(places(home).values()) == {"h1"}


def test_nobody_leaves_a_drained_host_for_one_that_has_no_room(home: House) -> None:
    home.group(nodes=1)
    left = places(home)[PRIMARY]
    with home.store.write() as transaction:
        for host in HOSTS:
            draining = host.name == left
            transaction.hosts.write(replace(host, memory=64 << 20, draining=draining))
    for _ in range(5):
        home.reconcile(group(home).key)
    assert places(home)[PRIMARY] == left
    assert group(home).phase == "available"
    assert home.machine.processes.at(node(home, PRIMARY).address.host)


def test_a_node_waits_for_a_host_that_has_room(home: House) -> None:
    with home.store.write() as transaction:
        for host in HOSTS:
            transaction.hosts.write(replace(host, memory=64 << 20))
    home.call(
        "CreateCacheCluster", CacheClusterId="one", Engine="redis", CacheNodeType="cache.t3.micro", NumCacheNodes=1
    )
    key = Key(ACCOUNT, REGION, Kind.CACHE_CLUSTER, "one")
    for _ in range(5):
        home.reconcile(key)
    assert "waits for a host" in home.cache(Kind.CACHE_CLUSTER, "one").status.reason
    assert not home.containers()
    with home.store.write() as transaction:
        transaction.hosts.write(HOSTS[1])
    home.settle()
    assert home.cache(Kind.CACHE_CLUSTER, "one").status.nodes["one.0001"].host == "h2"


def test_memcached_nodes_are_rebuilt_elsewhere(home: House) -> None:
    cache = home.cluster(Engine="memcached", NumCacheNodes=3, PreferredAvailabilityZone="us-east-1a")
    assert {known.host for known in cache.status.nodes.values()} == {"h1"}
    home.machine.power("h1", Power.OFF)
    home.clock.moment += timedelta(seconds=1)
    home.settle()
    nodes = home.cache(Kind.CACHE_CLUSTER, "one").status.nodes.values()
    assert sorted(Counter(known.host for known in nodes).values()) == [1, 2]


def test_an_agent_that_hears_less_than_half_of_the_hosts_moves_nobody(home: House) -> None:
    home.group()
    before = places(home)
    for name in ("h1", "h2"):
        home.machine.power(name, Power.CUT)
    for _ in range(5):
        home.reconcile(group(home).key)
        home.clock.moment += 2 * PATIENCE
    assert places(home) == before
    assert group(home).status.shards["0001"].primary == PRIMARY
    assert "more than half of the hosts do not answer (h1, h2)" in group(home).status.reason
    for name in ("h1", "h2"):
        home.machine.power(name, Power.ON)
    home.settle()
    assert places(home) == before
    assert group(home).phase == "available"


def test_an_agent_that_begins_while_the_swarm_has_no_leader_fails_over(tmp_path: Path) -> None:
    """It asks nobody for what was seen already."""
    home = house(tmp_path)
    home.tell_hosts(*(replace(host, memory=0) for host in HOSTS))
    home.group()
    lost = places(home)[PRIMARY]
    home.machine.power(lost, Power.OFF)
    home.machine.hosts.leader = False
    home.restart()
    began = home.clock.moment
    home.settle()
    assert home.clock.moment - began < PATIENCE + timedelta(seconds=1.5)
    assert group(home).status.shards["0001"].primary != PRIMARY


def test_what_is_seen_of_a_host_is_forgotten_with_it_and_gives_way_to_what_is_said_of_it(tmp_path: Path) -> None:
    home = house(tmp_path)
    home.tell_hosts(*(replace(host, memory=0) for host in HOSTS))

    def seen() -> dict[str, int]:
        home.restart()
        home.tools()
        with home.store.read() as transaction:
            remembered: dict[str, int] = json.loads(transaction.facts.read(MEMORY) or "{}")
        return remembered

    assert seen().keys() == {"h1", "h2", "h3"}
    with home.store.write() as transaction:
        transaction.hosts.write(replace(HOSTS[0], memory=GIB))
        transaction.hosts.remove("h2")
    assert seen().keys() == {"h3"}


@dataclass(frozen=True)
class Unnoticed:
    """A machine of which nobody has noticed yet which hosts do not answer."""

    inner: Runtime

    def silent_hosts(self) -> Mapping[str, str]:
        return {}

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)


def test_hosts_that_were_asked_in_vain_count_before_it_is_noticed_otherwise(home: House) -> None:
    home.group()
    before = group(home).status.nodes
    unnoticed: Runtime = Unnoticed(home.backend.runtime)  # type: ignore[assignment]
    home.restart(replace(home.backend, runtime=unnoticed))
    for name in ("h1", "h2"):
        home.machine.power(name, Power.CUT)
    for _ in range(5):
        home.reconcile(group(home).key)
        home.clock.moment += 2 * PATIENCE
    after = group(home).status
    assert {name: known.life for name, known in after.nodes.items()} == dict.fromkeys(before, 1)
    assert "more than half of the hosts do not answer (h1, h2)" in after.reason


@dataclass(slots=True)
class Beside(Clock):
    """A clock at each of whose ticks a client beside a node writes there, if its host's gateway lets it."""

    home: House | None = None
    host: str = ""
    address: str = ""
    acknowledged: list[datetime] = field(default_factory=list)
    led: list[datetime] = field(default_factory=list)  # when a replica was seen to lead elsewhere

    def __call__(self) -> datetime:
        """See Clock."""
        moment = super(Beside, self).__call__()
        if self.home and self.host:
            self.look(self.home.machine, moment)
        return moment

    def look(self, machine: Machine, moment: datetime) -> None:
        """What is true at that moment."""
        machine.hosts.hear(moment)
        if self.is_led_elsewhere(machine):
            self.led.append(moment)
        if machine.hosts.serves(self.host, moment, lease_of(PATIENCE)):
            with suppress(ConnectionError):
                host = machine.hosts.known[self.host]
                network = host.island if self.address in host.island else machine.processes
                network.write(self.address, str(moment), "value")
                self.acknowledged.append(moment)

    def is_led_elsewhere(self, machine: Machine) -> bool:
        """Whether another node of the shard is a primary, for whoever is not on that host."""
        assert self.home
        others = [known.address.host for known in group(self.home).status.nodes.values()]
        alive = [machine.processes.at(address) for address in others if address in machine.processes]
        return any(not process.leader for process in alive if process.blueprint.host != self.host)


def test_nobody_writes_beside_a_primary_that_is_cut_off_once_another_leads(home: House) -> None:
    home.group()
    known = node(home, PRIMARY)
    home.restart()
    clock = Beside(home.clock.moment, home.clock.read, home.clock.passed)
    home.clock = clock
    home.restart()
    clock.home, clock.host, clock.address = home, known.host, known.address.host
    home.settle()
    cut = clock()
    home.machine.power(known.host, Power.CUT)
    home.settle()
    after = [moment for moment in clock.acknowledged if moment > cut]
    assert after, "the client beside it is let in for a while"
    assert clock.led, "another node leads"
    assert max(after) - cut <= PATIENCE
    assert max(after) < min(clock.led)


def test_what_returns_is_led_to_only_after_its_earlier_life_has_ended(home: House) -> None:
    home.group()
    lost = places(home)[PRIMARY]
    home.machine.power(lost, Power.CUT)
    home.settle()
    home.machine.power(lost, Power.ON)
    for endpoint in home.routes():
        home.gateway.unroute(endpoint)
    home.restart()  # another gateway, which has to be told everything
    turn, key = Turn(group(home).key, None, woken=True, priority=Priority.ROUTINE), group(home).key
    seen = []
    for _ in range(200):
        stale = [one for one in home.containers() if one.host == lost]
        seen.append((bool(stale), bool(home.routes())))
        match home.reconciler.reconcile(turn):
            case Rest():
                break
            case Until(work, memory):
                wait(work)
                turn = Turn(key, memory, woken=False, priority=Priority.ROUTINE)
            case After(_, memory):
                turn = Turn(key, memory, woken=False, priority=Priority.ROUTINE)
    assert (True, False) in seen
    assert (True, True) not in seen
    assert seen[-1] == (False, True)


@pytest.mark.parametrize("way", ["off", "cut", "drain"])
def test_shards_of_a_cluster_leave_a_host_with_everything(home: House, way: str) -> None:
    cache = sharded(home, shards=2)
    keys = {shard.id: key_of(shard) for shard in cache.spec.shards}
    for shard in cache.spec.shards:
        primary = cache.status.nodes[cache.status.shards[shard.id].primary]
        home.machine.processes.write(primary.address.host, keys[shard.id], shard.id)
    left = cache.status.nodes[cache.status.shards["0001"].primary].host
    leave_and_return(home, left, way)
    after = group(home)
    assert left not in {known.host for known in after.status.nodes.values()}
    for shard in after.spec.shards:
        assert all(read(home, one.name) == {keys[shard.id]: shard.id} for one in shard.nodes)
    assert sorted(one.labels["cachewright.node"] for one in home.containers()) == sorted(places(home))


@pytest.mark.parametrize("way", ["off", "cut"])
def test_nodes_of_a_cluster_run_elsewhere_although_a_swarm_keeps_their_addresses(home: House, way: str) -> None:
    cache = sharded(home, shards=2)
    left = cache.status.nodes[cache.status.shards["0001"].primary].host
    home.machine.kept = {known.address.host for known in cache.status.nodes.values() if known.host == left}
    assert home.machine.kept
    home.machine.power(left, Power(way))
    home.settle()
    after = group(home)
    assert left not in {known.host for known in after.status.nodes.values()}
    assert not home.machine.refused


def test_a_node_whose_address_a_swarm_keeps_gets_another_one(home: House) -> None:
    """After an attachment that failed while the Swarm had no leader, on a host that answers."""
    home.group()
    write(home, "key")
    before = node(home, REPLICA)
    home.machine.kept = {before.address.host}
    (container,) = [one for one in home.containers() if one.labels["cachewright.node"] == REPLICA]
    home.machine.kill(container.name)
    home.settle()
    after = node(home, REPLICA)
    assert home.machine.refused == home.machine.kept
    assert (after.host, after.address.host != before.address.host) == (before.host, True)
    assert read(home, REPLICA) == {"key": "value"}


@pytest.mark.parametrize("primary", ["0001-001", "0001-002"])
def test_a_node_of_a_cluster_whose_address_a_swarm_keeps_gets_another_one(home: House, primary: str) -> None:
    before = sharded(home, shards=2)
    name = f"rg-{primary}.0001"
    home.machine.kept = {before.status.nodes[name].address.host}
    (container,) = [one for one in home.containers() if one.labels["cachewright.node"] == name]
    home.machine.kill(container.name)
    home.settle()
    after = group(home).status.nodes[name]
    assert home.machine.refused == home.machine.kept
    assert after.address != before.status.nodes[name].address


@pytest.mark.parametrize("way", ["off", "cut", "drain"])
def test_logs_of_nodes_stay_behind_and_what_they_held_does_not(way: str, tmp_path: Path) -> None:
    home = house(tmp_path, keep_data=True)
    home.tell_hosts(*HOSTS)
    home.group()
    write(home, "before")
    left = places(home)[PRIMARY]
    leave_and_return(home, left, way)
    assert all(read(home, name) == {"before": "value"} for name in places(home))
    volumes = {known.volume for known in group(home).status.nodes.values()}
    assert {volume.name for volume in home.backend.runtime.volumes()} == volumes


def test_every_cache_of_a_host_that_dies_serves_elsewhere(home: House) -> None:
    for number in range(4):
        home.group(f"rg{number}", nodes=2)
    home.machine.power("h1", Power.OFF)
    home.settle()
    for number in range(4):
        status = home.cache(Kind.REPLICATION_GROUP, f"rg{number}").status
        assert status.phase == "available"
        assert {known.host for known in status.nodes.values()} == {"h2", "h3"}


def test_a_host_that_dies_on_the_way_of_a_drain_is_left_all_the_same(home: House) -> None:
    home.group()
    write(home, "before")
    left = places(home)[PRIMARY]
    drain(home, left)
    home.machine.power(places(home)[REPLICA], Power.OFF)
    home.settle()
    assert set(places(home).values()) == {"h3"}
    assert all(read(home, name) == {"before": "value"} for name in places(home))
    home.machine.power("h2", Power.ON)
    home.settle()
    assert sorted(one.labels["cachewright.node"] for one in home.containers()) == sorted(places(home))


def test_hosts_that_come_and_go_at_random_leave_one_container_for_each_node(home: House) -> None:
    chance = Random(17)
    home.group()
    write(home, "before")
    for _ in range(12):
        away = chance.choice(HOSTS).name
        home.machine.power(away, chance.choice([Power.OFF, Power.CUT]))
        if chance.random() < 0.3:
            home.restart()
        home.settle()
        home.machine.power(away, Power.ON)
        if chance.random() < 0.5:
            home.settle()
    home.settle()
    assert group(home).phase == "available"
    assert all(read(home, name) == {"before": "value"} for name in places(home))
    assert sorted(one.labels["cachewright.node"] for one in home.containers()) == sorted(places(home))
    assert {one.labels["cachewright.node"]: one.host for one in home.containers()} == places(home)


def test_a_failover_that_was_asked_for_waits_until_the_old_primary_is_fenced(home: House) -> None:
    """Its host is cut off between the decision and the deed."""
    home.group()
    known = node(home, PRIMARY)
    clock = Beside(home.clock.moment, home.clock.read, home.clock.passed)
    home.clock = clock
    home.restart()
    clock.home, clock.host, clock.address = home, known.host, known.address.host
    home.call("TestFailover", ReplicationGroupId="rg", NodeGroupId="0001")
    home.restart(fused(home.backend, Fuse(1, before=True)))
    with pytest.raises(Crash):
        home.reconcile(group(home).key)
    assert group(home).status.shards["0001"].old_primary == PRIMARY
    home.machine.power(known.host, Power.CUT)
    home.restart()
    home.settle()
    assert group(home).status.shards["0001"].primary != PRIMARY
    assert clock.led
    assert clock.acknowledged
    assert max(clock.acknowledged) < min(clock.led)


def test_a_cache_waits_with_its_end_for_a_host_that_may_come_back(home: House) -> None:
    home.group(nodes=1)
    home.machine.power("h1", Power.OFF)
    home.call("DeleteReplicationGroup", ReplicationGroupId="rg")
    for _ in range(3):
        home.reconcile(group(home).key)
    assert "host h1 does not answer" in group(home).status.reason
    with home.store.write() as transaction:
        transaction.hosts.remove("h1")  # it never comes back
    home.settle()
    with home.store.read() as transaction:
        assert transaction.caches.keys() == []
        assert transaction.hosts.taken() == {}


def test_a_life_on_another_host_has_another_address(home: House) -> None:
    home.group()
    before = node(home, REPLICA)
    drain(home, before.host)
    home.settle()
    after = node(home, REPLICA)
    assert after.host != before.host
    assert after.address.host != before.address.host
    assert after.other_address == before.address.host  # as long as somebody may go back


def test_a_node_that_cannot_be_asked_is_asked_beside_the_others(tmp_path: Path) -> None:
    """Its host's gateway serves nobody: the look does not last as long as it is asked."""
    home = house(tmp_path, MODES["published"])
    home.tell_hosts(*HOSTS)
    cache = home.group()
    serving = frozenset(host.name for host in HOSTS) - {places(home)[REPLICA]}
    home.reconciler = replace(home.reconciler, outages=lambda: Outages(serving=serving))
    turn = Turn(cache.key, None, woken=True, priority=Priority.ROUTINE)
    while not isinstance(under_way := getattr(turn.memory, "under_way", None), Look):
        outcome = home.reconciler.reconcile(turn)
        assert isinstance(outcome, Until)
        wait(outcome.work)
        turn, within = replace(turn, memory=outcome.memory, woken=False), outcome.within
    assert within == SHORTEST
    assert [name for told in under_way.late for name, _ in told.result()] == [REPLICA]
    assert sorted(name for told in under_way.answers for name, _ in told.result()) == [PRIMARY, "rg-003.0001"]
