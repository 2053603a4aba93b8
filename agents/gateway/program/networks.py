"""A network as one of those on it sees it: which addresses it has there, who is connected to them, who hears of it."""

import ctypes
import os
import socket
import struct
from collections.abc import Collection
from contextlib import suppress
from time import monotonic

from cachewright.agents.gateway.program import addresses, netlink, segments, sessions

_ARP = 0x0806
_HEARD = 0.1  # seconds until a word that was said to everybody has arrived
_FILTER = 26  # SO_ATTACH_FILTER, asm-generic/socket.h
_EVERYBODY = b"\xff" * 6
_QUESTION = struct.Struct("!HHBBH6s4s6s4s")  # kinds and lengths of addresses, operation, sender, target


class Network:
    """Of the thread that makes it: what is asked over its sockets is asked there, from whichever thread."""

    def __init__(self, host: str) -> None:
        """By the interface that has an address. OSError when none has it, or without the right to."""
        self._told = addresses.opened()
        interfaces = dict(addresses.held(self._told))
        if host not in interfaces:
            self._told.close()
            raise OSError(f"no interface has {host}")
        self._interface = interfaces[host]
        self._diagnosis = netlink.opened(sessions.FAMILY)
        self._wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ARP))
        self._wire.bind((socket.if_indextoname(self._interface), _ARP))
        self._host = host
        self.news = addresses.opened(news=True)

    def take(self, host: str) -> None:
        """Have an address, and tell so."""
        addresses.hold(self._told, host, self._interface)
        self.announce(host)

    def give(self, host: str) -> None:
        """Have it no more, nor any connection at it."""
        ended = sessions.sessions(self._diagnosis, host)
        sessions.destroy(self._diagnosis, ended)
        if host in self.held():
            addresses.let_go(self._told, host, self._interface)
        segments.startle(session.way for session in ended)  # the resets may have had no way out

    def held(self) -> Collection[str]:
        """The addresses that its interface has: none any more once its container was connected anew, to another."""
        return [host for host, interface in addresses.held(self._told) if interface == self._interface]

    def news_of(self) -> Collection[str]:
        """As `held`, once something has come or gone; what was told of that is forgotten."""
        with suppress(OSError):  # nothing more, or more than could be kept
            while self.news.recv(1 << 16):
                pass
        return self.held()

    def exempt(self, host: str) -> None:
        """Of a range that is its own, this address is somebody else's."""
        addresses.look_elsewhere(self._told, host, self._interface)

    def include(self, host: str) -> None:
        """It is its own again, and that is told."""
        with suppress(ProcessLookupError):  # it was never another's
            addresses.look_here(self._told, host, self._interface)
        self.announce(host)

    def announce(self, host: str) -> None:
        """Whoever knew somebody else at an address knows who has it now (RFC 5227, 3)."""
        self._wire.send(announcement(self._wire.getsockname()[4], host))

    def say(self, word: bytes) -> None:
        """Six bytes to everybody, none of whom has to mind them."""
        self._wire.send(announcement(self._wire.getsockname()[4], self._host, word))

    def hears(self, other: "Network") -> bool:
        """Whether it is the same network that another one is on. To be asked once: it is deaf from then on."""
        word, deadline = os.urandom(6), monotonic() + _HEARD
        other.say(word)
        self._wire.settimeout(_HEARD)
        try:
            while monotonic() < deadline:
                if self._wire.recv(64)[32:38] == word:
                    return True
        except TimeoutError:
            pass
        finally:
            self._wire.setsockopt(socket.SOL_SOCKET, _FILTER, _nothing())
        return False

    def close(self) -> None:
        """Nothing keeps the network alive any more."""
        for one in (self._told, self._diagnosis, self._wire, self.news):
            one.close()


def announcement(mac: bytes, host: str, word: bytes = bytes(6)) -> bytes:
    """A question of everybody for an address by who has it, with a word in place of the answer."""
    own = socket.inet_aton(host)
    return _EVERYBODY + mac + struct.pack("!H", _ARP) + _QUESTION.pack(1, 0x0800, 6, 4, 1, mac, own, word, own)


def _nothing() -> bytes:
    """A filter that no packet passes: one instruction (`ret #0`), by its length and place."""
    return struct.pack("HL", 1, ctypes.addressof(_REFUSAL))


_REFUSAL = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0))
