"""The gateway whose kernel forwards, told everything over its program's port."""

import json
import socket
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from threading import Lock
from typing import Any

from cachewright.agents.gateway.gateway import PROBE, Names, Routes
from cachewright.agents.gateway.program.contact import UNKNOWN
from cachewright.agents.planning.verdicts import Later
from cachewright.controlplane.model.cache import Address

_PROBE = b'{"probe": true}\n'


class NftablesGateway:
    """Implements `Gateway` for the container of `gateway.forwarding`; `admin` is where its program listens."""

    def __init__(self, admin: Address, timeout: float = 2.0) -> None:
        self._admin = admin
        self._timeout = timeout  # seconds
        self._kept: socket.socket | None = None  # the connection of the last probe
        self._lock = Lock()  # of the probes: one after the other

    def route(self, routes: Mapping[Address, Sequence[Address]], sole: Collection[Address] = ()) -> None:
        """See `Gateway`."""
        changes = {str(endpoint): list(dict.fromkeys(map(str, targets))) for endpoint, targets in routes.items()}
        self._change(changes, sorted(map(str, {*sole} & routes.keys())))

    def unroute(self, *endpoints: Address) -> None:
        """See `Gateway`."""
        self._change(dict.fromkeys(map(str, endpoints)))

    def routes(self) -> Routes:
        """See `Gateway`."""
        told = self._ask({"routes": True}).get("routes", {})
        return {_address(endpoint): tuple(map(_address, targets)) for endpoint, targets in told.items()}

    def name(self, names: Names) -> None:
        """See `Gateway`: there is no such port."""

    def names(self) -> Names:
        """See `Gateway`."""
        return {}

    def is_lapsed(self) -> bool:
        """See `Gateway`: it never ends sessions by itself."""
        return False

    def resume(self) -> None:
        """See `Gateway`."""

    def probe(self) -> None:
        """See `Gateway`. Of a program that does not know the question the answer is as good as any other."""
        try:
            with self._lock:
                self._probe()
        except (OSError, ValueError) as error:
            raise Later(f"cannot reach the gateway at {self._admin}: {error}") from error

    def _probe(self) -> None:
        """On the connection of the last probe, if that has not ended since: connecting costs most."""
        if self._kept:
            with suppress(ConnectionError), self._left_open(self._kept) as connection:
                _said(connection, _PROBE)
                return
        with self._left_open(self._connected(min(self._timeout, PROBE))) as connection:
            _said(connection, _PROBE)

    @contextmanager
    def _left_open(self, connection: socket.socket) -> Iterator[socket.socket]:
        """A connection that is kept, unless something goes wrong with it in the block."""
        self._kept = None
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._kept = connection

    def _change(self, changes: Mapping[str, Sequence[str] | None], sole: Sequence[str] = ()) -> None:
        """Where endpoints lead from now on, all at once; one after the other where the program is of an earlier
        release, which is not told who is `sole`.
        """
        if not changes:
            return
        told = self._told({"change": changes, **({"sole": sole} if sole else {})})
        if UNKNOWN not in str(told.get("error", "")):
            _check(told)
            return
        for endpoint, targets in changes.items():
            self._ask({"unroute": endpoint} if targets is None else {"route": endpoint, "targets": targets})

    def _ask(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        told = self._told(request)
        _check(told)
        return told

    def _told(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            with closing(self._connected(self._timeout)) as connection:
                return _said(connection, json.dumps(request).encode() + b"\n")
        except (OSError, ValueError) as error:
            raise Later(f"cannot reach the gateway at {self._admin}: {error}") from error

    def _connected(self, timeout: float) -> socket.socket:
        connection = socket.create_connection((self._admin.host, self._admin.port), timeout)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection


def _check(told: Mapping[str, Any]) -> None:
    if "done" not in told:
        raise Later(f"cannot change the gateway's routes: {told.get('error', told)}")


def _said(connection: socket.socket, line: bytes) -> Mapping[str, Any]:
    """The answer to what is said; ConnectionError where it has ended."""
    connection.sendall(line)
    with connection.makefile("rb") as answers:
        if not (answer := answers.readline()):
            raise ConnectionError("it hung up")
    said: Mapping[str, Any] = json.loads(answer)
    return said


def _address(text: str) -> Address:
    host, _, port = text.rpartition(":")
    return Address(host.strip("[]"), int(port))
