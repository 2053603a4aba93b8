"""Commands that took long, on a pretend machine: those that tests say."""

from collections.abc import Sequence
from dataclasses import dataclass

from cachewright.agents.engines.facets import SlowLogEnd
from cachewright.agents.memory.engines.nodes import PretendNodes, later
from cachewright.agents.planning.links import Reach
from cachewright.agents.planning.log_records import SlowEntry


@dataclass(frozen=True, slots=True)
class PretendSlowLog:
    """The facet SlowLog."""

    nodes: PretendNodes

    def end_of_slow_log(self, node: Reach) -> SlowLogEnd | None:
        """The last one that was said."""
        try:
            process = self.nodes.process(node)
        except ConnectionError:
            return None
        return SlowLogEnd(process.run_id, process.slow[-1].id if process.slow else None)

    def slow_entries(self, node: Reach, count: int) -> Sequence[SlowEntry]:
        """What was said."""
        with later(f"cannot read the slow log of {node}"):
            return list(self.nodes.process(node).slow[-count:])
