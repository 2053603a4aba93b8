"""Fifty hosts, 15,000 nodes and five agents in virtual time and one thread: what the agents' processors and the
database have to do. Deeds and looks take no time there, so that nothing but Cachewright's own work is counted.
"""

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.figures import Row, Summary, alternated
from cachewright.agents.memory.hosts import Power
from cachewright.controlplane.model.cache import Key
from tests.simulation.counting import statements
from tests.simulation.site import NOTICED, Site, key_of_group

HOSTS, CACHES, NODES, AGENTS = 50, 5_000, 3, 5  # nodes of a cache
FEW_HOSTS, FEW_CACHES = 3, 5
TOGETHER = 50  # caches that are asked for before the agents have their turns
CHANGES = 10  # a sample is the mean of so many
DEATHS = 3
IDLE = 60.0  # seconds
SAMPLED = 7  # from one cache that changes to the next, so that each agent has some of them
BAR = 1.5
PRETEND = "pretend machine"
MANY = f"{CACHES * NODES:,} nodes, {HOSTS} hosts, {AGENTS} agents"


def simulating(rounds: int) -> Iterator[Row]:
    """One change, and whatever concerns all."""
    with _site(FEW_HOSTS, FEW_CACHES, 1) as few, _site(HOSTS, CACHES, AGENTS) as many:
        yield from _changes(rounds, many, few)
        yield from _idle(many)
        yield from _deaths(many)
        yield from _resynchronised(many)


@dataclass(frozen=True, slots=True)
class _Cost:
    """What something took."""

    processor: float  # milliseconds, of everybody
    statements: int
    writes: int  # transactions, of which there is one at a time
    passed: float  # virtual seconds


def _cost(site: Site, deed: Callable[[], None]) -> _Cost:
    begun, moment = time.process_time(), site.time.passed
    with statements() as told:
        deed()
    processor = (time.process_time() - begun) * 1000
    asked = told.total() - told["BEGIN"]  # which reads of a PostgreSQL do without
    return _Cost(processor, asked, told["BEGIN IMMEDIATE"], site.time.passed - moment)


def _changes(rounds: int, many: Site, few: Site) -> Iterator[Row]:
    name = f"TestFailover until `available`, among {MANY}"
    floor_is = f"among {FEW_CACHES * NODES} with one"
    asked: dict[int, list[float]] = {id(many): [], id(few): []}

    def take(site: Site) -> float:
        costs = [_failover(site, number) for number in range(CHANGES)]
        asked[id(site)].append(sum(cost.statements for cost in costs) / CHANGES)
        return sum(cost.processor for cost in costs) / CHANGES

    ours, floor = alternated(rounds, lambda: take(many), lambda: take(few))
    yield Row(f"{name}: processor", "ms", ours, floor, floor_is, BAR, PRETEND)
    ours, floor = (Summary(tuple(asked[id(site)][1:])) for site in (many, few))
    yield Row(f"{name}: statements", "", ours, floor, floor_is, BAR, PRETEND)


def _failover(site: Site, number: int) -> _Cost:
    """Between two of anybody's words and pings, which are there without a change, and would have filled the caches of
    the processor.
    """
    caches = CACHES if len(site.agents) > 1 else FEW_CACHES
    key = key_of_group(number * SAMPLED % caches)
    site.refresh()
    return _cost(site, lambda: _failed_over(site, key))


def _failed_over(site: Site, key: Key) -> None:
    site.call(key, "TestFailover", NodeGroupId="0001")
    site.until(site.is_settled)


def _idle(site: Site) -> Iterator[Row]:
    cost = _cost(site, lambda: site.run(IDLE))
    name = f"idle with {MANY}"
    yield Row(f"{name}: statements", "/s", _one(cost.statements / cost.passed), note=f"leases and patrols; {PRETEND}")
    share = cost.processor / 10 / cost.passed
    yield Row(f"{name}: processor", "% of a core", _one(share), note=f"with pings, all agents; {PRETEND}")


def _deaths(site: Site) -> Iterator[Row]:
    costs = [_cost(site, partial(_died, site, f"h{number}")) for number in range(DEATHS)]
    yield from _rows(f"a host of {HOSTS} dies, with {CACHES * NODES // HOSTS} of {CACHES * NODES:,} nodes", costs)


def _died(site: Site, host: str) -> None:
    site.machine.power(host, Power.OFF)
    site.settle()


def _resynchronised(site: Site) -> Iterator[Row]:
    yield from _rows(f"all {AGENTS} agents begin anew, with {CACHES:,} caches", [_cost(site, lambda: _restarted(site))])


def _restarted(site: Site) -> None:
    for agent in list(site.agents):
        site.kill(agent)
    site.add_agents(AGENTS)
    site.settle()


def _rows(what: str, costs: Sequence[_Cost]) -> Iterator[Row]:
    """What it takes until all is as desired."""
    yield Row(f"{what}: processor", "s", Summary(tuple(cost.processor / 1000 for cost in costs)), note=PRETEND)
    yield Row(f"{what}: statements", "", Summary(tuple(float(cost.statements) for cost in costs)), note=PRETEND)
    yield Row(f"{what}: of these, transactions that write", "", Summary(tuple(float(cost.writes) for cost in costs)))


def _one(value: float) -> Summary:
    return Summary((value,))


@contextmanager
def _site(hosts: int, caches: int, agents: int) -> Iterator[Site]:
    with TemporaryDirectory(prefix="cachewright-bench-") as directory:
        site = Site(Path(directory), watched=False)
        site.tell_hosts(hosts)
        site.add_agents(agents)
        site.run(NOTICED)
        for number in range(caches):
            site.create(number)
            if number % TOGETHER == TOGETHER - 1:
                site.run(NOTICED / TOGETHER)
                gc.freeze()  # nobody's garbage is looked for in the pretend machine: it is not the agents'
        site.settle()
        gc.freeze()
        yield site
        site.close()
