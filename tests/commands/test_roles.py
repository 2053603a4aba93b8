"""`cachewright up --role`: processes at one PostgreSQL that are killed one after the other, and nobody notices."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from cachewright.controlplane.commands.plane import ControlPlane, asked
from cachewright.controlplane.store.database import Store
from tests.commands.planes import cachewright
from tests.contract import postgresql
from tests.contract.conftest import server
from tests.e2e.waiting import until

__all__ = ["server"]  # fixtures

ENOUGH = 60.0  # seconds until whatever is retried must have been taken


@dataclass
class Process:
    """One of several, by what it was told to do."""

    running: "subprocess.Popen[str]"
    url: str

    def kill(self) -> None:
        self.running.kill()
        self.running.wait()


@dataclass
class Site:
    """Processes at one database, each with a data directory of its own."""

    database: str
    directory: Path
    until_the_end: ExitStack
    processes: dict[str, Process] = field(default_factory=dict)

    def up(self, *names: str) -> None:
        """Begin processes, whose names begin with their roles."""
        settings = {"CACHEWRIGHT_RUNTIME": "memory", "CACHEWRIGHT_DATABASE_URL": self.database}
        begun = {name: self._begun(name, {**os.environ, **settings}) for name in names}
        for name, process in begun.items():
            assert process.stdout
            told = process.stdout.readline().split()
            assert told, f"{name} does not serve"
            self.processes[name] = Process(process, told[3])

    def _begun(self, name: str, environment: Mapping[str, str]) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "cachewright", "up", "--port", "0", "--role", name[:-1]]
        command += ["--data-dir", str(self.directory / name)]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        self.until_the_end.enter_context(process)
        self.until_the_end.callback(process.kill)
        return process

    def call(self, operation: str, **params: object) -> Any:
        """What a client gets who tries every address in turn until it is answered, as behind a load balancer."""
        deadline = time.monotonic() + ENOUGH
        while True:
            for url in [process.url for name, process in self.processes.items() if name.startswith("api")]:
                try:
                    return getattr(_client(url), operation)(**params)
                except BotoCoreError:
                    assert time.monotonic() < deadline, f"{operation} is not answered"

    def ask(self, name: str, path: str) -> bytes:
        return asked(ControlPlane(self.processes[name].url), path)

    def statuses(self) -> dict[str, str]:
        found = self.call("describe_cache_clusters")["CacheClusters"]
        return {one["CacheClusterId"]: one["CacheClusterStatus"] for one in found}


def _client(url: str) -> Any:
    config = Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=10)
    keys = {"aws_access_key_id": "000000000000", "aws_secret_access_key": "any"}
    return boto3.client("elasticache", endpoint_url=url, region_name="us-east-1", config=config, **keys)


@pytest.fixture(scope="module")
def site(server: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Two that answer, and two that work."""
    with ExitStack() as until_the_end:
        site = Site(postgresql.new_database(server), tmp_path_factory.mktemp("roles"), until_the_end)
        site.up("api1", "api2", "agent1", "agent2")
        yield site


@dataclass
class Load:
    """Creates clusters, one after the other; a request that was cut off is made again, as clients do."""

    site: Site
    created: list[str] = field(default_factory=list)
    stopped: Event = field(default_factory=Event)
    wrong: list[Exception] = field(default_factory=list)
    seen: int = 0

    def __post_init__(self) -> None:
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        wanted = {"Engine": "redis", "CacheNodeType": "cache.t3.micro", "NumCacheNodes": 1}
        while not self.stopped.wait(0.2):
            name = f"c{len(self.created)}"
            try:
                self.site.call("create_cache_cluster", CacheClusterId=name, **wanted)
            except ClientError as error:
                if error.response["Error"]["Code"] != "CacheClusterAlreadyExists":
                    self.wrong.append(error)
                    return  # else the first try was taken, and its answer lost
            self.created.append(name)

    def goes_on(self) -> bool:
        """Whether another one was created since this was asked last, or none will be."""
        before, self.seen = self.seen, len(self.created)
        return self.seen > before or bool(self.wrong)

    def end(self) -> None:
        self.stopped.set()
        self._thread.join(ENOUGH)
        assert not self.wrong


def test_it_is_told_who_is_there_and_what_each_does(site: Site) -> None:
    store = Store(site.database)
    with store.read() as transaction:
        assert sorted(member.role.value for member in transaction.members.all()) == ["agent", "agent", "api", "api"]
    store.close()
    assert b'"status":"ok"' in site.ask("agent1", "/healthz")
    assert b"cachewright_reconcile_queue" in site.ask("agent1", "/metrics")
    with pytest.raises(Exception, match="Not Found"):
        site.ask("agent1", "/_cachewright/members")
    shown = cachewright("status", "--url", site.processes["api2"].url).stdout
    for word in ("api", "agent", "gateway", "clock"):
        assert word in shown


def test_each_is_killed_and_begun_again_and_no_request_is_lost(site: Site) -> None:
    load = Load(site)
    for name in ("agent1", "api1", "agent2", "api2"):
        site.processes[name].kill()
        until("requests are taken meanwhile", load.goes_on)
        site.up(name)
    load.end()
    until("all are there", lambda: set(site.statuses().values()) == {"available"})
    assert sorted(site.statuses()) == sorted(load.created)
    for name in load.created[::2]:
        site.call("delete_cache_cluster", CacheClusterId=name)
    site.processes["agent1"].kill()
    until("half are gone", lambda: sorted(site.statuses()) == sorted(load.created[1::2]))
    left = [process.running for name, process in site.processes.items() if name != "agent1"]
    for process in left:
        process.send_signal(signal.SIGTERM)
    assert [process.wait(ENOUGH) for process in left] == [0, 0, 0]


@pytest.mark.parametrize("role", ["api", "agent"])
def test_sqlite_is_one_processes_alone(tmp_path: Path, role: str) -> None:
    done = cachewright("up", "--port", "0", "--role", role, "--data-dir", tmp_path)
    assert done.returncode
    assert f"cannot serve as `{role}` with SQLite" in done.stderr
    assert "CACHEWRIGHT_DATABASE_URL" in done.stderr
