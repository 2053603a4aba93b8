"""Processes that begin anew, on a pretend machine."""

from dataclasses import dataclass

from cachewright.agents.memory.engines.nodes import PretendNodes, later
from cachewright.agents.planning.links import Reach
from cachewright.agents.planning.verdicts import Later


@dataclass(frozen=True, slots=True)
class PretendRenewal:
    """The facet Renewal."""

    nodes: PretendNodes

    def renew(self, node: Reach) -> None:
        """See Renewal. One that was not started so that it can refuses."""
        with later(f"cannot begin {node} anew"):
            process = self.nodes.process(node)
            if not process.blueprint.directory:
                raise Later(f"cannot begin {node} anew: it does not know where its program is")
            if process.forked:
                raise Later(f"cannot begin {node} anew: it may have written files")
            self.nodes.machine.renew(self.nodes.host(node))
