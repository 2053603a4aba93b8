"""TCP connections on which nothing is said: whether somebody listens is all that they tell."""

import errno
import os
import select
import socket
import time
from collections.abc import Iterable
from contextlib import ExitStack
from typing import Protocol

from cachewright.controlplane.model.cache import Address

# The kernel asks by itself, after so many seconds, every so many, so often, whether the other end is the same still: a
# node that was taken off the network before its end cannot say so, and its next life has the same address.
KEEPALIVE = {"TCP_KEEPIDLE": 5, "TCP_KEEPINTVL": 1, "TCP_KEEPCNT": 3}


class Dial(Protocol):
    """How connections begin."""

    def __call__(self, address: Address) -> socket.socket:
        """Begin to connect; never waits. The socket can be written to as soon as `outcome` tells what came of it.
        OSError where that is known at once.
        """


def dial(address: Address) -> socket.socket:
    """See Dial."""
    connection = socket.socket(family(address), socket.SOCK_STREAM)
    connection.settimeout(0)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in KEEPALIVE.items():
        if (number := getattr(socket, option, None)) is not None:  # each system has its own
            connection.setsockopt(socket.IPPROTO_TCP, number, value)
    code = connection.connect_ex((address.host, address.port))
    if code not in (0, errno.EINPROGRESS):
        connection.close()
        raise OSError(code, os.strerror(code))
    return connection


def family(address: Address) -> socket.AddressFamily:
    """Of which family connections to an address are."""
    return socket.AF_INET6 if ":" in address.host else socket.AF_INET


def outcome(connection: socket.socket) -> int:
    """The number of the error with which connecting ended; 0: somebody listens."""
    return connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)


def refusing(dial: Dial, addresses: Iterable[Address], seconds: float) -> frozenset[Address]:
    """The addresses whose machine says that nobody listens there. Whatever is not told in so many seconds is no
    refusal: what hangs or is cut off accepts, or says nothing.
    """
    found: set[Address] = set()
    begun: dict[int, tuple[socket.socket, Address]] = {}
    poll, deadline = select.poll(), time.monotonic() + seconds
    with ExitStack() as stack:
        for address in addresses:
            try:
                connection = stack.enter_context(dial(address))
            except ConnectionRefusedError:
                found.add(address)
            except OSError:
                continue
            else:
                begun[connection.fileno()] = connection, address
                poll.register(connection, select.POLLOUT)
        while begun and (told := poll.poll(max(0.0, 1000 * (deadline - time.monotonic())))):
            for number, _ in told:
                poll.unregister(number)
                connection, address = begun.pop(number)
                found |= {address} if outcome(connection) == errno.ECONNREFUSED else set()
    return frozenset(found)
