"""Revisions, owners, and what belongs to the installation, held by SQLite and by PostgreSQL."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Boolean, Column, DateTime, Integer, Table, func, insert, select

from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.ownership import LEASE, Ownership
from cachewright.controlplane.model.presentation import Presentation
from cachewright.controlplane.store.caches import Caches, Outdated
from cachewright.controlplane.store.database import KEPT, Store
from cachewright.controlplane.store.tables import metadata
from tests.contract.test_store import NOW, add, group, held, store, url

__all__ = ["store", "url"]  # fixtures

WRITES = {
    "write_status": lambda caches, cache: caches.write_status(cache, cache.status, settled=False),
    "write_spec": lambda caches, cache: caches.write_spec(cache, replace(cache.spec, multi_az=True)),
    "write_specs": lambda caches, cache: caches.write_specs([(cache.key, cache.spec)]),
    "mark_deleted": lambda caches, cache: caches.mark_deleted(cache.key),
}


def report(store: Store, cache: Cache, owner: str) -> Cache:
    with store.write() as transaction:
        return transaction.caches.write_status(
            cache, replace(cache.status, reason=owner), settled=False, ownership=Ownership(owner, NOW + LEASE)
        )


@pytest.mark.parametrize("kind", WRITES)
def test_a_report_is_about_what_was_read(store: Store, kind: str) -> None:
    seen = group("rg")
    add(store, seen)
    with store.write() as transaction:
        WRITES[kind](transaction.caches, seen)
    assert held(store, seen.key).revision == 2
    with pytest.raises(Outdated), store.write() as transaction:
        transaction.caches.write_status(seen, replace(seen.status, phase=Phase.AVAILABLE), settled=True)
    assert held(store, seen.key).status.phase is Phase.CREATING


def test_what_is_only_shown_outdates_no_report(store: Store) -> None:
    seen = group("rg")
    add(store, seen)
    with store.write() as transaction:
        transaction.caches.update_presentation(seen.key, Presentation("of a test"))
        written = transaction.caches.write_status(seen, seen.status, settled=True)
    assert held(store, seen.key) == replace(written, presentation=Presentation("of a test"))


def test_of_two_agents_one_reports(store: Store) -> None:
    seen = group("rg")
    add(store, seen)
    first = report(store, seen, "first")
    with pytest.raises(Outdated):
        report(store, seen, "second")
    assert held(store, seen.key) == first
    again = report(store, first, "first")
    assert (again.status.reason, again.ownership, again.revision) == ("first", Ownership("first", NOW + LEASE), 3)


def test_whoever_has_the_database_alone_frees_everything(store: Store) -> None:
    add(store, group("rg"), group("idle"))
    owned = report(store, held(store, group("rg").key), "killed")
    with store.write() as transaction:
        transaction.caches.release_all()
    free = held(store, owned.key)
    assert free.ownership == Ownership()
    with pytest.raises(Outdated):
        report(store, owned, "killed")
    assert held(store, group("idle").key).revision == 1


def test_a_cache_is_kept_from_others_for_a_while() -> None:
    owned = Ownership("first", NOW + LEASE)
    assert owned.keeps_out("second", NOW)
    assert not owned.keeps_out("first", NOW)
    assert not owned.keeps_out("second", NOW + LEASE)
    assert not Ownership().keeps_out("second", NOW)
    assert owned.renewed("first", NOW) is None
    later = NOW + LEASE / 2 + timedelta(seconds=1)
    assert owned.renewed("first", later) == Ownership("first", later + LEASE)
    assert owned.renewed("second", NOW) == Ownership("second", NOW + LEASE)


def some(column: Column[Any]) -> Any:
    if isinstance(column.type, Boolean):
        return False
    if isinstance(column.type, Integer):
        return 1
    return NOW if isinstance(column.type, DateTime) else "x"


def count(store: Store, table: Table) -> int:
    with store.read() as transaction:
        return int(transaction.connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_everything_is_erased_but_what_belongs_to_the_installation(store: Store) -> None:
    with store.write() as transaction:
        for table in metadata.sorted_tables:
            transaction.connection.execute(insert(table), {column.name: some(column) for column in table.columns})
    store.erase()
    left = {table.name for table in metadata.sorted_tables if count(store, table)}
    assert left == {table.name for table in KEPT} == {"facts", "secrets", "hosts"}


def test_secrets_are_remembered(store: Store) -> None:
    with store.write() as transaction:
        assert transaction.secrets.all() == {}
        transaction.secrets.add({"agent.secret": "abc", "ca.key": "multiple\nlines\n"})
    with store.read() as transaction:
        assert transaction.secrets.all() == {"agent.secret": "abc", "ca.key": "multiple\nlines\n"}


def test_every_way_to_write_what_an_agent_reads_counts() -> None:
    writers = {name for name in vars(Caches) if name.startswith(("write_", "mark_", "update_"))}
    assert writers - WRITES.keys() == {"update_presentation"}
