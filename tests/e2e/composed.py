"""What compose files say, done through Docker's API: the containers that `docker compose up` would start."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker
import yaml
from docker.models.containers import Container

from tests.e2e.waiting import until

Service = dict[str, Any]

SECOND = 10**9  # nanoseconds, in which Docker's API counts
_VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")
_MEANT_FOR_COMPOSE = {"build", "depends_on", "image", "stop_grace_period", "restart"}
_PASSED_ON = {"entrypoint", "init", "network_mode", "user"}
_UNDERSTOOD = _MEANT_FOR_COMPOSE | _PASSED_ON | {"environment", "healthcheck", "volumes"}


@dataclass(slots=True)
class Project:
    """The services of compose files, the later merged into the earlier; `images` run in place of those named."""

    machine: docker.DockerClient
    name: str
    files: tuple[Path, ...]
    variables: Mapping[str, str]
    images: Mapping[str, str]
    volumes: Mapping[str, str] = field(default_factory=dict)  # directories in place of volumes, by name
    running: dict[str, Container] = field(default_factory=dict)

    def services(self) -> dict[str, Service]:
        """Every service, with the variables put in."""
        found: dict[str, Service] = {}
        for file in self.files:
            text = _VARIABLE.sub(lambda match: self.variables.get(match[1], match[2] or ""), file.read_text())
            for name, service in yaml.safe_load(text)["services"].items():
                found[name] = merged(found.get(name, {}), service)
        return found

    def up(self, *names: str) -> None:
        """Start services one after the other, and wait until each is healthy."""
        for name in names:
            service = self.services()[name]
            self.running[name] = self._started(service)
            until(f"{name} is healthy", lambda name=name: self.health(name) == "healthy")  # type: ignore[misc]

    def health(self, name: str) -> str:
        """What Docker says of a service that runs. AssertionError when it has ended."""
        container = self.running[name]
        container.reload()
        assert container.status == "running", container.logs().decode()
        return str(container.attrs["State"]["Health"]["Status"])

    def run(self, name: str, *words: str) -> None:
        """Run a container of a service with other words, until it ends well; nothing is left of it."""
        container = self._started(self.services()[name], *words)
        try:
            ended, said = container.wait(timeout=60)["StatusCode"], str(container.logs().decode())
        finally:
            container.remove(force=True, v=True)
        assert ended == 0, said

    def stop(self) -> None:
        """End all containers, the last one first."""
        while self.running:
            _, container = self.running.popitem()
            container.stop(timeout=15)
            container.remove(v=True)

    def _started(self, service: Service, *words: str) -> Container:
        assert set(service) <= _UNDERSTOOD, f"nobody has told how to start {set(service) - _UNDERSTOOD}"
        given = {name: service[name] for name in service.keys() & _PASSED_ON}
        return self.machine.containers.run(
            self.images[service["image"]],
            list(words) or None,
            detach=True,
            labels={"cachewright.test": self.name},
            environment=self._environment(service.get("environment", {})),
            volumes=[self._volume(volume) for volume in service.get("volumes", ())],
            healthcheck=_check(service["healthcheck"]) if "healthcheck" in service else None,
            **given,
        )

    def _environment(self, given: Mapping[str, Any]) -> dict[str, str]:
        """What has no value is passed on, if it is set."""
        passed = {name: self.variables.get(name) if value is None else str(value) for name, value in given.items()}
        return {name: value for name, value in passed.items() if value is not None}

    def _volume(self, volume: str) -> str:
        source, rest = volume.split(":", 1)
        if source.startswith("."):
            return f"{(self.files[0].parent / source).resolve()}:{rest}"
        if source.startswith("/"):
            return volume
        return f"{self.volumes.get(source, f'{self.name}_{source}')}:{rest}"


def merged(first: Service, then: Service) -> Service:
    """A service as two files have it: mappings are joined, lists follow one another, other values are replaced."""
    joined = dict(first)
    for name, value in then.items():
        match value, first.get(name):
            case dict(), dict() as before:
                joined[name] = {**before, **value}
            case list(), list() as before:
                joined[name] = [*before, *value]
            case _:
                joined[name] = value
    return joined


@contextmanager
def composed(project: Project) -> Iterator[Project]:
    """A project of which nothing is left at the end: containers, caches and volumes."""
    try:
        yield project
    finally:
        project.stop()
        project.run("cachewright", "down")
        for volume in project.machine.volumes.list():
            if volume.name.startswith(f"{project.name}_"):
                volume.remove(force=True)


def _check(check: Mapping[str, Any]) -> dict[str, Any]:
    """Docker's form of a health check."""
    seconds = {
        name: int(str(check[name]).removesuffix("s")) * SECOND for name in ("interval", "timeout", "start_period")
    }
    return {"test": check["test"], "retries": check["retries"], **seconds}
