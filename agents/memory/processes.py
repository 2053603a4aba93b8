"""What runs in the containers of a pretend machine: engines that replicate, and talk to each other."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from socket import socket, socketpair
from threading import RLock

from cachewright.agents.engines.redis.replication import ANNOUNCED_HOST
from cachewright.agents.memory.cluster import Member, keys_in
from cachewright.agents.planning.containers import Blueprint
from cachewright.agents.planning.log_records import SlowEntry
from cachewright.controlplane.model.slots import Ranges, slot_of, union


@dataclass(frozen=True, slots=True)
class Passage:
    """A relay beside a process, which leads on to another one."""

    leads_to: str  # the address
    delay: float  # seconds; here what was seen of the other one arrives with the next look


@dataclass(slots=True, eq=False)
class Process:
    """What runs in a started container; a start makes a new one, with nothing in it."""

    address: str
    blueprint: Blueprint
    run_id: str
    boot: int  # how often the container has been started
    twin: str = ""  # its other address, at which it listens as well
    reached: bool = True  # neither frozen nor off the network
    booting: int = 0  # looks until it listens
    leader: str = ""  # the address it replicates from; empty: it is a primary
    passages: dict[str, Passage] = field(default_factory=dict)  # by the address that it reaches them at
    coming: tuple[dict[str, str], int] | None = None  # all, and the offset, that a relay has not handed on yet
    offset: int = 0  # replication offset
    linked: bool = False  # a replica whose leader answers
    stalled: bool = False  # a replica that falls behind (tests set it)
    mute: bool = False  # a replica that its leader hears nothing of, until an acknowledgement is asked for
    busy: bool = False  # it works, and answers nobody meanwhile
    script: bool = False  # it is busy with a script that may be ended
    worked: int = 1  # nanoseconds of CPU
    looks: int = 0  # at what it takes of its machine
    asked: int = 0  # how often, for its figures
    held: bool = False  # a switchover keeps writes back
    prepared: bool = False  # for slots to move
    dump: bytes | None = None  # the file that it is writing of what it held
    forked: bool = False  # it has written a file
    saving: int = 0  # looks until that is whole
    loading: int = 0  # looks until it has read the file that it began with
    dropped: int = 0  # keys of that file, of slots that others serve
    data: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)  # whatever else an engine keeps in memory
    configuration: dict[str, str] = field(default_factory=dict)  # what the command line says, and was told since
    member: Member | None = None  # what it knows of its cluster, in cluster mode
    connections: list[socket] = field(default_factory=list)  # on which nothing is said
    slow: list[SlowEntry] = field(default_factory=list)  # its slow log, the newest last

    @property
    def announced(self) -> str:
        """Where it tells its leader that it is."""
        return self.configuration.get(ANNOUNCED_HOST) or self.address

    @property
    def logs(self) -> bool:
        """Whether what it holds outlives it."""
        return self.configuration.get("appendonly") == "yes"

    def __post_init__(self) -> None:
        """It may be told on its command line whom to follow."""
        command = self.blueprint.command
        self.configuration.update(_options(command))
        if "--replicaof" in command:
            told = command.index("--replicaof")
            self.leader, self.settings["leader port"] = command[told + 1 : told + 3]
            self.mute = True

    def hang_up(self) -> None:
        """End all connections to it."""
        for connection in self.connections:
            connection.close()
        self.connections.clear()

    def sort_out(self) -> None:
        """A primary in cluster mode looks at what it has loaded. Valkey drops keys of slots that others serve (since
        8.0); others keep them, and take these slots for some that they are about to receive.
        """
        if self.member is None or self.member.own.follows:
            return
        foreign = self.data.keys() - keys_in(tuple(self.data), union(self.member.own.slots, self.member.opened))
        if "valkey" not in self.blueprint.command[0]:
            self.member.opened = union(self.member.opened, *(((slot_of(key), slot_of(key)),) for key in foreign))
            return
        self.data = {key: value for key, value in self.data.items() if key not in foreign}
        self.dropped = len(foreign)


class Processes:
    """Everything that runs, by address. Thread-safe, with the lock of its machine."""

    def __init__(self, lock: RLock) -> None:
        self._lock = lock
        self._alive: dict[str, Process] = {}
        self._twins: dict[str, str] = {}  # addresses of IPv4, by those of IPv6 at which the same processes listen
        self._followers: dict[str, set[str]] = {}  # by the address of their leader
        self.unheard: set[str] = set()  # addresses of machines that are away: nobody says that nobody listens there

    def __contains__(self, address: str) -> bool:
        """Whether the address is in use."""
        return self.own(address) in self._alive

    def has(self, process: Process) -> bool:
        """Whether it runs here."""
        return self._alive.get(self.own(process.address)) is process

    def begin(self, process: Process) -> None:
        """It runs from now on."""
        self.unheard.discard(process.address)
        if process.twin:
            four, six = sorted((process.address, process.twin), key=lambda address: ":" in address)
            self._twins[six] = four
        self._alive[self.own(process.address)] = process
        if process.leader:
            self._followers.setdefault(self.own(process.leader), set()).add(process.address)

    def end(self, process: Process) -> None:
        """It runs no more."""
        self._forget(process)
        process.hang_up()

    def readdress(self, process: Process, address: str) -> None:
        """It is reached at another address from now on, and no more at its own."""
        self._forget(process)
        process.address = address
        self.begin(process)

    def move(self, process: Process, other: "Processes") -> None:
        """From now on it is reached in another network."""
        self._forget(process)
        other.begin(process)

    def _forget(self, process: Process) -> None:
        del self._alive[self.own(process.address)]
        self._followers.get(self.own(process.leader), set()).discard(process.address)

    def own(self, address: str) -> str:
        """The address by which a process is known that is reached there."""
        return self._twins.get(address, address)

    def dial(self, address: str, *, relayed: bool = False) -> socket:
        """The other end of a connection, which ends with the process there; ConnectionRefusedError without one, and
        without a relay beside it if that is `relayed`. A process that hangs has a kernel that accepts.
        """
        with self._lock:
            process = self._alive.get(self.own(address))
            if address in self.unheard:
                raise TimeoutError(f"nothing is heard of {address}")
            if process is None or process.booting or (relayed and not process.passages):
                raise ConnectionRefusedError(f"nobody listens at {address}")
            ours, theirs = socketpair()
            ours.settimeout(0)
            process.connections.append(theirs)
            return ours

    def at(self, address: str) -> Process:
        """What answers at an address, its replication brought up to date; ConnectionError when nobody does."""
        with self._lock:
            if (process := self._alive.get(self.own(address))) and process.booting:
                process.booting -= 1
                raise ConnectionError(f"nobody listens at {address} yet")
            process = self._answering(address)
            if process is None:
                raise ConnectionError(f"nobody answers at {address}")
            if process.member:
                self._gossip(process, process.member)
            self._replicate(process)
            return process

    def heard(self, leader: str) -> frozenset[str]:
        """Where the replicas are, as they say, that a leader hears of."""
        with self._lock:
            places = (self._answering(follower) for follower in self._followers.get(self.own(leader), ()))
            return frozenset(place.announced for place in places if place and not (place.stalled or place.mute))

    def follow(self, address: str, leader: str) -> None:
        """Make the process at an address a replica of `leader`; empty: a primary, which keeps its data."""
        with self._lock:
            process = self.at(address)
            self._turn_to(process, leader)
            self._replicate(process)

    def tell(self, address: str, deed: Callable[[Member], None]) -> None:
        """Have the cluster node at an address do something; ConnectionError when there is none."""
        with self._lock:
            process = self.at(address)
            if process.member is None:
                raise ConnectionError(f"{address} does not run in cluster mode")
            deed(process.member)
            self._gossip(process, process.member)
            self._replicate(process)

    def carry(self, source: str, target: str, slots: Ranges) -> None:
        """Move slots and their keys from one cluster node to another."""
        with self._lock:
            giver, taker = self.at(source), self.at(target)
            self.tell(target, lambda member: member.gain(slots))
            self.tell(source, lambda member: member.lose(slots))
            taker.data |= {key: giver.data.pop(key) for key in keys_in(tuple(giver.data), slots)}
            for process in (giver, taker):
                process.offset += 1
                self._spread(process)

    def interrupt(self, address: str) -> None:
        """End the script that keeps the process at an address busy, if there is one."""
        with self._lock:
            process = self._alive.get(self.own(address))
            if process and process.reached and process.script:
                process.busy = process.script = False

    def write(self, address: str, key: str, value: str) -> None:
        """Store a key; its replicas have it at once, but for those that are stalled or do not answer."""
        with self._lock:
            process = self.at(address)
            if process.leader:
                raise ConnectionError(f"{address} is a replica: it takes no writes")
            if process.held:
                raise ConnectionError(f"{address} holds writes back")
            process.data[key] = value
            process.offset += 1
            self._spread(process)

    def _gossip(self, process: Process, member: Member) -> None:
        """It hears of those that it knows and that answer, and follows whom it shall."""
        for address in tuple(member.meeting):
            if (met := self._answering(address.host)) and met.member:
                member.meet(met.member)
                met.member.meet(member)
                member.meeting.discard(address)
        known = ((name, said.address.host) for name, said in member.known.items() if name not in member.apart)
        places = [(name, self._answering(host)) for name, host in known]
        others = [there.member for name, there in places if there and there.member and there.member.id == name]
        member.hear(others)
        for other in others:
            other.find(member)
        primary = member.known.get(member.own.follows)
        if primary and process.leader != primary.address.host:
            process.settings["leader port"] = str(primary.address.port)
            self._turn_to(process, primary.address.host)
        elif process.leader and not member.own.follows:
            self._turn_to(process, "")

    def _turn_to(self, process: Process, leader: str) -> None:
        self._followers.get(self.own(process.leader), set()).discard(process.address)
        process.leader, process.linked, process.mute, process.coming = leader, False, bool(leader), None
        if leader:
            self._followers.setdefault(self.own(leader), set()).add(process.address)

    def _spread(self, leader: Process, above: frozenset[str] = frozenset()) -> None:
        for follower in self._followers.get(self.own(leader.address), set()) - above:
            if replica := self._answering(follower):
                self._replicate(replica)
                self._spread(replica, above | {leader.address})

    def _answering(self, address: str) -> Process | None:
        process = self._alive.get(self.own(address))
        return process if process and process.reached and not process.busy else None

    def _replicate(self, replica: Process, below: frozenset[str] = frozenset()) -> None:
        passage = replica.passages.get(replica.leader)
        leader = self._answering(passage.leads_to if passage else replica.leader) if replica.leader else None
        replica.linked = leader is not None and not replica.stalled
        if leader is None or not replica.linked:
            return
        if leader.leader and leader.address not in below:  # some follow each other
            self._replicate(leader, below | {replica.address})
        waits = bool(leader.leader) and not leader.linked and replica.offset != leader.offset
        if waits or self.own(leader.leader) == self.own(replica.address):
            replica.linked = False  # whoever waits for a primary gives no copies; these two wait for each other
        elif passage:
            held = replica.coming or (replica.data, replica.offset)
            (replica.data, replica.offset), replica.coming = held, (dict(leader.data), leader.offset)
        elif replica.offset != leader.offset:
            replica.data, replica.offset = dict(leader.data), leader.offset


def _options(command: Sequence[str]) -> Mapping[str, str]:
    """The options of a command line, each with the words up to the next one; limits of classes are one option."""
    options: dict[str, list[str]] = {}
    name = ""
    for word in command:
        if word.startswith("--"):
            name = word[2:]
            options[name] = options.get(name, []) if name.startswith("client-") else []
        elif name:
            options[name].append(word)
    return {name: " ".join(words) for name, words in options.items()}
