"""What the store promises, held by SQLite and by PostgreSQL."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Queue
from threading import Barrier

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from cachewright.controlplane.model.automatic import life_of
from cachewright.controlplane.model.cache import Address, Cache, Key, Kind, Node, NodeStatus, Shard, Spec, Status
from cachewright.controlplane.model.events import CLUSTER, GROUP, HISTORY, Event
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.presentation import Presentation
from cachewright.controlplane.model.schedule import Schedule
from cachewright.controlplane.model.snapshots import Due
from cachewright.controlplane.model.versions import Engine
from cachewright.controlplane.store.caches import NameTaken, Outdated
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.events import EventQuery
from cachewright.controlplane.store.leases import Exhausted
from cachewright.controlplane.store.migrations import configuration, upgrade
from cachewright.controlplane.store.revision import REVISION
from cachewright.controlplane.store.tables import metadata
from tests.contract import postgresql

ACCOUNT, REGION = "000000000001", "us-east-1"
NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
THREADS = 8
SOON = 10.0  # seconds within which everybody hears of a commit
LAST = Key(ACCOUNT, REGION, Kind.CACHE_CLUSTER, "last")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    return postgresql.new_database(request.getfixturevalue("server"))


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """A store in which nothing is remembered."""
    store = Store(url)
    store.prepare()
    yield store
    store.close()


def key(name: str, kind: Kind = Kind.REPLICATION_GROUP) -> Key:
    return Key(ACCOUNT, REGION, kind, name)


def group(name: str, members: int = 2, incarnation: str = "first") -> Cache:
    nodes = tuple(Node(f"{name}-{number:03}", "0001", "us-east-1a") for number in range(1, members + 1))
    shards = (Shard("0001", nodes),)
    spec = Spec(Engine.REDIS, "7.1.0", "cache.t3.micro", 6379, "default.redis7", shards)
    return Cache(key(name), incarnation, NOW, 1, False, spec, Status())  # noqa: FBT003


def cluster(name: str, nodes: int = 1) -> Cache:
    own = tuple(Node(name, f"{number:04}", "us-east-1a") for number in range(1, nodes + 1))
    spec = replace(group("any").spec, engine=Engine.MEMCACHED, shards=(Shard("0001", own),))
    return replace(group(name), key=key(name, Kind.CACHE_CLUSTER), spec=spec)


def add(store: Store, *caches: Cache) -> None:
    for cache in caches:
        with store.write() as transaction:
            transaction.caches.add(cache)


def held(store: Store, wanted: Key) -> Cache:
    with store.read() as transaction:
        cache = transaction.caches.get(wanted)
    assert cache
    return cache


def unsettled(store: Store) -> list[Key]:
    with store.read() as transaction:
        return transaction.caches.keys(unsettled=True)


def wakes(store: Store) -> "Queue[set[Due]]":
    """The keys that commits make due, from now on."""
    woken: Queue[set[Due]] = Queue()
    store.wake(woken.put)
    return woken


def assert_woken(store: Store, woken: "Queue[set[Due]]", *keys: Due) -> None:
    """These keys were woken, one after the other, and nobody else: what is told after them is next."""
    with store.write() as transaction:
        transaction.due.add(LAST)
    assert [woken.get(timeout=SOON) for _ in (*keys, LAST)] == [{each} for each in (*keys, LAST)]


def test_a_cache_is_remembered_whole(store: Store) -> None:
    cache = group("rg")
    nodes = {"rg-001.0001": NodeStatus(Address("10.0.0.1", 6379), created_at=NOW)}
    cache = replace(cache, status=Status(Phase.AVAILABLE, 1, nodes, routes={"primary": (Address("10.0.0.1", 6379),)}))
    add(store, cache)
    assert held(store, cache.key) == cache
    with store.read() as transaction:
        assert transaction.caches.holding(ACCOUNT, REGION, "rg-002") == cache
        assert transaction.caches.holding(ACCOUNT, REGION, "rg") is None
        assert transaction.caches.get(key("rg", Kind.CACHE_CLUSTER)) is None


def test_a_name_is_taken_once(store: Store) -> None:
    add(store, group("rg"), cluster("one"))
    for clash in (group("rg", 1), cluster("rg-002"), cluster("one")):
        with pytest.raises(NameTaken), store.write() as transaction:
            transaction.caches.add(clash)
    with store.write() as transaction:  # a clash spoils nothing of the rest of a transaction
        with pytest.raises(NameTaken):
            transaction.caches.add(cluster("one"))
        transaction.caches.add(cluster("two"))
    elsewhere = replace(group("rg"), key=replace(key("rg"), region="eu-west-1"))
    add(store, elsewhere)
    assert held(store, elsewhere.key) == elsewhere


def test_a_transaction_is_whole_or_nothing(store: Store) -> None:
    with pytest.raises(RuntimeError), store.write() as transaction:
        transaction.caches.add(group("rg"))
        transaction.facts.write("name", "value")
        raise RuntimeError
    with store.read() as transaction:
        assert (transaction.caches.all(), transaction.facts.read("name")) == ([], None)


def test_caches_are_found_by_what_their_documents_say(store: Store) -> None:
    listed, named = replace(group("listed").spec, engine=Engine.MEMCACHED), replace(group("named").status, named="yes")
    mentioned = [replace(group("listed"), spec=listed), replace(group("named"), status=named)]
    for cache in (*mentioned, group("neither")):
        add(store, cache)
    with store.read() as transaction:
        assert transaction.caches.mentioning(spec='"memcached"', status='"named"') == mentioned
        assert transaction.caches.mentioning(spec='"memcached"') == mentioned[:1]


def test_specs_count_and_wake(store: Store) -> None:
    woken = wakes(store)
    cache = group("rg")
    add(store, cache)
    with store.write() as transaction:
        transaction.caches.write_spec(cache, group("rg", 3).spec)
    with store.write() as transaction:
        transaction.caches.mark_deleted(cache.key)
    assert [woken.get(timeout=SOON) for _ in range(3)] == [{cache.key}] * 3
    after = held(store, cache.key)
    assert (after.generation, after.deleting, len(after.spec.nodes)) == (3, True, 3)
    with store.read() as transaction:
        assert transaction.caches.count_nodes(ACCOUNT, REGION) == 3
        assert transaction.caches.holding(ACCOUNT, REGION, "rg-003") == after


def test_a_description_wakes_nobody(store: Store) -> None:
    cache = group("rg")
    add(store, cache)
    woken = wakes(store)
    shown = Presentation("of sessions", security_group_ids=("sg-1",))
    with store.write() as transaction:
        cache = transaction.caches.write_status(cache, cache.status, settled=True)
        after = transaction.caches.update_presentation(cache.key, shown)
        assert transaction.caches.write_spec(after, cache.spec) == after  # the same
    assert_woken(store, woken)
    assert unsettled(store) == []
    assert held(store, cache.key) == after == replace(cache, presentation=shown)


def test_a_schedule_is_looked_at_and_changes_nothing_else(store: Store) -> None:
    cache = group("rg")
    add(store, cache)
    woken = wakes(store)
    spec = replace(cache.spec, schedule=Schedule("sun:23:00-mon:01:30", snapshot_retention_limit=3))
    with store.write() as transaction:
        cache = transaction.caches.write_status(cache, cache.status, settled=True)
        after = transaction.caches.write_spec(cache, spec)
    assert_woken(store, woken, cache.key)
    assert unsettled(store) == [cache.key]
    assert held(store, cache.key) == after == replace(cache, spec=spec, revision=cache.revision + 1)


def test_reports_touch_no_spec(store: Store) -> None:
    seen = group("rg")
    add(store, seen)
    with store.write() as transaction:
        transaction.caches.write_spec(seen, group("rg", 3).spec)
    with pytest.raises(Outdated), store.write() as transaction:  # a report for a spec that is no more
        transaction.caches.write_status(seen, Status(Phase.AVAILABLE, 1), settled=True)
    after = held(store, seen.key)
    assert (after.generation, len(after.spec.nodes), after.status) == (2, 3, seen.status)
    assert unsettled(store) == [seen.key]
    with store.write() as transaction:
        transaction.caches.write_status(after, Status(Phase.AVAILABLE, 2), settled=True)
    assert held(store, seen.key).status.phase is Phase.AVAILABLE
    assert unsettled(store) == []


def test_a_cache_is_not_its_namesake(store: Store) -> None:
    first, second = group("rg"), group("rg", incarnation="second")
    add(store, first)
    with store.write() as transaction:
        transaction.caches.remove(first)
    add(store, second)
    with pytest.raises(Outdated), store.write() as transaction:
        transaction.caches.write_status(first, Status(Phase.FAILED), settled=True)
    with store.write() as transaction:
        transaction.caches.remove(first)
    assert held(store, second.key) == second


def test_the_names_of_a_removed_cache_are_free(store: Store) -> None:
    add(store, group("rg"))
    with store.write() as transaction:
        transaction.caches.remove(group("rg"))
    add(store, cluster("rg-001"))
    with store.read() as transaction:
        assert transaction.caches.keys() == [key("rg-001", Kind.CACHE_CLUSTER)]


def test_pages(store: Store) -> None:
    add(store, group("b"), group("a"), cluster("web", 2), cluster("c"))
    with store.read() as transaction:
        caches = transaction.caches
        pages = [caches.page_of_clusters(ACCOUNT, REGION, after, 3) for after in ("", "b-001", "web")]
        alone = caches.page_of_clusters(ACCOUNT, REGION, "", 10, standalone=True)
        here = (ACCOUNT, REGION, Kind.REPLICATION_GROUP)
        groups = caches.page_of(*here, "", 10), caches.page_of(*here, "a", 10)
        assert caches.count_nodes(ACCOUNT, REGION) == 7
        assert caches.count_nodes(ACCOUNT, "eu-west-1") == 0
    names = [[name for name, _ in page] for page in pages]
    assert names == [["a-001", "a-002", "b-001"], ["b-002", "c", "web"], []]
    assert [name for name, _ in alone] == ["c", "web"]
    assert [[cache.key.id for cache in page] for page in groups] == [["a", "b"], ["b"]]


def test_a_node_that_moves_has_two_addresses(store: Store) -> None:
    numbers, node = range(10, 16), "rg-001.0001"
    with store.write() as transaction:
        leases = transaction.leases
        first = leases.take("node", numbers, "one", node)
        second = leases.another("node", numbers, "one", node, first)
        assert leases.take("node", numbers, "two", node) not in (first, second)
        third = leases.another("node", numbers, "one", node, second)  # and the first is given up
        assert third not in (first, second)
        assert leases.keep("one", [node]) == 0
        leases.transfer("one", "three", node)
        assert leases.release("three", node) == 2


def test_leases_go_round(store: Store) -> None:
    numbers = range(10, 13)
    with store.write() as transaction:
        leases = transaction.leases
        assert [leases.take("node", numbers, "one", name) for name in ("a", "b", "a")] == [10, 11, 10]
        assert leases.take("endpoint", numbers, "one", "a") == 10
        leases.release("one", "a")
    with store.write() as transaction:
        assert [leases.take("node", numbers, "two", name) for leases in [transaction.leases] for name in "ab"] == [
            12,
            10,
        ]
        with pytest.raises(Exhausted):
            transaction.leases.take("node", numbers, "two", "c")
        transaction.leases.release("two")
        assert transaction.leases.take("node", numbers, "two", "c") == 12


def test_events(store: Store) -> None:
    told = [Event(GROUP, "rg", "first"), Event(CLUSTER, "one", "second"), Event(GROUP, "rg", "third")]
    with store.write() as transaction:
        transaction.events.add(ACCOUNT, REGION, [Event(GROUP, "rg", "forgotten")], NOW - HISTORY - timedelta(seconds=1))
        transaction.events.add(ACCOUNT, REGION, told, NOW)
        transaction.events.add(ACCOUNT, "eu-west-1", [Event(GROUP, "rg", "elsewhere")], NOW)
    query = EventQuery(ACCOUNT, REGION, NOW - 2 * HISTORY, NOW)
    with store.read() as transaction:
        newest = transaction.events.newest(query, None, 10)
        rest = transaction.events.newest(query, newest[0], 1)
        groups = transaction.events.newest(replace(query, source_type=GROUP), None, 10)
        single = transaction.events.newest(replace(query, source="one"), None, 10)
        early = transaction.events.newest(replace(query, end=NOW - timedelta(microseconds=1)), None, 10)
    assert [dated.event for dated in newest] == told[::-1]
    assert {dated.date for dated in newest} == {NOW}
    assert rest == newest[1:2]
    assert [dated.event.message for dated in groups] == ["third", "first"]
    assert [dated.event.message for dated in single] == ["second"]
    assert early == []


def test_failovers_of_a_day(store: Store) -> None:
    with store.write() as transaction:
        for node_group, hours in (("a/0001", 25), ("b/0001", 23), ("b/0001", 1), ("c/0001", 1)):
            transaction.failovers.add(ACCOUNT, REGION, node_group, NOW - timedelta(hours=hours))
    with store.read() as transaction:
        count = transaction.failovers.count_others
        assert [count(ACCOUNT, REGION, name, NOW) for name in ("a/0001", "b/0001", "d/0001")] == [2, 1, 2]
        assert count(ACCOUNT, "eu-west-1", "d/0001", NOW) == 0


def test_snapshots_of_a_day(store: Store) -> None:
    cache, other = group("rg"), replace(group("rg"), incarnation="other")
    with store.write() as transaction:
        taken = transaction.snapshots_taken
        for hours in (25, 23, 1):
            taken.add(cache, "rg-001", NOW - timedelta(hours=hours), automatic=False)
            taken.add(cache, "", NOW - timedelta(hours=hours), automatic=True)
        taken.add(other, "rg-001", NOW, automatic=True)
    with store.read() as transaction:
        taken = transaction.snapshots_taken
        counted = [taken.count(whose, of, NOW) for whose in (cache, other) for of in ("rg-001", "")]
        assert counted == [2, 0, 0, 0]
        assert taken.last_automatic() == {life_of(cache): NOW - timedelta(hours=1), life_of(other): NOW}


def test_writers_do_not_lose_each_others_specs(store: Store) -> None:
    cache = group("rg")
    add(store, cache)
    start = Barrier(THREADS)

    def fail_over(_: int) -> None:
        start.wait()
        with store.write() as transaction:
            seen = transaction.caches.get(cache.key, lock=True)
            assert seen
            (shard,) = seen.spec.shards
            again = replace(shard, failovers=shard.failovers + 1)
            transaction.caches.write_spec(seen, replace(seen.spec, shards=(again,)))

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(fail_over, range(THREADS)))
    after = held(store, cache.key)
    assert (after.generation, after.spec.shards[0].failovers) == (1 + THREADS, THREADS)


def test_one_of_many_creators_wins(store: Store) -> None:
    start = Barrier(THREADS)

    def create(number: int) -> bool:
        start.wait()
        try:
            add(store, group("rg", incarnation=str(number)))
        except NameTaken:
            return False
        return True

    with ThreadPoolExecutor(THREADS) as pool:
        created = list(pool.map(create, range(THREADS)))
    assert sum(created) == 1
    assert held(store, key("rg")).incarnation == str(created.index(True))


def test_many_get_addresses_at_the_same_time(store: Store) -> None:
    start = Barrier(THREADS)

    def lease(number: int) -> list[int]:
        start.wait()
        taken = []
        for name in "abcde":
            with store.write() as transaction:
                taken.append(transaction.leases.take("node", range(1000), str(number), name))
        return taken

    with ThreadPoolExecutor(THREADS) as pool:
        taken = [number for numbers in pool.map(lease, range(THREADS)) for number in numbers]
    assert len(set(taken)) == len(taken) == 5 * THREADS


def test_a_new_database_has_these_tables(store: Store, url: str) -> None:
    require_tables(url)
    store.prepare()  # once more: nothing is left to do


def test_migrations_lead_to_these_tables(url: str) -> None:
    engine = create_engine(url)
    upgrade(engine)
    engine.dispose()
    require_tables(url)
    assert ScriptDirectory.from_config(configuration()).get_heads() == [REVISION]


def require_tables(url: str) -> None:
    """No table, column or index is otherwise than the program has it, and Alembic has no step left to take."""
    engine = create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert context.get_current_revision() == REVISION
        assert compare_metadata(context, metadata) == []
    engine.dispose()
