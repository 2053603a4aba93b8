"""What pages that are open are told, and what they cost."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cachewright.controlplane.console.bell import Bell
from cachewright.controlplane.console.changes import REMEMBERED, Changes
from cachewright.controlplane.console.stream import Stream
from cachewright.controlplane.model.cache import Key
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.readings import Readings
from cachewright.controlplane.store.saving import all_with_saving
from tests.api.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A store of its own: nobody else changes anything in it."""
    store = Store(f"sqlite:///{tmp_path / 'stream.db'}")
    store.prepare()
    return World(store=store)


def told(event: str) -> tuple[str, dict[str, Any]]:
    """The id and the data of an event."""
    fields = dict(line.split(": ", 1) for line in event.strip().splitlines())
    return fields["id"], json.loads(fields["data"])


class Broken(dict[Key, str]):
    """What fails in a way that nobody thought of."""

    def get(self, *_: object) -> str:
        raise ZeroDivisionError


def streamed(world: World) -> tuple[Stream, Bell]:
    """What pages follow, and what wakes it."""
    bell = Bell()
    return Stream(Changes(world.store), bell), bell


async def following(stream: Stream, last: str = "") -> tuple[AsyncIterator[str], str, dict[str, Any]]:
    """Somebody who follows, with what they were told first."""
    events = stream.follow(last)
    return events, *told(await anext(events))


async def next_of(events: AsyncIterator[str]) -> dict[str, Any]:
    return told(await asyncio.wait_for(anext(events), 5))[1]


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(test())


def test_a_commit_wakes_everybody_with_what_has_changed(world: World) -> None:
    world.cluster("first")
    stream, bell = streamed(world)
    world.store.follow(bell.ring)

    async def test() -> None:
        one, _, begin = await following(stream)
        other, *_ = await following(stream)
        assert [cache["id"] for cache in begin["caches"]] == ["first"]
        assert (begin["whole"], begin["trouble"]) == (True, "")
        await asyncio.to_thread(world.cluster, "second")
        for events in (one, other):
            news = await next_of(events)
            assert ([cache["id"] for cache in news["caches"]], news["whole"]) == (["second"], False)

    run(test)


def test_what_one_learns_who_comes_is_told_to_everybody(world: World) -> None:
    stream, _ = streamed(world)

    async def test() -> None:
        one, *_ = await following(stream)
        await asyncio.to_thread(world.cluster, "c")
        _, _, begin = await following(stream)
        assert [cache["id"] for cache in begin["caches"]] == ["c"]
        assert [cache["id"] for cache in (await next_of(one))["caches"]] == ["c"]

    run(test)


def test_who_was_away_is_told_what_was_missed(world: World) -> None:
    for name in ("stays", "goes", "changes"):
        world.cluster(name)
    stream, _ = streamed(world)

    async def test() -> None:
        _, last, _ = await following(stream)
        world.gone("goes")
        world.settle("changes")
        _, _, missed = await following(stream, last)
        assert [cache["id"] for cache in missed["caches"]] == ["changes"]
        assert ([name[3] for name in missed["gone"]], missed["whole"]) == (["goes"], False)

    run(test)


@pytest.mark.parametrize("last", ["", "nonsense", "other-1", "-", "1"])
def test_who_comes_from_elsewhere_is_told_everything(world: World, last: str) -> None:
    world.cluster("c")
    stream, _ = streamed(world)

    async def test() -> None:
        _, _, begin = await following(stream, last)
        assert (len(begin["caches"]), begin["whole"]) == (1, True)

    run(test)


def test_everybody_is_let_go_at_the_end(world: World) -> None:
    stream, _ = streamed(world)

    async def test() -> None:
        events, *_ = await following(stream)
        await asyncio.to_thread(stream.close)
        with pytest.raises(StopAsyncIteration):
            await asyncio.wait_for(anext(events), 5)

    run(test)


def test_who_follows_is_let_go_when_looking_fails_and_may_come_again(world: World) -> None:
    world.cluster("c")
    stream, bell = streamed(world)

    async def test() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # it is told in the log
        events, *_ = await following(stream)
        world.store.unwritten = Broken({world.cache("c").key: "it fails"})
        bell.ring()
        with pytest.raises(StopAsyncIteration):
            await asyncio.wait_for(anext(events), 5)
        world.store.unwritten = {}
        _, _, begin = await following(stream)
        assert begin["whole"]

    run(test)


def test_a_database_that_does_not_answer_is_told_and_waited_for(world: World, tmp_path: Path) -> None:
    world.cluster("c")
    stream, bell = streamed(world)
    database, aside = tmp_path / "stream.db", tmp_path / "aside"

    async def test() -> None:
        events, *_ = await following(stream)
        world.store.close()
        database.rename(aside)
        database.mkdir()
        bell.ring()
        assert "cannot read" in (await next_of(events))["trouble"]
        world.store.close()
        database.rmdir()
        aside.rename(database)
        bell.ring()
        assert (await next_of(events))["trouble"] == ""

    run(test)


def test_nothing_is_read_again_that_was_not_written(world: World) -> None:
    for name in ("one", "two"):
        world.cluster(name)
    changes = Changes(world.store)
    assert (changes.look(), changes.look()) == (True, False)
    world.settle("two")
    assert changes.look()
    (text,) = changes.since(1).caches
    assert json.loads(text)["id"] == "two"


def test_of_what_was_not_written_the_next_look_has_the_very_same(world: World) -> None:
    for name in ("one", "two"):
        world.cluster(name)
    readings = Readings()
    with world.store.read() as transaction:
        before = readings.all(transaction)
    world.settle("two")
    with world.store.read() as transaction:
        after = readings.all(transaction)
        assert after == all_with_saving(transaction, transaction.caches.all())
    assert [old is new for old, new in zip(before, after, strict=True)] == [True, False]


def test_a_snapshot_that_is_under_way_is_known_to_readings(world: World) -> None:
    world.group("g", NumNodeGroups=2, AutomaticFailoverEnabled=True)
    world.settle("g")
    world.settle("g")
    readings = Readings()
    with world.store.read() as transaction:
        (before,) = readings.all(transaction)
    world.ask("CreateSnapshot", ReplicationGroupId="g", SnapshotName="s")
    with world.store.read() as transaction:
        (after,) = readings.all(transaction)
    assert (bool(before.saving.clusters), bool(after.saving.clusters)) == (False, True)


def test_a_report_that_cannot_be_written_is_shown(world: World) -> None:
    world.cluster("c")
    world.settle("c")
    changes = Changes(world.store)
    changes.look()
    key = world.cache("c").key
    world.store.unwritten[key] = "the disk is full"
    assert changes.look()
    assert json.loads(changes.since(1).caches[0])["phase"] == "modifying"
    del world.store.unwritten[key]
    assert changes.look()


def test_another_cache_of_the_same_name_is_shown(world: World) -> None:
    world.cluster("c")
    changes = Changes(world.store)
    changes.look()
    world.gone("c")
    world.cluster("c", CacheNodeType="cache.t3.small")
    assert changes.look()
    delta = changes.since(1)
    assert (json.loads(delta.caches[0])["node_type"], delta.gone) == ("cache.t3.small", ())


def test_who_missed_more_ends_than_are_remembered_is_told_everything(world: World) -> None:
    world.cluster("c")
    changes = Changes(world.store)
    changes.look()
    cache = world.cache("c")
    with world.store.write() as transaction:
        for number in range(REMEMBERED + 1):
            transaction.caches.add(
                replace(cache, key=replace(cache.key, id=f"c{number}"), spec=replace(cache.spec, shards=()))
            )
    changes.look()
    with world.store.write() as transaction:
        for each in transaction.caches.all():
            if each.key.id != "c":
                transaction.caches.remove(each)
    changes.look()
    assert changes.since(1).whole
    assert not changes.since(3).whole
