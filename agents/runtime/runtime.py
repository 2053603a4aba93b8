"""What the agents ask of a container engine."""

from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Protocol

from cachewright.agents.planning.containers import Blueprint, Container, File, LoggedLine, Volume
from cachewright.agents.planning.host_usage import HostUsage
from cachewright.agents.planning.labels import Labels
from cachewright.agents.runtime.network import Network


@dataclass(frozen=True, slots=True)
class Razed:
    """The names of what was removed, and of the networks that the engine does not give up although they are empty."""

    removed: tuple[str, ...]
    stuck: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """What the hosts that answered have, and the others with why they did not: of what those run nothing is known."""

    containers: Sequence[Container]
    silent: Mapping[str, str] = field(default_factory=dict)  # in words, by the name of the host


class Runtime(Protocol):
    """The containers, the volumes and the network of one Cachewright instance, on one host or on several.

    Names of containers and of volumes are unique among all hosts, so that a deed needs no more than the name of what it
    is done to. What is made is made on the host that it names; where that is empty and there are several, on any that
    answers. A deed on a host that does not answer is Later at once when that is known already.

    Safe to share among threads. Doing it twice is doing it once. Whatever fails raises Later or Never with a reason
    that names the deed and its object; a container that is gone is a reason to look again, hence Later.
    """

    def open_network(self, preferred: str = "", *, ipv6: bool = True) -> Network:
        """The instance's network; made on first use, on the preferred subnet (CIDR) when that is free, and with IPv6 if
        that is wanted and the engine has it.
        """
        ...

    def launch(self, blueprint: Blueprint) -> None:
        """Create a container, with the volumes that are not there yet, copy its files and streams, start it. One of the
        same name is replaced if it is the instance's own; so is one of the same place under another name that has its
        address.

        The directory that a file lies in becomes the container user's own, so give files one of their own.
        """
        ...

    def rename(self, name: str, new: str) -> None:
        """Call a container otherwise; its process goes on. Later when it is gone, or the name is taken."""
        ...

    def recognise(self, ahead: str, owner: Labels) -> None:
        """From now on whatever was launched with the label AHEAD of that value has the labels of its owner, for this
        process.
        """
        ...

    def disown(self, ahead: str) -> None:
        """It has the labels of no owner from now on, for this process."""
        ...

    def copy(self, name: str, files: Iterable[File], user: str) -> None:
        """Put files into a container, owned by `user` ("uid:gid"); those of the same path are replaced."""
        ...

    def read(self, name: str, path: str) -> Generator[bytes]:
        """The content of a file in a container, running or not, piece by piece; never all of it in memory. What fails
        raises as it is read: Later when the container or the file is not there, Never when it is no file. The engine
        does nothing else with the container until all of it was read: whoever stops before that closes it.

        A file that is being written may be read half old and half new: read what was put in its place whole.
        """
        ...

    def log(self, name: str, since: int, most: int) -> list[LoggedLine]:
        """The lines that a container's processes have said after a moment, in nanoseconds of Unix time, from the oldest
        on: at most so many of them.
        """
        ...

    def start(self, name: str) -> None:
        """Start a container that has stopped."""
        ...

    def restart(self, name: str) -> None:
        """Stop the container's process quickly and start another; what was in its memory is lost."""
        ...

    def pause(self, name: str) -> None:
        """Freeze the container's process: connections stay open, nobody answers."""
        ...

    def unpause(self, name: str) -> None:
        """Let a frozen process go on."""
        ...

    def kill(self, name: str) -> None:
        """End the container's process at once; the container stays."""
        ...

    def disconnect(self, name: str) -> None:
        """Take a container off the network; its process goes on, alone."""
        ...

    def connect(self, name: str, address: str) -> None:
        """Put a container on the network, at an address: the one that it had, or another one that it keeps."""
        ...

    def run(self, blueprint: Blueprint) -> str:
        """Launch a container whose process ends by itself, wait for the end, and remove it; how it ended, in words
        ("exit code 0"), with what it said at last when it failed.
        """
        ...

    def remove(self, name: str) -> None:
        """End and remove a container; on return it is gone, and so its address and name are free."""
        ...

    def create_volume(self, name: str, labels: Mapping[str, str], host: str = "") -> None:
        """Make a volume on a host, if it is not there yet; Never when it is somebody else's."""
        ...

    def remove_volume(self, name: str) -> None:
        """Remove a volume and what is on it, if it is there; Later while a container has it, Never when it is somebody
        else's.
        """
        ...

    def volumes(self, labels: Mapping[str, str] | None = None) -> list[Volume]:
        """The instance's volumes that carry all these labels, by name."""
        ...

    def containers(self, labels: Mapping[str, str] | None = None) -> list[Container]:
        """The instance's containers that carry all these labels, by name; none of hosts that do not answer."""
        ...

    def listed(self, labels: Mapping[str, str] | None = None) -> Listed:
        """The same, and which hosts did not answer this very question; Later when none did. They are asked at the same
        time, and one that was silent a moment ago is not waited for.
        """
        ...

    def silent_hosts(self) -> Mapping[str, str]:
        """The hosts that did not answer when they were asked last, with why in words; never waits, never raises."""
        ...

    def refused_addresses(self) -> Collection[str]:
        """Addresses with which a container could not be launched, since somebody keeps them who does not say so."""
        ...

    def worked(self, name: str) -> int | None:
        """How much CPU the container's process has used since its start, in nanoseconds; None for one that does not
        run, or is off the network.
        """
        ...

    def usage(self, name: str) -> HostUsage | None:
        """What a container takes of its machine; None for one that does not run, and while nobody knows yet. It never
        waits and never raises: what only the engine can say is asked for behind it, and told at the next call.
        """
        ...

    def changes(self, stop: Event) -> Iterator[Mapping[str, str]]:
        """The labels of each container whose state changes, until `stop` is set; never raises.

        An empty mapping says that changes may have been missed: look at everything. It comes first, too.
        """
        ...

    def capacity(self) -> int:
        """The memory of the engine's machine, in bytes; of several that of the smallest."""
        ...

    def capacities(self, known: Mapping[str, int]) -> Mapping[str, int]:
        """The same of each host, by name. One of several whose memory is `known` is not asked."""
        ...

    def version(self) -> str:
        """The engine's name and version; that it answers is the point of asking."""
        ...

    def raze(self, *, keep_volumes: bool = False) -> Razed:
        """Remove every container and network of the instance, and every volume unless they are kept."""
        ...
