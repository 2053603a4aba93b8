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


def provoke(flows: Iterable[Flow]) -> None:
    """Send both ends of each connection a SYN; OSError without the right to."""
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
        for flow in flows:
            for way in (flow.original, flow.reply):
                raw.sendto(syn(Way(way.destination, way.source)), (way.source[0], 0))


def syn(way: Way) -> bytes:
    """An IPv4 packet with a SYN. The kernel fills in what is zero in its header: length, number, checksum."""
    (source, source_port), (destination, destination_port) = way.source, way.destination
    ends = socket.inet_aton(source), socket.inet_aton(destination)
    pseudo = b"".join(ends) + struct.pack("!HH", socket.IPPROTO_TCP, _TCP.size)
    parts = (source_port, destination_port, 0, 0, _TCP.size // 4 << 4, _SYN, 1024)
    segment = _TCP.pack(*parts, checksum(pseudo + _TCP.pack(*parts, 0, 0)), 0)
    return _IP.pack(0x45, 0, 0, 0, 0, 64, socket.IPPROTO_TCP, 0, *ends) + segment


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071) of an even number of bytes."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
