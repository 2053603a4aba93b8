"""What was written at any time is read as it was meant, or not at all; held by SQLite and by PostgreSQL."""

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import create_engine, select, text, update

from cachewright.controlplane.model.cache import Cache, Kind
from cachewright.controlplane.model.nouns import (
    CACHE_CLUSTER,
    PARAMETER_GROUP,
    REPLICATION_GROUP,
    SUBNET_GROUP,
    Resource,
)
from cachewright.controlplane.model.parameter_groups import ParameterGroup
from cachewright.controlplane.model.subnet_groups import SubnetGroup
from cachewright.controlplane.store import tables
from cachewright.controlplane.store.caches import Caches
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.documents import Unreadable
from cachewright.controlplane.store.transaction import Transaction
from cachewright.controlplane.store.upgrades import SCHEMA
from tests.contract.test_store import ACCOUNT, REGION, add, cluster, group, held, key, store, url
from tests.golden import values
from tests.golden.files import file_of
from tests.golden.written import load

__all__ = ["store", "url"]  # fixtures

CACHES: dict[int, Cache] = {form: values.as_of(form, values.CACHE) for form in range(1, SCHEMA + 1)}


def opened(url: str, form: int) -> Store:
    """A store whose database was written in that form."""
    engine = create_engine(url)
    with engine.begin() as connection:
        load(connection, file_of(form))
    engine.dispose()
    store = Store(url)
    store.prepare()
    return store


@pytest.mark.parametrize("form", CACHES)
def test_what_was_written_in_any_form_is_read_as_the_same(url: str, form: int) -> None:
    store = opened(url, form)
    assert held(store, values.CACHE.key) == CACHES[form]
    with store.read() as transaction:
        groups = transaction.records(ACCOUNT, REGION, PARAMETER_GROUP, ParameterGroup)
        subnets = transaction.records(ACCOUNT, REGION, SUBNET_GROUP, SubnetGroup)
        assert groups.get("mine") == values.as_of(form, values.GROUP)
        assert subnets.get("subnets") == (values.as_of(form, values.SUBNETS) if form > 1 else None)  # there were none
        assert transaction.caches.waiting() == [CACHES[form]]
    store.close()


def test_tags_addresses_and_facts_of_the_first_form(url: str) -> None:
    store = opened(url, 1)
    with store.write() as transaction:
        tags = {
            name: transaction.tags.of(Resource(ACCOUNT, REGION, noun, name))
            for noun, name in ((REPLICATION_GROUP, "rg"), (CACHE_CLUSTER, "rg-002"), (PARAMETER_GROUP, "mine"))
        }
        assert tags == {"rg": (("team", "shop"),), "rg-002": (("own", "tag"),), "mine": (("b", "1"),)}
        assert transaction.leases.take("node", range(10, 20), "first", "rg-001.0001") == 10
        assert transaction.facts.read("instance") == "0a1b2c3d"
        assert transaction.caches.count_nodes(ACCOUNT, REGION) == 3
    store.close()


def test_what_is_written_says_its_form(store: Store) -> None:
    add(store, values.CACHE)
    with store.read() as transaction:
        row = transaction.connection.execute(select(tables.caches)).one()
    assert [json.loads(text)["schema"] for text in (row.spec, row.status, row.presentation)] == [SCHEMA] * 3


def spoil(store: Store, name: str, **fields: Any) -> None:
    """Have fields in the spec of a cache that nobody knows."""
    named = tables.caches.c.id == name
    with store.write() as transaction:
        spec = json.loads(transaction.connection.execute(select(tables.caches.c.spec).where(named)).scalar_one())
        transaction.connection.execute(update(tables.caches).where(named).values(spec=json.dumps(spec | fields)))


LISTS: dict[str, Callable[[Caches], list[str]]] = {
    "all": lambda caches: [cache.key.id for cache in caches.all()],
    "named": lambda caches: [cache.key.id for cache in caches.named({"a", "b", "c"})],
    "groups": lambda caches: [cache.key.id for cache in caches.page_of(ACCOUNT, REGION, Kind.REPLICATION_GROUP, "", 2)],
    "clusters": lambda caches: [name[:1] for name, _ in caches.page_of_clusters(ACCOUNT, REGION, "", 4)[::2]],
}


@pytest.mark.parametrize("kind", LISTS)
def test_what_cannot_be_read_hides_nothing_else(
    store: Store, kind: str, caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest
) -> None:
    add(store, group("a"), group("b"), group("c"))
    field = request.node.name  # that no other test has: a sentence is told once
    spoil(store, "b", **{field: "secret"})
    with caplog.at_level(logging.ERROR), store.read() as transaction:
        assert [LISTS[kind](transaction.caches) for _ in range(2)] == [["a", "c"]] * 2
        assert sorted(each.id for each in transaction.caches.keys()) == ["a", "b", "c"]  # noqa: SIM118 - no mapping
    (sentence,) = [record.getMessage() for record in caplog.records]
    assert sentence.startswith(f"cannot read the cache {key('b')}: its spec: {field}: no such field is known;")


def test_what_cannot_be_read_is_not_said_to_be_absent(store: Store) -> None:
    add(store, group("a"), cluster("one"))
    spoil(store, "a", schema=SCHEMA + 1)
    spoil(store, "one", schema="new")
    looks: tuple[Callable[[Caches], object], ...] = (
        lambda caches: caches.get(key("a")),
        lambda caches: caches.holding(ACCOUNT, REGION, "a-001"),
        lambda caches: caches.get(key("one", Kind.CACHE_CLUSTER)),
        lambda caches: caches.require_readable("one"),
        lambda caches: caches.require_readable("a-002"),
        lambda caches: caches.using(Resource(ACCOUNT, REGION, PARAMETER_GROUP, "default.redis7")),
    )
    for look in looks:
        with store.read() as transaction, pytest.raises(Unreadable, match="cannot read the cache"):
            look(transaction.caches)


def test_records_that_cannot_be_read_hide_nothing_else(store: Store) -> None:
    def groups(transaction: Transaction) -> Any:
        return transaction.records(ACCOUNT, REGION, PARAMETER_GROUP, ParameterGroup)

    with store.write() as transaction:
        for name in "abc":
            groups(transaction).add(name, replace(values.GROUP, name=name), values.DAY)
        changed = '{"name":"b","family":"redis7","description":"","vaIues":[["timeout","30"]]}'
        transaction.connection.execute(text("UPDATE records SET document = :it WHERE id = 'b'"), {"it": changed})
    with store.read() as transaction:
        assert list(groups(transaction).page("", 2)) == ["a", "c"]
        with pytest.raises(Unreadable, match="parametergroup/b: its parametergroup: vaIues: no such field is known"):
            groups(transaction).get("b")
