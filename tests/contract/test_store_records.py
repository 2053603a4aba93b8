"""What the store promises about records, references and tags, held by SQLite and by PostgreSQL."""

import json
from dataclasses import replace
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, create_engine, insert, text

from cachewright.controlplane.model.auth import Auth
from cachewright.controlplane.model.nouns import (
    CACHE_CLUSTER,
    PARAMETER_GROUP,
    REPLICATION_GROUP,
    Noun,
    Resource,
    cluster_of,
    resource_of,
)
from cachewright.controlplane.model.parameter_groups import ParameterGroup
from cachewright.controlplane.model.pending import Pending
from cachewright.controlplane.model.presentation import Presentation
from cachewright.controlplane.model.schedule import Schedule
from cachewright.controlplane.store import documents, tables
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.migrations import configuration
from cachewright.controlplane.store.records import Records, RecordTaken
from cachewright.controlplane.store.transaction import Transaction
from tests.contract.test_store import ACCOUNT, NOW, REGION, add, cluster, group, held, key, store, url

__all__ = ["store", "url"]  # fixtures

MINE = ParameterGroup("mine", "redis7", "of a test", (("timeout", "30"),))
OTHERS = "000000000002"


def groups_of(transaction: Transaction, account: str = ACCOUNT, region: str = REGION) -> Records[ParameterGroup]:
    return transaction.records(account, region, PARAMETER_GROUP, ParameterGroup)


def resource(noun: Noun, name: str, region: str = REGION) -> Resource:
    return Resource(ACCOUNT, region, noun, name)


def create(store: Store, *groups: ParameterGroup, account: str = ACCOUNT) -> None:
    with store.write() as transaction:
        for each in groups:
            groups_of(transaction, account).add(each.name, each, NOW)


def test_a_record_is_remembered_whole(store: Store) -> None:
    create(store, MINE)
    with store.read() as transaction:
        groups = groups_of(transaction)
        assert (groups.get("mine"), groups.has("mine")) == (MINE, True)
        assert (groups.get("other"), groups.has("other")) == (None, False)
        assert groups_of(transaction, region="eu-west-1").get("mine") is None
        assert not transaction.records(ACCOUNT, REGION, CACHE_CLUSTER, ParameterGroup).has("mine")


def test_an_id_is_taken_once_in_an_account(store: Store) -> None:
    create(store, MINE)
    with store.write() as transaction:  # a clash spoils nothing of the rest of a transaction
        with pytest.raises(RecordTaken):
            groups_of(transaction).add("mine", replace(MINE, family="valkey8"), NOW)
        groups_of(transaction).add("other", replace(MINE, name="other"), NOW)
    create(store, MINE, account=OTHERS)
    with store.read() as transaction:
        assert groups_of(transaction).get("mine") == MINE
        assert (groups_of(transaction).count(), groups_of(transaction, OTHERS).count()) == (2, 1)


def test_pages(store: Store) -> None:
    names = [f"group-{number}" for number in range(5)]
    create(store, *(replace(MINE, name=name) for name in reversed(names)))
    with store.read() as transaction:
        assert list(groups_of(transaction).page("", 3)) == names[:3]
        assert groups_of(transaction).page("group-2", 3) == {name: replace(MINE, name=name) for name in names[3:]}


def test_a_record_is_changed_and_removed(store: Store) -> None:
    create(store, MINE, replace(MINE, name="other"))
    after = replace(MINE, values=())
    with store.write() as transaction:
        groups = groups_of(transaction)
        assert groups.get("mine", lock=True) == MINE
        groups.change("mine", after)
        groups.remove("other")
    with store.read() as transaction:
        assert (groups_of(transaction).get("mine"), groups_of(transaction).get("other")) == (after, None)


def test_who_uses_what(store: Store) -> None:
    add(store, group("idle"), group("one"), group("two"), cluster("alone"))
    mine = resource(PARAMETER_GROUP, "mine")
    with store.write() as transaction:
        transaction.caches.write_spec(group("one"), replace(group("one").spec, parameter_group="mine"))
        waits = Pending(parameter_group="mine", version="8.1.0")
        transaction.caches.write_spec(group("two"), replace(group("two").spec, pending=waits))
    with store.read() as transaction:
        caches, references = transaction.caches, transaction.references
        assert caches.using(mine) == [held(store, key("one")), held(store, key("two"))]
        assert references.is_used(mine)
        assert caches.using(resource(PARAMETER_GROUP, "mine", "eu-west-1")) == []
        assert len(caches.using(resource(PARAMETER_GROUP, "default.redis7"))) == 3
    with store.write() as transaction:
        transaction.caches.write_spec(held(store, key("one")), group("one").spec)
        transaction.caches.remove(held(store, key("two")))
    with store.read() as transaction:
        assert not transaction.references.is_used(mine)
        assert len(transaction.caches.using(resource(PARAMETER_GROUP, "default.redis7"))) == 3


def test_tags_keep_their_order_and_replace_each_other(store: Store) -> None:
    one, two = resource(CACHE_CLUSTER, "one"), resource(CACHE_CLUSTER, "two")
    with store.write() as transaction:
        transaction.tags.write((("z", "1"), ("a", ""), ("Z", "2")), [one, two])
        transaction.tags.write((("b", "3"),), [two])
    with store.read() as transaction:
        assert transaction.tags.of(one) == (("z", "1"), ("a", ""), ("Z", "2"))
        assert transaction.tags.of(two) == (("b", "3"),)
        assert transaction.tags.of(resource(REPLICATION_GROUP, "one")) == ()
        assert transaction.tags.of(resource(CACHE_CLUSTER, "one", "eu-west-1")) == ()


def test_tags_end_with_what_they_are_of(store: Store) -> None:
    create(store, MINE)
    add(store, group("rg"))
    mine, rg, member = resource(PARAMETER_GROUP, "mine"), resource_of(key("rg")), cluster_of(key("rg"), "rg-002")
    with store.write() as transaction:
        transaction.tags.write((("a", "b"),), [mine, rg, member])
        transaction.caches.remove(group("rg", incarnation="another"))
        assert transaction.tags.of(member) == (("a", "b"),)
        transaction.caches.remove(held(store, key("rg")))
        groups_of(transaction).remove("mine")
        assert [transaction.tags.of(each) for each in (mine, rg, member)] == [(), (), ()]


def test_everything_is_erased_but_facts(store: Store) -> None:
    create(store, MINE)
    add(store, group("rg"))
    with store.write() as transaction:
        transaction.tags.write((("a", "b"),), [resource(PARAMETER_GROUP, "mine")])
        transaction.facts.write("instance", "x")
    store.erase()
    with store.read() as transaction:
        assert groups_of(transaction).count() == 0
        assert not transaction.references.is_used(resource(PARAMETER_GROUP, "default.redis7"))
        assert transaction.tags.of(resource(PARAMETER_GROUP, "mine")) == ()
        assert transaction.facts.read("instance") == "x"


def upgraded(connection: Connection, revision: str) -> None:
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def old_row(name: str, spec: dict[str, Any], kind: str = "replication-group") -> dict[str, Any]:
    row: dict[str, Any] = {"account": ACCOUNT, "region": REGION, "kind": kind, "id": name, "incarnation": "first"}
    row |= {"generation": 1, "deleting": False, "settled": True, "created_at": NOW}
    return row | {"spec": json.dumps(spec), "status": json.dumps(unnumbered(group("rg").status))}


def old_spec(**changed: Any) -> dict[str, Any]:
    return {**unnumbered(group("rg").spec), **changed}


def unnumbered(value: object) -> dict[str, Any]:
    """A document as it was written before there were numbers of forms."""
    document: dict[str, Any] = json.loads(documents.to_json(value))
    del document["schema"]
    return document


def test_what_was_remembered_before_there_were_records_is_still_there(url: str) -> None:
    engine = create_engine(url)
    options = {"description": "d", "tags": [["team", "shop"]], "member_tags": [["rg-002", [["own", "tag"]]]]}
    asked = old_spec(parameter_group="mine", options=options, pending={"parameter_group": "next"})
    place = {"account": ACCOUNT, "region": REGION}
    document: dict[str, Any] = {"name": "mine", "family": "redis7", "description": "of a test"}
    document |= {"values": [["timeout", "30"]], "tags": [["b", "1"], ["a", "2"]]}
    with engine.begin() as connection:
        upgraded(connection, "0002")
        number = connection.execute(
            insert(tables.caches).values(old_row("rg", asked)).returning(tables.caches.c.number)
        ).scalar_one()
        rows = [place | {"id": f"rg-00{n}", "cache": number, "nodes": 1, "standalone": False} for n in (1, 2)]
        connection.execute(insert(tables.clusters), rows)
        written = place | {"name": "mine", "document": json.dumps(document)}
        words = "INSERT INTO parameter_groups VALUES (:account, :region, :name, :document)"
        connection.execute(text(words), written)
    engine.dispose()
    store = Store(url)
    store.prepare()
    with store.read() as transaction:
        assert groups_of(transaction).get("mine") == MINE
        (cache,) = transaction.caches.using(resource(PARAMETER_GROUP, "mine"))
        assert transaction.caches.using(resource(PARAMETER_GROUP, "next")) == [cache]
        assert (cache.presentation.description, cache.spec.schedule) == ("d", Schedule())
        kept = [resource(PARAMETER_GROUP, "mine"), resource_of(key("rg"))]
        kept += [cluster_of(key("rg"), name) for name in ("rg-001", "rg-002")]
        assert [transaction.tags.of(each) for each in kept] == [
            (("b", "1"), ("a", "2")),
            (("team", "shop"),),
            (("team", "shop"),),
            (("own", "tag"),),
        ]
        raw = transaction.connection.execute(text("SELECT spec FROM caches")).scalar_one()
        assert "tags" not in raw
    store.close()


def test_what_the_first_release_wrote_is_still_there(url: str) -> None:
    engine, old = create_engine(url), group("rg")
    with engine.begin() as connection:
        upgraded(connection, "0001")
        connection.execute(insert(tables.caches).values(old_row("rg", old_spec())))
    engine.dispose()
    store = Store(url)
    store.prepare()
    assert held(store, key("rg")) == old
    create(store, MINE)
    store.close()


def test_what_was_an_option_is_a_schedule_or_shown(url: str) -> None:
    engine = create_engine(url)
    options = {"description": "d", "snapshot_retention_limit": 3, "preferred_maintenance_window": "sun:23:00-mon:01:30"}
    options |= {"snapshotting_cluster_id": "rg-002", "security_group_ids": ["sg-1"], "at_rest_encryption": True}
    options |= {"snapshot_window": "05:00-06:00", "auto_minor_version_upgrade": False}
    auth = {"tokens": ["0" * 64], "required": True}
    with engine.begin() as connection:
        upgraded(connection, "0003")
        asked = old_spec(options=options, auth=auth, pending={"node_type": "cache.m5.large"})
        connection.execute(insert(tables.caches).values(old_row("rg", asked)))
        connection.execute(insert(tables.caches).values(old_row("plain", old_spec())))
    engine.dispose()
    store = Store(url)
    store.prepare()
    cache, plain = held(store, key("rg")), held(store, key("plain"))
    assert cache.spec.schedule == Schedule("sun:23:00-mon:01:30", "05:00-06:00", 3, "rg-002", False)  # noqa: FBT003
    assert cache.presentation == Presentation("d", security_group_ids=("sg-1",))
    assert (cache.spec.at_rest, plain.spec.at_rest) == (True, False)
    assert cache.spec.auth == Auth(("0" * 64,), required=True)
    assert (plain.spec.schedule, plain.presentation) == (Schedule(), Presentation())
    with store.read() as transaction:
        assert transaction.caches.waiting() == [cache]
