"""The Docker runtime: one engine container per blueprint."""

from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from itertools import islice
from threading import Event
from typing import Any

from cachewright.agents.pieces import PIECE
from cachewright.agents.planning.containers import Blueprint, Container, File, LoggedLine, Volume
from cachewright.agents.planning.host_usage import HostUsage
from cachewright.agents.planning.labels import Labels
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.runtime.archive import NoFile, archive, content
from cachewright.agents.runtime.connection import DEED, Complaint, Engine
from cachewright.agents.runtime.failures import verdict
from cachewright.agents.runtime.launching import Launching
from cachewright.agents.runtime.logs import SECOND, lines
from cachewright.agents.runtime.looks import Looks
from cachewright.agents.runtime.network import Network
from cachewright.agents.runtime.networks import Networks
from cachewright.agents.runtime.processes import cpu_time
from cachewright.agents.runtime.razing import Razing
from cachewright.agents.runtime.removal import remove
from cachewright.agents.runtime.runtime import Listed, Razed
from cachewright.agents.runtime.translation import addresses
from cachewright.agents.runtime.usages import Usages
from cachewright.agents.runtime.volumes import Volumes
from cachewright.controlplane.model.hosts import ONLY

_GRACE = 1  # seconds that a process has to end by itself when it is restarted


class DockerRuntime:
    """A Runtime on a Docker engine. Whatever it makes carries the label INSTANCE, and it touches nothing else."""

    def __init__(self, instance: str, engine: Engine | None = None, networks: type[Networks] = Networks) -> None:
        self._instance = instance
        self._name = network_name(instance)
        self._engine = engine or Engine()
        self._networks = networks(self._engine, instance, self._name)
        self._volumes = Volumes(self._engine, instance)
        self._usages = Usages(self._engine)
        self._looks = Looks(self._engine, instance, self._name)
        self._launching = Launching(self._engine, instance, self._networks, self._looks, self.start, self.remove)

    def open_network(self, preferred: str = "", *, ipv6: bool = True) -> Network:
        """See Runtime."""
        self._launching.network = network = self._networks.open(preferred, ipv6=ipv6)
        return network

    def launch(self, blueprint: Blueprint) -> None:
        """See Runtime."""
        self._launching.launch(blueprint)

    def vacate(self, blueprint: Blueprint) -> bool:
        """See Launching."""
        return self._launching.vacate(blueprint)

    def remove(self, name: str) -> None:
        """See Runtime."""
        remove(self._engine, name)

    def rename(self, name: str, new: str) -> None:
        """See Runtime."""
        with self._engine.asked(f"rename container {name}") as client:
            client.rename(name, new)
        self._usages.forget(name)

    def recognise(self, ahead: str, owner: Labels) -> None:
        """See Runtime."""
        self._looks.adoptions.recognise(ahead, owner)

    def disown(self, ahead: str) -> None:
        """See Runtime."""
        self._looks.adoptions.disown(ahead)

    def copy(self, name: str, files: Iterable[File], user: str) -> None:
        """See Runtime."""
        with self._engine.asked(f"copy files into container {name}") as client:
            client.put_archive(name, "/", archive(files, user))

    def read(self, name: str, path: str) -> Generator[bytes]:
        """See Runtime."""
        deed = f"read {path} of container {name}"
        with self._engine.asked(deed) as client:
            chunks, _ = client.get_archive(name, path, chunk_size=PIECE)
            with closing(chunks):
                try:
                    yield from content(chunks)
                except NoFile as error:
                    raise Never(f"cannot {deed}: it is no file") from error
                except ValueError as error:
                    raise Later(f"cannot {deed}: {error}") from error

    def log(self, name: str, since: int, most: int) -> list[LoggedLine]:
        """See Runtime. The engine compares whole seconds only: what is before the moment is left out here."""
        with self._engine.asked(f"read the log of container {name}", look=True) as client:
            begun = max(1, since // SECOND)  # docker-py takes no 0
            stream = client.logs(name, stream=True, follow=False, timestamps=True, since=begun)
            with closing(stream):
                return list(islice((line for line in lines(stream) if line.moment > since), most))

    def start(self, name: str) -> None:
        """See Runtime."""
        with self._engine.asked(f"start container {name}") as client:
            client.start(name)

    def restart(self, name: str) -> None:
        """See Runtime."""
        with self._engine.asked(f"restart container {name}") as client:
            client.restart(name, timeout=_GRACE)

    def pause(self, name: str) -> None:
        """See Runtime."""
        self._unless("already paused", f"pause container {name}", lambda client: client.pause(name))

    def unpause(self, name: str) -> None:
        """See Runtime."""
        self._unless("not paused", f"unpause container {name}", lambda client: client.unpause(name))

    def kill(self, name: str) -> None:
        """See Runtime."""
        self._unless("not running", f"kill container {name}", lambda client: client.kill(name))

    def disconnect(self, name: str) -> None:
        """See Runtime."""
        deed = f"disconnect container {name}"
        self._unless("not connected", deed, lambda client: client.disconnect_container_from_network(name, self._name))

    def connect(self, name: str, address: str) -> None:
        """See Runtime."""

        def act(client: Any) -> None:  # noqa: ANN401 - docker-py has no types
            own = addresses(address, self._launching.twin(address))
            options = {"ipv4_address": own["IPv4Address"], "ipv6_address": own.get("IPv6Address")}
            client.connect_container_to_network(name, self._name, **options)

        self._unless("already exists", f"connect container {name}", act)

    def run(self, blueprint: Blueprint) -> str:
        """See Runtime."""
        self.launch(blueprint)
        try:
            with self._engine.asked(f"wait for container {blueprint.name}") as client:
                client.wait(blueprint.name, timeout=DEED)
            ended = self._looks.at(blueprint.name)
            return ended.ending if ended else ""
        finally:
            self.remove(blueprint.name)

    def create_volume(self, name: str, labels: Mapping[str, str], host: str = "") -> None:  # noqa: ARG002 - the only one
        """See Runtime."""
        self._volumes.create(name, labels)

    def remove_volume(self, name: str) -> None:
        """See Runtime."""
        self._volumes.remove(name)

    def volumes(self, labels: Mapping[str, str] | None = None) -> list[Volume]:
        """See Runtime."""
        return self._volumes.every(labels)

    def containers(self, labels: Mapping[str, str] | None = None) -> list[Container]:
        """See Runtime."""
        return self._looks.every(labels)

    def listed(self, labels: Mapping[str, str] | None = None) -> Listed:
        """See Runtime. There is one host, and without its answer no listing."""
        return Listed(self.containers(labels))

    def silent_hosts(self) -> Mapping[str, str]:
        """See Runtime."""
        return {}

    def refused_addresses(self) -> Collection[str]:
        """See Runtime. One engine tells who has an address."""
        return ()

    def worked(self, name: str) -> int | None:
        """See Runtime."""
        with self._engine.asked(f"look at the work of container {name}", look=True) as client:
            found = client.inspect_container(name)
            if self._name not in found["NetworkSettings"]["Networks"]:
                return None
            if used := cpu_time(found["State"]["Pid"], found["Id"]):
                return used
            used = client.stats(name, stream=False, one_shot=True)["cpu_stats"]["cpu_usage"]["total_usage"]
        return int(used) or None

    def usage(self, name: str) -> HostUsage | None:
        """See Runtime."""
        return self._usages.of(name)

    def changes(self, stop: Event) -> Iterator[Mapping[str, str]]:
        """See Runtime."""
        return self._looks.changes(stop)

    def capacity(self) -> int:
        """See Runtime."""
        with self._engine.asked("read the engine's memory", look=True) as client:
            return int(client.info()["MemTotal"])

    def capacities(self, known: Mapping[str, int]) -> Mapping[str, int]:  # noqa: ARG002 - there is one
        """See Runtime."""
        return {ONLY: self.capacity()}

    def version(self) -> str:
        """See Runtime."""
        with self._engine.asked("reach the engine", look=True) as client:
            return f"Docker {client.version()['Version']}"

    def raze(self, *, keep_volumes: bool = False) -> Razed:
        """See Runtime."""
        self.version()  # an engine that does not answer is not waited for
        volumes = None if keep_volumes else self._volumes
        return Razing(self._looks, self._networks, volumes, self.remove).until_nothing_is_left()

    def has(self, name: str) -> bool:
        """Whether there is such a container, whoever's it is."""
        return bool(self._looks.named(name))

    def _unless(self, harmless: str, deed: str, act: Callable[[Any], object]) -> None:
        try:
            with self._engine.complaining(deed) as client:
                act(client)
        except Complaint as complaint:
            if harmless not in complaint.words:
                raise verdict(deed, complaint.words, complaint.status) from complaint


def network_name(instance: str) -> str:
    """What the network of an instance is called."""
    return f"cachewright-{instance}"
