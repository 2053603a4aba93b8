"""Addresses of an interface, and what a network's own answers go by, told to the kernel (rtnetlink)."""

import socket
import struct
from collections.abc import Iterator
from ipaddress import IPv4Address

from cachewright.agents.gateway.program import netlink

_FAMILY = 0  # NETLINK_ROUTE, linux/netlink.h
_CHANGES = 1 << 4  # RTMGRP_IPV4_IFADDR: news of addresses
# linux/rtnetlink.h
_NEW_ADDRESS, _DELETE_ADDRESS, _LIST_ADDRESSES = 20, 21, 22
_NEW_ROUTE, _DELETE_ROUTE = 24, 25
_ADDRESS = struct.Struct("=BBBBI")  # family, length of the prefix, flags, scope, interface
_ROUTE = struct.Struct("=BBBBBBBBI")  # family, lengths of prefixes, service, table, origin, scope, type, flags
_LOCAL, _DESTINATION, _THROUGH = 2, 1, 4  # attributes: of an address, of a route
_TABLE_LOCAL, _STATIC, _SCOPE_LINK, _UNICAST = 255, 4, 253, 1


def opened(*, news: bool = False) -> socket.socket:
    """A socket over which the kernel is told of the network of this thread, or which is readable when addresses there
    come and go.
    """
    told = netlink.opened(_FAMILY)
    if news:
        told.bind((0, _CHANGES))
        told.settimeout(0)
    return told


def hold(told: socket.socket, host: str, interface: int) -> None:
    """The interface has an address from now on; OSError when the kernel refuses."""
    _do(told, _NEW_ADDRESS, netlink.CREATE | netlink.REPLACE, _address(host, interface))


def let_go(told: socket.socket, host: str, interface: int) -> None:
    """It has it no more; OSError when the kernel refuses, or it never had it."""
    _do(told, _DELETE_ADDRESS, 0, _address(host, interface))


def held(told: socket.socket) -> list[tuple[str, int]]:
    """The addresses of a network but those that stay within it, with the interface that has each."""
    told.send(netlink.message(_LIST_ADDRESSES, netlink.LIST, _ADDRESS.pack(socket.AF_INET, 0, 0, 0, 0)))
    return [(host, interface) for host, interface in _listed(told) if not IPv4Address(host).is_loopback]


def look_elsewhere(told: socket.socket, host: str, interface: int) -> None:
    """Somebody else behind the interface has this address of a range that is this machine's otherwise."""
    _do(told, _NEW_ROUTE, netlink.CREATE | netlink.REPLACE, _route(host, interface))


def look_here(told: socket.socket, host: str, interface: int) -> None:
    """The end of that."""
    _do(told, _DELETE_ROUTE, 0, _route(host, interface))


def _do(told: socket.socket, kind: int, flags: int, body: bytes) -> None:
    told.send(netlink.message(kind, flags | netlink.ACKNOWLEDGE, body))
    for answer, payload in netlink.messages(told.recv(1 << 16)):
        if answer == netlink.ERROR:
            netlink.check(payload, "change addresses")


def _listed(told: socket.socket) -> Iterator[tuple[str, int]]:
    for payload in netlink.listed(told, "tell addresses"):
        *_, interface = _ADDRESS.unpack_from(payload)
        if local := dict(netlink.attributes(payload[_ADDRESS.size :])).get(_LOCAL):
            yield socket.inet_ntoa(local), interface


def _address(host: str, interface: int) -> bytes:
    return _ADDRESS.pack(socket.AF_INET, 32, 0, 0, interface) + netlink.attribute(_LOCAL, socket.inet_aton(host))


def _route(host: str, interface: int) -> bytes:
    head = _ROUTE.pack(socket.AF_INET, 32, 0, 0, _TABLE_LOCAL, _STATIC, _SCOPE_LINK, _UNICAST, 0)
    through = netlink.attribute(_THROUGH, struct.pack("=I", interface))
    return head + netlink.attribute(_DESTINATION, socket.inet_aton(host)) + through
