"""Pretend engines, for tests and for `CACHEWRIGHT_RUNTIME=memory`: they talk to the processes of a pretend machine."""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from cachewright.agents.engines.driver import Move
from cachewright.agents.engines.redis.acl import AGENT, AclRules, marked
from cachewright.agents.engines.settings import Configuration
from cachewright.agents.engines.tls import CONFIGURATION
from cachewright.agents.gateway.published import LOCAL
from cachewright.agents.memory.cluster import Member
from cachewright.agents.memory.gateway import MemoryGateway
from cachewright.agents.memory.machine import Machine
from cachewright.agents.memory.processes import Process
from cachewright.agents.planning.links import Link, Reach
from cachewright.agents.planning.verdicts import Later
from cachewright.agents.planning.world import Answer, Membership, Peer, Replication
from cachewright.controlplane.model.cache import Address
from cachewright.controlplane.model.slots import Ranges, intersection, union, written
from cachewright.controlplane.model.usage import Usage
from cachewright.controlplane.model.versions import Engine

AT_ONCE = 1000  # slots of one call


@dataclass(frozen=True, slots=True)
class PretendDriver:
    """Held to the same contract as the real drivers."""

    machine: Machine
    engine: Engine
    gateway: MemoryGateway = field(default_factory=MemoryGateway)  # the way to nodes whose endpoints are published

    def look(self, node: Reach) -> Answer | None:
        """The build and the place in replication."""
        try:
            process = self._process(node)
        except ConnectionError:
            return None
        if self.engine is Engine.MEMCACHED:
            return Answer("memcached pretended")
        follows = Address(process.leader, int(process.settings["leader port"])) if process.leader else None
        heard = self.machine.processes.heard(process.address)
        place = Replication(follows is None, follows, process.linked, process.offset, heard=heard)
        access = process.settings.get("access", marked(_logins(process))) if node.login else None
        return Answer(f"{self.engine} pretended", place, access, _membership(process))

    def measure(self, node: Reach) -> Usage | None:
        """What was written, and what the command line allows."""
        try:
            process = self._process(node)
        except ConnectionError:
            return None
        words = process.blueprint.command
        limit = int(words[words.index("--maxmemory") + 1]) if "--maxmemory" in words else 0
        return Usage(sum(map(len, process.data.values())), limit, len(process.data))

    def ping(self, node: Reach) -> bool:
        """Whether a process answers."""
        return self.look(node) is not None

    def follow(self, node: Reach, primary: Link) -> None:
        """Replicate from `primary`."""
        with _told(f"cannot make {node} a replica of {primary.address}"):
            self._process(node).settings["leader port"] = str(primary.address.port)
            self.machine.processes.follow(self._host(node), primary.address.host)

    def request_ack(self, node: Reach, primary: Reach) -> None:
        """The primary hears of it."""
        with _told(f"cannot have {node} talk to {primary}"):
            self._process(primary)
            self._process(node).mute = False

    def promote(self, node: Reach) -> None:
        """Replicate from nobody."""
        with _told(f"cannot promote {node}"):
            self._promote(self._host(node))

    def switchover(self, old_primary: Reach, candidate: Reach) -> None:
        """The pretend replica has every write at once, so that only the promotion is left."""
        with _told(f"cannot switch over from {old_primary} to {candidate}"):
            self._process(old_primary)
            self._promote(self._host(candidate))

    def apply_acl(self, node: Reach, acl_rules: AclRules) -> None:
        """Remember which logins are known."""
        with _told(f"cannot grant logins at {node}"):
            self._process(node).settings["access"] = acl_rules.name

    def configure(self, node: Reach, wanted: Configuration) -> None:
        """Remember the values, unless the machine objects to one."""
        with _told(f"cannot configure {node}"):
            process = self._process(node)
        if complaint := self._complaint(wanted):
            raise Later(f"cannot configure {node}: {complaint}")
        process.configuration.update(wanted.directives)

    def hint(self, node: Reach, wanted: Configuration) -> None:
        """The same: nothing here takes time."""
        self.configure(node, wanted)

    def agrees(self, node: Reach, wanted: Configuration) -> bool:
        """Whether the process has these values."""
        try:
            process = self._process(node)
        except ConnectionError:
            return False
        return wanted.directives.items() <= process.configuration.items()

    def attempt(self, node: Reach, wanted: Configuration) -> str:  # noqa: ARG002 - every process is alike
        """What the machine says against a value."""
        return self._complaint(wanted)

    def meet(self, node: Reach, peers: Sequence[Address]) -> None:
        """They know each other as soon as both answer."""
        with _told(f"cannot introduce nodes to {node}"):
            self.machine.processes.tell(self._host(node), lambda member: member.meeting.update(peers))

    def part(self, node: Reach, strangers: Sequence[str]) -> None:
        """Forget them."""
        with _told(f"cannot have {node} forget nodes"):
            for stranger in strangers:
                self.machine.processes.tell(self._host(node), partial(Member.part, stranger=stranger))

    def join(self, node: Reach, primary: str) -> None:
        """Replicate from the node of that id."""
        with _told(f"cannot make {node} a replica of {primary}"):
            self.machine.processes.tell(self._host(node), lambda member: member.join(primary))

    def encrypt(self, node: Reach, wanted: bool) -> None:
        """Remember it."""
        with _told(f"cannot change how {node} talks to other cluster nodes"):
            process = self._process(node)
            process.configuration["tls-cluster"] = "yes" if wanted else "no"

    def own(self, node: Reach, slots: Ranges) -> None:
        """Serve these slots, too."""
        with _told(f"cannot have {node} serve slots {written(slots)}"):
            self.machine.processes.tell(self._host(node), lambda member: member.gain(slots))

    def close(self, node: Reach, slots: Ranges) -> None:
        """Forget that they were on their way."""
        with _told(f"cannot close slots {written(slots)} at {node}"):
            self.machine.processes.tell(self._host(node), lambda member: member.close(slots))

    def move(self, move: Move) -> Ranges:
        """Some slots and their keys; never all of many at once."""
        with _told(f"cannot move slots {written(move.slots)} from {move.source} to {move.target}"):
            going = _first(intersection(move.slots, self._owned(move.source)), AT_ONCE)
            self.machine.processes.carry(self._host(move.source), self._host(move.target), going)
            return intersection(move.slots, self._owned(move.target))

    def _owned(self, node: Reach) -> Ranges:
        """The slots that it serves; ConnectionError for no cluster node."""
        found: list[Ranges] = []
        self.machine.processes.tell(self._host(node), lambda member: found.append(member.own.slots))
        return found[0]

    def _process(self, node: Reach) -> Process:
        """What runs there; ConnectionError when nothing does, or it does not know the agent."""
        process = self.machine.processes.at(self._host(node))
        if node.login and self.engine is not Engine.MEMCACHED and AGENT not in _logins(process):
            raise ConnectionError(f"{node} does not know {AGENT}")
        return process

    def _host(self, node: Reach) -> str:
        """The address of its container; ConnectionError when its published port leads nowhere."""
        return self.gateway.behind(node.address.port).host if node.address.host == LOCAL else node.address.host

    def _promote(self, host: str) -> None:
        if self.machine.processes.at(host).member:
            self.machine.processes.tell(host, Member.take_over)
        else:
            self.machine.processes.follow(host, "")

    def _complaint(self, wanted: Configuration) -> str:
        said = (self.machine.objection(name, value) for name, value in wanted.directives.items())
        return next(filter(None, said), "")

    def forget(self, node: Reach) -> None:
        """Nothing is kept."""


def _membership(process: Process) -> Membership | None:
    member = process.member
    if member is None:
        return None
    served = member.served()
    peers = {
        name: Peer(said.address, not said.follows, said.follows, served[name]) for name, said in member.known.items()
    }
    encrypted = process.configuration.get("tls-cluster") == "yes"
    return Membership(member.id, peers, frozenset(member.meeting), member.opened, any(served.values()), encrypted)


def _logins(process: Process) -> tuple[str, ...]:
    """The names of the users that it was started with."""
    words, files = process.blueprint.command, process.blueprint.files
    lines = [row for file in files if file.path == CONFIGURATION for row in file.content.decode().splitlines()]
    told = (line.split()[1] for line in lines if line.startswith("user "))
    return (*(name for option, name in itertools.pairwise(words) if option == "--user"), *told)


def _first(slots: Ranges, count: int) -> Ranges:
    every = ((slot, slot) for first, last in slots for slot in range(first, last + 1))
    return union(itertools.islice(every, count))


@contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except ConnectionError as error:
        raise Later(f"{what}: {error}") from error
