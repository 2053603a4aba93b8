"""Global datastores in cluster mode on a pretend machine: each region is a cluster of its own, shard by shard."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from cachewright.agents.memory.processes import Process
from cachewright.agents.planning.cluster.nodes import id_of
from cachewright.agents.planning.containers import State
from cachewright.agents.planning.endpoints.routes import CONFIGURATION
from cachewright.agents.planning.labels import LIFE, NODE
from cachewright.agents.planning.links import reach
from cachewright.agents.planning.world import Membership
from cachewright.controlplane.model.cache import Cache, Kind
from cachewright.controlplane.model.hosts import Host
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.slots import parsed, slot_of
from tests.agents.test_crashes import moments
from tests.agents.test_global_datastores import give_way_in_vain, goes_on
from tests.house import MODES, REGION, House, house

AWAY, THIRD = "eu-west-1", "ap-south-1"
ID = "ldgnf-world"
PLACES = {"home": REGION, "away": AWAY, "third": THIRD}
KEYS = {f"k{number}": str(number) for number in range(8)}
VALKEY, REDIS_6 = {"Engine": "valkey"}, {"Engine": "redis", "EngineVersion": "6.0"}
ENGINES = {"valkey": VALKEY, "redis6": REDIS_6}  # the latter does not tell clients of replicas that serve slots
HOUSES: dict[str, dict[str, Any]] = {  # before Redis 7.0 there is no cluster mode with published endpoints
    **{name: {"mode": mode} for name, mode in MODES.items()},
    "redis6": {"engine": REDIS_6},
}
of_any_engine = pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)


@pytest.fixture(params=HOUSES)
def home(tmp_path: Path, request: pytest.FixtureRequest) -> House:
    """A house with a datastore of two members, `home` and `away`."""
    return pair(tmp_path, **HOUSES[request.param])


def pair(
    directory: Path,
    replicas: int = 1,
    *,
    mode: tuple[int, int] | None = None,
    shards: int = 2,
    slots: Sequence[str] = (),
    hosts: Sequence[Host] = (),
    engine: Mapping[str, str] = VALKEY,
) -> House:
    """A house with a datastore of two members of some shards, of which the primary holds some keys."""
    home = house(directory, mode)
    home.tell_hosts(*hosts)
    groups = {"NodeGroupConfiguration": [{"Slots": one} for one in slots]} if slots else {"NumNodeGroups": shards}
    home.call(
        "CreateReplicationGroup", ReplicationGroupId="home", ReplicationGroupDescription="d", **engine,
        CacheNodeType="cache.r6g.large", ReplicasPerNodeGroup=replicas, AutomaticFailoverEnabled=True,
        ClusterMode="enabled", **groups,
    )  # fmt: skip
    home.settle()
    home.call("CreateGlobalReplicationGroup", GlobalReplicationGroupIdSuffix="world", PrimaryReplicationGroupId="home")
    add(home, "away", replicas)
    home.settle()
    for key, value in KEYS.items():
        write(home, "home", key, value)
    return home


def add(home: House, name: str, replicas: int = 1) -> None:
    """A secondary, not settled."""
    asked = {"ReplicationGroupId": name, "ReplicationGroupDescription": "d", "GlobalReplicationGroupId": ID}
    home.call_in(PLACES[name], "CreateReplicationGroup", **asked, ReplicasPerNodeGroup=replicas)


def member(home: House, name: str) -> Cache:
    return home.cache(Kind.REPLICATION_GROUP, name, PLACES[name])


def processes(home: House, name: str) -> dict[str, Process]:
    """What runs, by node."""
    nodes = member(home, name).status.nodes
    return {node: home.machine.processes.at(known.address.host) for node, known in nodes.items()}


def leaders(home: House, name: str) -> list[str]:
    """The nodes that lead the shards of a member."""
    return [known.primary for known in member(home, name).status.shards.values()]


def write(home: House, name: str, key: str, value: str) -> None:
    """To whichever shard has the key."""
    cache = member(home, name)
    for known in cache.status.shards.values():
        if any(first <= slot_of(key) <= last for first, last in parsed(known.slots)):
            home.machine.processes.write(cache.status.nodes[known.primary].address.host, key, value)


def view(home: House, cache: Cache, name: str) -> Membership:
    """A node's own view of its cluster."""
    answer = home.backend.drivers[cache.spec.engine].look(reach(cache.status, name))
    assert answer
    assert answer.membership
    return answer.membership


def fail_over(home: House, name: str = "away") -> None:
    place = {"PrimaryRegion": PLACES[name], "PrimaryReplicationGroupId": name}
    home.call("FailoverGlobalReplicationGroup", GlobalReplicationGroupId=ID, **place)


def disassociate(home: House) -> None:
    asked = {"ReplicationGroupId": "away", "ReplicationGroupRegion": AWAY}
    home.call("DisassociateGlobalReplicationGroup", GlobalReplicationGroupId=ID, **asked)


def assert_cluster(home: House, name: str, **more: str) -> None:
    """An ordinary cluster, which takes writes: every node knows everybody, and nobody else, and where all slots are."""
    cache = member(home, name)
    assert cache.phase is Phase.AVAILABLE, cache.status
    ids = frozenset(id_of(cache, cache.status, node) for node in cache.status.nodes)
    for node in cache.status.nodes:
        seen = view(home, cache, node)
        assert (frozenset(seen.peers), seen.listed, seen.apart) == (ids, ids, False)
        assert not any(peer.apart for peer in seen.peers.values())
    assert_held(home, name, **more)


def assert_copies(home: House, name: str, other: str, **more: str) -> None:
    """A secondary: each primary follows that of its shard in the other region, and has the slots itself."""
    cache, above = member(home, name), member(home, other)
    assert cache.phase is Phase.AVAILABLE, cache.status
    primaries = {id_of(cache, cache.status, node) for node in leaders(home, name)}
    for node in cache.status.nodes:
        seen, shard = view(home, cache, node), cache.shard_of(node).id
        assert seen.apart
        assert seen.serves or seen.alone
        itself = {seen.id} if cache.spec.version.startswith("6.0") else set()  # which is not told before Redis 6.2
        assert seen.listed >= primaries - itself, "clients are sent to nodes of their region"
        assert {seen.peers[peer].address for peer in primaries} == {
            cache.status.nodes[leader].address for leader in leaders(home, name)
        }
        assert {peer: seen.peers[peer].slots for peer in primaries} == {
            id_of(cache, cache.status, known.primary): parsed(above.status.shards[number].slots)
            for number, known in cache.status.shards.items()
        }
        leads = node == cache.status.shards[shard].primary
        (group, followed) = (above, above.status.shards[shard].primary) if leads else (
            cache, cache.status.shards[shard].primary)  # fmt: skip
        assert processes(home, name)[node].leader == group.status.nodes[followed].address.host
    assert_held(home, name, **more)


def assert_held(home: House, name: str, **more: str) -> None:
    """All shards together hold the keys, and every replica those of its primary."""
    cache, every = member(home, name), processes(home, name)
    found: dict[str, str] = {}
    for shard in cache.spec.shards:
        first, *others = [every[node.name].data for node in shard.nodes]
        assert all(data == first for data in others)
        found |= first
    assert found == KEYS | more


def lives(home: House, name: str) -> list[int]:
    return [known.life for known in member(home, name).status.nodes.values()]


def test_a_secondary_copies_shard_by_shard_and_takes_no_writes(home: House) -> None:
    assert_cluster(home, "home")
    assert_copies(home, "away", "home")
    assert set(lives(home, "home") + lives(home, "away")) == {1}, "nobody is rebuilt"
    with pytest.raises(ConnectionError, match="it takes no writes"):
        write(home, "away", "k0", "x")
    shown = home.call("DescribeGlobalReplicationGroups")["GlobalReplicationGroups"][0]
    assert shown["ClusterEnabled"]
    assert shown["GlobalNodeGroups"] == [
        {"GlobalNodeGroupId": f"{ID}-0001", "Slots": "0-8191"},
        {"GlobalNodeGroupId": f"{ID}-0002", "Slots": "8192-16383"},
    ]


def entrances(home: House, name: str) -> set[str]:
    """The nodes that the configuration endpoint of a member leads to."""
    told = member(home, name).status
    known = {node.address: name for name, node in told.nodes.items()}
    return {known[target] for target in home.gateway.routes()[told.endpoints[CONFIGURATION]]}


@pytest.mark.parametrize("shards", [1, 2])
@pytest.mark.parametrize(
    ("engine", "replicas", "replicas_only"), [(VALKEY, 1, False), (REDIS_6, 1, True), (REDIS_6, 0, False)]
)
def test_clients_begin_at_nodes_that_tell_of_all_slots_if_there_are_any(
    engine: Mapping[str, str], replicas: int, replicas_only: bool, shards: int, tmp_path: Path
) -> None:
    home = pair(tmp_path, replicas, shards=shards, engine=engine)
    assert_copies(home, "away", "home")
    everybody = set(member(home, "away").status.nodes)
    assert entrances(home, "away") == everybody.difference(leaders(home, "away") if replicas_only else ())
    assert entrances(home, "home") == set(member(home, "home").status.nodes)
    fail_over(home)
    home.settle()
    home.settle()
    assert entrances(home, "away") == everybody


def test_another_primary_in_the_primary_region_is_followed_without_a_new_life(home: House) -> None:
    before = leaders(home, "home")
    home.machine.kill(home.container(before[0]))
    home.settle()
    home.settle()
    assert leaders(home, "home") != before
    assert_copies(home, "away", "home")
    assert set(lives(home, "away")) == {1}
    assert not [message for message in home.messages(AWAY) if "Somebody else" in message]


def test_a_primary_that_came_later_is_known_by_a_new_file(home: House) -> None:
    home.call("IncreaseReplicaCount", ReplicationGroupId="home", NewReplicaCount=2, ApplyImmediately=True)
    home.settle()
    home.settle()
    assert set(lives(home, "away")) == {1}
    assert_copies(home, "away", "home")
    cache = member(home, "home")
    others = [node.name for node in cache.spec.shards[0].nodes[:2]]
    zones = frozenset(node.zone for node in cache.spec.shards[0].nodes[:2])
    home.restart(zones_down=zones)
    for name in others:
        home.machine.kill(home.container(name))
    for _ in range(8):
        home.reconcile(cache.key)
        home.reconcile(member(home, "away").key)
    assert leaders(home, "home")[0] not in others
    home.restart()
    home.settle()
    home.settle()
    assert_copies(home, "away", "home")


@of_any_engine
@pytest.mark.parametrize("fault", ["kill", "pause", "remove"])
@pytest.mark.parametrize("replicas", [0, 1])
def test_a_secondary_that_loses_a_node_mends_itself(
    fault: str, replicas: int, engine: Mapping[str, str], tmp_path: Path
) -> None:
    home = pair(tmp_path, replicas, engine=engine)
    for node in tuple(member(home, "away").status.nodes):
        before = leaders(home, "away")
        getattr(home.machine, fault)(home.container(node))
        home.settle()
        home.settle()
        assert leaders(home, "away") == before, "nobody else's file would say so"
        assert_copies(home, "away", "home")


def test_replicas_come_and_go_in_a_secondary_without_new_lives(home: House) -> None:
    for operation, count in (("IncreaseReplicaCount", 2), ("DecreaseReplicaCount", 1)):
        home.call_in(AWAY, operation, ReplicationGroupId="away", NewReplicaCount=count, ApplyImmediately=True)
        home.settle()
        assert set(lives(home, "away")) == {1}
        assert len(lives(home, "away")) == 2 * (1 + count)
        assert_copies(home, "away", "home")


def test_a_failover_inside_a_secondary_has_the_primary_begin_anew(home: House) -> None:
    before = leaders(home, "away")
    home.call_in(AWAY, "TestFailover", ReplicationGroupId="away", NodeGroupId="0001")
    home.settle()
    assert leaders(home, "away") == before
    assert lives(home, "away") == [2, 1, 1, 1]
    assert_copies(home, "away", "home")


def test_a_change_rolls_through_all_members(home: House) -> None:
    asked = {"CacheNodeType": "cache.r6g.xlarge", "ApplyImmediately": True}
    home.call("ModifyGlobalReplicationGroup", GlobalReplicationGroupId=ID, **asked)
    home.settle()
    home.settle()
    assert_cluster(home, "home")
    assert_copies(home, "away", "home")


@of_any_engine
@pytest.mark.parametrize("replicas", [0, 1])
def test_a_secondary_becomes_a_cluster_of_its_own(replicas: int, engine: Mapping[str, str], tmp_path: Path) -> None:
    home = pair(tmp_path, replicas, engine=engine)
    disassociate(home)
    home.settle()
    assert_cluster(home, "away")
    assert set(lives(home, "away")) == {1}
    write(home, "away", "own", "x")
    write(home, "home", "more", "y")
    assert_cluster(home, "away", own="x")
    home.call("DeleteGlobalReplicationGroup", GlobalReplicationGroupId=ID, RetainPrimaryReplicationGroup=True)
    home.settle()
    assert_cluster(home, "home", more="y")


def nothing(_home: House) -> None:
    """All is well."""


def kill(name: str) -> Callable[[House], None]:
    """The primary of the first shard of a member dies."""

    def do(home: House) -> None:
        node = leaders(home, name)[0]
        for container in (c.name for c in home.containers() if c.labels[NODE] == node):
            home.machine.kill(container)

    do.__name__ = f"kill_{name}"
    return do


@of_any_engine
def test_every_prefix_of_a_disassociation_comes_to_rest(engine: Mapping[str, str], tmp_path: Path) -> None:
    home = pair(tmp_path, engine=engine)
    disassociate(home)
    for _ in moments(home, home.settle):
        home.settle()
        home.settle()
        assert_cluster(home, "away")


@of_any_engine
@pytest.mark.parametrize("replicas", [0, 1])
def test_a_secondary_takes_over_and_gives_it_back(replicas: int, engine: Mapping[str, str], tmp_path: Path) -> None:
    home = pair(tmp_path, replicas, engine=engine)
    fail_over(home)
    home.settle()
    home.settle()
    assert_cluster(home, "away")
    assert_copies(home, "home", "away")
    assert set(lives(home, "away")) == {1}
    assert set(lives(home, "home")) == {2}, "who follows from now on needs another file"
    write(home, "away", "more", "x")
    fail_over(home, "home")
    home.settle()
    home.settle()
    assert_cluster(home, "home", more="x")
    assert_copies(home, "away", "home", more="x")


@pytest.mark.parametrize("replicas", [0, 1])
def test_a_region_that_is_down_is_not_waited_for(replicas: int, tmp_path: Path) -> None:
    home = pair(tmp_path, replicas)
    home.restart(zones_down=frozenset(f"{REGION}{letter}" for letter in "abc"))
    for node in tuple(member(home, "home").status.nodes):
        home.machine.kill(home.container(node))
    for _ in range(4):
        home.reconcile(member(home, "home").key)
    assert member(home, "home").phase is Phase.MODIFYING
    fail_over(home)
    for _ in range(6):
        home.reconcile(member(home, "home").key)
        home.reconcile(member(home, "away").key)
    write(home, "away", "more", "x")
    home.restart()
    home.settle()
    home.settle()
    assert_cluster(home, "away", more="x")
    assert_copies(home, "home", "away", more="x")


@of_any_engine
@pytest.mark.parametrize("turns", [("away",), ("home", "away")], ids=len)
@pytest.mark.parametrize("fault", [nothing, kill("home"), kill("away")], ids=lambda fault: fault.__name__)
def test_every_prefix_of_a_failover_comes_to_rest_with_one_primary_of_each_shard(
    fault: Callable[[House], None], turns: tuple[str, ...], engine: Mapping[str, str], tmp_path: Path
) -> None:
    home = pair(tmp_path, engine=engine)
    fail_over(home)
    for _ in moments(home, lambda: [home.reconcile(member(home, name).key) for name in turns * 2]):
        fault(home)
        home.settle()
        home.settle()
        assert_cluster(home, "away")
        assert_copies(home, "home", "away")


def may_write(home: House, node: str) -> bool:
    """Whether the first life of a node is in reach, whether it answers or not."""
    first = [c for c in home.containers() if c.labels[NODE] == node and c.labels[LIFE] == "1"]
    there = [c for c in first if c.connected and c.state in (State.RUNNING, State.PAUSED)]
    try:
        return bool(there) and not processes(home, "home")[node].held
    except ConnectionError:
        return True


@pytest.mark.parametrize("turns", [("home", "away"), ("away", "home")], ids=lambda turns: turns[0])
@pytest.mark.parametrize("fault", ["pause", "disconnect"])
def test_nobody_takes_over_while_a_primary_that_does_not_answer_may_take_writes(
    fault: str, turns: tuple[str, ...], home: House
) -> None:
    first = leaders(home, "home")[0]
    getattr(home.machine, fault)(home.container(first))
    fail_over(home)
    for name in turns * 3:
        home.reconcile(member(home, name).key)
        led = not processes(home, "away")[leaders(home, "away")[0]].leader
        assert not (led and may_write(home, first))
    home.settle()
    home.settle()
    assert_cluster(home, "away")
    assert_copies(home, "home", "away")


def test_whoever_gave_way_goes_on_when_it_is_asked_for_once_more(home: House) -> None:
    give_way_in_vain(home)
    goes_on(home)
    assert_cluster(home, "home")
    write(home, "home", "more", "x")
    assert_copies(home, "away", "home", more="x")
