"""The commands of every day: where a client is led, which variables are printed, what happened."""

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from socket import create_server
from threading import Thread

import pytest

from cachewright.controlplane.commands import connect, env
from cachewright.controlplane.commands.aws import elasticache
from cachewright.controlplane.commands.plane import ControlPlane
from cachewright.controlplane.console.seen import CacheSeen, EndpointSeen, NodeSeen, ShardSeen
from tests.commands.planes import Plane, cachewright, pretending
from tests.e2e.waiting import until

INTERRUPTIBLE = """
import signal
from cachewright.controlplane.cli import main

signal.signal(signal.SIGINT, signal.default_int_handler)  # who begins in the background ignores it
main()
"""
NODE = NodeSeen("shop-001.0001", "primary", "available", "10.0.0.1:6379", "redis 7.0.15", "us-east-1a")
PRIMARY = EndpointSeen("primary", "10.0.1.1:6379", ("10.0.0.1:6379",))
SHOP = CacheSeen(
    *(
        "000000000000",
        "us-east-1",
        "replication-group",
        "shop",
        "available",
        "",
        (),
        "redis",
        "7.1.0",
        "cache.t3.micro",
    ),
    shards=(ShardSeen("0001", (NODE,)),),
    endpoints=(EndpointSeen("reader", "10.0.1.2:6379", ()), PRIMARY),
)
CLUSTERED = replace(
    SHOP, endpoints=(EndpointSeen("configuration", "[fd00::1]:6380", ()), PRIMARY), cluster_mode="enabled"
)


@pytest.mark.parametrize(
    ("cache", "user", "expected"),
    [
        (SHOP, "", "-h 10.0.1.1 -p 6379"),
        (replace(SHOP, encrypted=True), "ann", "-h 10.0.1.1 -p 6379 --tls --cacert ca.pem --user ann"),
        (CLUSTERED, "", "-h fd00::1 -p 6380 -c"),
        (replace(SHOP, endpoints=()), "", "-h 10.0.0.1 -p 6379"),
    ],
)
def test_where_a_client_is_led(cache: CacheSeen, user: str, expected: str) -> None:
    assert connect.words(cache, user, "ca.pem") == expected.split()


def test_the_engines_own_client_is_in_a_container_of_the_cache() -> None:
    assert connect.container(SHOP, "cachewright-abc") == "cachewright-abc-000000000000-us-east-1-shop-001.0001"


def test_a_prompt_of_memcached(capsys: pytest.CaptureFixture[str]) -> None:
    def serve() -> None:
        connection, _ = door.accept()
        with connection:
            while line := connection.recv(1024):
                connection.sendall(b"SERVER_ERROR\r\n" if line == b"\r\n" else b"VERSION 1.6\r\n")

    with create_server(("127.0.0.1", 0)) as door:
        (server := Thread(target=serve)).start()
        connect.talk(("127.0.0.1", door.getsockname()[1]), ["version", ""])
        server.join()
    assert capsys.readouterr().out == "VERSION 1.6\r\nSERVER_ERROR\r\n"


TOLD = {"ONE": "http://127.0.0.1:4568", "TWO": 'it\'s $HOME \\ "x"'}


def test_variables_are_read_by_a_shell_as_they_are() -> None:
    script = "\n".join((*env.lines(TOLD, env.Shell.SH), 'printf "%s\\n" "$ONE" "$TWO"'))
    read = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True)
    assert read.stdout.splitlines() == list(TOLD.values())
    options = shlex.split(" ".join(env.lines(TOLD, env.Shell.DOCKER)))
    assert options[1::2] == [f"{name}={value}" for name, value in TOLD.items()]
    assert env.lines(TOLD, env.Shell.POWERSHELL)[1] == "$Env:TWO = 'it''s $HOME \\ \"x\"'"
    assert env.lines(TOLD, env.Shell.FISH)[1] == "set -gx TWO 'it\\'s $HOME \\\\ \"x\"'"
    assert env.lines({"ONE": "1"}, env.Shell.DOTENV) == ["ONE=1"]


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """One with a cache."""
    with pretending(tmp_path_factory.mktemp("everyday") / "data") as plane:
        aws = elasticache(ControlPlane(plane.url))
        aws.create_cache_cluster(CacheClusterId="shop", Engine="redis", CacheNodeType="cache.t3.micro", NumCacheNodes=1)
        aws.get_waiter("cache_cluster_available").wait(CacheClusterId="shop", WaiterConfig={"Delay": 1})
        yield plane


def test_what_happened_is_told_from_the_oldest_on(plane: Plane) -> None:
    told = [json.loads(line) for line in cachewright("events", "--json", "--url", plane.url).stdout.splitlines()]
    assert [event["Date"] for event in told] == sorted(event["Date"] for event in told)
    lines = cachewright("events", "SHOP", "--url", plane.url).stdout.splitlines()
    assert [line.split("  ", 2)[2] for line in lines] == [event["Message"] for event in told]
    assert any(line.endswith("Cache cluster created") for line in lines)
    assert cachewright("events", "--account", "123456789012", "--url", plane.url).stdout == ""


def test_events_are_followed(plane: Plane, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with out.open("w") as file:
        words = ["events", "shop", "--follow", "--url", plane.url]
        process = subprocess.Popen([sys.executable, "-c", INTERRUPTIBLE, *words], stdout=file)
    until("what was is told", lambda: "Cache cluster created" in out.read_text())
    elasticache(ControlPlane(plane.url)).reboot_cache_cluster(CacheClusterId="shop", CacheNodeIdsToReboot=["0001"])
    until("what comes is told", lambda: "restarted" in out.read_text())
    process.send_signal(2)
    assert process.wait() == 0
    lines = out.read_text().splitlines()
    assert len(lines) == len(set(lines))


def test_where_it_is_may_be_said_once(plane: Plane) -> None:
    told = cachewright("env", "--url", plane.url, "--for", "dotenv").stdout
    named = dict(line.split("=", 1) for line in told.splitlines())
    ended = cachewright("status", settings=named)
    assert ("shop" in ended.stdout, ended.stderr) == (True, "")


def test_nobody_is_there_to_connect_to(plane: Plane) -> None:
    ended = cachewright("connect", "nobody", "--url", plane.url)
    assert (ended.returncode, ended.stderr) == (
        4,
        "cachewright: there is no cache nobody; `cachewright list` shows all that there are\n",
    )
