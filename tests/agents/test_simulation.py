"""Five agents over fifty hosts, in virtual time: hosts, agents and the database fail at any moment, and at the end
everything is as desired, once.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import select

from cachewright.agents.memory.hosts import Power
from cachewright.agents.planning.containers import State
from cachewright.agents.planning.labels import CACHE, NODE
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.membership import chosen
from cachewright.controlplane.store.tables import leases, placements
from tests.simulation.counting import statements
from tests.simulation.site import NOTICED, Site, key_of_group

HOSTS, AGENTS, CACHES = 50, 5, 20  # caches of three nodes each
SMALL = {"hosts", "members", "test_failovers"}  # tables that do not grow with the caches
SUMS = {"placements"}  # what is left on each host, which follows from all nodes: for who is placed
KEYS = {"caches"}  # names alone: everybody is looked at as a host goes away


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Everything as desired, and a key in each cache."""
    made = Site(tmp_path)
    made.tell_hosts(HOSTS)
    made.add_agents(AGENTS)
    for number in range(CACHES):
        made.create(number)
    made.settle()
    for cache in made.caches():
        primary = cache.status.nodes[cache.status.shards["0001"].primary]
        made.machine.processes.write(primary.address.host, "key", cache.key.id)
    yield made
    made.close()


def die(site: Site) -> Callable[[], None]:
    """A host loses its power, or is cut off; what makes it come back."""
    host = f"h{site.chance.randrange(HOSTS)}"
    site.machine.power(host, site.chance.choice([Power.OFF, Power.CUT]))
    return lambda: site.machine.power(host, Power.ON)


def restart(site: Site) -> Callable[[], None]:
    """An agent is killed; another one is begun later."""
    site.kill(site.chance.choice(site.agents))
    return lambda: site.add_agents(1)


def stop(site: Site) -> Callable[[], None]:
    """The machine of an agent stops for a while, in the middle of whatever it does."""
    agent = site.chance.choice(site.agents)
    agent.held = True

    def go_on() -> None:
        agent.held = False

    return go_on


def lose_the_way(site: Site) -> Callable[[], None]:
    """An agent does not reach the database."""
    agent = site.chance.choice(site.agents)
    agent.way.cut = True

    def find_it() -> None:
        agent.way.cut = False

    return find_it


def lose_the_database(site: Site) -> Callable[[], None]:
    """Nobody does."""
    site.cut(off=True)
    return lambda: site.cut(off=False)


FAILURES = {
    "two hosts": [die, die],
    "a host and an agent": [die, restart],
    "a host and the agent of some of its nodes stops": [stop, die],
    "an agent is cut off, then a host": [lose_the_way, die],
    "the database, then a host": [lose_the_database, die],
    "a host, then the database": [die, lose_the_database],
    "all agents but one": [restart] * (AGENTS - 1) + [die],
}


@pytest.mark.parametrize("failures", FAILURES.values(), ids=FAILURES)
def test_whatever_fails_everything_is_as_desired_afterwards_and_nothing_was_done_twice(
    site: Site, failures: list[Callable[[Site], Callable[[], None]]]
) -> None:
    ends = []
    for failure in failures:
        ends.append(failure(site))
        site.run(site.chance.uniform(0, 5))
    site.run(site.chance.uniform(0, 10))
    for end in ends:
        end()
        site.run(site.chance.uniform(0, 2))
    site.settle()
    assert_sound(site)


def assert_sound(site: Site) -> None:
    """Each node runs once, where it is said to, with what was written; and nothing else runs, or is counted."""
    assert site.trespasses == []
    assert max(site.begun.values()) == 1
    caches = site.caches()
    assert {cache.phase for cache in caches} == {Phase.AVAILABLE}
    known = {(str(cache.key), name): node for cache in caches for name, node in cache.status.nodes.items()}
    assert len(known) == 3 * CACHES
    running = Counter(
        (one.labels[CACHE], one.labels[NODE], one.host, one.state) for one in site.agents[0].runtime.containers()
    )
    assert running == Counter((cache, name, node.host, State.RUNNING) for (cache, name), node in known.items())
    for cache in caches:
        assert len({node.host for node in cache.status.nodes.values()}) == 3
        held = {site.machine.processes.at(node.address.host).data.get("key") for node in cache.status.nodes.values()}
        assert held == {cache.key.id}
    assert_counted(site)


def assert_counted(site: Site) -> None:
    """Addresses and room are those of nodes that there are."""
    nodes = {(cache.incarnation, name): node for cache in site.caches() for name, node in cache.status.nodes.items()}
    with site.store.read() as transaction:
        rows = transaction.connection.execute(select(placements.c.incarnation, placements.c.node, placements.c.host))
        placed = Counter((row.incarnation, row.node, row.host) for row in rows)
        owners = set(transaction.connection.execute(select(leases.c.incarnation)).scalars())
    assert placed == Counter((*name, node.host) for name, node in nodes.items())
    assert owners == {incarnation for incarnation, _ in nodes}


def test_an_agent_that_came_since_is_not_taken_for_one_that_is_gone(site: Site) -> None:
    others = list(site.agents)
    for other in others:
        other.speak()
        other.held = True
    site.add_agents(1)
    (newcomer,) = (agent for agent in site.agents if agent not in others)
    names = {agent.member.name for agent in site.agents}
    its = (n for n in count(CACHES) if chosen(str(key_of_group(n)), names) == newcomer.member.name)
    key = site.create(next(its))
    site.run(0.1)
    assert site.owner(key) == newcomer.member.standing.token
    for other in others:
        other.held = False
    site.run(0.1)
    assert not any(newcomer.member.name in other.member.standing.agents for other in others)
    assert site.owner(key) == newcomer.member.standing.token


def test_one_change_reads_no_table_of_all_caches(site: Site) -> None:
    key = key_of_group(0)
    with statements() as told:
        site.create(CACHES)
        site.call(key, "TestFailover", NodeGroupId="0001")
        site.run(NOTICED)
    assert site.rests()
    assert scanned(site, told) <= SMALL | SUMS


def test_a_host_that_dies_has_all_caches_named_and_those_on_it_read(site: Site) -> None:
    with statements() as told:
        die(site)
        site.run(NOTICED)
    assert site.rests()
    assert scanned(site, told) <= SMALL | SUMS | KEYS


def scanned(site: Site, told: Mapping[str, int]) -> set[str]:
    """The tables of which statements read every row."""
    found = set()
    with site.store.read() as transaction:
        for statement in told:
            if statement.startswith(("SELECT", "UPDATE", "DELETE")):
                values = ("",) * statement.count("?")
                rows = transaction.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
                found |= {row.detail.split()[1] for row in rows if row.detail.startswith("SCAN")}
    return found


def test_whatever_is_looked_at_and_as_desired_is_not_written_again(site: Site) -> None:
    before = {cache.key: cache.revision for cache in site.caches()}
    with statements() as told:
        for agent in site.agents:
            agent.doubt()
        site.run(NOTICED)
    assert {cache.key: cache.revision for cache in site.caches()} == before
    looks = (n for statement, n in told.items() if "caches.settled" in statement and "caches.revision =" in statement)
    assert sum(looks) == CACHES
