"""Who copies whom, on a pretend machine."""

from dataclasses import dataclass

from cachewright.agents.engines.redis.fence import PAUSES_WRITES_FROM
from cachewright.agents.engines.redis.replication import ANNOUNCED_HOST, source_settings
from cachewright.agents.engines.source_access import OPEN, SourceAccess
from cachewright.agents.memory.cluster import Member
from cachewright.agents.memory.engines.figures import held
from cachewright.agents.memory.engines.nodes import PretendNodes, later, version_of
from cachewright.agents.memory.processes import Process
from cachewright.agents.planning.links import Link, Reach
from cachewright.agents.planning.verdicts import Later
from cachewright.controlplane.model.cache import Address
from cachewright.controlplane.model.migration import Source

REFUSAL = "refuses sources"  # the setting that has what a source says against it
PASSWORD, ENCRYPTED = "password of a source", "encrypted source"  # settings that say how one is entered


@dataclass(frozen=True, slots=True)
class PretendReplication:
    """The facet Replication."""

    nodes: PretendNodes

    def replicate_from(self, node: Reach, primary: Link, host: str = "", access: SourceAccess | None = None) -> None:
        """Replicate from `primary`."""
        with later(f"cannot make {node} a replica of {primary.address}"):
            if self.nodes.host(node) in self.nodes.machine.unteachable:
                raise Later(f"cannot make {node} a replica of {primary.address}: it refuses")
            process = self.nodes.process(node)
            process.settings["leader port"] = str(primary.address.port)
            _say_where(process, host)
            if access:
                process.configuration |= source_settings(access)
            self.nodes.machine.processes.follow(self.nodes.host(node), primary.address.host)

    def request_ack(self, node: Reach, primary: Reach, host: str = "") -> None:
        """The primary hears of it."""
        with later(f"cannot have {node} talk to {primary}"):
            self.nodes.process(primary)
            process = self.nodes.process(node)
            process.mute = False
            _say_where(process, host)

    def promote(self, node: Reach) -> None:
        """Replicate from nobody."""
        with later(f"cannot promote {node}"):
            self._promote(node)

    def switchover(self, old_primary: Reach, candidate: Reach) -> bool:
        """Promoted, the pretend replica has been looked at as often as it takes until all has arrived. Nobody lets the
        old primary take writes again when that fails, as if the connection to it were gone.
        """
        with later(f"cannot switch over from {old_primary} to {candidate}"):
            process = self.nodes.process(old_primary)
            process.held = True
            self.nodes.machine.holding(self.nodes.host(old_primary))
            self._promote(candidate)
        return version_of(process) >= PAUSES_WRITES_FROM

    def lag(self, replica: Reach, primary: Reach) -> float:
        """As late as the relay hands on by which it follows, if there is one."""
        with later(f"cannot tell how far {replica} is behind {primary}"):
            self.nodes.process(primary)
            process = self.nodes.process(replica)
            passage = process.passages.get(process.leader)
            return passage.delay if passage else 0.0

    def resume_writes(self, node: Reach) -> None:
        """Take writes again."""
        with later(f"cannot have {node} take writes again"):
            self.nodes.process(node).held = False

    def forget_access(self, node: Reach) -> None:
        """It has no login any more."""
        with later(f"cannot have {node} forget its source"):
            self.nodes.process(node).configuration.update(source_settings(OPEN))

    def source(self, address: Address, access: SourceAccess = OPEN) -> Source:
        """What the process says, and what tests have it say."""
        try:
            process = self.nodes.process(Reach(address))
        except ConnectionError as error:
            raise Later("nobody listens there") from error
        if complaint := process.settings.get(REFUSAL):
            raise Later(complaint)
        if access.password != process.settings.get(PASSWORD, ""):
            raise Later("it asks for a password (AUTH), and migration has none")
        if access.encrypted is not (ENCRYPTED in process.settings):
            raise Later("it does not answer")
        used, databases = held(process), int(process.configuration.get("databases", "16"))
        return Source(f"{self.nodes.engine} pretended", used, databases, offset=process.offset)

    def shut_down(self, node: Reach) -> None:
        """Its process ends; the engine has not noticed yet."""
        with later(f"cannot shut down {node}"):
            self.nodes.process(node)
            if holder := self.nodes.machine.holder(self.nodes.host(node)):
                self.nodes.machine.crash(holder)

    def _promote(self, node: Reach) -> None:
        if self.nodes.machine.processes.at(self.nodes.host(node)).member:
            self.nodes.tell(node, Member.take_over)
        else:
            self.nodes.machine.processes.follow(self.nodes.host(node), "")


def _say_where(process: Process, host: str) -> None:
    if host:
        process.configuration[ANNOUNCED_HOST] = host
