"""Addresses of endpoints that nodes have themselves, so that nothing stands between a client and its node.

An endpoint that leads to one node at a time lends it its address: the node's own interface has it, as a virtual
address moves among machines (RFC 9568). No process in the node needs a right for that, nor knows of it. Whoever cannot
be lent to is reached by way of the gateway, as are all while nobody has the address: when the node's process ends, or
its interface goes, the address is the gateway's again within a millisecond, which refuses or leads clients as ever.
"""

import logging
import os
import select
from collections.abc import Callable, Collection, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from threading import Lock, Thread

from cachewright.agents.gateway.program.namespaces import Namespaces, entered, found
from cachewright.agents.gateway.program.networks import Network

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Borrower:
    """A node that has addresses of endpoints, or may have some one day."""

    node: str  # its own address
    process: int
    end: int  # a file that is readable once the process has ended
    network: Network
    hosts: set[str] = field(default_factory=set)


class Lending:
    """Safe to share among threads."""

    def __init__(self, own: str, namespaces: Namespaces, opened: Callable[[str], Network] = Network) -> None:
        """`own` is the gateway's address. OSError without the right to."""
        self._host, self._namespaces, self._opened = own, namespaces, opened
        self._own = opened(own)
        self._borrowers: dict[int, Borrower] = {}  # by process
        self._strangers: set[int] = set()  # processes on other networks where somebody has the same address as a node
        self._lent: dict[str, Borrower] = {}  # by address
        self._news = select.epoll()
        self._news.register(self._own.news.fileno(), select.EPOLLIN)
        self._watched: dict[int, Borrower] = {}  # by file
        self._lock = Lock()

    def take_back(self, endpoints: str) -> None:
        """Addresses in a range (CIDR) that are lent to nobody are the gateway's, whoever lent them before."""
        within = IPv4Network(endpoints)
        with self._lock:
            for host, process in ((host, one) for host, every in found().items() for one in every):
                borrower = self._lent.get(host)
                if IPv4Address(host) in within and (borrower is None or borrower.process != process):
                    self._take_back(host, process)

    def watch(self) -> None:
        """Take back what nobody has any more, for ever."""
        while True:
            self.heed()

    def heed(self) -> None:
        """Wait until something becomes of nodes, and take back what they have no more."""
        for file, _ in self._news.poll():
            with self._lock:
                if borrower := self._watched.get(file):
                    self._look_after(borrower, ended=file == borrower.end)
                elif file == self._own.news.fileno():
                    self._look_around()

    def move(self, wanted: Mapping[str, str]) -> None:
        """Lend each address to the node at another, and to nobody where that is empty. Connections at it end unless it
        stays where it is. Who cannot be lent to is not: its clients come by way of the gateway.
        """
        with self._lock:
            self._look_around()
            for host, node in wanted.items():
                try:
                    self._move(host, self._borrower(node) if node else None)
                except OSError as error:
                    log.warning("cannot lend %s to %s: %s", host, node, error)
                    self._reclaim(host)

    def expect(self, nodes: Collection[str]) -> None:
        """Get to know nodes meanwhile that may soon be lent to, which takes a few milliseconds."""
        if new := self._namespaces.unsought(nodes):
            Thread(target=self._get_to_know, args=(new,), name="expect", daemon=True).start()

    def _get_to_know(self, nodes: Collection[str]) -> None:
        for node in nodes:
            with suppress(OSError), self._lock:
                self._borrower(node)

    def end(self) -> None:
        """Take all of them back."""
        self.move(dict.fromkeys(self._lent, ""))

    def _move(self, host: str, borrower: Borrower | None) -> None:
        before = self._lent.get(host)
        if before is borrower:
            return
        if borrower:
            self._give(host, borrower)
        if before:
            self._release(host, before)
        if borrower:
            borrower.network.announce(host)  # the one before may have told of itself until now
        else:
            self._own.include(host)

    def _give(self, host: str, borrower: Borrower) -> None:
        borrower.hosts.add(host)
        self._own.exempt(host)
        borrower.network.take(host)
        self._lent[host] = borrower

    def _release(self, host: str, borrower: Borrower) -> None:
        if self._lent.get(host) is borrower:
            del self._lent[host]
        borrower.hosts.discard(host)
        with suppress(OSError):  # its network may be gone
            borrower.network.give(host)

    def _reclaim(self, host: str) -> None:
        """It is the gateway's again, whatever became of it."""
        with suppress(OSError):  # it is not on the network itself; when it is again it answers for what is not lent
            self._own.include(host)
        for borrower in [one for one in self._borrowers.values() if host in one.hosts]:
            self._release(host, borrower)

    def _borrower(self, node: str) -> Borrower | None:
        for process in self._namespaces.processes_at(node):
            if process in self._borrowers:
                return self._borrowers[process]
            if process not in self._strangers and (network := self._known(node, process)):
                return self._watch_over(Borrower(node, process, os.pidfd_open(process), network))
        return None

    def _known(self, node: str, process: int) -> Network | None:
        """The network of a process, if it is the gateway's own."""
        with entered(process):
            network = self._opened(node)
        if network.hears(self._own):
            return network
        self._strangers.add(process)
        network.close()
        return None

    def _watch_over(self, borrower: Borrower) -> Borrower:
        self._borrowers[borrower.process] = borrower
        for file in (borrower.end, borrower.network.news.fileno()):
            self._watched[file] = borrower
            self._news.register(file, select.EPOLLIN)
        return borrower

    def _forget(self, borrower: Borrower) -> None:
        self._borrowers.pop(borrower.process, None)
        for file in (borrower.end, borrower.network.news.fileno()):
            self._watched.pop(file, None)
            self._news.unregister(file)
        os.close(borrower.end)
        borrower.network.close()
        self._namespaces.forget(borrower.node)

    def _look_after(self, borrower: Borrower, *, ended: bool) -> None:
        """A process has ended, or the addresses of its network have changed."""
        left: Collection[str] = ()
        if not ended:
            with suppress(OSError):  # it is gone with all that it had
                left = borrower.network.news_of()
        for host in borrower.hosts.difference(left):
            self._reclaim(host)
        if not left:
            self._forget(borrower)

    def _look_around(self) -> None:
        """The gateway's own network has changed: connected anew, it has another interface, and forgot what is lent."""
        with suppress(OSError):
            if self._host in self._own.news_of():
                return
            own = self._opened(self._host)
            self._news.unregister(self._own.news.fileno())
            self._own.close()
            self._own = own
            self._news.register(own.news.fileno(), select.EPOLLIN)
            for host in self._lent:
                own.exempt(host)

    def _take_back(self, host: str, process: int) -> None:
        with suppress(OSError), entered(process), closing(self._opened(host)) as network:
            if network.hears(self._own):
                network.give(host)
