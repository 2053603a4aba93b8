"""The directories of several hosts as one: each answers the same, beside the gateway of its host."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from threading import Condition

from cachewright.agents.directory.directory import Directory
from cachewright.agents.directory.program.listing import Listing, State
from cachewright.agents.each_host import EachHost, OneHost, tell_written
from cachewright.agents.planning.containers import File
from cachewright.agents.planning.verdicts import Later

Word = Callable[[Directory], None]  # something that a directory is told
Wanted = dict[int | str, Word]  # the last one of each port, and of the host names of each cache

_SOON = 0.5  # seconds until one may be known to run


@dataclass(frozen=True, slots=True)
class Written:
    """What directories are to know, as it is written down."""

    state: Callable[[], State]
    keys: Callable[[int], File]  # of the encrypted cluster at a port


@dataclass(slots=True, eq=False)
class HostDirectory(OneHost):
    """The directory of one host."""

    inner: Directory
    wanted: Wanted
    written: Written
    changed: Condition = field(default_factory=Condition)  # told when clients may be led there, or one runs
    address: str = ""  # its own, on the network of the hosts; empty: none runs there
    failing: bool = False  # it has not answered the last probe

    @property
    def ready_at(self) -> str:
        """Where clients may be led to it; empty while it may have missed something."""
        return "" if self.behind else self.address

    def began(self, address: str) -> None:
        """One runs at an address that is another one than before."""
        self.address, self.behind, self.failing = address, True, False
        self._tell_of_it()

    def probe(self) -> None:
        """See `Directory`. What it may have missed it is told."""
        try:
            self.inner.probe()
            if self.behind:
                self.told_all(self._tell_all)
        except Later:
            self.failing = True
            raise
        else:
            self.failing = False
        finally:
            self._tell_of_it()

    def tell(self, what: int | str) -> None:
        """What is true by now of a port, or of the names of a cache; Later, at once, while none runs there."""
        self.told(partial(self._tell, what))

    def _tell(self, what: int | str) -> None:
        if not self.address:
            raise Later("no directory is known to run on a host", _SOON)
        self.wanted[what](self.inner)

    def _tell_all(self) -> None:
        """What it knows is asked first: whatever another agent tells is written down before."""
        known, wanted = self.inner.state(), self.written.state()
        for port in known.discovery.keys() - wanted.discovery.keys():
            self.inner.withdraw(port)
        for owner in known.names.keys() - wanted.names.keys():
            self.inner.set_names(owner, {}, wanted.suffix)
        tell_written(lambda: self.written.state().discovery, self._publish)
        tell_written(
            lambda: self.written.state().names, lambda owner, names: self.inner.set_names(owner, names, wanted.suffix)
        )

    def _tell_of_it(self) -> None:
        with self.changed:
            self.changed.notify_all()

    def _publish(self, port: int, listing: Listing) -> None:
        self.inner.publish(port, listing, self.written.keys(port) if listing.encrypted else None)


class HostDirectories:
    """Implements `Directory` and `HostLocal`: see EachHost. Later when nobody could be told."""

    def __init__(
        self,
        placeholder: str,
        written: Written,
        silent: Callable[[], Collection[str]] = frozenset,
        patience: float = 10.0,
    ) -> None:
        """`placeholder`: see HostLocal. `written`: what is written down, before anybody is told. `silent` tells
        the hosts that do not answer. `patience`: as that of a RemoteDirectory, in seconds.
        """
        self.placeholder, self._written, self._patience = placeholder, written, patience
        self._wanted: Wanted = {}
        self._changed = Condition()
        self._silent = silent
        self._every = EachHost[HostDirectory]("directories", silent)

    def attend(self, directories: Mapping[str, Directory]) -> None:
        """These are there from now on, beside those that were; one that comes is told everything."""
        come = {host: one for host, one in directories.items() if host not in self._every}
        own = (self._wanted, self._written, self._changed)
        self._every.attend({host: HostDirectory(one, *own) for host, one in come.items()})

    def on(self, host: str) -> HostDirectory:
        """The directory of one host."""
        return self._every.on(host)

    def ready_at(self, host: str) -> str:
        """See HostDirectory."""
        return self._every.on(host).ready_at

    def doubt(self, host: str) -> None:
        """That of a host may have missed something."""
        self._every.on(host).behind = True

    def await_all(self) -> None:
        """See HostLocal: they may just be started. One that does not run, fails, or is on a silent host keeps nobody
        waiting.
        """
        with self._changed:
            self._changed.wait_for(self._are_ready, self._patience)

    def _are_ready(self) -> bool:
        silent, every = self._silent(), self._every.items()
        awaited = (one for host, one in every if one.address and not one.failing and host not in silent)
        return any(one.ready_at for _, one in every) and all(one.ready_at for one in awaited)

    def publish(self, port: int, listing: Listing, keys: File | None = None) -> None:
        """See `Directory`."""
        self._tell(port, lambda one: one.publish(port, listing, keys))

    def withdraw(self, port: int) -> None:
        """See `Directory`."""
        self._tell(port, lambda one: one.withdraw(port))

    def set_names(self, owner: str, names: Mapping[str, str], suffix: str) -> None:
        """See `Directory`."""
        self._tell(owner, lambda one: one.set_names(owner, names, suffix))

    def state(self) -> State:
        """See `Directory`: as any of them tells that answers."""
        return self._every.any(lambda one: one.inner.state())

    def probe(self) -> None:
        """See `Directory`: whether any of them does."""
        self._every.any(lambda one: one.probe())

    def _tell(self, what: int | str, word: Word) -> None:
        self._wanted[what] = word
        self._until(lambda one: bool(one.address))
        self._every.any(lambda one: one.tell(what))

    def _until(self, true: Callable[[HostDirectory], bool]) -> None:
        """Wait until something is true of one of them, as long as there is patience."""
        with self._changed:
            self._changed.wait_for(lambda: any(map(true, self._every)), self._patience)
