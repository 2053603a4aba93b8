"""A group that changes: what is rebuilt, in which order, and that no data and no address is lost on the way."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cachewright.agents.planning.containers import Blueprint, State
from cachewright.controlplane.model.auth import Auth
from cachewright.controlplane.model.cache import Cache, Kind, Node, Spec, Transit
from cachewright.controlplane.model.lifecycle import Phase
from tests.agents.test_reconcile import assert_sound
from tests.house import MODES, House, house


@pytest.fixture(params=MODES)
def home(tmp_path: Path, request: pytest.FixtureRequest) -> House:
    """A new house, whose endpoints are reached either way."""
    return house(tmp_path, MODES[request.param])


def group(home: House) -> Cache:
    """The group as it is remembered."""
    return home.cache(Kind.REPLICATION_GROUP, "rg")


def asked(home: House, change: Callable[[Spec], Spec], kind: Kind = Kind.REPLICATION_GROUP, name: str = "rg") -> None:
    """Another spec, and the world after it."""
    with home.store.write() as transaction:
        cache = home.cache(kind, name)
        transaction.caches.write_spec(cache, change(cache.spec))
    home.settle()


def write(home: House, cache: Cache) -> None:
    """One key, at whoever leads."""
    leader = cache.status.shards["0001"].primary
    home.machine.processes.write(cache.status.nodes[leader].address.host, "key", "value")


def assert_kept(home: House, before: Cache, after: Cache) -> None:
    """Every node has the key, and stands where it stood."""
    assert_sound(home, after)
    for name, node in after.status.nodes.items():
        assert home.machine.processes.at(node.address.host).data == {"key": "value"}, name
        assert name not in before.status.nodes or before.status.nodes[name].address == node.address


def bigger(spec: Spec) -> Spec:
    return replace(spec, node_type="cache.m5.large")


def newer(spec: Spec) -> Spec:
    return replace(spec, version="7.0.7")


def valkey(spec: Spec) -> Spec:
    engine = type(spec.engine)("valkey")
    return replace(spec, engine=engine, version="8.1.0", parameter_group="default.valkey8")


def encrypted(spec: Spec) -> Spec:
    return replace(spec, transit=Transit.PREFERRED)


CHANGES: tuple[Callable[[Spec], Spec], ...] = (bigger, newer, valkey, encrypted)


@pytest.mark.parametrize("nodes", [1, 2, 3])
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_rolls_through_the_group(home: House, change: Callable[[Spec], Spec], nodes: int) -> None:
    before = home.group("rg", nodes=nodes)
    write(home, before)
    asked(home, change)
    after = group(home)
    assert_kept(home, before, after)
    assert all(node.life > before.status.nodes[name].life for name, node in after.status.nodes.items())
    assert len(home.containers()) == nodes * (2 if change is encrypted else 1)


def test_a_standalone_node_keeps_its_data_and_its_address(home: House) -> None:
    before = home.cluster("one")
    write(home, before)
    asked(home, bigger, Kind.CACHE_CLUSTER, "one")
    after = home.cache(Kind.CACHE_CLUSTER, "one")
    assert_kept(home, before, after)
    assert list(after.status.nodes) == ["one.0001"]


def test_replicas_are_rebuilt_before_the_primary(home: House) -> None:
    home.group("rg")
    told = len(home.messages())
    asked(home, bigger)
    recovered = [message for message in home.messages()[told:] if "Finished recovery" in message]
    assert [message.partition(":")[0] for message in recovered] == ["rg-002", "rg-003", "rg-001"]


def test_a_promotion_by_hand(home: House) -> None:
    before = home.group("rg", AutomaticFailoverEnabled=False)
    write(home, before)
    asked(home, lambda spec: replace(spec, shards=(replace(spec.shards[0], promotions=1, candidate="rg-003.0001"),)))
    after = group(home)
    assert_kept(home, before, after)
    assert after.status.shards["0001"].primary == "rg-003.0001"


def with_nodes(*numbers: int) -> Callable[[Spec], Spec]:
    nodes = tuple(Node(f"rg-{number:03}", "0001", "us-east-1a") for number in numbers)
    return lambda spec: replace(spec, shards=(replace(spec.shards[0], nodes=nodes),))


def test_replicas_come_and_go(home: House) -> None:
    before = home.group("rg", nodes=2)
    write(home, before)
    asked(home, with_nodes(1, 2, 3, 4))
    grown = group(home)
    assert_kept(home, before, grown)
    assert len(grown.status.nodes) == 4
    asked(home, with_nodes(1, 4))
    shrunk = group(home)
    assert_kept(home, before, shrunk)
    assert sorted(shrunk.status.nodes) == ["rg-001.0001", "rg-004.0001"]


def test_a_primary_that_is_wished_away_hands_over_first(home: House) -> None:
    before = home.group("rg")
    write(home, before)
    asked(home, with_nodes(2, 3))
    after = group(home)
    assert_kept(home, before, after)
    assert after.status.shards["0001"].primary == "rg-002.0001"


def test_the_way_to_encryption_and_back(home: House) -> None:
    before = home.group("rg")
    write(home, before)
    for transit in (Transit.PREFERRED, Transit.REQUIRED, Transit.PREFERRED, Transit.OFF):
        asked(home, lambda spec, transit=transit: replace(spec, transit=transit))  # type: ignore[misc]
        after = group(home)
        assert_kept(home, before, after)
        assert {node.transit for node in after.status.nodes.values()} == {transit}


@pytest.mark.parametrize("kind", ["alone", "replicated", "encrypted"])
def test_every_node_is_told_where_it_is(home: House, kind: str) -> None:
    if kind == "alone":
        cache = home.cluster()
    else:
        cache = home.group("rg", **({"TransitEncryptionEnabled": True} if kind == "encrypted" else {}))
    for known in cache.status.nodes.values():
        words = home.machine.processes.at(known.address.host).blueprint.command
        assert words[words.index("--replica-announce-ip") + 1] == known.address.host


def test_logins_change_without_a_rebuild(home: House) -> None:
    home.group("rg")
    asked(home, lambda spec: replace(spec, transit=Transit.REQUIRED))
    before = group(home)
    asked(home, lambda spec: replace(spec, auth=Auth(("0" * 64,), required=True)))
    after = group(home)
    assert_sound(home, after)
    assert after.status.nodes == before.status.nodes
    processes = [home.machine.processes.at(node.address.host) for node in after.status.nodes.values()]
    assert len({process.settings["access"] for process in processes}) == 1


def test_a_zone_that_is_down_is_done_without(home: House) -> None:
    before = home.group("rg")
    write(home, before)
    lost = before.spec.shards[0].nodes[0]
    home.restart(zones_down=frozenset({lost.zone}))
    home.machine.kill(home.container(lost.name))
    assert home.reconcile(before.key) is not None
    meanwhile = group(home)
    assert meanwhile.status.shards["0001"].primary == "rg-002.0001"
    assert [c.labels["cachewright.node"] for c in home.containers() if c.state is State.RUNNING] == [
        "rg-002.0001",
        "rg-003.0001",
    ]
    home.restart()
    home.settle()
    assert_kept(home, before, group(home))


def test_replicas_that_are_asked_for_while_others_come(home: House) -> None:
    home.group("rg", nodes=2)
    asked: list[str] = []

    def ask(_blueprint: Blueprint) -> None:
        """One more with every launch: the group is at work on the one before."""
        if len(asked) < 3:
            asked.append(f"more-{len(asked)}")
            home.call("CreateCacheCluster", CacheClusterId=asked[-1], ReplicationGroupId="rg")

    home.call("CreateCacheCluster", CacheClusterId="first", ReplicationGroupId="rg")
    home.machine.refusal = ask
    home.settle()
    after = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert {node.cluster for node in after.spec.nodes} == {"rg-001", "rg-002", "first", *asked}
    assert after.phase is Phase.AVAILABLE
