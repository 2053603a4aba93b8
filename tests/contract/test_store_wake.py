"""Waking, held by SQLite within a process and by PostgreSQL between processes."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from cachewright.controlplane.model.cache import Key, Kind
from cachewright.controlplane.model.notifications import Outbox
from cachewright.controlplane.model.snapshots import Due, SnapshotKey
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.wake import keys_in, words
from tests.contract import postgresql
from tests.contract.test_store import ACCOUNT, REGION, SOON, add, group, key, store, url, wakes
from tests.e2e.waiting import until

__all__ = ["store", "url"]  # fixtures

MANY = {key(f"group-with-a-long-name-{number:017}") for number in range(500)}


def test_many_keys_are_woken_with_few_words(store: Store) -> None:
    woken, heard = wakes(store), set[Due]()
    with store.write() as transaction:
        transaction.due.update(MANY)
    while heard != MANY:
        heard |= woken.get(timeout=SOON)
    assert woken.empty()


def test_words_are_short_enough_and_lose_nothing() -> None:
    longest = Key("9" * 12, "r" * 32, Kind.REPLICATION_GROUP, "i" * 64)
    snapshot = SnapshotKey("9" * 12, "r" * 32, "s" * 255)
    outbox = Outbox("9" * 12, "r" * 32)
    told = words({longest, snapshot, outbox, *MANY})
    assert max(len(word) for word in told) < 7000
    assert set().union(*map(keys_in, told)) == {longest, snapshot, outbox, *MANY}


def test_nobody_hears_of_what_is_rolled_back(store: Store) -> None:
    woken = wakes(store)
    with pytest.raises(RuntimeError), store.write() as transaction:
        transaction.caches.add(group("never"))
        raise RuntimeError
    add(store, group("rg"))
    assert woken.get(timeout=SOON) == {key("rg")}


def test_other_processes_hear_of_it(server: Path) -> None:
    url = postgresql.new_database(server)
    here, there = Store(url), Store(url)
    here.prepare()
    woken = wakes(there)
    add(here, group("rg"))
    assert woken.get(timeout=SOON) == {Key(ACCOUNT, REGION, Kind.REPLICATION_GROUP, "rg")}
    here.close()
    there.close()


def test_a_listener_that_was_cut_off_hears_of_what_comes_then(server: Path) -> None:
    url = postgresql.new_database(server)
    store = Store(url)
    store.prepare()
    woken = wakes(store)
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    listeners = "FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()"
    with engine.connect() as connection:
        (first,) = connection.execute(text(f"SELECT pid {listeners}")).scalars()
        connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": first})
        until(
            "it listens again",
            lambda: set(connection.execute(text(f"SELECT pid {listeners}")).scalars()) - {first},
            SOON,
        )
    engine.dispose()
    add(store, group("rg"))
    assert woken.get(timeout=SOON) == {key("rg")}
    store.close()
