"""Memcached clusters that grow, shrink and roll: clients stop hearing of a node before it goes, and windows open."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import func, select

from cachewright.agents.planning.actions import Remove
from cachewright.agents.planning.containers import Blueprint
from cachewright.agents.planning.plan import Circumstances, plan
from cachewright.agents.planning.verdicts import Later
from cachewright.agents.reconcile.observe import Asking, observe
from cachewright.controlplane.maintenance import Maintenance
from cachewright.controlplane.model.cache import Address, Cache, Kind
from cachewright.controlplane.model.drills import NoSuchTarget, Unfit
from cachewright.controlplane.model.windows import DAYS, Opened
from cachewright.controlplane.store.tables import leases
from tests.house import PATIENCE, House, house

NOW: dict[str, Any] = {"ApplyImmediately": True}


@pytest.fixture
def home(tmp_path: Path) -> House:
    """A house with a Memcached cluster of three nodes."""
    home = house(tmp_path)
    home.cluster("m", Engine="memcached", NumCacheNodes=3)
    return home


def cache(home: House) -> Cache:
    """The cluster as it is remembered."""
    return home.cache(Kind.CACHE_CLUSTER, "m")


def shown(home: House) -> dict[str, Any]:
    """The cluster as it is shown."""
    answer = home.call("DescribeCacheClusters", CacheClusterId="m", ShowCacheNodeInfo=True)
    return dict(answer["CacheClusters"][0])


def modify(home: House, **params: Any) -> None:
    """One request."""
    home.call("ModifyCacheCluster", CacheClusterId="m", **params)


def nodes(home: House) -> list[str]:
    """Who runs."""
    return sorted(container.labels["cachewright.node"] for container in home.containers())


def lives(home: House) -> dict[str, int]:
    """How often each node was built."""
    return {name: node.life for name, node in cache(home).status.nodes.items()}


def test_nodes_come_and_are_told(home: House) -> None:
    before = shown(home)
    modify(home, NumCacheNodes=5, **NOW)
    home.settle()
    after = shown(home)
    assert after["CacheClusterStatus"] == "available"
    assert [node["CacheNodeId"] for node in after["CacheNodes"]] == ["0001", "0002", "0003", "0004", "0005"]
    assert after["CacheNodes"][:3] == before["CacheNodes"]
    assert after["ConfigurationEndpoint"] == before["ConfigurationEndpoint"]
    assert home.messages()[-4:] == [
        "m: Increasing number of requested nodes",
        "m: Added cache node 0004 in availability zone us-east-1a",
        "m: Added cache node 0005 in availability zone us-east-1a",
        "m: Finished modifying number of nodes from 3 to 5",
    ]


def test_nodes_go_and_are_told(home: House) -> None:
    modify(home, NumCacheNodes=1, CacheNodeIdsToRemove=["0001", "0003"], **NOW)
    home.settle()
    assert nodes(home) == ["m.0002"]
    assert list(cache(home).status.nodes) == ["m.0002"]
    assert home.messages()[-3:] == [
        "m: Removed cache nodes 0001",
        "m: Removed cache nodes 0003",
        "m: Finished modifying number of nodes from 3 to 1",
    ]
    modify(home, NumCacheNodes=2, **NOW)
    home.settle()
    assert nodes(home) == ["m.0002", "m.0003"]


def test_a_node_is_heard_of_no_more_before_it_goes(home: House) -> None:
    modify(home, NumCacheNodes=2, CacheNodeIdsToRemove=["0002"], **NOW)
    before = cache(home)
    gateway = home.reconciler.gateway()
    world = observe(home.tools(), before, gateway, Asking(home.pool, home.clock), lambda _: False).seen()
    circumstances = Circumstances(home.clock(), PATIENCE)
    first = plan(before, world, circumstances)
    gone = before.status.nodes["m.0002"].address
    assert gone not in [target for action in first.actions for target in getattr(action, "targets", ())]
    assert first.actions
    assert not [action for action in first.actions if isinstance(action, Remove)]
    with home.store.write() as transaction:
        transaction.caches.write_status(before, first.status, settled=False)
    second = plan(cache(home), world, circumstances)
    assert second.actions == (Remove(home.container("m.0002")),)


def test_a_change_rolls_node_by_node(home: House) -> None:
    modify(home, CacheNodeType="cache.m5.large", **NOW)
    alive: list[int] = []

    def count(_: Blueprint) -> Later | None:
        alive.append(sum(container.state == "running" for container in home.containers()))
        return None

    home.machine.refusal = count
    home.settle()
    assert min(alive) == 2, "one node at a time is away"
    assert lives(home) == {"m.0001": 2, "m.0002": 2, "m.0003": 2}
    assert shown(home)["CacheNodeType"] == "cache.m5.large"
    assert "m: Succeeded applying modification to cache node type to cache.m5.large." in home.messages()


def test_everything_at_once(home: House) -> None:
    modify(home, NumCacheNodes=4, CacheNodeType="cache.m5.large")
    assert shown(home)["PendingModifiedValues"] == {"NumCacheNodes": 4, "CacheNodeType": "cache.m5.large"}
    modify(home, **NOW)
    assert shown(home)["PendingModifiedValues"] == {"NumCacheNodes": 4, "CacheNodeType": "cache.m5.large"}
    home.settle()
    assert shown(home)["PendingModifiedValues"] == {}
    assert lives(home) == {"m.0001": 2, "m.0002": 2, "m.0003": 2, "m.0004": 1}


def test_a_reboot_of_all_nodes_does_what_waits(home: House) -> None:
    modify(home, NumCacheNodes=2, CacheNodeIdsToRemove=["0003"])
    home.call("RebootCacheCluster", CacheClusterId="m", CacheNodeIdsToReboot=["0001"])
    home.settle()
    assert nodes(home) == ["m.0001", "m.0002", "m.0003"]
    home.call("RebootCacheCluster", CacheClusterId="m", CacheNodeIdsToReboot=["0001", "0002", "0003"])
    home.settle()
    assert nodes(home) == ["m.0001", "m.0002"]
    assert shown(home)["PendingModifiedValues"] == {}
    assert "m: Cachewright applies with the reboot what was pending: NumCacheNodes." in home.messages()


# Windows


class Sundial:
    """A clock that only moves when it is told to."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        """The moment."""
        return self.moment


MONDAY = datetime(2026, 1, 5, 12, tzinfo=UTC)  # in the house it is 2026, too
WINDOW, LATER = "mon:13:00-mon:14:00", "tue:13:00-tue:14:00"


def window_of(begin: datetime) -> str:
    """A window of an hour."""
    end = begin + timedelta(hours=1)
    return "-".join(f"{DAYS[moment.isoweekday() % 7]}:{moment:%H:%M}" for moment in (begin, end))


@pytest.fixture
def clock() -> Sundial:
    """It is Monday noon."""
    return Sundial(MONDAY)


@pytest.fixture
def maintenance(home: House, clock: Sundial) -> Maintenance:
    """Whoever looks at the windows, an hour before the cluster's opens; it looked once."""
    modify(home, PreferredMaintenanceWindow=WINDOW)
    maintenance = Maintenance(home.store, clock, 1.0)
    maintenance.look()
    return maintenance


def passing(home: House, maintenance: Maintenance, clock: Sundial) -> Callable[..., int]:
    """Time passes, the clock is looked at, and the world settles: how many nodes there are."""

    def passed(**span: float) -> int:
        clock.moment += timedelta(**span)
        maintenance.look()
        home.settle()
        return len(nodes(home))

    return passed


def test_what_waits_is_done_in_the_window(home: House, maintenance: Maintenance, clock: Sundial) -> None:
    modify(home, NumCacheNodes=4)
    passed = passing(home, maintenance, clock)
    assert window_of(MONDAY + timedelta(hours=1)) == WINDOW
    assert [passed(minutes=30), passed(minutes=29), passed(minutes=1), passed(minutes=1)] == [3, 3, 4, 4]
    assert shown(home)["PendingModifiedValues"] == {}
    told = [message for message in home.messages() if "maintenance" in message]
    assert told == ["m: Cachewright applies in the maintenance window what was pending: NumCacheNodes."]


def test_what_is_asked_for_in_a_window_waits_for_the_next_one(
    home: House, maintenance: Maintenance, clock: Sundial
) -> None:
    passed = passing(home, maintenance, clock)
    assert passed(hours=1, minutes=5) == 3
    modify(home, NumCacheNodes=4)
    assert [passed(minutes=5), passed(hours=10), passed(days=6, hours=13), passed(minutes=55)] == [3, 3, 3, 4]


def test_a_window_that_is_moved_to_now_opens(home: House, maintenance: Maintenance, clock: Sundial) -> None:
    modify(home, PreferredMaintenanceWindow=LATER, NumCacheNodes=4)
    passed = passing(home, maintenance, clock)
    assert passed(hours=1, minutes=30) == 3
    modify(home, PreferredMaintenanceWindow=WINDOW)
    assert passed(minutes=1) == 4


def test_whoever_starts_within_a_window_finds_it_open(home: House, clock: Sundial) -> None:
    modify(home, PreferredMaintenanceWindow=WINDOW, NumCacheNodes=4)
    assert passing(home, Maintenance(home.store, clock, 1.0), clock)(hours=1, minutes=30) == 4


def test_a_busy_cluster_has_its_turn_while_the_window_is_open(
    home: House, maintenance: Maintenance, clock: Sundial
) -> None:
    modify(home, NumCacheNodes=4)
    home.call("RebootCacheCluster", CacheClusterId="m", CacheNodeIdsToReboot=["0001"])
    clock.moment += timedelta(hours=1, minutes=1)
    maintenance.look()
    assert cache(home).spec.pending.resize.zones
    home.settle()
    assert passing(home, maintenance, clock)(minutes=1) == 4


def test_a_group_is_done_as_well(home: House, maintenance: Maintenance, clock: Sundial) -> None:
    home.group("rg", nodes=2, AutomaticFailoverEnabled=False)
    asked: dict[str, Any] = {"AutomaticFailoverEnabled": True, "CacheNodeType": "cache.m5.large"}
    home.call("ModifyReplicationGroup", ReplicationGroupId="rg", PreferredMaintenanceWindow=WINDOW, **asked)
    passing(home, maintenance, clock)(hours=1)
    (group,) = home.call("DescribeReplicationGroups", ReplicationGroupId="rg")["ReplicationGroups"]
    assert (group["AutomaticFailover"], group["CacheNodeType"]) == ("enabled", "cache.m5.large")
    assert "rg: Automatic failover has been turned on for replication group rg" in home.messages()


def test_a_window_that_is_opened_by_hand(home: House, maintenance: Maintenance) -> None:
    assert maintenance.run("M", "") == Opened("m", ())
    modify(home, NumCacheNodes=4)
    assert maintenance.run("m", "") == Opened("m", ("NumCacheNodes",))
    with pytest.raises(Unfit, match="cannot open the maintenance window of m: it is modifying"):
        maintenance.run("m", "")
    home.settle()
    assert len(nodes(home)) == 4
    with pytest.raises(NoSuchTarget):
        maintenance.run("nobody", "")
    with pytest.raises(NoSuchTarget):
        maintenance.run("m", "999999999999")


def test_the_clock_is_looked_at_until_it_is_stopped(home: House, clock: Sundial) -> None:
    modify(home, PreferredMaintenanceWindow=WINDOW, NumCacheNodes=4)
    done = Event()
    home.store.wake(lambda _: done.set())
    maintenance = Maintenance(home.store, clock, 0.001)
    maintenance.start()
    try:
        clock.moment += timedelta(hours=1)
        assert done.wait(5), "nobody looked"
    finally:
        maintenance.stop()
    assert cache(home).spec.nodes[-1].id == "0004"


def leased(home: House) -> int:
    """How many addresses are taken."""
    with home.store.read() as transaction:
        query = select(func.count()).select_from(leases)
        return int(transaction.connection.execute(query).scalar_one())


def test_addresses_of_nodes_that_are_gone_are_free_again(home: House) -> None:
    before = leased(home)
    modify(home, NumCacheNodes=6, **NOW)
    home.settle()
    assert leased(home) == before + 3
    modify(home, NumCacheNodes=3, CacheNodeIdsToRemove=["0001", "0002", "0003"], **NOW)
    home.settle()
    assert leased(home) == before


def test_a_published_port_of_a_node_that_is_gone_leads_nowhere(home: House) -> None:
    before, port = cache(home), Address("127.0.0.1", 16900)
    home.gateway.route({port: [before.status.nodes["m.0001"].address]})
    with home.store.write() as transaction:
        endpoints = {**before.status.endpoints, "m.0009": port}
        transaction.caches.write_status(before, replace(before.status, endpoints=endpoints), settled=False)
    home.settle()
    assert port not in home.routes()
    assert cache(home).status.endpoints == before.status.endpoints
