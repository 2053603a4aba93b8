"""The containers of a pretend machine."""

import itertools
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from ipaddress import IPv4Network
from queue import SimpleQueue
from socket import socket

from cachewright.agents.delaying.relay import delaying_of
from cachewright.agents.memory.box import Box
from cachewright.agents.memory.cluster import file_of, member_of
from cachewright.agents.memory.hosts import MEMORY, Power, PretendHost, PretendHosts
from cachewright.agents.memory.processes import Passage, Process, Processes
from cachewright.agents.memory.rdb import LOG, PATH, dumped, loaded
from cachewright.agents.memory.usage import used
from cachewright.agents.memory.volumes import PretendVolumes
from cachewright.agents.planning.containers import ANYWHERE, Blueprint, Container, File, LoggedLine, State
from cachewright.agents.planning.host_usage import HostUsage
from cachewright.agents.planning.labels import DELAYED, INSTANCE, Labels
from cachewright.agents.planning.links import DELAYING_PORT
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.controlplane.model.cache import Address

_ALIVE = (State.RUNNING, State.PAUSED, State.RESTARTING)


class Machine:
    """Thread-safe. Carries tens of thousands of containers: every look-up goes through an index."""

    def __init__(self, memory: int = 64 << 30) -> None:
        self.memory = memory
        self.ipv6 = True  # networks have it beside
        self.away = False  # the engine does not answer; what runs keeps running
        self.missing_images: set[str] = set()
        self.refusal: Callable[[Blueprint], Later | Never | None] = lambda _: None  # of launches
        self.objection: Callable[[str, str], str] = lambda _name, _value: ""  # of engines to a value of a directive
        self.stillbirth: Callable[[Blueprint], str] = lambda _: ""  # what an engine says that refuses to start
        self.ending: Callable[[Blueprint], str] = lambda _: "exit code 0"  # of what would end by itself
        self.holding: Callable[[str], None] = lambda _address: None  # called as a switchover holds writes back there
        self.moving: Callable[[str], None] = lambda _address: None  # called as slots are about to leave a node there
        self.saving: Callable[[str], None] = lambda _address: None  # called as a node there has begun to save
        self.filling: Callable[[str], None] = lambda _address: None  # called as a node there is about to be told items
        self.reading: Callable[[str], None] = lambda _name: None  # called as a file of a container is about to be read
        self.save_time = 0  # looks at a save until it is done
        self.load_time = 0  # looks at an engine that begins with a file until it has read it
        self.kept: set[str] = set()  # addresses that a Swarm gives to nobody, and does not say why
        self.refused: set[str] = set()  # of these, with which a launch was tried
        self.full: set[str] = set()  # addresses where engines cannot write files
        self.boot_time = 0  # looks at an engine that has just been started until it listens
        self.unteachable: set[str] = set()  # where engines refuse to replicate from anybody else
        self.connected: set[Address] = set()  # where the drivers keep connections to engines
        self._held: set[str] = set()  # containers of which somebody reads a file
        self._lock = threading.RLock()
        self.processes = Processes(self._lock)
        self.hosts = PretendHosts(self.processes)
        self.volumes = PretendVolumes()
        self._ticks = itertools.count(1)
        self._chosen = itertools.count(1)
        self._boxes: dict[str, Box] = {}
        self._by_label: dict[tuple[str, str], set[str]] = {}
        self._networks: dict[str, IPv4Network] = {}
        self._listeners: list[SimpleQueue[Labels]] = []

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

    def add_host(self, name: str, memory: int = MEMORY, address: str = "") -> None:
        """From now on there is another host; its island has the machine's lock."""
        self.hosts.known[name] = PretendHost(memory, address, island=Processes(self._lock))

    def power(self, name: str, power: Power) -> None:
        """A host loses its power, is cut off, or comes back."""
        with self._lock:
            boxes = [box for box in self._boxes.values() if box.blueprint.host == name]
            if power is Power.ON:
                self.hosts.come_back(name, boxes)
            else:
                for box in boxes:
                    self._log(box)
                self.hosts.leave(name, power, boxes)
            for queue in self._listeners:
                queue.put({})

    def create(self, blueprint: Blueprint, labels: Labels, twin: str = "") -> None:
        """Add a container, with another address besides; Later or Never when the machine refuses. The name must be
        free.
        """
        large = [File(stream.path, b"".join(stream.pieces())) for stream in blueprint.streams]
        with self._lock:
            if refused := self._refused(blueprint):
                raise refused
            self.hosts.require(blueprint.host, f"create container {blueprint.name}")
            chosen = f"169.254.0.{next(self._chosen)}"  # the engine's choice, which nobody is told
            made = replace(blueprint, address=chosen) if blueprint.address == ANYWHERE else blueprint
            box = self._boxes[blueprint.name] = Box(made, dict(labels), twin=twin)
            for mount in blueprint.volumes:
                self.volumes.create(mount.volume, {INSTANCE: labels[INSTANCE]}, blueprint.host)
            self._put(box, (*blueprint.files, *large))
            for label in box.labels.items():
                self._by_label.setdefault(label, set()).add(blueprint.name)
            self._tell(box)

    @contextmanager
    def held(self, name: str) -> Iterator[None]:
        """While somebody reads a file of a container nothing is put into it."""
        self._held.add(name)
        try:
            yield
        finally:
            self._held.discard(name)

    def copy(self, name: str, files: Iterable[File]) -> None:
        """Put files into a container."""
        with self._lock:
            if name in self._held:
                raise Later(f"cannot copy files into container {name}: the Docker engine does not answer")
            self._put(self._box(name, "copy files into"), files)

    def keep(self, address: str, file: File) -> None:
        """The process at an address has written a file."""
        with self._lock:
            if name := self._holder(address):
                self._put(self._boxes[name], [file])

    def files(self, name: str) -> Mapping[str, bytes]:
        """What has been put into a container, by path."""
        with self._lock:
            return dict(self._box(name, "read files of").files)

    def read(self, name: str, path: str) -> bytes:
        """The content of a file in a container or on one of its volumes; Later when it is not there, Never for a
        directory.
        """
        self.reading(name)
        with self._lock:
            box = self._box(name, f"read {path} of")
            if box.member:
                box.files[file_of(box.blueprint.command)] = box.member.text().encode()
            files = self._files(box, path)
            if path in files:
                return files[path]
            if any(other.startswith(f"{path}/") for other in files):
                raise Never(f"cannot read {path} of container {name}: it is no file")
            raise Later(f"cannot read {path} of container {name}: it does not exist", 2.0)

    def log(self, name: str, since: int, most: int) -> list[LoggedLine]:
        """What the processes of a container have said after a moment, as far as it is among the first."""
        with self._lock:
            return [line for line in self._box(name, "read the log of").log if line.moment > since][:most]

    def say(self, name: str, moment: int, text: bytes) -> None:
        """Have the process of a container say a line."""
        with self._lock:
            self._box(name, "speak as").log.append(LoggedLine(moment, text))

    def mounts(self, volume: str) -> bool:
        """Whether a container has a volume, running or not."""
        with self._lock:
            return any(mount.volume == volume for box in self._boxes.values() for mount in box.blueprint.volumes)

    def start(self, name: str) -> None:
        """Start a container's process anew, if none is alive."""
        with self._lock:
            box = self._box(name, "start")
            if box.state in _ALIVE:
                return
            address = box.blueprint.address or name
            if address in self.processes:
                raise Later(f"cannot start container {name}: {self._holder(address)} has its address")
            tick = next(self._ticks)
            box.boots += 1
            box.state, box.started_at, box.ending = State.RUNNING, f"start {tick}", ""
            box.member = box.member or member_of(box.blueprint.command, box.files)
            run_id = f"{tick:040x}"
            twin = box.twin if _listens_at_both(box.blueprint.command) else ""
            box.process = Process(address, box.blueprint, run_id, box.boots, twin, not box.alone, member=box.member)
            box.process.booting = self.boot_time
            self.processes.begin(box.process)
            self._lead_on(box)
            if words := self.stillbirth(box.blueprint) or self._load(box, box.process):
                self._end(box, f"exit code 1: {words}")
            self._tell(box)

    def rename(self, name: str, new: str) -> None:
        """Call a container otherwise; it is the same one."""
        with self._lock:
            box = self._boxes.pop(name)
            box.blueprint = replace(box.blueprint, name=new)
            self._boxes[new] = box
            for label in box.labels.items():
                self._by_label[label] = self._by_label[label] - {name} | {new}

    def holder(self, address: str) -> str | None:
        """The name of the container whose process has an address."""
        with self._lock:
            return self._holder(address)

    def _holder(self, address: str) -> str | None:
        if address not in self.processes:
            return None  # as nearly always: no container need be looked at
        every = self._boxes.items()
        own = self.processes.own(address)
        there = (
            name for name, box in every if box.process and self._is_known(box.process, own) and self._is_there(box)
        )
        return next(there, None)

    def _is_known(self, process: Process, address: str) -> bool:
        return self.processes.own(process.address) == address

    def _is_there(self, box: Box) -> bool:
        """Whether its process is reached from everywhere, as far as its host is concerned."""
        return self.hosts.network(box) is self.processes

    def stop(self, name: str, ending: str = "exit code 0") -> None:
        """End a container's process, if one is alive."""
        with self._lock:
            box = self._box(name, "stop")
            if box.state in _ALIVE:
                self._end(box, ending)
                self._tell(box)

    def crash(self, name: str) -> None:
        """End a container's process; the engine has not noticed yet."""
        with self._lock:
            box = self._box(name, "crash")
            self._log(box)
            if box.process:
                self.hosts.network(box).end(box.process)
                box.process = None

    def dial(self, address: Address) -> socket:
        """See Dial. Of relays those are not always there that delay."""
        return self.processes.dial(address.host, relayed=address.port == DELAYING_PORT)

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

    def worked(self, name: str) -> int | None:
        """The CPU that its process has used; only one that is busy uses more and more. None off the network."""
        with self._lock:
            box = self._box(name, "look at the work of")
            if box.process is None or box.alone:
                return None
            box.process.worked += 1 if box.process.busy else 0
            return box.process.worked

    def usage(self, name: str) -> HostUsage | None:
        """What a container takes: its process's data, and a little more of everything else with each look."""
        with self._lock:
            box = self._boxes.get(name)
            if box is None or box.process is None:
                return None
            box.process.looks += 1
            return used(box.process)

    def hangs(self, labels: Labels) -> bool:
        """Whether a container with all these labels is there whose process answers nobody."""
        with self._lock:
            boxes = (self._boxes[name] for name in self._carrying(labels))
            return any(box.process and (box.process.busy or not box.process.reached) for box in boxes)

    def disconnect(self, name: str) -> None:
        """Nobody reaches its process any more."""
        with self._lock:
            self._join(self._box(name, "disconnect"), alone=True)

    def connect(self, name: str, address: str = "") -> None:
        """Its process is reached again, at its address or another one; Later when that is another's."""
        with self._lock:
            box = self._box(name, "connect")
            if address and address not in (box.blueprint.address, box.twin):
                if address in self.processes:
                    raise Later(f"cannot connect container {name}: {self._holder(address)} has its address")
                box.blueprint = replace(box.blueprint, address=address)
                if box.process:
                    self.hosts.network(box).readdress(box.process, address)
            self._join(box, alone=False)

    def renew(self, address: str) -> None:
        """The process at an address ends, and another one begins in its place."""
        with self._lock:
            if name := self._holder(address):
                box, tick = self._boxes[name], next(self._ticks)
                if box.process:
                    self.hosts.network(box).end(box.process)
                twin = box.process.twin if box.process else ""
                box.process = Process(
                    box.blueprint.address, box.blueprint, f"{tick:040x}", box.boots, twin, not box.alone
                )
                self.processes.begin(box.process)
                self._load(box, box.process)

    def remove(self, name: str) -> None:
        """Take a container away, if there is one."""
        with self._lock:
            if box := self._boxes.get(name):
                self.hosts.require(box.blueprint.host, f"remove container {name}")
                del self._boxes[name]
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
            boxes, silent = (self._boxes[name] for name in sorted(self._carrying(labels))), self.hosts.silent()
            return [box.seen() for box in boxes if box.blueprint.host not in silent]

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

    def _carrying(self, labels: Labels) -> Collection[str]:
        """The names of the containers that carry all these labels."""
        sets = sorted((self._by_label.get(label, set()) for label in labels.items()), key=len)
        return set.intersection(*sets) if sets else self._boxes

    def _load(self, box: Box, process: Process) -> str:
        """Begin with the file that lies there, if any; what the engine says that cannot read it."""
        path = LOG if process.logs else PATH
        if content := self._files(box, path).get(path):
            try:
                process.data, process.loading = loaded(content), self.load_time
                process.sort_out()
                process.offset = int(process.run_id, 16) << 16  # who copies it has not got it
            except ValueError:
                return "Wrong signature trying to load DB from file"
        return ""

    def _refused(self, blueprint: Blueprint) -> Later | Never | None:
        if blueprint.image in self.missing_images:
            return Later(f"cannot create container {blueprint.name}: its image is not on the engine", 5.0)
        if blueprint.address in self.kept:
            self.refused.add(blueprint.address)
            return Later(f"cannot start container {blueprint.name}: attaching to network failed", 2.0)
        return self.refusal(blueprint)

    def _put(self, box: Box, files: Iterable[File]) -> None:
        for file in files:
            self._files(box, file.path)[file.path] = file.content

    def _files(self, box: Box, path: str) -> dict[str, bytes]:
        """Where a path of a container is kept: with it, or on a volume."""
        mounts = (mount for mount in box.blueprint.volumes if path.startswith(f"{mount.path}/"))
        return next((self.volumes.files(mount.volume) for mount in mounts), box.files)

    def _box(self, name: str, verb: str) -> Box:
        if box := self._boxes.get(name):
            self.hosts.require(box.blueprint.host, f"{verb} container {name}")
            return box
        raise Later(f"cannot {verb} container {name}: it does not exist", 0.2)

    def _end(self, box: Box, ending: str) -> None:
        self._log(box)
        if box.process:
            self.hosts.network(box).end(box.process)
            self._lead_no_more(box)
        box.state, box.ending, box.process = State.EXITED, ending, None
        box.forget()

    def _lead_on(self, box: Box) -> None:
        """A relay that delays leads the process beside it on."""
        beside = self._boxes.get(box.blueprint.beside)
        if DELAYED in box.labels and beside and beside.process:
            doing = delaying_of(box.blueprint.command)
            beside.process.passages[doing.hosts[0]] = Passage(doing.host, doing.delay)

    def _lead_no_more(self, box: Box) -> None:
        """What a relay has not handed on is lost with it."""
        beside = self._boxes.get(box.blueprint.beside)
        if DELAYED in box.labels and beside and beside.process:
            beside.process.passages.clear()
            beside.process.coming = None

    def _log(self, box: Box) -> None:
        """What a process that logs held is on its volume at any moment, and so at its end. What it has not read yet is
        there still.
        """
        if box.process and box.process.logs and not box.process.loading:
            self._put(box, [File(LOG, dumped(box.process.data))])

    def _turn(self, box: Box, state: State) -> None:
        if box.state is not state:
            box.state = state
            box.settle()
            self._tell(box)

    def _join(self, box: Box, *, alone: bool) -> None:
        box.alone = alone
        box.settle()

    def _tell(self, box: Box) -> None:
        for queue in self._listeners:
            queue.put(box.labels)


def _listens_at_both(command: Sequence[str]) -> bool:
    """Whether an engine takes connections of both families of addresses."""
    words = {part for word in command for part in word.split(",")}
    return {"::", "0.0.0.0"} <= words  # noqa: S104
