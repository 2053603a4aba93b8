"""The status of a cache, told to whoever waits for another one."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from cachewright.controlplane.app import application
from cachewright.controlplane.console import statuses as module
from cachewright.controlplane.console.bell import Bell
from cachewright.controlplane.console.paths import STATUS
from cachewright.controlplane.console.statuses import Awaited, Statuses, status_routes
from cachewright.controlplane.model.cache import Kind
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.wire.gate import Open
from tests.api.test_console_drills import Client
from tests.api.test_console_stream import run
from tests.api.world import World

WITHIN = 4  # seconds: sooner than anything is told that has not changed


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A store of its own: nobody else changes anything in it."""
    store = Store(f"sqlite:///{tmp_path / 'status.db'}")
    store.prepare()
    return World(store=store)


def waited_for(world: World) -> Statuses:
    """Whoever waits for caches of this world."""
    bell = Bell()
    world.store.follow(bell.ring)
    return Statuses(world.store, bell)


def awaited(world: World, status: str, kind: Kind = Kind.CACHE_CLUSTER) -> Awaited:
    """The cache `c`, last seen in a status."""
    return Awaited(account=world.caller.account, region=world.caller.region, kind=kind, id="c", status=status)


def test_it_is_told_as_soon_as_it_is_another_one(world: World) -> None:
    world.cluster("c")
    statuses = waited_for(world)

    async def test() -> None:
        waiting = asyncio.ensure_future(statuses.after(awaited(world, "creating")))
        await asyncio.to_thread(world.cluster, "another")
        await asyncio.sleep(0)
        assert not waiting.done()
        await asyncio.to_thread(world.settle, "c")
        assert await asyncio.wait_for(waiting, WITHIN) == "available"

    run(test)


def test_what_is_another_one_already_is_told_at_once(world: World) -> None:
    world.cluster("c")
    world.settle("c")
    statuses = waited_for(world)

    async def test() -> None:
        assert await asyncio.wait_for(statuses.after(awaited(world, "creating")), WITHIN) == "available"
        world.phase("c", Phase.REBOOTING)
        assert await asyncio.wait_for(statuses.after(awaited(world, "available")), WITHIN) == "rebooting cluster nodes"

    run(test)


def test_a_cache_that_goes_has_none(world: World) -> None:
    world.group("c")
    statuses = waited_for(world)

    async def test() -> None:
        waiting = asyncio.ensure_future(statuses.after(awaited(world, "creating", Kind.REPLICATION_GROUP)))
        await asyncio.to_thread(world.gone, "c")
        assert await asyncio.wait_for(waiting, WITHIN) == ""

    run(test)


def test_nobody_waits_for_ever(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST", 0.05)
    world.cluster("c")
    statuses = waited_for(world)

    async def test() -> None:
        assert await statuses.after(awaited(world, "creating")) == "creating"

    run(test)


def test_everybody_is_let_go_at_the_end(world: World) -> None:
    world.cluster("c")
    statuses = waited_for(world)

    async def test() -> None:
        waiting = asyncio.ensure_future(statuses.after(awaited(world, "creating")))
        await asyncio.to_thread(statuses.close)
        assert await asyncio.wait_for(waiting, WITHIN) == "creating"

    run(test)


def client(world: World) -> Client:
    """A client of this route alone."""

    def dispatch(operation: str, params: dict[str, Any], caller: object) -> dict[str, Any]:
        raise AssertionError(f"this is no operation of AWS: {operation}")

    return Client(application(dispatch, Open("us-east-1"), routers=lambda: [status_routes(waited_for(world))]))


def test_over_http(world: World) -> None:
    world.cluster("c")
    asked = awaited(world, "available").model_dump_json()
    assert client(world).ask("POST", STATUS, asked) == (200, json.dumps({"status": "creating"}, separators=(",", ":")))


@pytest.mark.parametrize("body", ["{}", '{"kind": "cache"}', "nonsense"])
def test_what_makes_no_sense_is_refused(world: World, body: str) -> None:
    assert client(world).ask("POST", STATUS, body)[0] == 400


def test_a_database_that_does_not_answer_is_told(world: World, tmp_path: Path) -> None:
    world.store.close()
    (tmp_path / "status.db").unlink()
    (tmp_path / "status.db").mkdir()
    status, answer = client(world).ask("POST", STATUS, awaited(world, "available").model_dump_json())
    assert (status, "cannot read" in answer) == (503, True)
