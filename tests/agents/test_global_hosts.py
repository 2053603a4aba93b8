"""Global datastores in cluster mode on several hosts: nodes that move are found again by all others."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from cachewright.agents.memory.hosts import Power
from tests.agents.test_global_clusters import (
    KEYS,
    assert_cluster,
    assert_copies,
    fail_over,
    leaders,
    member,
    pair,
    write,
)
from tests.agents.test_hosts import GIB, drain
from tests.agents.test_hosts import HOSTS as SMALL
from tests.house import House

HOSTS = tuple(replace(host, memory=256 * GIB) for host in SMALL)


def settle(home: House) -> None:
    """Nobody may be as desired before the other is."""
    home.settle()
    home.settle()


def host_of(home: House, name: str) -> str:
    """Where the primary of the first shard of a member is."""
    return member(home, name).status.nodes[leaders(home, name)[0]].host


def hosts_of(home: House) -> set[str]:
    return {known.host for name in ("home", "away") for known in member(home, name).status.nodes.values()}


@pytest.mark.parametrize("name", ["home", "away"])
@pytest.mark.parametrize("replicas", [0, 1])
def test_a_host_is_drained(replicas: int, name: str, tmp_path: Path) -> None:
    home = pair(tmp_path, replicas, hosts=HOSTS)
    drained = host_of(home, name)
    drain(home, drained)
    settle(home)
    assert drained not in hosts_of(home)
    assert_cluster(home, "home")
    assert_copies(home, "away", "home")
    write(home, "home", "more", "x")
    fail_over(home)
    settle(home)
    assert_cluster(home, "away", more="x")
    assert_copies(home, "home", "away", more="x")


@pytest.mark.parametrize(("power", "name"), [(Power.CUT, "home"), (Power.OFF, "away")])
def test_a_host_is_away_and_returns(power: Power, name: str, tmp_path: Path) -> None:
    home = pair(tmp_path, hosts=HOSTS)
    lost = host_of(home, name)
    home.machine.power(lost, power)
    settle(home)
    assert lost not in hosts_of(home)
    assert_cluster(home, "home")
    assert_copies(home, "away", "home")
    home.machine.power(lost, Power.ON)
    settle(home)
    write(home, "home", "more", "x")
    assert_copies(home, "away", "home", more="x")


def test_every_host_leaves_and_returns(tmp_path: Path) -> None:
    """Addresses that nodes had once are theirs again."""
    home = pair(tmp_path, hosts=HOSTS)
    for host in HOSTS:
        drain(home, host.name)
        settle(home)
        assert host.name not in hosts_of(home)
        assert_cluster(home, "home")
        assert_copies(home, "away", "home")
        with home.store.write() as transaction:
            transaction.hosts.write(host)


def served(home: House, name: str) -> set[str]:
    """The keys that nodes of a member hold that answer."""
    found: set[str] = set()
    for node in member(home, name).status.nodes.values():
        with suppress(ConnectionError):
            found |= home.machine.processes.at(node.address.host).data.keys()
    return found


def watched(home: House, monkeypatch: pytest.MonkeyPatch, look: Callable[[], None]) -> None:
    """Look whenever a container has gone."""
    remove = home.machine.remove

    def removing(container: str) -> None:
        remove(container)
        look()

    monkeypatch.setattr(home.machine, "remove", removing)


@pytest.mark.parametrize("name", ["home", "away"])
def test_each_region_has_everything_meanwhile(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is told where others are has copies beside it."""
    home = pair(tmp_path, hosts=HOSTS)
    seen: list[set[str]] = []
    watched(home, monkeypatch, lambda: seen.extend(served(home, each) for each in ("home", "away")))
    drain(home, host_of(home, name))
    settle(home)
    assert seen
    assert all(each == set(KEYS) for each in seen)
    assert_copies(home, "away", "home")
