"""The networks of containers, entered through one of their processes."""

import ctypes
import os
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock

from cachewright.agents.gateway.program import addresses

_PROCESSES = Path("/proc")
_OWN = "thread-self"
_NETWORK = 0x40000000  # CLONE_NEWNET
_BEGUN = 19  # of the words in `stat` behind the name
_NEVER = float("inf")
_LIBC = ctypes.CDLL(None, use_errno=True)


class Namespaces:
    """By an address there, as far as they may be entered: those of processes with more rights than this one has, such
    as the machine's own, may not. Networks of other container engines may have the same addresses. Safe to share among
    threads.
    """

    def __init__(self) -> None:
        self._processes: Mapping[str, Sequence[int]] = {}  # by address
        self._sought: set[str] = set()
        self._lock = Lock()

    def unsought(self, hosts: Collection[str]) -> Collection[str]:
        """Those of these that nobody has asked about by this way, or only before they were forgotten."""
        with self._lock:
            new = {*hosts} - self._sought
            self._sought |= new
            return new

    def forget(self, host: str) -> None:
        """Whoever had an address is gone."""
        with self._lock:
            self._sought.discard(host)

    def processes_at(self, host: str) -> Sequence[int]:
        """The first process of each network with an address."""
        with self._lock:
            known = [process for process in self._processes.get(host, ()) if host in _addresses_of(process)]
            if not known:
                self._processes = found()
                known = [*self._processes.get(host, ())]
            return known


def found() -> Mapping[str, Sequence[int]]:
    """The first process of each network that may be entered, by each address there."""
    own, every = _identity(_OWN), defaultdict[int, list[int]](list)
    for path in _PROCESSES.iterdir():
        if path.name.isdigit() and (identity := _identity(path.name)) not in (0, own):
            every[identity].append(int(path.name))
    by_address = defaultdict[str, list[int]](list)
    for one, *others in every.values():
        first = min((one, *others), key=_age) if others else one
        for host in _addresses_of(first):
            by_address[host].append(first)
    return by_address


@contextmanager
def entered(process: int) -> Iterator[None]:
    """This thread is on the network of a process; OSError when it may not be."""
    with _opened(_OWN) as own, _opened(str(process)) as there:
        _enter(there)
        try:
            yield
        finally:
            _enter(own)


@contextmanager
def _opened(process: str) -> Iterator[int]:
    network = os.open(_PROCESSES / process / "ns/net", os.O_RDONLY)
    try:
        yield network
    finally:
        os.close(network)


def _enter(network: int) -> None:
    if _LIBC.setns(network, _NETWORK):
        number = ctypes.get_errno()
        raise OSError(number, f"cannot enter a network: {os.strerror(number)}")


def _identity(process: str) -> int:
    """Of the network of a process; 0 when it is gone, or not to be entered."""
    try:
        return (_PROCESSES / process / "ns/net").stat().st_ino
    except OSError:
        return 0


def _age(process: int) -> float:
    """When a process began, in ticks since the machine did."""
    try:
        return float((_PROCESSES / str(process) / "stat").read_text().rpartition(")")[2].split()[_BEGUN])
    except OSError:
        return _NEVER


def _addresses_of(process: int) -> Collection[str]:
    """Of the network of a process; none when it is gone."""
    with suppress(OSError), entered(process), addresses.opened() as told:
        return [host for host, _ in addresses.held(told)]
    return ()
