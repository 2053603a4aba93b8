"""Nobody leads with nothing while somebody who has what the shard held may answer again."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from cachewright.agents.memory.engines.nodes import SHUT_OUT
from cachewright.agents.memory.processes import Process
from cachewright.agents.planning.containers import Blueprint
from cachewright.agents.planning.labels import NODE
from cachewright.controlplane.model.cache import Cache, Kind
from tests.agents.test_crashes import Crash, Fuse, fused
from tests.agents.test_deviation import GUARDED
from tests.agents.test_outages import hang, wait
from tests.house import PATIENCE, PORTS, Clock, House, house

FIRST, SECOND, THIRD = (f"rg-00{number}.0001" for number in (1, 2, 3))
SOON, NEVER = PATIENCE / 2, timedelta(days=1)


@dataclass(slots=True)
class Timed(Clock):
    """A clock at which something happens."""

    due: list[tuple[datetime, Callable[[], None]]] = field(default_factory=list)

    def __call__(self) -> datetime:
        """See Clock."""
        moment = super(Timed, self).__call__()
        late = [deed for when, deed in self.due if when <= moment]
        self.due = [one for one in self.due if one[0] > moment]
        for deed in late:
            deed()
        return moment


@pytest.fixture
def home(tmp_path: Path) -> House:
    made = house(tmp_path)
    made.clock = Timed()
    made.restart()
    return made


def group(home: House) -> Cache:
    return home.cache(Kind.REPLICATION_GROUP, "rg")


def primary(home: House) -> str:
    return group(home).status.shards["0001"].primary


def process(home: House, name: str) -> Process:
    return home.machine.processes.at(group(home).status.nodes[name].address.host)


def node_lives(home: House) -> dict[str, int]:
    return {name: known.life for name, known in group(home).status.nodes.items()}


def filled(home: House, nodes: int = 3) -> None:
    """A group that holds something."""
    cache = home.group(nodes=nodes)
    home.machine.processes.write(cache.status.nodes[FIRST].address.host, "key", "value")


def hush(home: House, name: str, duration: timedelta) -> None:
    """A node answers nobody for a while, and does not work meanwhile."""
    silent = process(home, name)
    silent.reached = False

    def answer() -> None:
        silent.reached = True

    assert isinstance(home.clock, Timed)
    home.clock.due.append((home.clock.moment + duration, answer))


def decide(home: House) -> None:
    """A failover from the first node to the second is written down, and the agent dies."""
    home.call("TestFailover", ReplicationGroupId="rg", NodeGroupId="0001")
    home.restart(fused(home.backend, Fuse(1, before=True)))
    with pytest.raises(Crash):
        home.reconcile(group(home).key)
    assert (primary(home), group(home).status.shards["0001"].old_primary) == (SECOND, FIRST)


def assert_kept(home: House) -> None:
    nodes = group(home).status.nodes
    assert group(home).phase == "available"
    assert [process(home, name).data for name in nodes] == [{"key": "value"}] * len(nodes)


@pytest.mark.parametrize("back", [SOON, NEVER])
def test_a_replica_that_never_was_in_sync_waits_for_one_that_was(home: House, back: timedelta) -> None:
    """The primary dies as a new replica starts, and the other one does not answer just then."""
    filled(home)
    home.machine.remove(home.container(SECOND))

    def launching(made: Blueprint) -> None:
        if made.labels.get(NODE) == SECOND:
            home.machine.refusal = lambda _: None
            hush(home, THIRD, back)
            home.machine.kill(home.container(FIRST))

    home.machine.refusal = launching
    began = home.clock.moment
    home.settle()
    if back is SOON:
        assert primary(home) == THIRD
        assert_kept(home)
    else:
        assert home.clock.moment - began > PATIENCE
        assert group(home).phase == "available"


def test_an_empty_primary_waits_for_a_replica_that_is_silent_for_a_moment(home: House) -> None:
    filled(home, nodes=2)
    hush(home, SECOND, SOON)
    home.machine.kill(home.container(FIRST))
    home.settle()
    assert primary(home) == SECOND
    assert_kept(home)


def test_an_empty_primary_begins_when_the_replica_is_lost_as_well(home: House) -> None:
    filled(home, nodes=2)
    hush(home, SECOND, NEVER)
    home.machine.kill(home.container(FIRST))
    began = home.clock.moment
    home.settle()
    assert home.clock.moment - began > PATIENCE
    assert group(home).phase == "available"


def test_a_replica_that_lets_nobody_in_is_not_waited_for(home: House) -> None:
    """A client has taken the agent's login from it, and nothing says that it ever gives it back."""
    home.restricted = False
    cache = home.group("rg", 2, **GUARDED)
    process(home, SECOND).settings[SHUT_OUT] = "ACL DELUSER"
    home.machine.kill(home.container(FIRST))
    home.reconcile(cache.key)
    runs = home.cache(cache.key.kind, "rg").status.nodes[FIRST].address.host in home.machine.processes
    assert runs, "it begins again, with nothing"
    assert node_lives(home) == {FIRST: 2, SECOND: 1}


@pytest.mark.parametrize("nodes", [2, 3])
def test_an_old_primary_that_is_silent_for_a_moment_goes_on(home: House, nodes: int) -> None:
    """The chosen one dies before it leads; a third node has nothing."""
    filled(home, nodes)
    decide(home)
    hush(home, FIRST, SOON)
    home.machine.kill(home.container(SECOND))
    if nodes == 3:
        home.machine.restart(home.container(THIRD))
    home.restart()
    home.settle()
    assert primary(home) == FIRST
    assert_kept(home)


def test_an_old_primary_that_stays_silent_is_given_up(home: House) -> None:
    filled(home, nodes=2)
    decide(home)
    home.machine.kill(home.container(SECOND))
    hush(home, FIRST, NEVER)
    home.restart()
    began = home.clock.moment
    home.settle()
    assert PATIENCE < home.clock.moment - began < 3 * PATIENCE
    assert group(home).phase == "available"


def test_an_old_primary_that_answers_goes_on_rather_than_one_that_lags(home: House) -> None:
    filled(home)
    decide(home)
    behind = process(home, THIRD)
    behind.stalled = True
    home.machine.processes.write(group(home).status.nodes[FIRST].address.host, "late", "value")
    home.machine.kill(home.container(SECOND))
    home.restart()
    home.settle()
    assert primary(home) == FIRST
    assert process(home, FIRST).data == {"key": "value", "late": "value"}


def test_an_old_primary_that_is_silent_for_a_moment_hands_over_what_nobody_else_has(home: House) -> None:
    filled(home, nodes=2)
    decide(home)
    behind = process(home, SECOND)
    behind.stalled = True
    home.machine.processes.write(group(home).status.nodes[FIRST].address.host, "late", "value")
    hush(home, FIRST, SOON)

    def arrives() -> None:
        behind.stalled = False

    assert isinstance(home.clock, Timed)
    home.clock.due.append((home.clock.moment + SOON, arrives))
    home.restart()
    home.settle()
    assert primary(home) == SECOND
    assert process(home, SECOND).data == {"key": "value", "late": "value"}


def test_an_old_primary_that_stays_silent_is_fenced(home: House) -> None:
    filled(home, nodes=2)
    decide(home)
    hush(home, FIRST, NEVER)
    home.restart()
    began = home.clock.moment
    home.settle()
    assert PATIENCE < home.clock.moment - began < 3 * PATIENCE
    assert primary(home) == SECOND
    assert_kept(home)


def test_an_old_primary_behind_a_gateway_that_hangs_goes_on(tmp_path: Path) -> None:
    """The chosen one dies before it leads, and nobody can ask the old one."""
    home = house(tmp_path, PORTS)
    filled(home, nodes=2)
    decide(home)
    home.restart()
    home.machine.kill(home.container(SECOND))
    hang(home)
    wait(home, 10 * PATIENCE)
    hang(home, over=True)
    home.settle()
    assert primary(home) == FIRST
    assert_kept(home)
