"""A pretend machine: containers, and the processes in them, without any of either.

It is real code held to the same contract tests as Docker. The pretend runtime starts and stops containers here, the
pretend engines and gateway talk to the processes by address, and tests break things by hand.
"""

import itertools
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from queue import SimpleQueue

from agents.planning.containers import Blueprint, Container, File, State
from agents.planning.verdicts import Later, Never
from agents.pretend_cluster import Member, keys_in, member_of
from controlplane.model.slots import Ranges

Labels = Mapping[str, str]
_ALIVE = (State.RUNNING, State.PAUSED, State.RESTARTING)


@dataclass(slots=True, eq=False)
class Process:
    """What runs in a started container; a start makes a new one, with nothing in it."""

    address: str
    blueprint: Blueprint
    run_id: str
    boot: int  # how often the container has been started
    leader: str = ""  # the address it replicates from; empty: it is a primary
    offset: int = 0  # replication offset
    linked: bool = False  # a replica whose leader answers
    stalled: bool = False  # a replica that falls behind (tests set it)
    data: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)  # whatever else an engine keeps in memory
    configuration: dict[str, str] = field(default_factory=dict)  # what the command line says, and was told since
    member: Member | None = None  # what it knows of its cluster, in cluster mode


@dataclass(slots=True, eq=False)
class _Box:
    """A container and its present."""

    blueprint: Blueprint
    labels: Labels
    state: State = State.CREATED
    started_at: str = ""
    ending: str = ""
    boots: int = 0
    alone: bool = False  # off the network
    files: dict[str, bytes] = field(default_factory=dict)
    process: Process | None = None
    member: Member | None = None  # survives its processes

    def seen(self) -> Container:
        return Container(self.blueprint.name, self.state, self.labels, self.started_at, self.ending)


class Machine:
    """Thread-safe. Carries tens of thousands of containers: every look-up goes through an index."""

    def __init__(self, memory: int = 64 << 30) -> None:
        self.memory = memory
        self.away = False  # the engine does not answer; what runs keeps running
        self.missing_images: set[str] = set()
        self.refusal: Callable[[Blueprint], Later | Never | None] = lambda _: None  # of launches
        self.objection: Callable[[str, str], str] = lambda _name, _value: ""  # of engines to a value of a directive
        self.ending: Callable[[Blueprint], str] = lambda _: "exit code 0"  # of what would end by itself
        self._lock = threading.RLock()
        self._ticks = itertools.count(1)
        self._boxes: dict[str, _Box] = {}
        self._by_label: dict[tuple[str, str], set[str]] = {}
        self._by_address: dict[str, str] = {}  # of what is alive
        self._followers: dict[str, set[str]] = {}
        self._networks: dict[str, IPv4Network] = {}
        self._listeners: list[SimpleQueue[Labels]] = []

    # Networks

    def open_network(self, name: str, choices: Iterable[IPv4Network]) -> IPv4Network:
        """The subnet of a network, made on first use on the first choice that overlaps no other network."""
        with self._lock:
            if name not in self._networks:
                used = self._networks.values()
                self._networks[name] = next(c for c in choices if not any(c.overlaps(other) for other in used))
            return self._networks[name]

    def remove_network(self, name: str) -> bool:
        """Take a network away; whether there was one."""
        with self._lock:
            return self._networks.pop(name, None) is not None

    # Containers

    def create(self, blueprint: Blueprint, labels: Labels) -> None:
        """Add a container; Later or Never when the machine refuses. The name must be free."""
        with self._lock:
            if refused := self._refused(blueprint):
                raise refused
            box = self._boxes[blueprint.name] = _Box(blueprint, dict(labels))
            box.files.update({file.path: file.content for file in blueprint.files})
            for label in box.labels.items():
                self._by_label.setdefault(label, set()).add(blueprint.name)
            self._tell(box)

    def copy(self, name: str, files: Iterable[File]) -> None:
        """Put files into a container."""
        with self._lock:
            self._box(name, "copy files into").files.update({file.path: file.content for file in files})

    def files(self, name: str) -> Mapping[str, bytes]:
        """What has been put into a container, by path."""
        with self._lock:
            return dict(self._box(name, "read files of").files)

    def start(self, name: str) -> None:
        """Start a container's process anew, if none is alive."""
        with self._lock:
            box = self._box(name, "start")
            if box.state in _ALIVE:
                return
            address = box.blueprint.address or f"beside {box.blueprint.beside}"
            if address in self._by_address:
                raise Later(f"cannot start container {name}: its address is in use")
            tick = next(self._ticks)
            box.boots += 1
            box.state, box.started_at, box.ending = State.RUNNING, f"start {tick}", ""
            box.member = box.member or member_of(box.blueprint.command, box.files)
            box.process = Process(address, box.blueprint, f"{tick:040x}", box.boots, member=box.member)
            self._begin(box.process)
            self._by_address[address] = name
            self._tell(box)

    def stop(self, name: str, ending: str = "exit code 0") -> None:
        """End a container's process, if one is alive."""
        with self._lock:
            box = self._box(name, "stop")
            if box.state in _ALIVE:
                self._end(box, ending)
                self._tell(box)

    def kill(self, name: str) -> None:
        """End a container's process as SIGKILL does."""
        self.stop(name, "exit code 137")

    def restart(self, name: str) -> None:
        """Stop, then start."""
        with self._lock:
            self.stop(name)
            self.start(name)

    def pause(self, name: str) -> None:
        """Freeze a running process."""
        with self._lock:
            box = self._box(name, "pause")
            if box.state not in (State.RUNNING, State.PAUSED):
                raise Later(f"cannot pause container {name}: it is not running")
            self._turn(box, State.PAUSED)

    def unpause(self, name: str) -> None:
        """Let a frozen process go on."""
        with self._lock:
            box = self._box(name, "unpause")
            if box.state is State.PAUSED:
                self._turn(box, State.RUNNING)

    def disconnect(self, name: str) -> None:
        """Nobody reaches its process any more."""
        with self._lock:
            self._box(name, "disconnect").alone = True

    def connect(self, name: str) -> None:
        """Its process is reached again."""
        with self._lock:
            self._box(name, "connect").alone = False

    def remove(self, name: str) -> None:
        """Take a container away, if there is one."""
        with self._lock:
            if box := self._boxes.pop(name, None):
                self._end(box, "")
                for label in box.labels.items():
                    self._by_label[label].discard(name)
                    if not self._by_label[label]:
                        del self._by_label[label]
                self._tell(box)

    def labels_of(self, name: str) -> Labels | None:
        """A container's labels; None when there is no such container."""
        with self._lock:
            box = self._boxes.get(name)
            return box.labels if box else None

    def containers(self, labels: Labels) -> list[Container]:
        """The containers that carry all these labels, by name."""
        with self._lock:
            sets = sorted((self._by_label.get(label, set()) for label in labels.items()), key=len)
            names: Iterable[str] = set.intersection(*sets) if sets else self._boxes
            return [self._boxes[name].seen() for name in sorted(names)]

    def listen(self) -> SimpleQueue[Labels]:
        """A queue that receives the labels of every container that changes."""
        with self._lock:
            queue: SimpleQueue[Labels] = SimpleQueue()
            self._listeners.append(queue)
            return queue

    def unlisten(self, queue: SimpleQueue[Labels]) -> None:
        """Stop filling a queue of `listen`."""
        with self._lock:
            self._listeners.remove(queue)

    # Processes

    def process_at(self, address: str) -> Process:
        """What answers at an address, its replication brought up to date; ConnectionError when nobody does."""
        with self._lock:
            process = self._answering(address)
            if process is None:
                raise ConnectionError(f"nobody answers at {address}")
            if process.member:
                self._gossip(process, process.member)
            self._replicate(process)
            return process

    def follow(self, address: str, leader: str) -> None:
        """Make the process at an address a replica of `leader`; empty: a primary, which keeps its data."""
        with self._lock:
            process = self.process_at(address)
            self._turn_to(process, leader)
            self._replicate(process)

    def tell(self, address: str, deed: Callable[[Member], None]) -> None:
        """Have the cluster node at an address do something; ConnectionError when there is none."""
        with self._lock:
            process = self.process_at(address)
            if process.member is None:
                raise ConnectionError(f"{address} does not run in cluster mode")
            deed(process.member)
            self._gossip(process, process.member)
            self._replicate(process)

    def carry(self, source: str, target: str, slots: Ranges) -> None:
        """Move slots and their keys from one cluster node to another."""
        with self._lock:
            giver, taker = self.process_at(source), self.process_at(target)
            self.tell(target, lambda member: member.gain(slots))
            self.tell(source, lambda member: member.lose(slots))
            taker.data |= {key: giver.data.pop(key) for key in keys_in(tuple(giver.data), slots)}
            for process in (giver, taker):
                process.offset += 1
                self._spread(process)

    def write(self, address: str, key: str, value: str) -> None:
        """Store a key; its replicas have it at once, but for those that are stalled or do not answer."""
        with self._lock:
            process = self.process_at(address)
            if process.leader:
                raise ConnectionError(f"{address} is a replica: it takes no writes")
            process.data[key] = value
            process.offset += 1
            self._spread(process)

    def _begin(self, process: Process) -> None:
        """A process may be told on its command line whom to follow."""
        command = process.blueprint.command
        process.configuration.update(_options(command))
        if "--replicaof" in command:
            told = command.index("--replicaof")
            process.leader, process.settings["leader port"] = command[told + 1 : told + 3]
            self._followers.setdefault(process.leader, set()).add(process.address)

    def _gossip(self, process: Process, member: Member) -> None:
        """It hears of those that it knows and that answer, and follows whom it shall."""
        for address in tuple(member.meeting):
            if (met := self._answering(address.host)) and met.member:
                member.meet(met.member)
                met.member.meet(member)
                member.meeting.discard(address)
        places = ((name, self._answering(said.address.host)) for name, said in member.known.items())
        member.hear([there.member for name, there in places if there and there.member and there.member.id == name])
        primary = member.known.get(member.own.follows)
        if primary and process.leader != primary.address.host:
            process.settings["leader port"] = str(primary.address.port)
            self._turn_to(process, primary.address.host)
        elif process.leader and not member.own.follows:
            self._turn_to(process, "")

    def _turn_to(self, process: Process, leader: str) -> None:
        self._followers.get(process.leader, set()).discard(process.address)
        process.leader, process.linked = leader, False
        if leader:
            self._followers.setdefault(leader, set()).add(process.address)

    def _spread(self, leader: Process) -> None:
        for follower in self._followers.get(leader.address, ()):
            if replica := self._answering(follower):
                self._replicate(replica)

    def _answering(self, address: str) -> Process | None:
        box = self._boxes.get(self._by_address.get(address, ""))
        return box.process if box and box.state is State.RUNNING and not box.alone else None

    def _replicate(self, replica: Process) -> None:
        leader = self._answering(replica.leader) if replica.leader else None
        replica.linked = leader is not None and not replica.stalled
        if leader and replica.linked and replica.offset != leader.offset:
            replica.data, replica.offset = dict(leader.data), leader.offset

    def _refused(self, blueprint: Blueprint) -> Later | Never | None:
        if blueprint.image in self.missing_images:
            return Later(f"cannot create container {blueprint.name}: its image is not on the engine", 5.0)
        return self.refusal(blueprint)

    def _box(self, name: str, verb: str) -> _Box:
        if box := self._boxes.get(name):
            return box
        raise Later(f"cannot {verb} container {name}: it does not exist", 0.2)

    def _end(self, box: _Box, ending: str) -> None:
        if box.process:
            del self._by_address[box.process.address]
            self._followers.get(box.process.leader, set()).discard(box.process.address)
        box.state, box.ending, box.process = State.EXITED, ending, None

    def _turn(self, box: _Box, state: State) -> None:
        if box.state is not state:
            box.state = state
            self._tell(box)

    def _tell(self, box: _Box) -> None:
        for queue in self._listeners:
            queue.put(box.labels)


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
