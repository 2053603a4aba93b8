"""Drivers of pretend engines, held to the same contract as the real ones."""

from collections.abc import Sequence
from dataclasses import replace

from cachewright.agents.engines.redis.acl_rules import marked
from cachewright.agents.memory.engines.cluster_mode import PretendClusterMode, membership
from cachewright.agents.memory.engines.contents import PretendContents
from cachewright.agents.memory.engines.figures import held, limit, of_memcached, of_redis
from cachewright.agents.memory.engines.nodes import PretendNodes, logins
from cachewright.agents.memory.engines.persistence import PretendPersistence
from cachewright.agents.memory.engines.renewal import PretendRenewal
from cachewright.agents.memory.engines.replication import PretendReplication
from cachewright.agents.memory.engines.settings import PretendAcl, PretendParameters, told
from cachewright.agents.memory.engines.slow_log import PretendSlowLog
from cachewright.agents.memory.gateway import MemoryGateway
from cachewright.agents.memory.machine import Machine
from cachewright.agents.memory.processes import Process
from cachewright.agents.planning.links import Reach
from cachewright.agents.planning.pulse import Inquiry, Pulse, pulse_of
from cachewright.agents.planning.world import Answer, Replication
from cachewright.controlplane.model.cache import Address
from cachewright.controlplane.model.metrics.terms import Figures
from cachewright.controlplane.model.usage import Usage
from cachewright.controlplane.model.versions import Engine


class PretendDriver:
    """What every engine can be asked."""

    def __init__(self, nodes: PretendNodes) -> None:
        self._nodes = nodes

    def look(self, node: Reach) -> Answer | None:
        """What the process says about itself."""
        try:
            return self._answer(self._nodes.process(node), node)
        except ConnectionError:
            return None

    def usage(self, node: Reach) -> Usage | None:
        """What was written, and what the command line allows."""
        try:
            process = self._nodes.process(node)
        except ConnectionError:
            return None
        return Usage(held(process), limit(process), len(process.data), process.dropped)

    def figures(self, node: Reach) -> Figures | None:
        """What the process counts; the question is counted, too."""
        try:
            process = self._nodes.process(node)
        except ConnectionError:
            return None
        process.asked += 1
        heard = len(self._nodes.machine.processes.heard(process.address))
        return of_memcached(process) if self._nodes.engine is Engine.MEMCACHED else of_redis(process, heard)

    def ping(self, node: Reach) -> bool:
        """Whether a process answers."""
        return self.look(node) is not None

    def interrupt(self, node: Reach) -> None:
        """A script that only reads ends."""
        self._nodes.machine.processes.interrupt(self._nodes.host(node))

    def pulses(self, inquiries: Sequence[Inquiry]) -> Sequence[Pulse | None]:
        """What each process says about itself, in short."""
        return [self._pulse(one) for one in inquiries]

    def _pulse(self, inquiry: Inquiry) -> Pulse | None:
        try:
            process = self._nodes.process(inquiry.node)
        except ConnectionError:
            return None
        answer = self._answer(process, inquiry.node)
        pulse = pulse_of(answer, process.member.own.epoch if process.member else 0)
        pulse = pulse if inquiry.clustered else replace(pulse, cluster=None)
        return replace(pulse, told=told(process)) if inquiry.exposed else pulse

    def disconnect(self, address: Address) -> None:
        """There is no connection to that address any more."""
        self._nodes.machine.connected.discard(address)

    def _answer(self, process: Process, node: Reach) -> Answer:  # noqa: ARG002 - others answer by how they are entered
        return Answer(f"{self._nodes.engine} pretended")


class PretendMemcached(PretendDriver):
    """With the only facet that Memcached has."""

    replication = None
    cluster_mode = None
    acl = None
    parameters = None
    persistence = None
    renewal = None
    slow_log = None

    def __init__(self, nodes: PretendNodes) -> None:
        super().__init__(nodes)
        self.contents = PretendContents(nodes)


class PretendRedis(PretendDriver):
    """With the facets that Redis and Valkey have."""

    contents = None

    def __init__(self, nodes: PretendNodes) -> None:
        super().__init__(nodes)
        self.replication = PretendReplication(nodes)
        self.cluster_mode = PretendClusterMode(nodes)
        self.acl = PretendAcl(nodes)
        self.parameters = PretendParameters(nodes)
        self.persistence = PretendPersistence(nodes)
        self.renewal = PretendRenewal(nodes)
        self.slow_log = PretendSlowLog(nodes)

    def _answer(self, process: Process, node: Reach) -> Answer:
        """The build, the place in replication and in the cluster, and the known logins."""
        follows = Address(process.leader, int(process.settings["leader port"])) if process.leader else None
        heard = self._nodes.machine.processes.heard(process.address)
        place = Replication(follows is None, follows, process.linked, process.offset, heard=heard, fenced=process.held)
        access = process.settings.get("access", marked(logins(process))) if node.login else None
        if process.loading:
            process.loading -= 1
            return Answer(f"{self._nodes.engine} pretended", place, access, loading=True)
        return Answer(f"{self._nodes.engine} pretended", place, access, membership(process))


def pretend_driver(
    machine: Machine, engine: Engine, gateway: MemoryGateway | None = None
) -> PretendMemcached | PretendRedis:
    """The driver of an engine on a machine, whose published ports lead through a gateway."""
    nodes = PretendNodes(machine, engine, gateway or MemoryGateway())
    return PretendMemcached(nodes) if engine is Engine.MEMCACHED else PretendRedis(nodes)
