"""Several processes at one PostgreSQL: one that answers, and agents, each with a data directory of its own."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from benchmarks.plane import Plane
from benchmarks.process import CACHEWRIGHT, data_directory, serving
from benchmarks.waiting import CannotMeasure
from benchmarks.wire import HOST
from cachewright.controlplane.console.paths import MEMBERS
from tests.contract import postgresql

AGENTS = ("agent1", "agent2")

_USUAL: Mapping[str, str] = {}


@dataclass(slots=True)
class Members:
    """The processes that work at a database."""

    plane: Plane
    directory: Path  # with the data directory of each
    settings: Mapping[str, str]
    logs: Path | None  # where agents say what they do; None: nowhere
    agents: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def begin(self, name: str) -> None:
        """Start an agent; it has joined once `are_all_there`."""
        words = [*CACHEWRIGHT, "up", "--role", "agent", "--port", "0", "--data-dir", str(self.directory / name)]
        with Path(self.logs / f"{name}.log" if self.logs else os.devnull).open("ab") as said:
            self.agents[name] = subprocess.Popen(
                words, env={**os.environ, **self.settings}, stdout=said, stderr=subprocess.STDOUT
            )

    def kill(self, name: str) -> None:
        """SIGKILL for an agent."""
        process = self.agents[name]
        process.kill()
        process.wait()

    def end(self) -> None:
        """Tell all agents to end, and wait until they have."""
        for process in self.agents.values():
            process.send_signal(signal.SIGTERM)
        for process in self.agents.values():
            process.wait()

    def told(self) -> list[dict[str, Any]]:
        """What is said of each process."""
        found: list[dict[str, Any]] = self.asked("GET", MEMBERS)["members"]
        return found

    def are_all_there(self) -> bool:
        """Whether each process is a member, and nobody else."""
        there = {member["process"] for member in self.told()}
        return there == {self.plane.pid, *(process.pid for process in self.agents.values())}

    def asked(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:  # noqa: ANN401 - JSON
        """What the console answers, as JSON."""
        return json.loads(self.said(method, path, body))

    def said(self, method: str, path: str, body: Mapping[str, object] | None = None) -> bytes:
        """What the console answers; CannotMeasure when it refuses."""
        connection = HTTPConnection(HOST, self.plane.client.port, timeout=60)
        try:
            sent = None if body is None else json.dumps(body)
            connection.request(method, path, sent, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            said = answer.read()
        finally:
            connection.close()
        if answer.status >= 300:
            raise CannotMeasure(f"cannot {method} {path}: {answer.status} {said.decode(errors='replace')}")
        return said


@contextmanager
def members(settings: Mapping[str, str] = _USUAL, logs: Path | None = None) -> Iterator[Members]:
    """One process that answers and two that work; at the end nothing of them is left."""
    with ExitStack() as stack:
        told = {**settings, "CACHEWRIGHT_DATABASE_URL": stack.enter_context(database())}
        directory = stack.enter_context(data_directory())
        stack.callback(_down, directory / "api", told)
        answering = {**told, "CACHEWRIGHT_ROLE": "api"}
        served = stack.enter_context(serving(directory / "api", settings=answering))
        site = Members(served, directory, told, logs)
        stack.callback(site.end)
        for name in AGENTS:
            site.begin(name)
        yield site


def _down(directory: Path, settings: Mapping[str, str]) -> None:
    words = [*CACHEWRIGHT, "down", "--data-dir", str(directory)]
    subprocess.run(words, env={**os.environ, **settings}, capture_output=True, check=True)


@contextmanager
def database() -> Iterator[str]:
    """The URL of an empty PostgreSQL; CannotMeasure where it is not installed."""
    binaries = postgresql.programs()
    if binaries is None:
        raise CannotMeasure("cannot measure with PostgreSQL: it is not installed")
    with postgresql.server(binaries) as directory:
        yield postgresql.new_database(directory)
