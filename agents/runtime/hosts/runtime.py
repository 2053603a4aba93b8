"""The containers of an instance on several hosts, each with an engine of its own."""

from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from ipaddress import IPv4Network
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import TypeVar

from cachewright.agents.planning.containers import Blueprint, Container, File, LoggedLine, Volume
from cachewright.agents.planning.host_usage import HostUsage
from cachewright.agents.planning.labels import Labels
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.runtime.connection import Engine
from cachewright.agents.runtime.docker import network_name
from cachewright.agents.runtime.failures import is_attachment
from cachewright.agents.runtime.hosts.images import AnyHost, bring
from cachewright.agents.runtime.hosts.members import Member, Members, member
from cachewright.agents.runtime.hosts.overlay import Overlay, swarm_of
from cachewright.agents.runtime.network import Network
from cachewright.agents.runtime.runtime import Listed, Razed, Runtime
from cachewright.controlplane.model.hosts import Host

T = TypeVar("T")

_LOOK = 0.2  # seconds between two looks at which hosts are silent, and whether to stop
_BRIEF = 1.0  # seconds for each answer of a Swarm about a network that is known


class HostsRuntime:
    """Implements `Runtime`. A deed goes to the host that the blueprint names, or that has the container; what is asked
    of all is asked at the same time, and left unsaid by hosts that do not answer.
    """

    def __init__(self, instance: str, hosts: Sequence[Host]) -> None:
        self._instance = instance
        self._members = Members([member(host, instance) for host in hosts])
        self._network: Network | None = None  # as it was opened
        self._places: dict[str, str] = {}  # the host of each container, as it was seen last
        self._refused: set[str] = set()  # addresses that the Swarm did not give

    def any_host(self) -> Engine:
        """The engine of any host, for what concerns none in particular."""
        return AnyHost(lambda: self._members)

    def attend(self, hosts: Mapping[str, Host]) -> None:
        """These hosts are there from now on. One that is there no more goes on being asked until the end: what is left
        on it is to be found.
        """
        there = {one.host.name: one for one in self._members}
        if all(name in there and there[name].host == host for name, host in hosts.items()):
            return
        come = [_attended(host, there.get(host.name), self._instance) for host in hosts.values()]
        self._members = Members([*come, *(one for name, one in there.items() if name not in hosts)])
        self._members.begin()

    def open_network(self, preferred: str = "", *, ipv6: bool = True) -> Network:  # noqa: ARG002 - see Joined
        """See Runtime. It is an overlay network of the hosts' Swarm, and of IPv4. A Swarm that has just lost a manager
        answers nobody for seconds, so it is asked once. Until it answers the network counts as what it was, and nobody
        waits for long: whoever begins meanwhile has failovers to see to.
        """
        if self._network is None:
            try:
                self._network = self._overlay(_BRIEF if preferred else None).open(preferred)
            except Later:
                if not preferred:
                    raise
                return Network(network_name(self._instance), IPv4Network(preferred))
        return self._network

    def launch(self, blueprint: Blueprint) -> None:
        """See Runtime."""
        deed = f"launch container {blueprint.name}"
        name = blueprint.host or (self._place(blueprint.beside, deed) if blueprint.beside else "")
        place = self._members.named(name, deed).host.name
        self._members.at(place, deed, lambda one: bring(blueprint.image, one, self._members))
        # A Swarm keeps whoever asks for an address that somebody has waiting for 20 s.
        self._members.tell(lambda one: one.runtime.vacate(blueprint))
        try:
            self._members.at(place, deed, lambda one: one.runtime.launch(blueprint))
        except Later as verdict:
            self._refused |= {blueprint.address} if is_attachment(verdict.reason) else set()
            raise
        self._places[blueprint.name] = place

    def rename(self, name: str, new: str) -> None:
        """See Runtime."""
        self._at(name, f"rename container {name}", lambda runtime: runtime.rename(name, new))
        self._places.pop(name, None)

    def recognise(self, ahead: str, owner: Labels) -> None:
        """See Runtime."""
        for one in self._members:
            one.runtime.recognise(ahead, owner)

    def disown(self, ahead: str) -> None:
        """See Runtime."""
        for one in self._members:
            one.runtime.disown(ahead)

    def copy(self, name: str, files: Iterable[File], user: str) -> None:
        """See Runtime."""
        self._at(name, f"copy files into container {name}", lambda runtime: runtime.copy(name, files, user))

    def read(self, name: str, path: str) -> Generator[bytes]:
        """See Runtime."""
        yield from self._at(name, f"read {path} of container {name}", lambda runtime: runtime.read(name, path))

    def log(self, name: str, since: int, most: int) -> list[LoggedLine]:
        """See Runtime."""
        return self._at(name, f"read the log of container {name}", lambda runtime: runtime.log(name, since, most))

    def start(self, name: str) -> None:
        """See Runtime."""
        self._at(name, f"start container {name}", lambda runtime: runtime.start(name))

    def restart(self, name: str) -> None:
        """See Runtime."""
        self._at(name, f"restart container {name}", lambda runtime: runtime.restart(name))

    def pause(self, name: str) -> None:
        """See Runtime."""
        self._at(name, f"pause container {name}", lambda runtime: runtime.pause(name))

    def unpause(self, name: str) -> None:
        """See Runtime."""
        self._at(name, f"unpause container {name}", lambda runtime: runtime.unpause(name))

    def kill(self, name: str) -> None:
        """See Runtime."""
        self._at(name, f"kill container {name}", lambda runtime: runtime.kill(name))

    def disconnect(self, name: str) -> None:
        """See Runtime."""
        self._at(name, f"disconnect container {name}", lambda runtime: runtime.disconnect(name))

    def connect(self, name: str, address: str) -> None:
        """See Runtime."""
        self._at(name, f"connect container {name}", lambda runtime: runtime.connect(name, address))

    def run(self, blueprint: Blueprint) -> str:
        """See Runtime."""
        deed = f"run container {blueprint.name}"
        host = blueprint.host or (self._place(blueprint.beside, deed) if blueprint.beside else "")
        chosen = self._members.named(host, deed)
        bring(blueprint.image, chosen, self._members)
        return chosen.runtime.run(blueprint)

    def remove(self, name: str) -> None:
        """See Runtime: from whichever host that answers has it."""
        if place := self._places.get(name):
            self._members.named(place, f"remove container {name}")
        self._members.tell(lambda one: one.runtime.remove(name))
        self._places.pop(name, None)

    def create_volume(self, name: str, labels: Mapping[str, str], host: str = "") -> None:
        """See Runtime."""
        self._members.at(host, f"create volume {name}", lambda one: one.runtime.create_volume(name, labels))

    def remove_volume(self, name: str) -> None:
        """See Runtime."""
        self._members.tell(lambda one: one.runtime.remove_volume(name))

    def volumes(self, labels: Mapping[str, str] | None = None) -> list[Volume]:
        """See Runtime."""
        told, _ = self._members.ask(lambda one: one.runtime.volumes(labels))
        return sorted((volume for volumes in told.values() for volume in volumes), key=lambda volume: volume.name)

    def containers(self, labels: Mapping[str, str] | None = None) -> list[Container]:
        """See Runtime."""
        return list(self.listed(labels).containers)

    def listed(self, labels: Mapping[str, str] | None = None) -> Listed:
        """See Runtime."""
        told, silent = self._members.ask(lambda one: one.runtime.containers(labels))
        found = [replace(one, host=host) for host, some in told.items() for one in some]
        self._places |= {one.name: one.host for one in found}
        return Listed(sorted(found, key=lambda one: one.name), silent)

    def silent_hosts(self) -> Mapping[str, str]:
        """See Runtime."""
        return self._members.silent()

    def refused_addresses(self) -> Collection[str]:
        """See Runtime. A Swarm keeps the address of a container on a host that died, and that of an attachment which
        failed while there was no leader, and tells nobody (Docker 20.10).
        """
        return self._refused

    def worked(self, name: str) -> int | None:
        """See Runtime."""
        return self._at(name, f"look at the work of container {name}", lambda runtime: runtime.worked(name), look=True)

    def usage(self, name: str) -> HostUsage | None:
        """See Runtime."""
        place = self._places.get(name, "")
        member = next((one for one in self._members if one.host.name == place), None)
        return member.runtime.usage(name) if member and not member.pulse.silence() else None

    def changes(self, stop: Event) -> Iterator[Mapping[str, str]]:
        """See Runtime. A host that falls silent, or answers again, may have been missed."""
        heard: SimpleQueue[Mapping[str, str]] = SimpleQueue()
        followed: set[Engine] = set()
        silent = self.silent_hosts().keys()
        while not stop.is_set():
            for one in (one for one in self._members if one.engine not in followed):
                followed.add(one.engine)
                follow = partial(_pass_on, one, stop, heard)
                Thread(target=follow, name=f"changes of host {one.host.name}", daemon=True).start()
            with suppress(Empty):
                yield heard.get(timeout=_LOOK)
            if silent != (silent := self.silent_hosts().keys()):
                yield {}

    def capacity(self) -> int:
        """See Runtime."""
        return min(self.capacities({}).values())

    def capacities(self, known: Mapping[str, int]) -> Mapping[str, int]:
        """See Runtime. Those of hosts that do not answer are left out. Engines in a Swarm without a leader tell theirs
        seconds later.
        """
        told = {one.host.name: one.host.memory or known.get(one.host.name, 0) for one in self._members}
        if not all(told.values()):
            asked, _ = self._members.ask(lambda one: told[one.host.name] or one.runtime.capacity())
            told |= asked
        return {name: memory for name, memory in told.items() if memory}

    def version(self) -> str:
        """See Runtime."""
        told, _ = self._members.ask(lambda one: one.runtime.version())
        return ", ".join(f"{version} on {host}" for host, version in told.items())

    def raze(self, *, keep_volumes: bool = False) -> Razed:
        """See Runtime. Later, when the rest is done, if a host does not answer."""
        told = self._members.tell(lambda one: one.runtime.raze(keep_volumes=keep_volumes))
        removed = {name: None for razed in told.values() for name in razed.removed}
        if silent := self.silent_hosts():
            raise Later(f"cannot remove what is on {', '.join(silent)}: {'; '.join(silent.values())}", 5.0)
        self._network = None
        network = self._overlay().remove()
        return Razed((*removed, *network.removed), network.stuck)

    def close(self) -> None:
        """Find out no more who answers."""
        for one in self._members:
            one.pulse.end()

    def _overlay(self, within: float | None = None) -> Overlay:
        """Whose engines have so many seconds for each answer; None: as ever."""
        engines = {
            one.host.name: one.engine if within is None else one.engine.lasting(within)
            for one in self._members
            if not one.host.joining
        }
        told, _ = self._members.ask(lambda one: swarm_of(engines[one.host.name]) if one.host.name in engines else None)
        swarms = {name: swarm for name, swarm in told.items() if swarm is not None}
        engines = {name: engine for name, engine in engines.items() if name in swarms}
        return Overlay(engines, swarms, self._instance, network_name(self._instance))

    def _at(self, name: str, deed: str, act: Callable[[Runtime], T], *, look: bool = False) -> T:
        """Do something with a container where it is, see `Members.at`."""
        place = self._place(name, deed)
        self._members.named(place, deed)
        try:
            return self._members.at(place, deed, lambda one: act(one.runtime), look=look)
        except (Later, Never):
            self._places.pop(name, None)  # it may be elsewhere by now
            raise

    def _place(self, name: str, deed: str) -> str:
        if name not in self._places:
            self.containers()
        if name not in self._places:
            raise Later(f"cannot {deed}: it does not exist", 0.2)
        return self._places[name]


def _attended(host: Host, known: Member | None, instance: str) -> Member:
    """A host as it is told now; its engine stays, unless it is another one."""
    if known and known.host.engine == host.engine:
        return replace(known, host=host)
    if known:
        known.pulse.end()
    return member(host, instance)


def _pass_on(one: Member, stop: Event, heard: SimpleQueue[Mapping[str, str]]) -> None:
    for labels in one.runtime.changes(stop):
        heard.put(labels)
