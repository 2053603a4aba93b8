"""A group becomes durable, or is so no more: its nodes get other lives, one by one, and what they hold stays."""

from dataclasses import replace
from pathlib import Path

import pytest

from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.lifecycle import Phase
from tests.agents.test_crashes import moments
from tests.agents.test_durability import DURABLE, SHARD, durable, home, primary, process
from tests.agents.test_hosts import GIB, HOSTS
from tests.agents.test_kept_data import assert_kept, kill_everything, shown, volumes, write
from tests.house import House, house

__all__ = ["home"]

TO = pytest.mark.parametrize("wanted", ["sync", "disabled"])


def plain(home: House) -> Cache:
    """A group that holds something and could be durable."""
    cache = home.group("rg", **DURABLE | {"Durability": "disabled"})
    write(home, primary(home), "key", SHARD)
    return cache


def change(home: House, wanted: str) -> None:
    home.call("ModifyReplicationGroup", ReplicationGroupId="rg", Durability=wanted, ApplyImmediately=True)


def effective(home: House) -> str:
    (group,) = home.call("DescribeReplicationGroups", ReplicationGroupId="rg")["ReplicationGroups"]
    return str(group["EffectiveDurability"])


def assert_as(home: House, wanted: str) -> None:
    """The group is as durable as was asked for, and has all that it held."""
    cache = shown(home)
    assert effective(home) == wanted
    if wanted != "disabled":
        assert_kept(home)
        return
    nodes = cache.status.nodes
    assert (cache.phase, volumes(home), {known.volume for known in nodes.values()}) == (Phase.AVAILABLE, set(), {""})
    assert [process(home, node).data for node in nodes] == [{"key": SHARD}] * len(nodes)


@pytest.mark.parametrize("wanted", ["sync", "async"])
def test_a_group_becomes_durable(wanted: str, home: House) -> None:
    before = plain(home).status
    assert volumes(home) == set()
    change(home, wanted)
    assert effective(home) == "disabled"
    home.settle()
    assert_as(home, wanted)
    after = shown(home).status
    assert {node: known.address for node, known in after.nodes.items()} == {
        node: known.address for node, known in before.nodes.items()
    }
    assert after.endpoints == before.endpoints
    kill_everything(home)
    home.settle()
    assert_as(home, wanted)


def test_a_group_is_durable_no_more_and_again(home: House) -> None:
    durable(home)
    first = volumes(home)
    change(home, "disabled")
    home.settle()
    assert_as(home, "disabled")
    change(home, "sync")
    home.settle()
    assert_as(home, "sync")
    assert not first & volumes(home)  # what they held then is of no use
    home.call("DeleteReplicationGroup", ReplicationGroupId="rg")
    home.settle()
    assert volumes(home) == set()


@TO
@pytest.mark.parametrize("fault", ["", "kill", "pause"])
def test_a_change_survives_the_end_of_the_agent_at_any_deed(wanted: str, fault: str, tmp_path: Path) -> None:
    """A node may be lost as well: the others have what it held."""
    home = house(tmp_path)
    durable(home) if wanted == "disabled" else plain(home)
    change(home, wanted)
    for _ in moments(home, home.settle, fewest=6):
        if fault:
            getattr(home.machine, fault)(home.container(primary(home)))
        home.settle()
        assert_as(home, wanted)


def test_volumes_of_a_group_that_becomes_durable_are_their_hosts_own(home: House) -> None:
    """Whoever goes back to where it was finds its log there by its name."""
    home.tell_hosts(*(replace(host, memory=64 * GIB) for host in HOSTS))
    plain(home)
    change(home, "async")
    home.settle()
    assert_as(home, "async")
    nodes = shown(home).status.nodes.values()
    assert [known.volume.partition(".")[2] for known in nodes] == [known.host for known in nodes]
