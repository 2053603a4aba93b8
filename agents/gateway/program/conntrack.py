"""The kernel's connection tracking, told over netlink: the connections of marks are forgotten."""

import socket
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Lock

from cachewright.agents.gateway.program.marks import Block

# linux/netlink.h
_NETFILTER = 12
_ERROR = 2  # also an acknowledgement, of number 0
_REQUEST, _ACKNOWLEDGE, _ECHO = 0x1, 0x4, 0x8
_HEADER = struct.Struct("=IHHII")  # length, type, flags, sequence, port
_ATTRIBUTE = struct.Struct("=HH")  # length, type
_TYPE = 0x3FFF  # of an attribute, without its flags
# linux/netfilter/nfnetlink_conntrack.h
_DELETE = 0x102  # the request, and the news of it
_ORIGINAL, _REPLY, _MARK, _MARK_MASK = 1, 2, 8, 21
_ADDRESSES, _PORTS = 1, 2  # in a tuple
_HOSTS = (1, 2, 3, 4)  # source and destination of IPv4, and of IPv6
# asm-generic/socket.h
_RECEIVE_BUFFER = 33  # SO_RCVBUFFORCE
_NEWS = 1 << 26  # bytes of news at once: 65,000 connections
_PATIENCE = 2.0  # seconds


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
    netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETFILTER)
    netlink.settimeout(_PATIENCE)
    netlink.setsockopt(socket.SOL_SOCKET, _RECEIVE_BUFFER, _NEWS)
    return netlink


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
            netlink, self._kept = self._kept or self._opened(), None
            try:
                netlink.send(deletion(marks, family))
                flows = tuple(_forgotten(netlink, marks))
            except BaseException:  # what it still has to say would be taken for the next answer
                netlink.close()
                raise
            self._kept = netlink
            return flows


def deletion(marks: Block, family: socket.AddressFamily = socket.AF_INET) -> bytes:
    """The request to forget all connections of these marks and a family."""
    body = struct.pack("!BBH", family, 1, 0)  # version 1: the family counts
    body += _number(_MARK, marks.first) + _number(_MARK_MASK, marks.mask)
    return _HEADER.pack(_HEADER.size + len(body), _DELETE, _REQUEST | _ACKNOWLEDGE | _ECHO, 1, 0) + body


def flow_in(payload: bytes, marks: Block) -> Flow | None:
    """The TCP connection of these marks in news of an end; None when it is about another one."""
    attributes = dict(_attributes(payload[4:]))
    if not marks.has(int.from_bytes(attributes.get(_MARK, b""), "big")):
        return None
    original, reply = (_way(attributes.get(key, b"")) for key in (_ORIGINAL, _REPLY))
    return Flow(original, reply) if original and reply else None


def messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The messages in what was received: type and payload."""
    while len(data) >= _HEADER.size:
        length, kind, *_ = _HEADER.unpack_from(data)
        yield kind, data[_HEADER.size : length]
        data = data[_padded(length) :]


def _forgotten(netlink: socket.socket, marks: Block) -> Iterator[Flow]:
    while True:
        for kind, payload in messages(netlink.recv(1 << 16)):
            if kind == _ERROR:
                _check(payload)
                return
            if flow := flow_in(payload, marks):
                yield flow


def _check(payload: bytes) -> None:
    if (number := struct.unpack_from("=i", payload)[0]) < 0:
        raise OSError(-number, "the kernel's connection tracking refuses")


def _way(data: bytes) -> Way | None:
    parts = dict(_attributes(data))
    addresses, ports = (dict(_attributes(parts.get(key, b""))) for key in (_ADDRESSES, _PORTS))
    hosts = [addresses[key] for key in _HOSTS if key in addresses]
    if len(hosts) != 2 or not {2, 3} <= ports.keys():
        return None
    places = zip(hosts, (ports[2], ports[3]), strict=True)
    source, destination = ((_host(host), int.from_bytes(port, "big")) for host, port in places)
    return Way(source, destination)


def _host(packed: bytes) -> str:
    return socket.inet_ntop(socket.AF_INET if len(packed) == 4 else socket.AF_INET6, packed)


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    while len(data) >= _ATTRIBUTE.size:
        length, kind = _ATTRIBUTE.unpack_from(data)
        yield kind & _TYPE, data[_ATTRIBUTE.size : length]
        data = data[_padded(length) :]


def _number(kind: int, value: int) -> bytes:
    return _ATTRIBUTE.pack(8, kind) + struct.pack("!I", value)


def _padded(length: int) -> int:
    return max((length + 3) & ~3, 4)
