"""Files of what nodes hold, on a pretend machine."""

from dataclasses import dataclass

from cachewright.agents.engines.facets import Save
from cachewright.agents.engines.redis.persistence import EMPTY
from cachewright.agents.memory.engines.nodes import PretendNodes, later
from cachewright.agents.memory.processes import Process
from cachewright.agents.memory.rdb import PATH, dumped
from cachewright.agents.planning.containers import File
from cachewright.agents.planning.links import Reach
from cachewright.agents.planning.verdicts import Later


@dataclass(frozen=True, slots=True)
class PretendPersistence:
    """The facet Persistence."""

    nodes: PretendNodes

    def begin_save(self, node: Reach) -> Save:
        """Remember what there is."""
        with later(f"cannot have {node} save what it holds"):
            process = self.nodes.process(node)
            if process.dump is not None:
                self._advance(process)
                raise Later(f"cannot have {node} save what it holds: another save is under way", 0.5)
            process.dump, process.saving = dumped(process.data), self.nodes.machine.save_time
            process.forked = True
            self.nodes.machine.saving(self.nodes.host(node))
            return Save(process.run_id, 0)

    def saved(self, node: Reach, save: Save) -> str | None:
        """Put the file in its place, after some looks."""
        with later(f"cannot see whether {node} has saved what it holds"):
            process = self.nodes.process(node)
        if process.run_id != save.process:
            raise Later(f"cannot have {node} save what it holds: it was started anew meanwhile")
        if process.dump is None:
            raise Later(f"cannot have {node} save what it holds: somebody ended the save")
        self._advance(process)
        if process.dump is not None:
            return None
        if process.address in self.nodes.machine.full:
            raise Later(f"cannot have {node} save what it holds: the engine could not write the file")
        return PATH

    def _advance(self, process: Process) -> None:
        """A save goes on with every look, whoever began it, and puts its file in place at last."""
        if process.saving:
            process.saving -= 1
        elif process.dump is not None:
            content, process.dump = process.dump, None
            if process.address not in self.nodes.machine.full:
                self.nodes.machine.keep(process.address, File(PATH, content))

    def discarded(self) -> File:
        """As real ones have it."""
        return File(PATH, EMPTY, 0o600)
