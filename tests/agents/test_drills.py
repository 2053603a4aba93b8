"""Drills on the pretend machine: what is done, what is undone, and what the report says."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cachewright.agents.drills.clients import pretend
from cachewright.agents.drills.drills import Drills
from cachewright.agents.drills.traces import Trace, traces
from cachewright.agents.drills.zones import zones_down
from cachewright.agents.planning.containers import Blueprint, State
from cachewright.agents.reconcile.slow_regions import delays_in
from cachewright.agents.toolbox import LazyTools
from cachewright.controlplane.model.cache import Cache, Kind
from cachewright.controlplane.model.drills import (
    PREFIX,
    DrillKind,
    NoSuchTarget,
    Order,
    Progress,
    Report,
    Slowed,
    Step,
    Unfit,
)
from cachewright.controlplane.model.lifecycle import Phase
from tests.agents.test_reconcile import assert_sound
from tests.e2e.waiting import until
from tests.house import House, house

BRIEFLY = 0.05  # seconds that a failure lasts


@pytest.fixture
def home(tmp_path: Path) -> House:
    """A new house."""
    return house(tmp_path)


@pytest.fixture
def drills(home: House) -> Iterator[Drills]:
    """Drills in that house."""
    drills = made(home)
    drills.start()
    yield drills
    drills.stop()


def made(home: House) -> Drills:
    """Those of another run of the control plane."""
    tools = LazyTools(home.store, "test", home.backend, home.files, home.buckets).tools
    return Drills(home.store, tools, pretend, home.clock, lambda: ("a", "b", "c"), quiet=1.0)


def ended(home: House, drills: Drills, order: Order, turn: Callable[[], None] | None = None) -> Report:
    """A drill from its beginning to its end, while the loop is turned."""
    report = drills.begin(order)

    def over() -> Report | None:
        (turn or home.settle)()
        seen = drills.report(report.id)
        assert seen
        return seen if seen.progress is not Progress.RUNNING else None

    seen = until("the drill is over", over)
    assert seen
    return seen


def leader(cache: Cache) -> str:
    return cache.status.shards["0001"].primary


def keys(home: House, cache: Cache) -> list[str]:
    """What the nodes of a cache hold."""
    return [key for node in cache.status.nodes.values() for key in home.machine.processes.at(node.address.host).data]


@pytest.mark.parametrize("kind", [DrillKind.KILL, DrillKind.PAUSE, DrillKind.CUT_OFF])
def test_a_primary_is_lost_and_nothing_else(home: House, drills: Drills, kind: DrillKind) -> None:
    before = home.group("rg")
    home.machine.processes.write(before.status.nodes["rg-001.0001"].address.host, "kept", "yes")
    report = ended(home, drills, Order(kind, "rg", 60.0))
    assert (report.progress, report.reason) == (Progress.DONE, "")
    (outcome,) = report.outcomes
    assert (outcome.cache, outcome.nodes) == ("rg", ("rg-001.0001",))
    assert outcome.detection_ms is not None
    assert outcome.promotion_ms is not None
    assert outcome.recovery_ms is not None
    assert outcome.detection_ms <= outcome.promotion_ms <= outcome.recovery_ms
    assert outcome.writes is not None
    assert outcome.writes > 20
    assert outcome.lost == 0
    assert outcome.outage_ms
    after = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert_sound(home, after)
    assert leader(after) == "rg-002.0001"
    assert set(keys(home, after)) == {"kept"}


def test_writes_that_only_the_primary_had_are_told(home: House, drills: Drills) -> None:
    cache = home.group("rg")
    replicas = [cache.status.nodes[name].address.host for name in ("rg-002.0001", "rg-003.0001")]
    stall(home, replicas, stalled=True)

    def turn() -> None:
        if _state(home, "rg-001.0001") is State.EXITED:
            stall(home, replicas, stalled=False)
            home.settle()

    (outcome,) = ended(home, drills, Order(DrillKind.KILL, "rg"), turn).outcomes
    assert outcome.promotion_ms is not None
    assert outcome.lost
    assert outcome.writes is not None
    assert 20 <= outcome.lost <= outcome.writes


def stall(home: House, hosts: list[str], *, stalled: bool) -> None:
    """Replicas fall behind, or catch up."""
    for host in hosts:
        home.machine.processes.at(host).stalled = stalled


def test_a_failure_that_nobody_notices_is_undone(home: House, drills: Drills) -> None:
    before = home.group("rg")
    report = ended(home, drills, Order(DrillKind.CUT_OFF, "rg-002/0001", BRIEFLY), lambda: None)
    assert report.progress is Progress.DONE
    assert [step.what for step in report.steps][-2:] == [
        "took rg-002.0001 off the network",
        "put rg-002.0001 back on the network",
    ]
    (outcome,) = report.outcomes
    assert (outcome.detection_ms, outcome.lost) == (None, 0)
    assert_sound(home, replace(before, status=home.cache(Kind.REPLICATION_GROUP, "rg").status))


def test_a_pause_is_undone_when_nobody_else_did(home: House, drills: Drills) -> None:
    home.group("rg")
    ended(home, drills, Order(DrillKind.PAUSE, "rg-003/0001", BRIEFLY), lambda: None)
    assert all(container.state is State.RUNNING for container in home.containers())


def test_a_kernel_that_cannot_delay_packets_is_told(home: House, drills: Drills) -> None:
    home.group("rg")
    home.machine.ending = lambda _: "exit code 3"
    report = ended(home, drills, Order(DrillKind.SLOW_DOWN, "rg"))
    assert report.progress is Progress.FAILED
    assert report.reason == (
        "cannot slow rg-001.0001 down: the kernel of the engine's machine cannot delay packets: it has no sch_netem"
    )
    assert keys(home, home.cache(Kind.REPLICATION_GROUP, "rg")) == []


def test_a_delay_is_set_and_taken_away(home: House, drills: Drills) -> None:
    home.group("rg")
    said: list[tuple[str, ...]] = []

    def ending(blueprint: object) -> str:
        said.append(blueprint.command[-2:])  # type: ignore[attr-defined]
        return "exit code 0"

    home.machine.ending = ending
    report = ended(home, drills, Order(DrillKind.SLOW_DOWN, "rg", BRIEFLY, delay=70))
    assert report.progress is Progress.DONE
    assert said == [("replace", "netem delay 70ms"), ("del", "")]
    assert len(home.containers()) == 3


def test_what_cannot_be_filled_is_told(home: House, drills: Drills) -> None:
    home.group("rg")
    home.cluster("web", Engine="memcached", NumCacheNodes=1)
    reports = [ended(home, drills, Order(DrillKind.FILL_MEMORY, name)) for name in ("rg", "web")]
    assert [report.reason for report in reports] == [
        "cannot fill rg-001.0001: a pretend engine has no limit of its memory",
        "cannot fill web.0001: only Redis and Valkey nodes can be filled",
    ]


def test_a_zone_hits_every_cache(home: House, drills: Drills) -> None:
    zone = home.group("rg").spec.nodes[0].zone
    home.cluster("one", PreferredAvailabilityZone=zone)
    report = ended(home, drills, Order(DrillKind.KILL, zone))
    assert {outcome.cache: outcome.nodes for outcome in report.outcomes} == {
        "rg": ("rg-001.0001",),
        "one": ("one.0001",),
    }
    lost = {outcome.cache: outcome.lost for outcome in report.outcomes}
    assert lost["rg"] == 0
    assert lost["one"]


def test_a_zone_stays_down_until_it_is_brought_up(home: House, drills: Drills) -> None:
    zone = home.group("rg").spec.nodes[1].zone
    report = ended(home, drills, Order(DrillKind.ZONE_DOWN, zone, None), lambda: None)
    assert report.outcomes[0].nodes == ("rg-002.0001",)
    assert _down(home) == {zone}
    home.machine.start(home.container("rg-002.0001"))
    until("what starts there is killed", lambda: _state(home, "rg-002.0001") is State.EXITED)
    assert drills.bring_up(zone)
    assert not drills.bring_up(zone)
    assert _down(home) == frozenset()
    home.settle()
    assert_sound(home, home.cache(Kind.REPLICATION_GROUP, "rg"))


def test_a_zone_comes_back_when_its_time_is_over(home: House, drills: Drills) -> None:
    zone = home.group("rg").spec.nodes[1].zone
    report = ended(home, drills, Order(DrillKind.ZONE_DOWN, zone, 3.0), lambda: _turn(home, zone))
    assert report.progress is Progress.DONE
    assert f"{zone} is up" in [step.what for step in report.steps]
    assert _down(home) == frozenset()
    home.settle()
    assert_sound(home, home.cache(Kind.REPLICATION_GROUP, "rg"))


def test_a_region_is_down_with_all_its_zones_and_leaves_others_alone(home: House, drills: Drills) -> None:
    home.group("rg")
    away = {"CacheClusterId": "away", "Engine": "redis", "CacheNodeType": "cache.t3.micro", "NumCacheNodes": 1}
    home.call_in("eu-west-1", "CreateCacheCluster", **away)
    home.settle()
    report = ended(home, drills, Order(DrillKind.REGION_DOWN, "us-east-1", None), lambda: None)
    assert [(outcome.cache, len(outcome.nodes)) for outcome in report.outcomes] == [("rg", 3)]
    assert _down(home) == {"us-east-1a", "us-east-1b", "us-east-1c"}
    assert _state(home, "away.0001") is State.RUNNING
    assert drills.bring_up("us-east-1")
    assert not drills.bring_up("us-east-1")
    home.settle()
    assert home.cache(Kind.REPLICATION_GROUP, "rg").phase is Phase.AVAILABLE


def test_a_region_is_slow_until_that_is_ended_whatever_else_happens_to_it(home: House, drills: Drills) -> None:
    assert drills.slow_down("eu-west-1", 80) == Slowed("eu-west-1", 80, 0)
    assert drills.slow_down("eu-west-1", 200) == Slowed("eu-west-1", 200, 80)
    assert not drills.bring_up("eu-west-1")
    assert made(home).slow_down("eu-west-1", 0) == Slowed("eu-west-1", 0, 200)


@pytest.mark.parametrize("region", ["moon", "us-east-1a", ""])
def test_what_is_no_region_cannot_be_slow(drills: Drills, home: House, region: str) -> None:
    with pytest.raises(NoSuchTarget, match=f"cannot find {region}: it is no region"):
        drills.slow_down(region, 80)
    with home.store.read() as transaction:
        assert delays_in(transaction).of == {}


def test_what_cannot_be_begun(home: House, drills: Drills) -> None:
    home.group("rg")
    for target in ("us-east-1z", "rg"):
        with pytest.raises(NoSuchTarget, match="it is no zone of any region"):
            drills.begin(Order(DrillKind.ZONE_DOWN, target))
    with pytest.raises(NoSuchTarget, match="it is no region"):
        drills.begin(Order(DrillKind.REGION_DOWN, "us-east-1a"))
    with pytest.raises(Unfit, match="no container of it runs"):
        drills.begin(Order(DrillKind.KILL, "eu-west-1a"))
    home.machine.away = True
    with pytest.raises(Unfit, match="the Docker engine does not answer"):
        drills.begin(Order(DrillKind.KILL, "rg"))
    assert drills.report("nothing") is None


def test_one_drill_at_a_time_for_each_cache(home: House, drills: Drills) -> None:
    home.group("rg")
    first = drills.begin(Order(DrillKind.SLOW_DOWN, "rg", 60.0))
    with pytest.raises(Unfit, match=f"cannot hold a drill on rg: drill {first.id} is under way there"):
        drills.begin(Order(DrillKind.KILL, "rg-002/0001"))


def test_the_end_of_the_control_plane_undoes_everything(home: House, drills: Drills) -> None:
    cache = home.group("rg")
    begun = drills.begin(Order(DrillKind.CUT_OFF, "rg-002/0001", 600.0))
    host = cache.status.nodes["rg-002.0001"].address.host
    until("it is cut off", lambda: not _answers(home, host))
    drills.stop()
    assert _answers(home, host)
    report = drills.report(begun.id)
    assert report
    assert (report.progress, report.reason.partition(":")[0]) == (Progress.FAILED, "the control plane was stopped")
    assert not [key for key in keys(home, cache) if key.startswith(PREFIX)]


def _turn(home: House, zone: str) -> None:
    """One look of an agent that launches nothing in zones that are down."""
    if zone not in _down(home):
        home.settle()


def _down(home: House) -> frozenset[str]:
    with home.store.read() as transaction:
        return zones_down(transaction, home.clock())


def _state(home: House, node: str) -> State:
    return next(one.state for one in home.containers() if one.labels.get("cachewright.node") == node)


def _answers(home: House, host: str) -> bool:
    try:
        return bool(home.machine.processes.at(host))
    except ConnectionError:
        return False


def cut_off(home: House, order: Order) -> Drills:
    """A drill that has done its deed when the control plane ends before anything is taken back: nobody answers it."""
    drills = made(home)
    report = drills.begin(order)
    until("the deed is done", lambda: any(step.what.split()[0] in ("took", "delayed") for step in told(drills, report)))
    home.machine.away = True
    drills.stop()
    home.machine.away = False
    return drills


def told(drills: Drills, report: Report) -> tuple[Step, ...]:
    seen = drills.report(report.id)
    assert seen
    return seen.steps


def left(home: House) -> list[Trace]:
    with home.store.read() as transaction:
        return traces(transaction)


@pytest.mark.parametrize("kind", [DrillKind.CUT_OFF, DrillKind.SLOW_DOWN])
def test_what_a_drill_did_that_was_cut_off_is_taken_back_by_the_next_run(home: House, kind: DrillKind) -> None:
    errands: list[str] = []

    def ending(blueprint: Blueprint) -> str:
        errands.append(blueprint.command[4])
        return "exit code 0"

    home.machine.ending = ending
    cache = home.group("rg")
    cut_off(home, Order(kind, "rg-002/0001", 60.0))
    leader_host = cache.status.nodes["rg-001.0001"].address.host
    (trace,) = left(home)
    home.machine.processes.write(leader_host, f"{PREFIX}{trace.id}:junk:1", "x")
    home.machine.processes.write(leader_host, "kept", "x")
    again = made(home)
    again.start()
    until("nothing is left", lambda: not left(home))
    again.stop()
    assert all(container.connected for container in home.containers())
    assert errands == (["replace", "del"] if kind is DrillKind.SLOW_DOWN else [])
    assert set(keys(home, cache)) == {"kept"}


def test_what_a_drill_of_another_process_does_is_left_alone_while_that_is_there(home: House) -> None:
    home.group("rg")
    there: list[frozenset[str] | None] = [frozenset({"other", "third"})]
    here = replace(made(home), others=lambda: there[0])
    other = replace(made(home), process="other")
    report = other.begin(Order(DrillKind.CUT_OFF, "rg-002/0001", 60.0))
    assert report.id.startswith("other")
    until("it has begun", lambda: not all(container.connected for container in home.containers()))
    here.start()
    there[0] = None  # nobody knows
    here.take_back()
    assert len(left(home)) == 1
    there[0] = frozenset({"third"})
    here.take_back()
    until("nothing is left", lambda: not left(home))
    assert all(container.connected for container in home.containers())
    other.stop()
    here.stop()


def test_a_drill_that_ends_leaves_no_trace(home: House, drills: Drills) -> None:
    home.group("rg")
    ended(home, drills, Order(DrillKind.KILL, "rg"))
    assert left(home) == []


def test_a_container_that_took_the_place_of_another_one_is_left_alone(home: House) -> None:
    home.group("rg")
    cut_off(home, Order(DrillKind.CUT_OFF, "rg-002/0001", 60.0))
    home.settle()
    name = home.container("rg-002.0001")
    home.machine.restart(name)
    home.machine.disconnect(name)
    again = made(home)
    again.start()
    until("nothing is left", lambda: not left(home))
    again.stop()
    assert [c.name for c in home.containers() if not c.connected] == [name]
