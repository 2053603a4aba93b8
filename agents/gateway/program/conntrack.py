"""The kernel's connection tracking, told over netlink: the connections of marks are forgotten."""

import socket
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Lock

from cachewright.agents.gateway.program import netlink
from cachewright.agents.gateway.program.marks import Block

_NETFILTER = 12  # linux/netlink.h
# linux/netfilter/nfnetlink_conntrack.h
_DELETE = 0x102  # the request, and the news of it
_ORIGINAL, _REPLY, _MARK, _MARK_MASK = 1, 2, 8, 21
_ADDRESSES, _PORTS = 1, 2  # in a tuple
_HOSTS = (1, 2, 3, 4)  # source and destination of IPv4, and of IPv6
# asm-generic/socket.h
_RECEIVE_BUFFER = 33  # SO_RCVBUFFORCE
_NEWS = 1 << 26  # bytes of news at once: 65,000 connections


@dataclass(frozen=True, slots=True)
class Way:
    """From where to where the packets of one direction go."""

    source: tuple[str, int]
    destination: tuple[str, int]


@dataclass(frozen=True, slots=True)
class Flow:
    """A connection: the packets of its client, and the answers as its target sends them."""

    original: Way
    reply: Way


def opened() -> socket.socket:
    """OSError without the right to."""
    kept = netlink.opened(_NETFILTER)
    kept.setsockopt(socket.SOL_SOCKET, _RECEIVE_BUFFER, _NEWS)
    return kept


class Conntrack:
    """Asks for the end of connections over a socket that it keeps. Safe to share among threads.

    Closing a socket of netfilter's waits until the kernel has freed what nft changed last, 10 ms and more.
    """

    def __init__(self, opened: Callable[[], socket.socket] = opened) -> None:
        self._opened = opened
        self._kept: socket.socket | None = None
        self._lock = Lock()

    def forget(self, marks: Block, family: socket.AddressFamily = socket.AF_INET) -> tuple[Flow, ...]:
        """Let the kernel forget all connections of these marks and a family, and tell which they were. OSError when it
        refuses.

        They are learned from the echo of their end: to ask for them beforehand costs the kernel 20 ms and more, because
        it locks its whole table, piece by piece.
        """
        with self._lock:
            kept, self._kept = self._kept or self._opened(), None
            try:
                kept.send(deletion(marks, family))
                flows = tuple(_forgotten(kept, marks))
            except BaseException:  # what it still has to say would be taken for the next answer
                kept.close()
                raise
            self._kept = kept
            return flows


def deletion(marks: Block, family: socket.AddressFamily = socket.AF_INET) -> bytes:
    """The request to forget all connections of these marks and a family."""
    body = struct.pack("!BBH", family, 1, 0)  # version 1: the family counts
    body += _number(_MARK, marks.first) + _number(_MARK_MASK, marks.mask)
    return netlink.message(_DELETE, netlink.ACKNOWLEDGE | netlink.ECHO, body)


def flow_in(payload: bytes, marks: Block) -> Flow | None:
    """The TCP connection of these marks in news of an end; None when it is about another one."""
    attributes = dict(netlink.attributes(payload[4:]))
    if not marks.has(int.from_bytes(attributes.get(_MARK, b""), "big")):
        return None
    original, reply = (_way(attributes.get(key, b"")) for key in (_ORIGINAL, _REPLY))
    return Flow(original, reply) if original and reply else None


def _forgotten(kept: socket.socket, marks: Block) -> Iterator[Flow]:
    while True:
        for kind, payload in netlink.messages(kept.recv(1 << 16)):
            if kind == netlink.ERROR:
                netlink.check(payload, "forget connections")
                return
            if flow := flow_in(payload, marks):
                yield flow


def _way(data: bytes) -> Way | None:
    parts = dict(netlink.attributes(data))
    addresses, ports = (dict(netlink.attributes(parts.get(key, b""))) for key in (_ADDRESSES, _PORTS))
    hosts = [addresses[key] for key in _HOSTS if key in addresses]
    if len(hosts) != 2 or not {2, 3} <= ports.keys():
        return None
    places = zip(hosts, (ports[2], ports[3]), strict=True)
    source, destination = ((_host(host), int.from_bytes(port, "big")) for host, port in places)
    return Way(source, destination)


def _host(packed: bytes) -> str:
    return socket.inet_ntop(socket.AF_INET if len(packed) == 4 else socket.AF_INET6, packed)


def _number(kind: int, value: int) -> bytes:
    return netlink.attribute(kind, struct.pack("!I", value))
