"""TCP segments that make both ends of a forgotten connection close it at once.

A reset would have to know the connection's sequence numbers, and only its ends do. So each end is sent a SYN in the
other's name. Its kernel answers (RFC 9293, 3.10.7.4; one that is still connecting takes it for a simultaneous open).
The answer belongs to no connection here any more, and this kernel resets it with the right numbers.
"""

import socket
import struct
from collections.abc import Iterable

from cachewright.agents.gateway.program.conntrack import Flow, Way

_SYN = 0x02
_TCP = struct.Struct("!HHIIBBHHH")  # ports, sequence, acknowledgement, length in words, flags, window, checksum, urgent
_IP = struct.Struct("!BBHHHBBH4s4s")
_IP6 = struct.Struct("!IHBB16s16s")  # version and labels, length, next header, hops, ends


def provoke(flows: Iterable[Flow]) -> None:
    """Send both ends of each connection a SYN; OSError without the right to."""
    startle(way for flow in flows for way in (flow.original, flow.reply))


def startle(ways: Iterable[Way]) -> None:
    """Send whoever sends packets on each way a SYN, in the name of whom they are for."""
    for way in ways:
        with socket.socket(family_of(way), socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
            raw.sendto(syn(Way(way.destination, way.source)), (way.source[0], 0))


def family_of(way: Way) -> socket.AddressFamily:
    """Of which family the packets are."""
    return socket.AF_INET6 if ":" in way.source[0] else socket.AF_INET


def syn(way: Way) -> bytes:
    """A packet with a SYN. The kernel fills in what is zero in a header of IPv4: length, number, checksum."""
    (source, source_port), (destination, destination_port) = way.source, way.destination
    ends = socket.inet_pton(family_of(way), source), socket.inet_pton(family_of(way), destination)
    pseudo = b"".join(ends) + struct.pack("!HH", socket.IPPROTO_TCP, _TCP.size)
    parts = (source_port, destination_port, 0, 0, _TCP.size // 4 << 4, _SYN, 1024)
    segment = _TCP.pack(*parts, checksum(pseudo + _TCP.pack(*parts, 0, 0)), 0)
    if family_of(way) is socket.AF_INET6:
        return _IP6.pack(6 << 28, _TCP.size, socket.IPPROTO_TCP, 64, *ends) + segment
    return _IP.pack(0x45, 0, 0, 0, 0, 64, socket.IPPROTO_TCP, 0, *ends) + segment


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071) of an even number of bytes."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
