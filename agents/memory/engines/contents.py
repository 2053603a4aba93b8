"""What pretend nodes of Memcached hold, as a whole."""

from collections.abc import Generator, Iterable
from dataclasses import dataclass

from cachewright.agents.engines.facets import Filling
from cachewright.agents.engines.memcached.items import END, Item, read, written
from cachewright.agents.memory.engines.figures import held
from cachewright.agents.memory.engines.nodes import PretendNodes, later
from cachewright.agents.memory.processes import Process
from cachewright.agents.planning.links import Reach
from cachewright.agents.planning.verdicts import Never
from cachewright.controlplane.model.node_types import MIB

_FILLED = "filled"  # the setting that says that everything was added


@dataclass(frozen=True, slots=True)
class PretendContents:
    """The facet Contents. No item expires."""

    nodes: PretendNodes

    def dump(self, node: Reach) -> Generator[bytes]:
        """An item at a time, as long as the process is there."""
        with later(f"cannot read what {node} holds"):
            process = self.nodes.process(node)
            self.nodes.machine.saving(self.nodes.host(node))
            for key, value in dict(process.data).items():
                if self.nodes.process(node) is not process:
                    raise ConnectionError("it was started anew")
                yield written(Item(key.encode(), value.encode()))
        yield END

    def fill(self, node: Reach, pieces: Iterable[bytes]) -> None:
        """An item at a time as well."""
        deed = f"cannot load what {node} is to hold"
        with later(deed):
            process = self.nodes.process(node)
            self.nodes.machine.filling(self.nodes.host(node))
            try:
                for item in read(pieces):
                    if self.nodes.process(node) is not process:
                        raise ConnectionError("it was started anew")
                    process.data.setdefault(item.key.decode(), item.value.decode())
            except ValueError as error:
                raise Never(f"{deed}: {error}") from error
            process.settings[_FILLED] = "yes"

    def filling(self, node: Reach) -> Filling | None:
        """What the process was told, and what its command line allows."""
        try:
            process = self.nodes.process(node)
        except ConnectionError:
            return None
        return Filling(_FILLED in process.settings, overfull=held(process) > _room(process))

    def settle(self, node: Reach) -> None:
        """It says so no longer."""
        with later(f"cannot tell {node} that it is to be used"):
            self.nodes.process(node).settings.pop(_FILLED, None)


def _room(process: Process) -> int:
    words = process.blueprint.command
    return int(words[words.index("-m") + 1]) * MIB
