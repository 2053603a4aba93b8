"""Runtimes for contract tests: the pretend one and the real one, each with a stranger on the same engine."""

import os
import socket
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cachewright.agents.memory.machine import Machine
from cachewright.agents.memory.runtime import MemoryRuntime
from cachewright.agents.planning.containers import Blueprint, Container, File
from cachewright.agents.runtime.connection import Engine
from cachewright.agents.runtime.docker import DockerRuntime
from cachewright.agents.runtime.hosts.runtime import HostsRuntime
from cachewright.agents.runtime.images import Images
from cachewright.agents.runtime.network import Network
from cachewright.agents.runtime.runtime import Runtime
from cachewright.controlplane.model.versions import Engine as EngineName
from cachewright.controlplane.model.versions import requested_version
from tests.machines import NAMES, WHERE, Machines

ABSENT_IMAGE = "cachewright/absent:0"
SERVER = ("redis-server", "/cache/node.conf")
CONFIG = File("/cache/node.conf", b"port 6379\nprotected-mode no\nsave ''\ndir /cache\nlogfile /cache/log\n")


@dataclass(frozen=True, slots=True)
class World:
    """A runtime, another one of a stranger on the same engine, an image that runs, and whether an address answers."""

    runtime: Runtime
    stranger: Runtime
    network: Network
    image: str
    prefix: str
    answers: Callable[[str], bool]
    another: Callable[[], Runtime]  # the same runtime as another process has it
    hosts: tuple[str, ...] = ("",)
    close: Callable[[], object] = lambda: None

    def blueprint(self, number: int = 0, **labels: str) -> Blueprint:
        return Blueprint(
            name=f"{self.prefix}-{number}",
            image=self.image,
            command=SERVER,
            address=str(self.network.first_node + number),
            memory=64 << 20,
            labels={"number": str(number), **labels},
            files=(CONFIG,),
            host=self.hosts[number % len(self.hosts)],
        )

    def seen(self, name: str) -> Container | None:
        return next((container for container in self.runtime.containers() if container.name == name), None)


def memory(instance: str) -> World:
    machine = Machine()
    machine.missing_images.add(ABSENT_IMAGE)
    runtime, stranger = MemoryRuntime(instance, machine), MemoryRuntime(f"{instance}x", machine)

    def answers(address: str) -> bool:
        try:
            return bool(machine.processes.at(address))
        except ConnectionError:
            return False

    return World(
        runtime,
        stranger,
        runtime.open_network(),
        "redis",
        instance,
        answers,
        lambda: MemoryRuntime(instance, runtime.machine),
    )


def docker(instance: str) -> World:
    engine = Engine()
    row = requested_version(EngineName.REDIS, "7.1")
    image = Images(engine).find(row.engine, row.version, row.family, row.upstream).reference
    runtime, stranger = DockerRuntime(instance, engine), DockerRuntime(f"{instance}x", engine)
    network, another = runtime.open_network(), lambda: DockerRuntime(instance, engine)
    return World(runtime, stranger, network, image, instance, _accepts, another)


def _accepts(address: str) -> bool:
    try:
        with socket.create_connection((address, 6379), timeout=1):
            return True
    except OSError:
        return False


def hosts(instance: str) -> World:
    """Several engines as one. Nobody but containers reaches an overlay network: one of them tries who answers."""
    row, images = requested_version(EngineName.REDIS, "7.1"), Images(Engine())
    image = images.find(row.engine, row.version, row.family, row.upstream).reference
    three, probe = Machines(Path(os.environ[WHERE])), f"{instance}-probe"
    three.load(image, python := images.nftables().reference)
    runtime, stranger = HostsRuntime(instance, three.hosts), HostsRuntime(f"{instance}x", three.hosts)
    network = runtime.open_network()
    words = ("--entrypoint", "python3", python, "-c", "import time; time.sleep(600)")
    three.docker(1, "run", "-d", "--name", probe, "--network", network.name, *words)

    def answers(address: str) -> bool:
        attempt = f"import socket; print(socket.socket().connect_ex(('{address}', 6379)))"
        return (
            three.docker(1, "exec", probe, "python3", "-c", f"import socket; socket.setdefaulttimeout(1); {attempt}")
            == "0"
        )

    return World(
        *(runtime, stranger, network, image, instance, answers),
        another=lambda: HostsRuntime(instance, three.hosts),
        hosts=NAMES,
        close=lambda: three.docker(1, "rm", "-f", probe),
    )


WORLDS = [pytest.param(memory, id="memory"), pytest.param(docker, id="docker", marks=pytest.mark.docker)]
if WHERE in os.environ:  # they take minutes on several hosts
    WORLDS.append(pytest.param(hosts, id="hosts", marks=pytest.mark.docker))


def opened(make: Callable[[str], World]) -> Iterator[World]:
    """A world of its own, taken away afterwards."""
    made = make(f"cwrt-{uuid.uuid4().hex[:8]}")
    yield made
    made.close()
    made.runtime.raze()
    made.stranger.raze()
