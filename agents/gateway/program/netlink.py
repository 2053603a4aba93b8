"""Messages to and from the kernel."""

import socket
import struct
from collections.abc import Iterator

# linux/netlink.h
ERROR = 2  # also an acknowledgement, of number 0
DONE = 3  # of a list
REQUEST, ACKNOWLEDGE, ECHO, REPLACE, LIST, CREATE = 0x1, 0x4, 0x8, 0x100, 0x300, 0x400
_PATIENCE = 2.0  # seconds
_HEADER = struct.Struct("=IHHII")  # length, type, flags, sequence, port
_ATTRIBUTE = struct.Struct("=HH")  # length, type
_TYPE = 0x3FFF  # of an attribute, without its flags


def opened(protocol: int) -> socket.socket:
    """A socket over which the kernel is asked about the network of this thread."""
    asked = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol)
    asked.settimeout(_PATIENCE)
    return asked


def listed(asked: socket.socket, deed: str) -> Iterator[bytes]:
    """What the kernel tells when it is asked for a list; OSError when it refuses to."""
    while True:
        for kind, payload in messages(asked.recv(1 << 16)):
            if kind == DONE:
                return
            if kind == ERROR:
                check(payload, deed)
                return
            yield payload


def message(kind: int, flags: int, body: bytes) -> bytes:
    """One of a type."""
    return _HEADER.pack(_HEADER.size + len(body), kind, REQUEST | flags, 1, 0) + body


def messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The messages in what was received: type and payload."""
    while len(data) >= _HEADER.size:
        length, kind, *_ = _HEADER.unpack_from(data)
        yield kind, data[_HEADER.size : length]
        data = data[_padded(length) :]


def attribute(kind: int, value: bytes) -> bytes:
    """One of a message, for values of whole words."""
    return _ATTRIBUTE.pack(_ATTRIBUTE.size + len(value), kind) + value


def attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The attributes in a message: type and value."""
    while len(data) >= _ATTRIBUTE.size:
        length, kind = _ATTRIBUTE.unpack_from(data)
        yield kind & _TYPE, data[_ATTRIBUTE.size : length]
        data = data[_padded(length) :]


def check(payload: bytes, deed: str) -> None:
    """OSError when the kernel refuses a deed."""
    if (number := struct.unpack_from("=i", payload)[0]) < 0:
        raise OSError(-number, f"the kernel refuses to {deed}")


def _padded(length: int) -> int:
    return max((length + 3) & ~3, 4)
