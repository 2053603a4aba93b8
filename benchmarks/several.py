"""Several processes at one PostgreSQL: what looking at caches costs there, and the end of an agent."""

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from benchmarks.describing import CALLS, CLUSTERS, PAGE, cluster_name, populate
from benchmarks.docker import ask, container_of, docker
from benchmarks.figures import Row, Summary, alternated
from benchmarks.plane import Plane
from benchmarks.process import CACHEWRIGHT, data_directory, serving
from benchmarks.process import plane as alone
from benchmarks.waiting import CannotMeasure, milliseconds, until
from benchmarks.wire import HOST, Client, request
from cachewright.controlplane.console.paths import MEMBERS
from tests.contract import postgresql

GROUP = "bench-agents"
BAR = 5000.0  # milliseconds
GLANCE = 0.01  # seconds between two looks


def describing(rounds: int) -> Iterator[Row]:
    """The same looks with either database behind the API."""
    with ExitStack() as stack:
        settings = {"CACHEWRIGHT_DATABASE_URL": stack.enter_context(_database())}
        pair = [stack.enter_context(alone("memory", chosen)) for chosen in (settings, {})]
        for served in pair:
            populate(served.client)
            for number in range(CLUSTERS):
                served.await_cluster(cluster_name(number))
        clients = [served.client for served in pair]
        yield _compared(rounds, clients, "one cluster", {"CacheClusterId": cluster_name(CLUSTERS // 2)})
        yield _compared(rounds, clients, f"a page of {PAGE} of {CLUSTERS} clusters", {"MaxRecords": PAGE})


def _compared(rounds: int, pair: list[Client], what: str, params: Mapping[str, str | int]) -> Row:
    wanted = request("DescribeCacheClusters", {"ShowCacheNodeInfo": "true", **params})
    ours, floor = alternated(rounds, *(_calls(client, wanted) for client in pair))
    return Row(f"DescribeCacheClusters on PostgreSQL, {what}", "ms", ours, floor, "on SQLite", 2.0)


def _calls(client: Client, wanted: bytes) -> Callable[[], float]:
    return lambda: milliseconds(lambda: [client.send(wanted) for _ in range(CALLS)]) / CALLS


def agents(rounds: int) -> Iterator[Row]:
    """SIGKILL for the agent of a group and for the group's primary at the same moment: until a write is acknowledged
    at the primary endpoint again.
    """
    with _site() as site:
        site.plane.create_group(GROUP)
        endpoint = site.plane.primary_endpoint(GROUP)
        taken = [site.lost(endpoint) for _ in range(rounds)]
    note = "two agents; a lease lasts 2.5 s"
    yield Row(
        "SIGKILL for an agent and for a primary of its: to the next write",
        "ms",
        Summary(tuple(taken)),
        None,
        "",
        BAR,
        note,
    )


@dataclass(slots=True)
class _Site:
    """One process that answers and two that work, each with a data directory of its own."""

    plane: Plane
    begin: Callable[[str], "subprocess.Popen[bytes]"]
    agents: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def lost(self, endpoint: tuple[str, int]) -> float:
        """Milliseconds; everything is whole again afterwards."""
        name, process = self._owner()
        primary = container_of(f"{self.plane.primary(GROUP)}.0001")
        until(lambda: _writes(endpoint), "a write", GLANCE)
        process.kill()
        docker("kill", primary)
        span = milliseconds(lambda: until(lambda: _writes(endpoint), "a write", GLANCE))
        process.wait()
        self.agents[name] = self.begin(name)
        until(lambda: len(self._members()) == 1 + len(self.agents), "all members", GLANCE)
        self.plane.await_group(GROUP)
        return span

    def end(self) -> None:
        """Tell all agents to end, and wait until they have."""
        for process in self.agents.values():
            process.send_signal(signal.SIGTERM)
        for process in self.agents.values():
            process.wait()

    def _owner(self) -> tuple[str, "subprocess.Popen[bytes]"]:
        """The agent that works on the only cache, once all have agreed."""
        until(lambda: any(member["caches"] for member in self._members()), "the agent of the group", GLANCE)
        pids = [member["process"] for member in self._members() if member["caches"]]
        return next((name, one) for name, one in self.agents.items() if one.pid in pids)

    def _members(self) -> list[dict[str, Any]]:
        connection = HTTPConnection(HOST, self.plane.client.port)
        connection.request("GET", MEMBERS)
        told: list[dict[str, Any]] = json.loads(connection.getresponse().read())["members"]
        connection.close()
        return told


def _writes(endpoint: tuple[str, int]) -> bool:
    return ask(*endpoint, "SET written 1").startswith(b"+OK")


@contextmanager
def _site() -> Iterator[_Site]:
    with ExitStack() as stack:
        url, directory = stack.enter_context(_database()), stack.enter_context(data_directory())
        settings = {"CACHEWRIGHT_DATABASE_URL": url}
        stack.callback(_down, directory / "api", settings)
        served = stack.enter_context(serving(directory / "api", settings={**settings, "CACHEWRIGHT_ROLE": "api"}))
        site = _Site(served, partial(_agent, directory, settings))
        stack.callback(site.end)
        for name in ("agent1", "agent2"):
            site.agents[name] = site.begin(name)
        yield site


def _agent(directory: Path, settings: Mapping[str, str], name: str) -> "subprocess.Popen[bytes]":
    words = [*CACHEWRIGHT, "up", "--role", "agent", "--port", "0", "--data-dir", str(directory / name)]
    return subprocess.Popen(words, env={**os.environ, **settings}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _down(directory: Path, settings: Mapping[str, str]) -> None:
    words = [*CACHEWRIGHT, "down", "--data-dir", str(directory)]
    subprocess.run(words, env={**os.environ, **settings}, capture_output=True, check=True)


@contextmanager
def _database() -> Iterator[str]:
    """The URL of an empty PostgreSQL; CannotMeasure where it is not installed."""
    binaries = postgresql.programs()
    if binaries is None:
        raise CannotMeasure("cannot measure with PostgreSQL: it is not installed")
    with postgresql.server(binaries) as directory:
        yield postgresql.new_database(directory)
