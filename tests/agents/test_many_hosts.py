"""Fifty hosts with many caches, in virtual time: what the death of one costs, and what one change costs among many."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine, event

from cachewright.agents.memory.hosts import Power
from cachewright.controlplane.model.cache import Cache, Key, Kind
from cachewright.controlplane.model.hosts import Host
from tests.house import ACCOUNT, REGION, TRIO, House, house

HOSTS = 50
CACHES = 40  # of three nodes each
FEW = 5
MOST = 1.5  # times as many statements a change may take among many caches as among few


@pytest.fixture
def home(tmp_path: Path) -> House:
    made = house(tmp_path)
    made.tell_hosts(
        *(Host(f"h{n}", f"tcp://10.77.1.{n}:2375", "abc"[n % 3], f"10.77.1.{n}", 64 << 30) for n in range(HOSTS))
    )
    return made


def create(home: House, numbers: range) -> None:
    for number in numbers:
        home.call("CreateReplicationGroup", ReplicationGroupId=f"rg{number}", **TRIO)
    home.settle(*(key_of(number) for number in numbers))


def key_of(number: int) -> Key:
    return Key(ACCOUNT, REGION, Kind.REPLICATION_GROUP, f"rg{number}")


def every(home: House) -> list[Cache]:
    with home.store.read() as transaction:
        return transaction.caches.all()


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    told: list[str] = []

    def tell(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        told.append(statement)

    event.listen(Engine, "before_cursor_execute", tell)
    try:
        yield told
    finally:
        event.remove(Engine, "before_cursor_execute", tell)


def cost_of_a_failover(home: House, number: int) -> int:
    home.settle(key_of(number))
    with statements() as told:
        home.call("TestFailover", ReplicationGroupId=f"rg{number}", NodeGroupId="0001")
        home.settle(key_of(number))
    return len(told)


def assert_sound(home: House) -> None:
    """Each node has one container, on its host, apart from its shard; nothing else runs."""
    known = {(c.key.id, name): node.host for c in every(home) for name, node in c.status.nodes.items()}
    seen = Counter((one.labels["cachewright.cache"].split("/")[3], one.labels["cachewright.node"], one.host)
                   for one in home.containers())  # fmt: skip
    assert seen == Counter((cache, name, host) for (cache, name), host in known.items())
    for cache in every(home):
        assert cache.phase == "available"
        assert len({node.host for node in cache.status.nodes.values()}) == len(cache.status.nodes)
    with home.store.read() as transaction:
        on = {name: transaction.hosts.nodes_on(name) for name in transaction.hosts.all()}
    assert {name: count for name, count in on.items() if count} == Counter(known.values())


def test_many_caches_live_through_deaths_of_hosts_and_of_the_agent(home: House) -> None:
    create(home, range(FEW))
    few = cost_of_a_failover(home, 0)
    create(home, range(FEW, CACHES))
    assert cost_of_a_failover(home, 1) <= MOST * few
    loads = Counter(node.host for cache in every(home) for node in cache.status.nodes.values())
    assert len(loads) == HOSTS
    assert max(loads.values()) - min(loads.values()) <= 2  # by zone each has as many as another
    chance = Random(5)
    for _ in range(3):
        away = f"h{chance.randrange(HOSTS)}"
        home.machine.power(away, chance.choice([Power.OFF, Power.CUT]))
        home.restart()
        home.settle()
        assert away not in {node.host for cache in every(home) for node in cache.status.nodes.values()}
        home.machine.power(away, Power.ON)
        home.settle()
        assert_sound(home)
