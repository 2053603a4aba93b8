"""What cannot be done now: it is tried with growing pauses, is told once, and goes on as soon as it can."""

import logging
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from cachewright.agents.planning.containers import Blueprint
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.reconcile.polling import LONGEST_UNUSED, LONGEST_USED, RETRY_PERMANENT, retry_delay
from cachewright.controlplane.model.cache import Key, Kind
from cachewright.controlplane.model.lifecycle import Phase
from tests.agents.test_reconcile import assert_sound
from tests.house import ACCOUNT, REGION, House, house

SPAN = timedelta(minutes=4)
MOST = 20  # tries in that time: 0.25, 0.5, 1, 2, 4, 8, 16 and then every 30 seconds


@pytest.fixture
def home(tmp_path: Path) -> House:
    """A new house."""
    return house(tmp_path)


def ask(home: House, name: str, nodes: int = 1) -> Key:
    """A group that is asked for, and not made yet."""
    asked: dict[str, Any] = {"ReplicationGroupDescription": "d", "CacheNodeType": "cache.t3.micro", "Engine": "redis"}
    home.call("CreateReplicationGroup", ReplicationGroupId=name, NumCacheClusters=nodes, **asked)
    return Key(ACCOUNT, REGION, Kind.REPLICATION_GROUP, name)


def looks(home: House, key: Key, *, news: float = 0.0) -> int:
    """Look as often as it is due, or as there are news, for some virtual minutes; how often that was."""
    end, count = home.clock.moment + SPAN, 0
    while home.clock.moment < end:
        delay = home.reconcile(key)
        assert delay
        count += 1
        home.clock.moment += timedelta(seconds=min(delay, news) if news else delay)
    return count


def warnings(log: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in log.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize(
    ("verdict", "used", "delays"),
    [
        (Later("", 0.25), False, [0.25, 0.5, 1, 2, 4, 8, 16, 30, 30]),
        (Later("", 1.0), True, [1, 2, 4, 5, 5]),
        (Later("", 60.0), True, [60, 60]),
        (Never(""), True, [30, 30]),
    ],
)
def test_pauses_grow(verdict: Later | Never, used: bool, delays: list[float]) -> None:
    assert [retry_delay(verdict, count, used=used) for count in range(len(delays))] == delays
    longest = LONGEST_USED if used else LONGEST_UNUSED
    assert retry_delay(verdict, 10**6, used=used) == (
        RETRY_PERMANENT if isinstance(verdict, Never) else max(verdict.delay, longest)
    )


def test_ports_that_are_used_up(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    home = house(tmp_path, (16379, 16382))  # for one cache
    home.group("first", nodes=1, Port=7777)
    key = ask(home, "second")
    assert looks(home, key) <= MOST
    (line,) = warnings(caplog)
    (event,) = [message for message in home.messages() if message.startswith("second")]
    assert line.endswith(event.removeprefix("second: "))
    assert "all 3 published ports have an endpoint" in event
    assert "set CACHEWRIGHT_PUBLISHED_PORTS to a wider range, such as 16379,16385," in event


def test_ports_that_come_back_are_taken_at_once(tmp_path: Path) -> None:
    home = house(tmp_path, (16379, 16382))
    home.group("first", nodes=1, Port=7777)
    key = ask(home, "second")
    looks(home, key)
    home.call("DeleteReplicationGroup", ReplicationGroupId="first")
    assert not home.woken
    home.settle(Key(ACCOUNT, REGION, Kind.REPLICATION_GROUP, "first"))
    assert home.woken == {key}
    home.settle()
    assert_sound(home, home.cache(Kind.REPLICATION_GROUP, "second"))


def test_ports_that_a_smaller_group_gives_back_are_taken_at_once(tmp_path: Path) -> None:
    home = house(tmp_path, (16379, 16383))  # for a group of two nodes: its own endpoints, and one of each node
    home.group("first", nodes=2, Port=7777, AutomaticFailoverEnabled=False)
    key = ask(home, "second")
    looks(home, key)
    home.call("DecreaseReplicaCount", ReplicationGroupId="first", NewReplicaCount=0, ApplyImmediately=True)
    home.settle(Key(ACCOUNT, REGION, Kind.REPLICATION_GROUP, "first"))
    assert home.woken == {key}


@pytest.mark.parametrize(
    "reason", ["no space left on device", "its image is not on the engine", "the engine refuses", "out of memory"]
)
@pytest.mark.parametrize("news", [0.0, 0.5])
def test_containers_that_cannot_be_made(
    home: House, caplog: pytest.LogCaptureFixture, reason: str, news: float
) -> None:
    """Neither are they when there are news all the time: each try makes some itself."""
    tries: list[str] = []

    def refuse(blueprint: Blueprint) -> Later:
        tries.append(blueprint.name)
        return Later(f"cannot create container {blueprint.name}: {reason}", 0.5)

    home.machine.refusal = refuse
    key = ask(home, "rg", nodes=2)
    looks(home, key, news=news)
    assert 2 <= len([name for name in tries if name == tries[0]]) <= MOST
    assert len(warnings(caplog)) == len(home.messages()) == 1
    home.machine.refusal = lambda _: None
    home.clock.moment += timedelta(seconds=LONGEST_UNUSED)
    home.settle()
    assert_sound(home, home.cache(Kind.REPLICATION_GROUP, "rg"))


def test_reasons_that_take_turns_are_told_once_each(home: House, caplog: pytest.LogCaptureFixture) -> None:
    reasons = cycle(["no space left on device", "out of memory"])
    home.machine.refusal = lambda blueprint: Later(f"cannot create {blueprint.name}: {next(reasons)}", 0.5)
    looks(home, ask(home, "rg"))
    assert len(warnings(caplog)) == len(home.messages()) == 2


def test_what_fails_in_a_cache_that_is_used_holds_nothing_else_up(home: House) -> None:
    """A replica cannot be made again; the primary ends meanwhile."""
    before = home.group("rg")
    key = before.key
    home.machine.refusal = lambda blueprint: Later(f"cannot create {blueprint.name}: no space left on device", 15.0)
    home.machine.kill(home.container("rg-003.0001"))
    assert home.reconcile(key)
    home.machine.kill(home.container("rg-001.0001"))
    for _ in range(8):
        home.reconcile(key)
    after = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert after.status.shards["0001"].primary == "rg-002.0001"
    assert after.phase is Phase.MODIFYING


def test_a_deletion_that_fails_is_told_once(home: House, caplog: pytest.LogCaptureFixture) -> None:
    key = home.group("rg", nodes=1).key
    home.call("DeleteReplicationGroup", ReplicationGroupId="rg")
    home.machine.away = True
    before = len(home.messages())
    looks(home, key)
    assert len(warnings(caplog)) == 1
    assert len(home.messages()) == before + 1


def test_another_spec_is_tried_at_once(home: House) -> None:
    home.machine.refusal = lambda blueprint: Later(f"cannot create {blueprint.name}: no space left on device", 15.0)
    key = ask(home, "rg")
    looks(home, key)
    home.reconcile(key)
    home.machine.refusal = lambda _: None
    assert home.reconcile(key)
    assert home.containers() == []
    home.call("DeleteReplicationGroup", ReplicationGroupId="rg")
    assert home.reconcile(key) is None
