"""A control plane as users run it: `up` in a process of its own, on a data directory of its own."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import docker
from botocore.config import Config

from cachewright.agents.planning.labels import INSTANCE
from tests.e2e.waiting import until

_COMMAND = (sys.executable, "-m", "cachewright")
_ONCE = Config(retries={"total_max_attempts": 1})
_GRACE = 15.0  # seconds to end after SIGTERM


def free_port() -> int:
    """A port of 127.0.0.1 on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


def environment() -> dict[str, str]:
    """This process's own, but for what would change the outcome: settings of Cachewright and of AWS tools."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("CACHEWRIGHT_", "AWS_"))}


def run(*arguments: str, settings: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """The `cachewright` command, until it ends; `settings` are of its environment."""
    own = {**environment(), **(settings or {})}
    return subprocess.run([*_COMMAND, *arguments], env=own, capture_output=True, text=True, timeout=60, check=False)


@dataclass(slots=True)
class Plane:
    """One control plane; it may be stopped, killed and started again."""

    data_dir: Path
    port: int = field(default_factory=free_port)
    settings: Mapping[str, str] = field(default_factory=dict)  # of its environment
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where the API is served."""
        return f"http://127.0.0.1:{self.port}"

    def up(self) -> None:
        """Start it, unless it runs; returns once requests are served."""
        if self._process and self._process.poll() is None:
            return
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*_COMMAND, "up", "--port", str(self.port), "--data-dir", str(self.data_dir)],
                env={**environment(), **self.settings},
                stdout=log,
                stderr=log,
            )
        until("the control plane serves requests", self._serves)

    def kill(self) -> None:
        """SIGKILL: it dies at whatever instruction it is."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM; the exit status."""
        return self._end(signal.SIGTERM)

    def down(self) -> subprocess.CompletedProcess[str]:
        """`cachewright down`, after the end of the control plane."""
        self.stop()
        return run("down", "--data-dir", str(self.data_dir))

    @property
    def process(self) -> int:
        """The id of its process."""
        assert self._process, "it was never started"
        return self._process.pid

    @property
    def log(self) -> Path:
        """What it says."""
        return self.data_dir.with_suffix(".log")

    @property
    def instance(self) -> str:
        """The name on everything that it owns."""
        with closing(sqlite3.connect(self.data_dir / "cachewright.db")) as database:
            (name,) = database.execute("SELECT value FROM facts WHERE name = 'instance'").fetchone()
        return str(name)

    def client(self, account: str, region: str = "us-east-1") -> Any:
        """A boto3 client that tries everything once."""
        return boto3.client(
            "elasticache",
            endpoint_url=self.url,
            region_name=region,
            aws_access_key_id=account,
            aws_secret_access_key="x",
            config=_ONCE,
        )

    def _serves(self) -> bool:
        assert self._process, "it was never started"
        assert self._process.poll() is None, f"the control plane ended: {self.log.read_text()[-2000:]}"
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def _end(self, by: signal.Signals) -> int:
        if self._process is None:
            return 0
        self._process.send_signal(by)
        try:
            return self._process.wait(_GRACE)
        finally:
            self._process.kill()
            self._process.wait()


@contextmanager
def lent(machine: docker.DockerClient, data_dir: Path, settings: Mapping[str, str] | None = None) -> Iterator[Plane]:
    """A control plane that runs; at the end it has met no bug and nothing of it is left, however the tests went."""
    plane = Plane(data_dir, settings=settings or {})
    try:
        plane.up()
        yield plane
    finally:
        ended = plane.down()
    assert_ended(machine, plane, ended)


def assert_ended(machine: docker.DockerClient, plane: Plane, ended: subprocess.CompletedProcess[str]) -> None:
    """`down` has left nothing but what it tells that the engine keeps: an empty network that Docker miscounts."""
    assert ended.returncode == 0, ended.stderr
    kept = [line.split()[2].rstrip(":") for line in ended.stdout.splitlines() if line.startswith("left network ")]
    assert belongings(machine, plane.instance) == kept
    assert "Traceback" not in plane.log.read_text(), plane.log.read_text()


def belongings(machine: docker.DockerClient, instance: str) -> list[str]:
    """Every container, network and volume that carries the instance's name."""
    mine = {"label": f"{INSTANCE}={instance}"}
    containers = machine.containers.list(all=True, filters=mine, ignore_removed=True)
    return [
        thing.name for thing in (*containers, *machine.networks.list(filters=mine), *machine.volumes.list(filters=mine))
    ]
