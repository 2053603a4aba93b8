"""The runtime on the pretend machine: for tests, and to try the API without an engine."""

from collections.abc import Collection, Generator, Iterable, Iterator, Mapping
from dataclasses import replace
from queue import Empty
from threading import Event

from cachewright.agents.memory.machine import Machine
from cachewright.agents.planning.containers import ANYWHERE, Blueprint, Container, File, LoggedLine, Volume
from cachewright.agents.planning.host_usage import HostUsage
from cachewright.agents.planning.labels import INSTANCE, WARM, Labels, same_place
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.runtime.adoptions import Adoptions
from cachewright.agents.runtime.network import Network, free_subnets, local_subnet
from cachewright.agents.runtime.runtime import Listed, Razed
from cachewright.controlplane.model.hosts import ONLY

_STOP_CHECK = 0.05  # seconds


class MemoryRuntime:
    """A Runtime whose containers exist on a Machine only. Several instances may share one."""

    def __init__(self, instance: str, machine: Machine | None = None) -> None:
        self.machine = machine or Machine()
        self._mine = {INSTANCE: instance}
        self._name = f"cachewright-{instance}"
        self._adoptions = Adoptions()
        self._network: Network | None = None

    def open_network(self, preferred: str = "", *, ipv6: bool = True) -> Network:
        """See Runtime."""
        self._reach("open network")
        if not preferred:
            self.machine.hosts.require_leader("open network")
        subnet = self.machine.open_network(self._name, free_subnets((), preferred))
        six = local_subnet(self._name) if ipv6 and self.machine.ipv6 else None
        self._network = Network(self._name, subnet, six)
        return self._network

    def launch(self, blueprint: Blueprint) -> None:
        """See Runtime."""
        name = blueprint.name
        self._reach(f"create container {name}")
        leftover = self.machine.labels_of(name)
        if leftover is not None and leftover.get(INSTANCE) != self._mine[INSTANCE]:
            raise Never(f"cannot create container {name}: the name belongs to a container of somebody else")
        self.machine.remove(name)
        self.machine.create(blueprint, {**blueprint.labels, **self._mine}, self._twin(blueprint.address))
        try:
            self._free(blueprint)
            self.machine.start(name)
        except Later:
            self.machine.remove(name)
            raise

    def _twin(self, address: str) -> str:
        """The address of the other family of whoever has this one; empty where there is none."""
        network = self._network
        return network.twin(address) if network and network.six and address not in ("", ANYWHERE) else ""

    def _free(self, blueprint: Blueprint) -> None:
        """An earlier life of it that goes by another name gives up the address."""
        holder = self.machine.holder(blueprint.address)
        labels = self.machine.labels_of(holder) if holder else None
        if holder and labels and same_place(self._adoptions.told(labels), blueprint.labels):
            self.machine.remove(holder)

    def rename(self, name: str, new: str) -> None:
        """See Runtime."""
        self._reach(f"rename container {name}")
        if self.machine.labels_of(name) is None or self.machine.labels_of(new) is not None:
            raise Later(f"cannot rename container {name}: it is gone, or the name {new} is taken")
        self.machine.rename(name, new)

    def recognise(self, ahead: str, owner: Labels) -> None:
        """See Runtime."""
        self._adoptions.recognise(ahead, owner)

    def disown(self, ahead: str) -> None:
        """See Runtime."""
        self._adoptions.disown(ahead)

    def copy(self, name: str, files: Iterable[File], user: str) -> None:  # noqa: ARG002 - pretend files have no owner
        """See Runtime."""
        self._reach(f"copy files into container {name}")
        self.machine.copy(name, files)

    def read(self, name: str, path: str) -> Generator[bytes]:
        """See Runtime."""
        self._reach(f"read {path} of container {name}")
        with self.machine.held(name):
            yield self.machine.read(name, path)

    def log(self, name: str, since: int, most: int) -> list[LoggedLine]:
        """See Runtime."""
        self._reach(f"read the log of container {name}")
        return self.machine.log(name, since, most)

    def start(self, name: str) -> None:
        """See Runtime."""
        self._reach(f"start container {name}")
        self.machine.start(name)

    def restart(self, name: str) -> None:
        """See Runtime."""
        self._reach(f"restart container {name}")
        self.machine.restart(name)

    def pause(self, name: str) -> None:
        """See Runtime."""
        self._reach(f"pause container {name}")
        self.machine.pause(name)

    def unpause(self, name: str) -> None:
        """See Runtime."""
        self._reach(f"unpause container {name}")
        self.machine.unpause(name)

    def kill(self, name: str) -> None:
        """See Runtime."""
        self._reach(f"kill container {name}")
        self.machine.kill(name)

    def disconnect(self, name: str) -> None:
        """See Runtime."""
        self._reach(f"disconnect container {name}")
        self.machine.disconnect(name)

    def connect(self, name: str, address: str) -> None:
        """See Runtime."""
        self._reach(f"connect container {name}")
        self.machine.connect(name, address)

    def run(self, blueprint: Blueprint) -> str:
        """See Runtime. Nothing runs: the machine says how it would have ended."""
        self.launch(blueprint)
        self.remove(blueprint.name)
        refusal = self.machine.stillbirth(blueprint)
        return f"exit code 1: {refusal}" if refusal else self.machine.ending(blueprint)

    def remove(self, name: str) -> None:
        """See Runtime."""
        self._reach(f"remove container {name}")
        self.machine.remove(name)

    def create_volume(self, name: str, labels: Mapping[str, str], host: str = "") -> None:
        """See Runtime."""
        self._reach(f"create volume {name}")
        self.machine.hosts.require(host, f"create volume {name}")
        self.machine.volumes.create(name, {**labels, **self._mine}, host)

    def remove_volume(self, name: str) -> None:
        """See Runtime."""
        self._reach(f"remove volume {name}")
        self.machine.hosts.require(self.machine.volumes.host(name), f"remove volume {name}")
        self.machine.volumes.remove(name, self._mine, used=self.machine.mounts(name))

    def volumes(self, labels: Mapping[str, str] | None = None) -> list[Volume]:
        """See Runtime."""
        self._reach("list volumes")
        every, silent = self.machine.volumes.every({**self._mine, **(labels or {})}), self.silent_hosts()
        return [volume for volume in every if self.machine.volumes.host(volume.name) not in silent]

    def containers(self, labels: Mapping[str, str] | None = None) -> list[Container]:
        """See Runtime."""
        return list(self.listed(labels).containers)

    def listed(self, labels: Mapping[str, str] | None = None) -> Listed:
        """See Runtime."""
        self._reach("list containers")
        silent = self.silent_hosts()
        wanted = (labels or {}).items()
        every = [self.machine.containers({**self._mine, **query}) for query in self._adoptions.queries(labels)]
        told = [replace(one, labels=self._adoptions.told(one.labels)) for found in every for one in found]
        found = sorted((one for one in told if wanted <= one.labels.items()), key=lambda one: one.name)
        return Listed([one for one in found if one.host not in silent], silent)

    def silent_hosts(self) -> Mapping[str, str]:
        """See Runtime."""
        return self.machine.hosts.silent()

    def refused_addresses(self) -> Collection[str]:
        """See Runtime."""
        return self.machine.refused

    def worked(self, name: str) -> int | None:
        """See Runtime."""
        self._reach(f"look at the work of container {name}")
        return self.machine.worked(name)

    def usage(self, name: str) -> HostUsage | None:
        """See Runtime."""
        return None if self.machine.away else self.machine.usage(name)

    def changes(self, stop: Event) -> Iterator[Mapping[str, str]]:
        """See Runtime."""
        news = self.machine.listen()
        connected = False
        try:
            while not stop.is_set():
                if self.machine.away or not connected:
                    connected = not self.machine.away
                    if connected:
                        yield {}
                try:
                    heard = news.get(timeout=_STOP_CHECK)
                except Empty:
                    continue
                if not heard and connected:
                    yield {}
                labels = self._adoptions.told(heard)
                mine = self._mine.items() <= labels.items() and not WARM.items() <= labels.items()
                if connected and mine:
                    yield labels
        finally:
            self.machine.unlisten(news)

    def capacity(self) -> int:
        """See Runtime."""
        self._reach("read the engine's memory")
        return min(self.capacities({}).values())

    def capacities(self, known: Mapping[str, int]) -> Mapping[str, int]:
        """See Runtime."""
        self._reach("read the engine's memory")
        told = {name: known.get(name, 0) for name in self.machine.hosts.known} or {ONLY: self.machine.memory}
        if not all(told.values()):
            self.machine.hosts.require_leader("read the engine's memory")
        return {name: memory or self.machine.memory for name, memory in told.items()}

    def version(self) -> str:
        """See Runtime."""
        self._reach("reach the engine")
        return "pretend engine"

    def raze(self, *, keep_volumes: bool = False) -> Razed:
        """See Runtime."""
        names = [container.name for container in self.containers()]
        for name in names:
            self.machine.remove(name)
        volumes = [] if keep_volumes else [volume.name for volume in self.volumes()]
        for name in volumes:
            self.remove_volume(name)
        networks = [self._name] if self.machine.remove_network(self._name) else []
        return Razed((*names, *networks, *volumes))

    def _reach(self, deed: str) -> None:
        if self.machine.away:
            raise Later(f"cannot {deed}: the Docker engine does not answer", 2.0)
