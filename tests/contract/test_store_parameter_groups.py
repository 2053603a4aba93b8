"""What the store promises about parameter groups, held by SQLite and by PostgreSQL."""

from dataclasses import replace
from typing import Any

import pytest
from alembic import command
from sqlalchemy import create_engine, insert

from cachewright.controlplane.model.parameter_groups import ParameterGroup
from cachewright.controlplane.model.pending import Pending
from cachewright.controlplane.store import documents, tables
from cachewright.controlplane.store.caches import NameTaken
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.migrations import configuration
from tests.contract.test_store import ACCOUNT, REGION, add, group, held, key, server, store, url

__all__ = ["server", "store", "url"]  # fixtures

MINE = ParameterGroup("mine", "redis7", "of a test", (("timeout", "30"),), (("team", "shop"),))


def create(store: Store, *groups: ParameterGroup, account: str = ACCOUNT) -> None:
    with store.write() as transaction:
        for each in groups:
            transaction.parameter_groups(account, REGION).add(each)


def test_a_group_is_remembered_whole(store: Store) -> None:
    create(store, MINE)
    with store.read() as transaction:
        groups = transaction.parameter_groups(ACCOUNT, REGION)
        assert groups.get("mine") == MINE
        assert groups.get("other") is None
        assert transaction.parameter_groups(ACCOUNT, "eu-west-1").get("mine") is None


def test_a_name_is_taken_once_in_an_account(store: Store) -> None:
    create(store, MINE)
    with store.write() as transaction:  # a clash spoils nothing of the rest of a transaction
        groups = transaction.parameter_groups(ACCOUNT, REGION)
        with pytest.raises(NameTaken):
            groups.add(replace(MINE, family="valkey8"))
        groups.add(replace(MINE, name="other"))
    create(store, MINE, account="000000000002")
    with store.read() as transaction:
        groups = transaction.parameter_groups(ACCOUNT, REGION)
        assert groups.get("mine") == MINE
        assert groups.count() == 2
        assert transaction.parameter_groups("000000000002", REGION).count() == 1


def test_pages(store: Store) -> None:
    names = [f"group-{number}" for number in range(5)]
    create(store, *(replace(MINE, name=name) for name in reversed(names)))
    with store.read() as transaction:
        groups = transaction.parameter_groups(ACCOUNT, REGION)
        assert [each.name for each in groups.page("", 3)] == names[:3]
        assert [each.name for each in groups.page("group-2", 3)] == names[3:]


def test_a_group_is_changed_and_removed(store: Store) -> None:
    create(store, MINE, replace(MINE, name="other"))
    after = replace(MINE, values=())
    with store.write() as transaction:
        groups = transaction.parameter_groups(ACCOUNT, REGION)
        assert groups.get("mine", lock=True) == MINE
        groups.change(after)
        groups.remove("other")
    with store.read() as transaction:
        groups = transaction.parameter_groups(ACCOUNT, REGION)
        assert (groups.get("mine"), groups.get("other")) == (after, None)


def test_who_uses_a_group(store: Store) -> None:
    add(store, group("idle"), group("one"), group("two"))
    with store.write() as transaction:
        transaction.caches.write_spec(key("one"), replace(group("one").spec, parameter_group="mine"))
        waits = Pending(parameter_group="mine", version="8.1.0")
        transaction.caches.update_presentation(key("two"), replace(group("two").spec, pending=waits))
    with store.read() as transaction:
        users = transaction.caches.using(ACCOUNT, REGION, "mine")
        assert users == [held(store, key("one")), held(store, key("two"))]
        assert transaction.caches.using(ACCOUNT, "eu-west-1", "mine") == []


def test_groups_are_erased(store: Store) -> None:
    create(store, MINE)
    store.erase()
    with store.read() as transaction:
        assert transaction.parameter_groups(ACCOUNT, REGION).count() == 0


def test_what_the_first_release_wrote_is_still_there(url: str) -> None:
    engine = create_engine(url)
    old, config = group("rg"), configuration()
    row: dict[str, Any] = {"account": ACCOUNT, "region": REGION}
    row |= {"kind": old.key.kind.value, "id": "rg", "incarnation": "first"}
    row |= {"generation": 1, "deleting": False, "settled": True, "created_at": old.created_at}
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        asked = {"spec": documents.spec_to_json(old.spec), "status": documents.status_to_json(old.status)}
        connection.execute(insert(tables.caches).values(row | asked))
    engine.dispose()
    store = Store(url)
    store.prepare()
    assert held(store, key("rg")) == old
    create(store, MINE)
    store.close()
