"""Somebody else tells nodes who leads and who belongs to a cluster: what was decided is compared with what is."""

from collections.abc import Callable
from concurrent.futures import wait
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cachewright.agents.memory.cluster import Member
from cachewright.agents.memory.engines.nodes import SHUT_OUT
from cachewright.agents.memory.processes import Process
from cachewright.agents.planning.actions import OfReplication, ReplicateFrom
from cachewright.agents.planning.cluster.nodes import id_of
from cachewright.agents.planning.nodes.deviation import UNLINKED
from cachewright.agents.planning.nodes.lifecycle import UNTEACHABLE
from cachewright.agents.planning.plan import Circumstances, plan
from cachewright.agents.planning.world import Replication, World
from cachewright.agents.reconcile.observe import Asking, observe
from cachewright.agents.reconcile.turns import Priority, Rest, Turn, Until
from cachewright.controlplane.model.cache import Cache, Key, Kind
from cachewright.controlplane.model.lifecycle import Phase
from tests.agents.test_cluster_mode import assert_whole, leader, reshard, settled, sharded
from tests.agents.test_reconcile import assert_sound
from tests.house import PATIENCE, House, house


@pytest.fixture
def home(tmp_path: Path) -> House:
    """A new house."""
    return house(tmp_path)


def process(home: House, cache: Cache, node: str) -> Process:
    """What runs in a node."""
    return home.machine.processes.at(cache.status.nodes[node].address.host)


def follow(home: House, cache: Cache, node: str, primary: str = "") -> None:
    """REPLICAOF, by a client; nobody: NO ONE."""
    where = cache.status.nodes
    if primary:
        process(home, cache, node).settings["leader port"] = str(where[primary].address.port)
    host = where[primary].address.host if primary else ""
    home.machine.processes.follow(where[node].address.host, host)


def loses_its_link(home: House, cache: Cache, node: str) -> None:
    """It follows its primary, and cannot reach it."""
    replica = process(home, cache, node)
    replica.stalled, replica.linked = True, False


def reconcile_until(home: House, key: Key, so: Callable[[Cache], bool]) -> Cache:
    """Turn after turn until it is so."""
    memory: object = None
    for _ in range(100):
        outcome = home.reconciler.reconcile(Turn(key, memory, woken=memory is None, priority=Priority.ROUTINE))
        if so(cache := home.cache(key.kind, key.id)):
            return cache
        assert not isinstance(outcome, Rest)
        wait(outcome.work if isinstance(outcome, Until) else ())
        memory = outcome.memory
    raise AssertionError("it never is")


def replicas(cache: Cache) -> list[str]:
    """The nodes that do not lead their only shard."""
    return [name for name in cache.status.nodes if name != leader(cache)]


def new_messages(home: House, deed: Callable[[], object]) -> list[str]:
    """The events of a deed."""
    before = len(home.messages())
    deed()
    return home.messages()[before:]


@pytest.mark.parametrize("kind", [House.group, sharded], ids=["group", "sharded"])
def test_a_replica_that_cannot_reach_its_primary_is_rebuilt(home: House, kind: Callable[[House], Cache]) -> None:
    cache = kind(home)
    leaders = {shard.primary for shard in cache.status.shards.values()}
    lost = next(name for name in cache.status.nodes if name not in leaders)
    loses_its_link(home, cache, lost)
    since = home.clock.moment
    during = reconcile_until(home, cache.key, lambda seen: seen.phase is Phase.MODIFYING)
    address = during.status.nodes[lost].address
    assert all(address not in routes for name, routes in during.status.routes.items() if name == "reader")
    told = new_messages(home, home.settle)
    after = home.cache(cache.key.kind, cache.key.id)
    assert after.phase is Phase.AVAILABLE
    assert {name: known.life for name, known in after.status.nodes.items() if known.life > 1} == {lost: 2}
    assert any("Finished recovery for cache nodes" in message for message in told)
    assert home.clock.moment - since >= UNLINKED


def seen(home: House, cache: Cache) -> World:
    """What is seen of a cache now."""
    look = observe(home.tools(), cache, cache.status.gateway, Asking(home.pool, home.clock), lambda _: False)
    wait(look.under_way)
    return look.seen()


def replication_of(world: World, node: str) -> Replication:
    """A node's own view of its place."""
    answer = world.at(node).answer
    assert answer
    assert answer.replication
    return answer.replication


def with_replication(world: World, node: str, place: Replication) -> World:
    """The world in which a node says that of its place."""
    sight = world.at(node)
    assert sight.answer
    return replace(world, nodes={**world.nodes, node: replace(sight, answer=replace(sight.answer, replication=place))})


def idle(home: House, cache: Cache, node: str) -> World:
    """What is seen when that replica waits before it connects to its primary again."""
    world = seen(home, cache)
    return with_replication(world, node, replace(replication_of(world, node), linked=False, idle=True))


@pytest.mark.parametrize(("before", "hastened"), [(None, True), (0.5, True), (1.5, False), (20, False)])
def test_a_replica_is_told_to_connect_for_a_second_and_then_left_to_itself(
    home: House, before: float | None, hastened: bool
) -> None:
    cache = home.group()
    lost, now = replicas(cache)[0], home.clock()
    since = None if before is None else now - timedelta(seconds=before)
    nodes = {**cache.status.nodes, lost: replace(cache.status.nodes[lost], astray_since=since)}
    known = replace(cache, status=replace(cache.status, nodes=nodes))
    told = plan(known, idle(home, cache, lost), Circumstances(now, PATIENCE)).actions
    assert any(isinstance(action, ReplicateFrom) for action in told) is hastened


def test_a_replica_that_reaches_its_primary_again_stays(home: House) -> None:
    cache = home.group()
    lost, _ = replicas(cache)
    loses_its_link(home, cache, lost)
    reconcile_until(home, cache.key, lambda seen: seen.phase is Phase.MODIFYING)
    process(home, cache, lost).stalled = False
    home.settle()
    after = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert_sound(home, after)
    assert [known.life for known in after.status.nodes.values()] == [1, 1, 1]


def test_a_failover_of_a_client_stands_with_all_that_was_written_since(home: House) -> None:
    cache = home.group()
    old_primary, (candidate, _) = leader(cache), replicas(cache)
    follow(home, cache, candidate)
    follow(home, cache, old_primary, candidate)
    home.machine.processes.write(cache.status.nodes[candidate].address.host, "since", "then")
    told = new_messages(home, home.settle)
    after = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert_sound(home, after)
    assert leader(after) == candidate
    assert all(process(home, after, name).data == {"since": "then"} for name in after.status.nodes)
    assert {name: node.life for name, node in after.status.nodes.items()} == dict.fromkeys(cache.status.nodes, 1)
    message = f"Failover from primary node {old_primary[:-5]} to replica node {candidate[:-5]} completed"
    assert message in {one.partition(": ")[2] for one in told}


def test_a_failover_of_a_client_that_is_seen_half_way_stands(home: House) -> None:
    cache = home.group()
    old_primary, (candidate, _) = leader(cache), replicas(cache)
    follow(home, cache, old_primary, candidate)
    world = seen(home, cache)
    place = replication_of(world, old_primary)
    for half_way in (replace(place, failing_over=True), replace(place, linked=True)):
        found = plan(cache, with_replication(world, old_primary, half_way), Circumstances(home.clock(), PATIENCE))
        assert not [action for action in found.actions if isinstance(action, OfReplication)]
        assert not found.settled and not found.stuck  # it is looked at again at once
    follow(home, cache, candidate)
    home.settle()
    after = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert_sound(home, after)
    assert leader(after) == candidate


def test_a_primary_that_follows_its_replica_in_vain_leads_again(home: House) -> None:
    cache = home.group()
    follow(home, cache, leader(cache), replicas(cache)[0])
    home.settle()
    after = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert_sound(home, after)
    assert leader(after) == leader(cache)


def test_of_two_primaries_the_one_stays_to_which_the_endpoint_leads(home: House) -> None:
    cache = home.group()
    rebel = replicas(cache)[0]
    home.machine.processes.write(cache.status.nodes[leader(cache)].address.host, "told", "all")
    follow(home, cache, rebel)
    home.machine.processes.write(cache.status.nodes[rebel].address.host, "behind", "backs")
    told = new_messages(home, home.settle)
    after = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert_sound(home, after)
    assert leader(after) == leader(cache)
    assert process(home, after, rebel).data == {"told": "all"}
    assert after.status.nodes[rebel].life == 1
    cluster = rebel[:-5]
    assert told == [
        f"{cluster}: Recovering cache nodes 0001",
        f"{cluster}: Finished recovery for cache nodes 0001",
    ]


def test_a_node_that_cannot_be_told_is_rebuilt(home: House) -> None:
    cache = home.group()
    rebel = replicas(cache)[0]
    follow(home, cache, rebel)
    home.machine.unteachable.add(cache.status.nodes[rebel].address.host)
    with pytest.raises(AssertionError, match="never comes to rest"):
        home.settle()
    home.clock.moment += UNTEACHABLE
    home.settle()
    after = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert_sound(home, after)
    assert after.status.nodes[rebel].life == 2


def stranger(cache: Cache) -> Callable[[Member], None]:
    """CLUSTER RESET HARD, by a client: another id, and nobody that it knows."""

    def reset(member: Member) -> None:
        own = member.own
        member.id = "f" * 40
        member.known = {member.id: type(own)(own.address, epoch=0)}
        member.forgotten.update(id_of(cache, cache.status, name) for name in cache.status.nodes)

    return reset


@pytest.mark.parametrize("primary", [False, True], ids=["a replica", "a primary"])
def test_a_node_that_has_become_somebody_else_is_rebuilt(home: House, primary: bool) -> None:
    cache = sharded(home)
    lost = next(node.name for node in cache.spec.shards[0].nodes if (node.name == leader(cache, "0001")) is primary)
    where = process(home, cache, lost)
    assert where.member
    stranger(cache)(where.member)
    told = new_messages(home, home.settle)
    after = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert_whole(home, after)
    assert after.status.nodes[lost].life == 2
    assert id_of(after, after.status, lost) == id_of(cache, cache.status, lost)
    assert any("Recovering cache nodes 0001" in message for message in told)


def test_a_node_that_left_and_came_again_is_somebody_else(home: House) -> None:
    """Engines keep out for a minute whom they were told to forget."""
    cache = sharded(home, 2)
    reshard(home, 3)
    first = settled(home)
    reshard(home, 2, "0003")
    settled(home)
    reshard(home, 3)
    second = settled(home)
    assert_whole(home, second)
    came = [node.name for node in second.spec.shards[2].nodes]
    assert came == [node.name for node in first.spec.shards[2].nodes]
    for name in came:
        assert id_of(second, second.status, name) != id_of(first, first.status, name)
    for name in cache.status.nodes:
        assert id_of(second, second.status, name) == id_of(cache, cache.status, name)


def test_a_replica_that_is_not_shown_to_clients_is_met_again(home: House) -> None:
    """What the engines do: a replica is shown by those who have heard from it since it began to receive."""
    cache = sharded(home)
    known = {name: process(home, cache, name).member for name in cache.status.nodes}
    everybody = {id_of(cache, cache.status, name) for name in cache.status.nodes}
    primaries = {id_of(cache, cache.status, shard.primary) for shard in cache.status.shards.values()}
    for member in known.values():
        assert member
        member.unshown.update(everybody - primaries - {member.id})
    home.settle()
    assert all(member and not member.unshown for member in known.values())
    assert_whole(home, home.cache(Kind.REPLICATION_GROUP, "rg"))


def test_a_copy_of_a_container_is_a_stray(home: House) -> None:
    """`docker commit` keeps the labels, and whoever starts the image has two containers of one node."""
    cache = home.cluster("one")
    process(home, cache, "one.0001").data["key"] = "value"
    labels = home.machine.labels_of(home.container("one.0001"))
    assert labels
    for name in ("a-copy", "zzz"):
        made = replace(process(home, cache, "one.0001").blueprint, name=name, address="10.200.7.7")
        home.machine.create(made, labels)
        home.machine.start(name)
        home.reconcile(cache.key)
        assert home.machine.labels_of(name) is None
    assert process(home, cache, "one.0001").data == {"key": "value"}
    assert home.cache(cache.key.kind, "one").status.nodes["one.0001"].life == 1


@pytest.mark.parametrize("trouble", ["kill", "pause"])
def test_a_node_whose_container_was_renamed_is_mended(home: House, trouble: str) -> None:
    cache = home.group()
    node = replicas(cache)[0]
    name = home.container(node)
    home.machine.rename(name, "zzz")
    getattr(home.machine, trouble)("zzz")
    home.settle()
    after = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert_sound(home, after)
    assert home.container(node) == ("zzz" if trouble == "pause" else name)


def test_a_renamed_container_that_hangs_gives_up_its_address(home: House) -> None:
    cache = home.group()
    node = replicas(cache)[0]
    name = home.container(node)
    home.machine.rename(name, "zzz")
    process(home, cache, node).reached = False
    home.clock.moment += PATIENCE
    home.settle()
    assert_sound(home, home.cache(Kind.REPLICATION_GROUP, "rg"))
    assert home.container(node) == name


def shut_out(home: House, nodes: int, **params: Any) -> tuple[Cache, str]:
    """A group whose primary has lost the agent's login."""
    home.restricted = False
    cache = home.group(nodes=nodes, **params)
    lost = leader(cache)
    home.machine.processes.write(cache.status.nodes[lost].address.host, "key", "value")
    process(home, cache, lost).settings[SHUT_OUT] = "ACL DELUSER"
    return cache, lost


GUARDED = {"TransitEncryptionEnabled": True, "AuthToken": "a-token-of-a-test-0123456789"}


@pytest.mark.parametrize("nodes", [1, 2])
def test_a_node_that_lost_the_agents_login_is_told_it_by_clients_one(home: House, nodes: int) -> None:
    _, lost = shut_out(home, nodes)
    told = new_messages(home, home.settle)
    after = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert_sound(home, after)
    assert {known.life for known in after.status.nodes.values()} == {1}
    assert process(home, after, lost).data == {"key": "value"}
    assert len(told) == 1
    assert f"Node {lost} does not let Cachewright in" in told[0]


def test_a_node_that_shuts_the_agent_out_while_its_cache_is_mended_is_told_once(home: House) -> None:
    cache, lost = shut_out(home, 2, **GUARDED)
    mended = replace(cache.status, phase=Phase.MODIFYING, reason="Somebody else has changed something.")
    with home.store.write() as transaction:
        cache = transaction.caches.write_status(cache, mended, settled=False)
    told = new_messages(home, lambda: [home.reconcile(cache.key) for _ in range(3)])
    assert sum(f"Node {lost} does not let Cachewright in" in message for message in told) == 1


def test_a_node_that_shuts_the_agent_out_for_good_is_rebuilt_where_others_have_its_data(home: House) -> None:
    cache, lost = shut_out(home, 2, **GUARDED)
    home.reconcile(cache.key)
    assert home.cache(cache.key.kind, "rg").status.nodes[lost].life == 1
    home.clock.moment += UNTEACHABLE
    home.settle()
    after = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert_sound(home, after)
    assert after.status.nodes[lost].life == 2
    assert leader(after) != lost
    assert process(home, after, lost).data == {"key": "value"}


def test_the_only_copy_is_kept_although_it_shuts_the_agent_out_until_it_is_rebooted(home: House) -> None:
    cache, lost = shut_out(home, 1, **GUARDED)
    told = new_messages(home, lambda: [home.reconcile(cache.key) for _ in range(20)])
    home.clock.moment += 3 * UNTEACHABLE
    during = reconcile_until(home, cache.key, lambda seen: seen.phase is Phase.MODIFYING)
    assert during.status.nodes[lost].life == 1
    assert "cannot change the logins" in during.status.reason
    assert process(home, during, lost).data == {"key": "value"}
    assert [message for message in told if "nobody else holds its data; a reboot ends that" in message]
    assert len(told) == 2, "each reason is told once"
    home.call("RebootCacheCluster", CacheClusterId=lost[:-5], CacheNodeIdsToReboot=["0001"])
    home.settle()
    after = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert_sound(home, after)


def test_a_cluster_node_that_was_reset_gets_to_know_others_before_it_follows(home: House) -> None:
    cache = sharded(home)
    lost = next(name for name in cache.status.nodes if name not in {leader(cache, "0001"), leader(cache, "0002")})
    member = process(home, cache, lost).member
    assert member
    member.known = {member.id: replace(member.own, follows="", slots=())}  # CLUSTER RESET SOFT, by a client
    member.forgotten.update(id_of(cache, cache.status, name) for name in cache.status.nodes)
    told = new_messages(home, home.settle)
    assert_whole(home, home.cache(Kind.REPLICATION_GROUP, "rg"))
    assert not [message for message in told if "cannot" in message]
    assert any("known cluster nodes" in message for message in told)
