"""The TCP connections of a network at one of its addresses, told by the kernel, and ended by it (SOCK_DESTROY)."""

import socket
import struct
from contextlib import suppress
from dataclasses import dataclass

from cachewright.agents.gateway.program import netlink
from cachewright.agents.gateway.program.conntrack import Way

FAMILY = 4  # NETLINK_SOCK_DIAG, linux/netlink.h
_LIST, _DESTROY = 20, 21  # linux/sock_diag.h
_REQUEST = struct.Struct("=BBBxI")  # family, protocol, extensions, states
_IDENTITY = 48  # bytes of what tells a socket from every other
_ANSWER = 4  # bytes before it in an answer
_EVERY = 0xFFFFFFFF & ~(1 << 6 | 1 << 10)  # states but TIME_WAIT and LISTEN


@dataclass(frozen=True, slots=True)
class Session:
    """One, as the packets of its client go."""

    way: Way
    identity: bytes


def sessions(diagnosis: socket.socket, host: str) -> list[Session]:
    """Those at an address of the network that the socket was opened on."""
    diagnosis.send(netlink.message(_LIST, netlink.LIST, _request(_EVERY) + bytes(_IDENTITY)))
    every = map(session_in, netlink.listed(diagnosis, "tell connections"))
    return [one for one in every if one.way.destination[0] == host]


def destroy(diagnosis: socket.socket, every: list[Session]) -> None:
    """Reset them: both ends learn of it at once, whatever the processes there do. OSError without the right to."""
    for session in every:
        diagnosis.send(netlink.message(_DESTROY, netlink.ACKNOWLEDGE, _request(_EVERY) + session.identity))
        for kind, payload in netlink.messages(diagnosis.recv(1 << 16)):
            if kind == netlink.ERROR:
                with suppress(FileNotFoundError):
                    netlink.check(payload, "end a connection")


def session_in(payload: bytes) -> Session:
    """What an answer tells of."""
    identity = payload[_ANSWER : _ANSWER + _IDENTITY]
    port, client_port = struct.unpack_from("!HH", identity)
    host, client = socket.inet_ntoa(identity[4:8]), socket.inet_ntoa(identity[20:24])
    return Session(Way((client, client_port), (host, port)), identity)


def _request(states: int) -> bytes:
    return _REQUEST.pack(socket.AF_INET, socket.IPPROTO_TCP, 0, states)
