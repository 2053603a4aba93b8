"""Hosts and explanations over HTTP: what is answered, and what is refused."""

import json
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from cachewright.controlplane.api.dispatch import Dispatch
from cachewright.controlplane.app import application
from cachewright.controlplane.console.explain import explain_routes
from cachewright.controlplane.console.host_desk import HostDesk
from cachewright.controlplane.console.hosts import host_routes
from cachewright.controlplane.console.paths import EXPLAIN, HOSTS
from cachewright.controlplane.model.cache import Key, Kind
from cachewright.controlplane.model.drills import NoSuchTarget
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.wire.gate import Open
from tests.api.test_console_drills import Client
from tests.api.world import World, shared_store

HOST = {"name": "h1", "engine": "tcp://10.77.0.1:2375", "zone": "a", "address": "10.77.0.1", "memory": 8 << 30}


def explained(target: str, account: str) -> list[str]:
    if target != "rg":
        raise NoSuchTarget(f"cannot find {target}: no group or cluster has that name")
    return ["It is modifying.", f"account {account}"]


@pytest.fixture
def several() -> bool:
    """Whether the control plane works with hosts."""
    return True


@pytest.fixture
def client(several: bool) -> Iterator[Client]:
    """A client of these routes alone, and no host when it is done."""
    store = shared_store()

    def dispatch(operation: str, params: dict[str, Any], caller: object) -> dict[str, Any]:
        raise AssertionError(f"this is no operation of AWS: {operation}")

    desk = HostDesk(store, lambda: {"h2": "no route to host"}, several=several)
    pages = lambda: [host_routes(desk), explain_routes(explained)]  # noqa: E731
    yield Client(application(dispatch, Open("us-east-1"), routers=pages))
    with store.write() as transaction:
        for name in transaction.hosts.all():
            transaction.hosts.remove(name)


def told(client: Client) -> list[dict[str, Any]]:
    status, hosts = client.told("GET", HOSTS)
    assert status == 200
    return list(hosts)


def test_a_host_is_told_drained_and_removed(client: Client) -> None:
    assert told(client) == []
    assert client.ask("POST", HOSTS, json.dumps(HOST))[0] == 201
    (host,) = told(client)
    assert host == {**HOST, "taken": 0, "nodes": 0, "draining": False, "silent": "", "known": True, "joining": True}
    assert client.ask("PUT", f"{HOSTS}/h1", '{"draining": true}')[0] == 200
    assert told(client)[0]["draining"]
    assert client.ask("DELETE", f"{HOSTS}/h1")[0] == 200
    assert told(client) == []


def test_who_does_not_answer_is_told(client: Client) -> None:
    client.ask("POST", HOSTS, json.dumps({**HOST, "name": "h2"}))
    assert told(client)[0]["silent"] == "no route to host"


@pytest.mark.parametrize("several", [False])
def test_the_first_hosts_of_all_count_from_the_next_start_on(client: Client) -> None:
    client.ask("POST", HOSTS, json.dumps(HOST))
    (host,) = told(client)
    assert (host["known"], host["joining"]) == (False, False)


def test_a_host_that_is_told_otherwise_does_not_join_again(client: Client) -> None:
    client.ask("POST", HOSTS, json.dumps(HOST))
    with shared_store().write() as transaction:
        transaction.hosts.write(replace(transaction.hosts.all()["h1"], joining=False))
    client.ask("POST", HOSTS, json.dumps({**HOST, "memory": 4 << 30}))
    (host,) = told(client)
    assert (host["memory"], host["joining"]) == (4 << 30, False)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"name": "../x"}, 400),
        ({"engine": "http://x"}, 400),
        ({"zone": "us-east-1a"}, 400),
        ({"memory": 1}, 400),
        ({"memory": -1}, 400),
        ({"port": 1}, 400),
        ({"name": "h9"}, 409),  # the engine of another one
    ],
)
def test_what_is_refused_changes_nothing(client: Client, change: dict[str, object], status: int) -> None:
    client.ask("POST", HOSTS, json.dumps(HOST))
    before = told(client)
    assert client.ask("POST", HOSTS, json.dumps({**HOST, **change}))[0] == status
    assert told(client) == before


def test_a_host_with_nodes_is_not_removed(client: Client) -> None:
    client.ask("POST", HOSTS, json.dumps(HOST))
    with shared_store().write() as transaction:
        transaction.hosts.keep("incarnation", {("rg-001.0001", "h1"): 1 << 30})
    status, answer = client.ask("DELETE", f"{HOSTS}/h1")
    assert status == 409
    assert "host drain h1" in answer
    assert told(client)[0]["taken"] == 1 << 30
    assert client.ask("DELETE", f"{HOSTS}/h1/gone")[0] == 200
    assert told(client) == []
    with shared_store().write() as transaction:
        transaction.hosts.release("incarnation")


@pytest.mark.parametrize(("method", "body"), [("PUT", '{"draining": true}'), ("DELETE", "")])
def test_a_host_that_is_not_there_is_not_found(client: Client, method: str, body: str) -> None:
    assert client.ask(method, f"{HOSTS}/h7", body)[0] == 404


def test_a_drain_makes_every_cache_due(client: Client) -> None:
    client.ask("POST", HOSTS, json.dumps(HOST))
    world = World()
    world.cluster("c")
    due: set[object] = set()
    shared_store().wake(due.update)
    client.ask("PUT", f"{HOSTS}/h1", '{"draining": true}')
    assert Key(world.caller.account, "us-east-1", Kind.CACHE_CLUSTER, "c") in due


def test_a_cache_is_explained(client: Client) -> None:
    status, answer = client.ask("POST", EXPLAIN, '{"target": "rg", "account": "1"}')
    assert (status, json.loads(answer)) == (200, {"because": ["It is modifying.", "account 1"]})
    assert client.ask("POST", EXPLAIN, '{"target": "nobody"}')[0] == 404
    assert client.ask("POST", EXPLAIN, "{}")[0] == 400


def test_the_zones_of_the_api_are_those_of_the_hosts_of_the_moment(client: Client) -> None:
    world = World()
    ask = Dispatch(world.store, ("a",), lambda: world.now, Random(7), hosted=True)

    def create(name: str) -> dict[str, Any]:
        params = {"CacheClusterId": name, "Engine": "redis", "CacheNodeType": "cache.t3.micro"}
        created = ask("CreateCacheCluster", {**params, "PreferredAvailabilityZone": "us-east-1d"}, world.caller)
        cluster: dict[str, Any] = created["CacheCluster"]
        return cluster

    client.ask("POST", HOSTS, json.dumps({**HOST, "zone": "d"}))
    with pytest.raises(Fault, match="us-east-1d"):
        create("early")
    with world.store.write() as transaction:
        transaction.hosts.write(replace(transaction.hosts.all()["h1"], joining=False))
    assert create("late")["PreferredAvailabilityZone"] == "us-east-1d"
