"""How a drill enters a cache, as an application would."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cachewright.agents.engines.redis.probe import Client, RedisClient, Refused
from cachewright.agents.memory.machine import Machine
from cachewright.agents.memory.processes import Process
from cachewright.agents.memory.runtime import MemoryRuntime
from cachewright.agents.planning.endpoints.routes import PRIMARY
from cachewright.agents.planning.links import Reach, reach
from cachewright.agents.planning.verdicts import Later
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Cache, Transit
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.settings import RuntimeKind

Entrance = Callable[[Tools, Reach], Client]


def door(cache: Cache) -> Reach | None:
    """Where an application writes: the primary endpoint of a group, the only node of a cluster. None when there is no
    such place, as in a group that follows somebody else, or nobody is served yet.
    """
    if cache.phase is not Phase.AVAILABLE or not cache.spec.replicates or cache.spec.upstream:
        return None
    if endpoint := cache.status.endpoints.get(PRIMARY):
        encrypted = any(node.transit is not Transit.OFF for node in cache.status.nodes.values())
        return Reach(endpoint, encrypted, login=encrypted)
    nodes = cache.spec.nodes
    return reach(cache.status, nodes[0].name) if len(nodes) == 1 else None


def docker(tools: Tools, where: Reach) -> Client:
    """A real connection."""
    return RedisClient(where.address, tools.secret_store.credentials if where.encrypted else None)


def pretend(tools: Tools, where: Reach) -> Client:
    """A connection to the pretend machine."""
    assert isinstance(tools.runtime, MemoryRuntime)
    return PretendClient(tools.runtime.machine, tools, where)


ENTRANCES: Mapping[RuntimeKind, Entrance] = {RuntimeKind.DOCKER: docker, RuntimeKind.MEMORY: pretend}


@dataclass(frozen=True, slots=True)
class PretendClient:
    """A Client on the pretend machine."""

    machine: Machine
    tools: Tools
    where: Reach

    def write(self, key: str, value: str) -> None:
        """See Client."""
        try:
            self.machine.processes.write(self._host(), key, value)
        except ConnectionError as error:
            raise Refused(str(error)) from error

    def read(self, keys: Sequence[str]) -> list[str | None]:
        """See Client."""
        data = self._process().data
        return [data.get(key) for key in keys]

    def sweep(self, prefix: str) -> int:
        """See Client."""
        process = self._process()
        left = {key: value for key, value in process.data.items() if not key.startswith(prefix)}
        deleted = len(process.data) - len(left)
        process.data, process.offset = left, process.offset + 1
        return deleted

    def fill(self, prefix: str, stop: Callable[[], bool]) -> int:  # noqa: ARG002
        """See Client."""
        raise Refused("a pretend engine has no limit of its memory")

    def _process(self) -> Process:
        try:
            return self.machine.processes.at(self._host())
        except ConnectionError as error:
            raise Refused(str(error)) from error

    def _host(self) -> str:
        try:
            leads_to = self.tools.gateway.routes().get(self.where.address, (self.where.address,))
        except Later as verdict:
            raise Refused(verdict.reason) from verdict
        return leads_to[0].host
