"""Nodes that know each other and share slots, on a pretend machine."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from cachewright.agents.engines.facets import Move
from cachewright.agents.engines.redis.cluster_options import ANNOUNCED_PORT, APART, SILENCE, TIMEOUT
from cachewright.agents.engines.redis.replication import ANNOUNCED_HOST
from cachewright.agents.memory.cluster import Member
from cachewright.agents.memory.engines.nodes import PretendNodes, later, version_of
from cachewright.agents.memory.processes import Process
from cachewright.agents.planning.links import Reach
from cachewright.agents.planning.world import Membership, Peer
from cachewright.controlplane.model.cache import Address
from cachewright.controlplane.model.slots import Ranges, intersection, union, written

_TELLING_FROM = (6, 2)  # the version that tells clients of replicas which serve slots
SLOTS_AT_ONCE = 1000  # of one call


@dataclass(frozen=True, slots=True)
class PretendClusterMode:
    """The facet ClusterMode."""

    nodes: PretendNodes

    def cluster_meet(self, node: Reach, peers: Sequence[Address]) -> None:
        """They know each other as soon as both answer."""
        with later(f"cannot introduce nodes to {node}"):
            self.nodes.tell(node, lambda member: member.meeting.update(peers))

    def cluster_join(self, node: Reach, peers: Sequence[Address]) -> None:
        """The same, and it takes who is silent for failed."""
        self.cluster_meet(node, peers)
        self.nodes.process(node).configuration[TIMEOUT] = str(SILENCE)

    def cluster_follow(self, node: Reach, primary: str, slots: Ranges) -> None:
        """Replicate from a node of another cluster."""
        with later(f"cannot make {node} a replica of {primary}"):
            self.nodes.tell(node, lambda member: member.follow(primary, slots))

    def cluster_forget(self, node: Reach, ids: Sequence[str]) -> None:
        """Forget them."""
        with later(f"cannot have {node} forget nodes"):
            for identifier in ids:
                self.nodes.tell(node, partial(Member.forget, stranger=identifier))

    def cluster_replicate(self, node: Reach, primary: str) -> None:
        """Replicate from the node of that id."""
        with later(f"cannot make {node} a replica of {primary}"):
            self.nodes.tell(node, lambda member: member.replicate(primary))

    def encrypt_bus(self, node: Reach, wanted: bool) -> None:
        """Remember it."""
        with later(f"cannot change how {node} talks to other cluster nodes"):
            self.nodes.process(node).configuration["tls-cluster"] = "yes" if wanted else "no"

    def cluster_announce(self, node: Reach, port: int) -> None:
        """Remember it."""
        with later(f"cannot have {node} announce port {port}"):
            self.nodes.process(node).configuration[ANNOUNCED_PORT] = str(port)

    def cluster_announce_host(self, node: Reach, host: str) -> None:
        """Others hear of it as they gossip."""
        with later(f"cannot have {node} announce {host}"):
            self.nodes.process(node).configuration[ANNOUNCED_HOST] = host
            self.nodes.tell(node, lambda member: member.announce(host))

    def assign_slots(self, node: Reach, slots: Ranges) -> None:
        """Serve these slots, too."""
        with later(f"cannot have {node} serve slots {written(slots)}"):
            self.nodes.tell(node, lambda member: member.gain(slots))

    def stabilize_slots(self, node: Reach, slots: Ranges) -> None:
        """Forget that they were on their way."""
        with later(f"cannot close slots {written(slots)} at {node}"):
            self.nodes.tell(node, lambda member: member.stabilize(slots))

    def end_migration(self, node: Reach, limits: Mapping[str, str]) -> None:  # noqa: ARG002 - it has no limits
        """It is as it was."""
        with later(f"cannot have {node} be as it was before slots moved"):
            self.nodes.process(node).prepared = False

    def migrate_slots(self, move: Move) -> Ranges:
        """Some slots and their keys; never all of many at once."""
        with later(f"cannot move slots {written(move.slots)} from {move.source} to {move.target}"):
            going = _first(intersection(move.slots, self._served(move.source)), SLOTS_AT_ONCE)
            ends = [self.nodes.process(end) for end in (move.source, move.target)]
            for end in ends:
                end.prepared = True
            self.nodes.machine.moving(self.nodes.host(move.source))
            self.nodes.machine.processes.carry(self.nodes.host(move.source), self.nodes.host(move.target), going)
            for end in ends:
                end.prepared = False
            return intersection(move.slots, self._served(move.target))

    def _served(self, node: Reach) -> Ranges:
        """The slots that it serves; ConnectionError for no cluster node."""
        found: list[Ranges] = []
        self.nodes.tell(node, lambda member: found.append(member.own.slots))
        return found[0]


def membership(process: Process) -> Membership | None:
    """A process's own view of its cluster; None when it does not run in cluster mode."""
    member = process.member
    if member is None:
        return None
    served = member.served()
    peers = {
        name: Peer(said.address, not said.follows, said.follows, served[name], apart=name in member.apart)
        for name, said in member.known.items()
    }
    own, told = peers[member.id], process.configuration.get(ANNOUNCED_PORT)
    peers[member.id] = replace(own, address=Address(own.address.host, int(told))) if told else own
    encrypted = process.configuration.get("tls-cluster") == "yes"
    replicas = {name for name, said in member.known.items() if served.get(said.follows)} - member.apart
    listed = replicas | {name for name, slots in served.items() if slots}
    return Membership(
        id=member.id,
        peers=peers,
        meeting=frozenset(member.meeting),
        opened=member.opened,
        serves=any(slots and peers[name].leads for name, slots in served.items()),
        encrypted=encrypted,
        listed=frozenset(listed - _untold(process, member)),
        prepared=process.prepared,
        apart=int(process.configuration[TIMEOUT]) in APART,
    )


def _untold(process: Process, member: Member) -> set[str]:
    """Whom it tells clients nothing of: as a replica that serves slots not of itself, before Redis 6.2."""
    hides = bool(member.own.follows and member.own.slots) and version_of(process) < _TELLING_FROM
    return member.unshown | ({member.id} if hides else set())


def _first(slots: Ranges, count: int) -> Ranges:
    every = ((slot, slot) for first, last in slots for slot in range(first, last + 1))
    return union(itertools.islice(every, count))
