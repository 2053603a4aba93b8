"""What engines count, and what containers take of their machine: the pretend ones and the real ones."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from cachewright.agents.engines.redis.lags import LONGEST
from cachewright.agents.planning.host_usage import HostUsage
from cachewright.controlplane.model.metrics.metric import Family
from cachewright.controlplane.model.metrics.table import METRICS
from cachewright.controlplane.model.metrics.terms import Figures
from tests.contract.runtimes import WORLDS, opened
from tests.contract.runtimes import World as Machine
from tests.contract.test_cluster_driver import ENGINES, PAIRS, World, _made, _pretend, real
from tests.e2e.waiting import until

__all__ = ["real"]

# What some builds do not tell yet: Redis before 7.2 of rights, and before 6.2 of errors; Valkey before 9 of fields.
YOUNG = """
AuthenticationFailures ChannelAuthorizationFailures CommandAuthorizationFailures CurrItemsWithVolatileFields
DatabaseAuthorizationFailures ErrorCount KeyAuthorizationFailures PubSubShardChannels ReclaimedFields
"""
OF_LOOKUPS = frozenset({"CacheHitRate"})  # before there was one
OF_SECONDARIES = frozenset({"GlobalDatastoreReplicationLag"})  # whoever asks knows which nodes those are
OF_REPLICAS = "MasterLinkHealthStatus PrimaryLinkHealthStatus ReplicationLag"


@pytest.fixture(scope="module", params=[pytest.param(_pretend, id="pretend"), *ENGINES])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """A shard of a primary that holds something and its replica."""
    for made in _made(request.param):
        made.found(1, replicas=1)
        made.write(made.reach(0).address, PAIRS)
        yield made


@pytest.fixture(params=WORLDS)
def machine(request: pytest.FixtureRequest) -> Iterator[Machine]:
    yield from opened(request.param)


def figures(world: World, number: int) -> Figures:
    found = world.driver.figures(world.reach(number))
    assert found
    return found


def untold(found: Figures) -> set[str]:
    """The metrics of an engine for which it does not tell enough; every term but those of a minute."""
    rows = (row for row in METRICS if row.family is Family.REDIS and row.term)
    return {row.name for row in rows if row.value(found) is None and row.rate({**found, "seconds": 1.0}) is None}


def test_how_late_a_write_arrives_is_measured(world: World) -> None:
    before = figures(world, 1)
    assert 0 <= world.replication.lag(world.reach(1), world.reach(0)) < LONGEST, "it has arrived"
    assert figures(world, 1)["db0.keys"] == before["db0.keys"]


def test_a_node_tells_all_that_metrics_follow_from(world: World) -> None:
    primary, replica = figures(world, 0), figures(world, 1)
    latencies = {row.name for row in METRICS if row.name.endswith("Latency")}
    expected = {*YOUNG.split(), *OF_LOOKUPS, *OF_SECONDARIES, *latencies}
    assert untold(primary) <= {*expected, *OF_REPLICAS.split()}
    assert untold(replica) <= expected
    assert (primary["role"], replica["role"], primary["connected_slaves"]) == (1, 0, 1)
    assert primary["db0.keys"] == len(PAIRS)
    assert 0 < primary["used_memory"] < primary["maxmemory"]


def test_what_is_asked_is_counted(world: World) -> None:
    before = figures(world, 0)
    after = figures(world, 0)
    assert after["cmdstat_info.calls"] > before["cmdstat_info.calls"]
    assert after["total_commands_processed"] > before["total_commands_processed"]


def test_who_does_not_know_the_agent_or_is_not_there_tells_nothing(world: World) -> None:
    assert world.driver.figures(replace(world.reach(0), login=True)) is None
    assert world.driver.figures(world.reach(7)) is None


def test_a_container_takes_something_while_it_runs(machine: Machine) -> None:
    machine.runtime.launch(machine.blueprint())
    name = machine.blueprint().name
    found = seen(machine, name, lambda usage: usage.memory_limit == machine.blueprint().memory)
    assert found.memory < found.memory_limit
    assert found.swap == 0
    seen(machine, name, lambda usage: usage.processor_seconds > found.processor_seconds)
    machine.runtime.kill(name)
    until("nothing is told of it", lambda: machine.runtime.usage(name) is None)
    machine.runtime.start(name)
    seen(machine, name, lambda usage: usage.cpu_seconds >= 0)
    machine.runtime.remove(name)
    until("nothing is told of it", lambda: machine.runtime.usage(name) is None)


def test_a_container_that_never_was_takes_nothing(machine: Machine) -> None:
    assert machine.runtime.usage(f"{machine.prefix}-none") is None
    assert machine.runtime.usage(f"{machine.prefix}-none") is None


def seen(machine: Machine, name: str, fits: Callable[[HostUsage], bool]) -> HostUsage:
    """What a container takes, as soon as that is known and fits."""
    found: list[HostUsage] = []

    def look() -> bool:
        usage = machine.runtime.usage(name)
        found[:] = [usage] if usage and fits(usage) else []
        return bool(found)

    until("it is known what a container takes", look)
    return found[0]
