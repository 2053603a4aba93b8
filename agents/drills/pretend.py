"""How a drill enters a cache on the pretend machine."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cachewright.agents.engines.redis.probe import Client, Refused
from cachewright.agents.memory.machine import Machine
from cachewright.agents.memory.processes import Process
from cachewright.agents.memory.runtime import MemoryRuntime
from cachewright.agents.planning.links import Reach
from cachewright.agents.planning.verdicts import Later
from cachewright.agents.tools import Tools


def entered(tools: Tools, where: Reach) -> Client:
    """A client there."""
    assert isinstance(tools.runtime, MemoryRuntime)
    return PretendClient(tools.runtime.machine, tools, where)


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
