"""Groups in cluster mode, on the pretend machine: shards that come, go, fail and change, and slots that move."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cachewright.agents.memory.cluster import Member
from cachewright.agents.planning.actions import ClusterMeet
from cachewright.agents.planning.cluster.cluster import Cluster
from cachewright.agents.planning.cluster.nodes import id_of
from cachewright.agents.planning.containers import Container, State
from cachewright.agents.planning.labels import LIFE
from cachewright.agents.planning.links import reach
from cachewright.agents.planning.world import Answer, Membership, Sight, World
from cachewright.controlplane.model.cache import Cache, Kind
from cachewright.controlplane.model.lifecycle import NodePhase, Phase
from cachewright.controlplane.model.slots import EVERY, complete, parsed
from tests.agents.test_crashes import Crash, Fuse, fused, moments
from tests.house import MODES, House, house


@pytest.fixture(params=MODES)
def home(tmp_path: Path, request: pytest.FixtureRequest) -> House:
    """A new house, whose endpoints are reached either way."""
    return house(tmp_path, MODES[request.param])


def sharded(home: House, shards: int = 3, replicas: int = 1) -> Cache:
    """A group in cluster mode, available."""
    ask_for_shards(home, shards, replicas)
    return settled(home)


def ask_for_shards(home: House, shards: int, replicas: int) -> None:
    home.call(
        "CreateReplicationGroup", ReplicationGroupId="rg", ReplicationGroupDescription="d", Engine="redis",
        CacheNodeType="cache.t3.micro", NumNodeGroups=shards, ReplicasPerNodeGroup=replicas,
        CacheParameterGroupName="default.redis7.cluster.on", AutomaticFailoverEnabled=True,
    )  # fmt: skip


def settled(home: House) -> Cache:
    """The group, once it has come to rest."""
    home.settle()
    return home.cache(Kind.REPLICATION_GROUP, "rg")


def reshard(home: House, shards: int, *going: str) -> None:
    """Ask for another number of shards."""
    removal = {"NodeGroupsToRemove": list(going)} if going else {}
    home.call(
        "ModifyReplicationGroupShardConfiguration", ReplicationGroupId="rg", NodeGroupCount=shards,
        ApplyImmediately=True, **removal,
    )  # fmt: skip


def membership(home: House, cache: Cache, name: str) -> Membership:
    """A node's own view of its cluster."""
    driver = home.backend.drivers[cache.spec.engine]
    answer = driver.look(reach(cache.status, name))
    assert answer
    assert answer.membership
    return answer.membership


def assert_whole(home: House, cache: Cache) -> None:
    """One container for each node in its right life; every node knows everybody, and where the slots shall be."""
    assert cache.phase is Phase.AVAILABLE, cache.status
    assert sorted(c.labels["cachewright.node"] for c in home.containers()) == sorted(n.name for n in cache.spec.nodes)
    assert all(c.state is State.RUNNING for c in home.containers())
    assert set(cache.status.nodes) == {node.name for node in cache.spec.nodes}
    assert list(cache.status.shards) == [shard.id for shard in cache.spec.shards]
    assert complete(parsed(shard.slots) for shard in cache.spec.shards)
    ids = {id_of(cache, cache.status, node.name) for node in cache.spec.nodes}
    for node in cache.spec.nodes:
        view = membership(home, cache, node.name)
        assert set(view.peers) == ids
        for shard in cache.spec.shards:
            leader = view.peers[id_of(cache, cache.status, cache.status.shards[shard.id].primary)]
            assert leader.leads
            assert leader.slots == parsed(shard.slots)
    for shard in cache.spec.shards:
        known = cache.status.shards[shard.id]
        assert known.slots == shard.slots
        assert known.primary in {node.name for node in shard.nodes}
        hosts = {cache.status.nodes[node.name].address.host for node in shard.nodes if node.name != known.primary}
        assert home.machine.processes.heard(cache.status.nodes[known.primary].address.host) == hosts
    endpoint = cache.status.endpoints["configuration"]
    assert set(home.routes()[endpoint]) == {node.address for node in cache.status.nodes.values()}
    assert moving(cache) == {"configuration"}


def moving(cache: Cache) -> set[str]:
    """The endpoints that are no node's."""
    return set(cache.status.endpoints) - set(cache.status.nodes)


def leader(cache: Cache, shard: str = "0001") -> str:
    """The node that leads a shard."""
    return cache.status.shards[shard].primary


def test_every_shard_serves_its_slots(home: House) -> None:
    cache = sharded(home)
    assert_whole(home, cache)
    assert [shard.slots for shard in cache.spec.shards] == ["0-5461", "5462-10922", "10923-16383"]


@pytest.mark.parametrize("replicas", [0, 1])
def test_the_primary_of_an_only_shard_takes_over_from_nobody_who_is_forgotten(home: House, replicas: int) -> None:
    cache = sharded(home, 1, replicas)
    assert_whole(home, cache)
    view = membership(home, cache, leader(cache))
    assert view.peers[view.id].slots == EVERY
    assert not [message for message in home.messages() if message.partition(": ")[2].startswith("Failover")]
    reshard(home, 2)
    assert_whole(home, settled(home))


def test_a_primary_that_has_not_heard_who_follows_it_by_now_is_met_beside_all_else(home: House) -> None:
    """Both were replicas of nobody. Gossip would take up to a second."""
    cache = sharded(home, 1, 1)
    primary = leader(cache)
    (replica,) = cache.status.nodes.keys() - {primary}
    views = {name: membership(home, cache, name) for name in (primary, replica)}
    assert not cluster(cache, views).meet_and_forget()
    own = views[replica].id
    unheard = {**views[primary].peers, own: replace(views[primary].peers[own], follows="d" * 40)}
    views[primary] = replace(views[primary], peers=unheard)
    assert cluster(cache, views).meet_and_forget() == [ClusterMeet(replica, (cache.status.nodes[primary].address,))]
    views[replica] = replace(views[replica], meeting=frozenset({cache.status.nodes[primary].address}))
    assert not cluster(cache, views).meet_and_forget()


def cluster(cache: Cache, views: Mapping[str, Membership]) -> Cluster:
    """As it is when nodes see it so."""
    labels = {name: {LIFE: str(cache.status.nodes[name].life)} for name in views}
    sights = {
        name: Sight(Container(name, State.RUNNING, labels[name]), Answer("", membership=view))
        for name, view in views.items()
    }
    return Cluster(cache, cache, cache.status, World(sights))


def test_every_prefix_of_the_founding_of_an_only_shard_comes_to_rest(tmp_path: Path) -> None:
    home = house(tmp_path)
    ask_for_shards(home, 1, 1)
    for _ in moments(home, lambda: home.reconcile(home.cache(Kind.REPLICATION_GROUP, "rg").key), fewest=4):
        assert_whole(home, settled(home))


@pytest.mark.parametrize("replicas", [0, 1])
def test_shards_are_added(home: House, replicas: int) -> None:
    sharded(home, 2, replicas)
    reshard(home, 4)
    cache = settled(home)
    assert_whole(home, cache)
    assert [len(shard.nodes) for shard in cache.spec.shards] == [1 + replicas] * 4


@pytest.mark.parametrize("replicas", [0, 1])
def test_shards_are_removed(home: House, replicas: int) -> None:
    cache = sharded(home, 3, replicas)
    going = [node.name for node in cache.spec.shards[1].nodes]
    reshard(home, 2, "0002")
    cache = settled(home)
    assert_whole(home, cache)
    assert [shard.id for shard in cache.spec.shards] == ["0001", "0003"]
    assert not set(going) & set(cache.status.nodes)


def test_a_dead_primary_is_followed_by_its_replica_only(home: House) -> None:
    before = sharded(home)
    home.machine.kill(home.container(leader(before, "0002")))
    after = settled(home)
    assert_whole(home, after)
    assert leader(after, "0002") != leader(before, "0002")
    assert [leader(after, shard) for shard in ("0001", "0003")] == [leader(before, shard) for shard in ("0001", "0003")]


def test_a_shard_without_replicas_comes_back_empty_with_its_slots(home: House) -> None:
    cache = sharded(home, 2, 0)
    home.machine.kill(home.container(leader(cache)))
    assert_whole(home, settled(home))


def test_everything_may_die_at_once(home: House) -> None:
    sharded(home)
    for container in home.containers():
        home.machine.kill(container.name)
    assert_whole(home, settled(home))


def test_a_failover_is_one_shards_own(home: House) -> None:
    before = sharded(home)
    home.call("TestFailover", ReplicationGroupId="rg", NodeGroupId="0003")
    after = settled(home)
    assert_whole(home, after)
    assert leader(after, "0003") != leader(before, "0003")
    assert leader(after, "0001") == leader(before, "0001")


def test_replicas_come_and_go_in_every_shard(home: House) -> None:
    sharded(home, 2, 1)
    home.call("IncreaseReplicaCount", ReplicationGroupId="rg", NewReplicaCount=2, ApplyImmediately=True)
    assert_whole(home, settled(home))
    home.call("DecreaseReplicaCount", ReplicationGroupId="rg", NewReplicaCount=0, ApplyImmediately=True)
    cache = settled(home)
    assert_whole(home, cache)
    assert [len(shard.nodes) for shard in cache.spec.shards] == [1, 1]


@pytest.mark.parametrize("replicas", [0, 2])
def test_the_node_type_changes_shard_by_shard(home: House, replicas: int) -> None:
    sharded(home, 2, replicas)
    home.call(
        "ModifyReplicationGroup", ReplicationGroupId="rg", CacheNodeType="cache.t3.small", ApplyImmediately=True
    )  # fmt: skip
    cache = settled(home)
    assert_whole(home, cache)
    assert cache.status.node_type == "cache.t3.small"


def test_the_way_to_encryption_and_back(home: House) -> None:
    sharded(home, 2, 1)
    way: list[tuple[dict[str, Any], bool]] = [
        ({"TransitEncryptionEnabled": True, "TransitEncryptionMode": "preferred"}, False),
        ({"TransitEncryptionEnabled": True, "TransitEncryptionMode": "required"}, True),
        ({"TransitEncryptionEnabled": True, "TransitEncryptionMode": "preferred"}, False),
        ({"TransitEncryptionEnabled": False}, False),
    ]
    for asked, encrypted in way:
        home.call("ModifyReplicationGroup", ReplicationGroupId="rg", ApplyImmediately=True, **asked)
        cache = settled(home)
        assert cache.phase is Phase.AVAILABLE
        views = [membership(home, cache, node.name) for node in cache.spec.nodes]
        assert {view.encrypted for view in views} == {encrypted}
        assert all(view.serves for view in views)


def test_from_disabled_to_compatible_to_enabled(home: House) -> None:
    home.group("rg", nodes=3)
    home.call("ModifyReplicationGroup", ReplicationGroupId="rg", ClusterMode="compatible", ApplyImmediately=True)
    cache = settled(home)
    assert moving(cache) == {"primary", "reader", "configuration"}
    assert membership(home, cache, leader(cache)).serves
    home.call("ModifyReplicationGroup", ReplicationGroupId="rg", ClusterMode="enabled", ApplyImmediately=True)
    cache = settled(home)
    assert cache.phase is Phase.AVAILABLE
    assert parsed(cache.status.shards["0001"].slots) == ((0, 16383),)


def test_slots_that_stayed_open_are_closed(home: House) -> None:
    cache = sharded(home, 2, 1)
    host = cache.status.nodes[leader(cache)].address.host

    def half_told(member: Member) -> None:
        member.opened = ((7, 9),)

    home.machine.processes.tell(host, half_told)
    assert membership(home, cache, leader(cache)).opened == ((7, 9),)
    cache = settled(home)
    assert membership(home, cache, leader(cache)).opened == ()
    assert_whole(home, cache)


def test_what_was_made_ready_for_slots_to_move_is_taken_back(home: House) -> None:
    """The agent dies in the middle of a move, and when the next one comes nothing is to be moved any more."""
    before = sharded(home, 2, 1)
    reshard(home, 3)
    prepared: list[str] = []

    def crash(address: str) -> None:
        prepared.append(address)
        raise Crash

    home.machine.moving = crash
    with pytest.raises(Crash):
        home.settle()
    assert home.machine.processes.at(prepared[0]).prepared
    home.machine.moving = lambda _: None
    with home.store.write() as transaction:
        cache = home.cache(Kind.REPLICATION_GROUP, "rg")
        transaction.caches.write_spec(cache, before.spec)
    home.restart()
    cache = settled(home)
    assert not home.machine.processes.at(prepared[0]).prepared
    assert_whole(home, cache)


def test_a_primary_that_dies_while_slots_move(home: House) -> None:
    sharded(home, 2, 1)
    reshard(home, 3)
    for turn in range(6):
        home.reconcile(home.cache(Kind.REPLICATION_GROUP, "rg").key)
        cache = home.cache(Kind.REPLICATION_GROUP, "rg")
        known = cache.status.shards.get(f"000{turn % 3 + 1}")
        if known and any(c.labels["cachewright.node"] == known.primary for c in home.containers()):
            home.machine.kill(home.container(known.primary))
    assert_whole(home, settled(home))


def test_what_is_told_of_a_new_primary_that_dies_before_it_has_its_slots(tmp_path: Path) -> None:
    home = half_way(tmp_path, lambda cache: "0003" in cache.status.shards and is_there(cache, leader(cache, "0003")))
    lost = leader(home.cache(Kind.REPLICATION_GROUP, "rg"), "0003")
    home.machine.kill(home.container(lost))
    assert_whole(home, settled(home))
    cluster = lost.rpartition(".")[0]
    told = [text.removeprefix(f"{cluster}: ") for text in home.messages() if text.startswith(f"{cluster}: ")]
    assert told.index("Cache cluster created") < told.index("Recovering cache nodes 0001")
    assert told[-1] == "Finished recovery for cache nodes 0001"


def is_there(cache: Cache, node: str) -> bool:
    """Whether a node has arrived."""
    return cache.status.nodes[node].phase is NodePhase.AVAILABLE


def half_way(tmp_path: Path, there: Callable[[Cache], bool]) -> House:
    """A house whose group grows from two shards to three, and has come so far when everything stopped."""
    for number in range(1, 100):
        directory = tmp_path / str(number)
        directory.mkdir()
        home = house(directory)
        key = sharded(home, 2, 1).key
        reshard(home, 3)
        home.restart(fused(home.backend, Fuse(number, before=False)))
        with pytest.raises(Crash):
            home.reconcile(key)
        home.restart()
        if there(home.cache(Kind.REPLICATION_GROUP, "rg")):
            return home
    raise AssertionError("it never comes so far")


CHANGES: dict[str, Callable[[House], object]] = {
    "more shards": lambda home: reshard(home, 3),
    "fewer shards": lambda home: reshard(home, 1, "0002"),
    "failover": lambda home: home.call("TestFailover", ReplicationGroupId="rg", NodeGroupId="0002"),
    "lost primary": lambda home: home.machine.kill(home.container(leader(home.cache(Kind.REPLICATION_GROUP, "rg")))),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_prefix_of_every_change_comes_to_rest(change: str, tmp_path: Path) -> None:
    home = house(tmp_path)
    key = sharded(home, 2, 1).key
    CHANGES[change](home)
    for _ in moments(home, lambda: home.reconcile(key)):
        assert_whole(home, settled(home))
