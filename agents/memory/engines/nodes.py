"""The way from an address to the process that answers there."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

from cachewright.agents.engines.redis.acl_rules import AGENT
from cachewright.agents.engines.tls import CONFIGURATION
from cachewright.agents.gateway.published import LOCAL
from cachewright.agents.memory.cluster import Member
from cachewright.agents.memory.gateway import MemoryGateway
from cachewright.agents.memory.machine import Machine
from cachewright.agents.memory.processes import Process
from cachewright.agents.planning.links import Reach
from cachewright.agents.planning.verdicts import Later
from cachewright.controlplane.model.versions import Engine, numbers

SHUT_OUT = "shut out"  # the setting that says that the agent's login is gone, and who may set it again


@dataclass(frozen=True, slots=True)
class PretendNodes:
    """The nodes of one kind of engine on a machine."""

    machine: Machine
    engine: Engine
    gateway: MemoryGateway  # the way to nodes whose endpoints are published

    def process(self, node: Reach) -> Process:
        """What runs there; ConnectionError when nothing does, or it does not know the agent."""
        self.machine.connected.add(node.address)
        process = self.machine.processes.at(self.host(node))
        strange = AGENT not in logins(process) or SHUT_OUT in process.settings
        if node.login and self.engine is not Engine.MEMCACHED and strange:
            raise ConnectionError(f"{node} does not know {AGENT}")
        return process

    def host(self, node: Reach) -> str:
        """The address of its container; ConnectionError when its published port leads nowhere."""
        host, port = node.address.host, node.address.port
        published = host == LOCAL or self.machine.hosts.publishes(host)
        return self.gateway.behind(port).host if published else host

    def tell(self, node: Reach, deed: Callable[[Member], None]) -> None:
        """Have a cluster node do something; ConnectionError when there is none."""
        self.machine.processes.tell(self.host(node), deed)


def logins(process: Process) -> tuple[str, ...]:
    """The names of the users that it was started with."""
    files = process.blueprint.files
    return _logins(process.blueprint.command, *(file.content for file in files if file.path == CONFIGURATION))


@lru_cache(1024)
def _logins(words: tuple[str, ...], *configurations: bytes) -> tuple[str, ...]:
    """Every question to a node asks for them, and nodes begin alike."""
    lines = [row for content in configurations for row in content.decode().splitlines()]
    told = (line.split()[1] for line in lines if line.startswith("user "))
    return (*(name for option, name in itertools.pairwise(words) if option == "--user"), *told)


def version_of(process: Process) -> tuple[int, ...]:
    """The version of the engine that it runs, in comparable form: the one in the name of its image."""
    return numbers(process.blueprint.image.rpartition(":")[2].partition("-")[0])


@contextmanager
def later(deed: str) -> Iterator[None]:
    """Later for a node that does not answer; `deed` is "cannot promote x"."""
    try:
        yield
    except ConnectionError as error:
        raise Later(f"{deed}: {error}") from error
