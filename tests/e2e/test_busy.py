"""Engines that are kept busy, or paused, by clients keep what they hold; those that are stopped are rebuilt."""

import signal
import socket
import time
from collections.abc import Callable
from contextlib import closing, suppress
from threading import Thread

import pytest
from redis import Redis
from redis.exceptions import RedisError

from tests.e2e.cloud import Cloud, Place, node_places, place, redis_at
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker

Deed = Callable[[Redis], None]
SECONDS = 6  # for longer than CACHEWRIGHT_PATIENCE and than lua-time-limit
WORK = "local done = 0 for step = 1, 1e9 do done = done + step end return done"
BUILDS = {"redis 6": ("redis", "6.2"), "redis 7": ("redis", "7.1"), "valkey 8": ("valkey", "8.2")}


def work(client: Redis) -> None:
    """A script that runs for seconds."""
    with suppress(RedisError):  # nobody waits for the answer that long
        client.execute_command("EVAL", WORK, "0")


def pause(client: Redis) -> None:
    """Nobody is answered for seconds, the control plane included."""
    client.execute_command("CLIENT", "PAUSE", SECONDS * 1000)


@pytest.mark.parametrize("deed", [work, pause], ids=lambda deed: deed.__name__)
@pytest.mark.parametrize(("engine", "version"), BUILDS.values(), ids=BUILDS.keys())
def test_a_single_busy_node_keeps_what_it_holds(cloud: Cloud, engine: str, version: str, deed: Deed) -> None:
    group = cloud.group("rg", 1, Engine=engine, EngineVersion=version)
    where = place(group["PrimaryEndpoint"])
    with closing(redis_at(where)) as client:
        client.set("key", "value")
    worker = Thread(target=_at, args=(where, deed))
    worker.start()
    until("it is seen to be busy", lambda: cloud.shown_group("rg")["Status"] == "modifying")
    worker.join()
    cloud.available_group("rg")
    with closing(redis_at(where)) as client:
        assert client.get("key") == "value"


@pytest.mark.parametrize(("engine", "version"), BUILDS.values(), ids=BUILDS.keys())
def test_a_script_that_runs_for_ever_is_ended(cloud: Cloud, engine: str, version: str) -> None:
    """As AWS does: it gets SCRIPT KILL once lua-time-limit is over."""
    group = cloud.group("rg", 1, Engine=engine, EngineVersion=version)
    where = place(group["PrimaryEndpoint"])
    with closing(redis_at(where)) as client:
        client.set("key", "value")
        with socket.create_connection(where, timeout=20) as connection:
            connection.sendall(b'EVAL "while true do end" 0\r\n')
            assert b"killed by user" in connection.recv(1000)
        cloud.available_group("rg")
        assert client.get("key") == "value"


def test_a_stopped_process_is_replaced_after_the_patience(cloud: Cloud) -> None:
    where = node_places(cloud.cluster("one"))["0001"]
    with closing(redis_at(where)) as client:
        client.set("key", "value")
        since = time.monotonic()
        cloud.containers()["one.0001"].kill(signal.SIGSTOP)
        until("it is replaced", lambda: _is_empty(where))
        assert time.monotonic() - since < 8


def _at(where: Place, deed: Deed) -> None:
    with closing(redis_at(where)) as client:
        deed(client)


def _is_empty(where: Place) -> bool:
    try:
        with closing(redis_at(where)) as client:
            return client.dbsize() == 0
    except RedisError:
        return False
