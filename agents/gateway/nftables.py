"""The gateway whose kernel forwards, told everything over its program's port."""

import json
import socket
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

from cachewright.agents.gateway.gateway import PROBE, Routes
from cachewright.agents.planning.verdicts import Later
from cachewright.controlplane.model.cache import Address


class NftablesGateway:
    """Implements `Gateway` for the container of `gateway.forwarding`; `admin` is where its program listens."""

    def __init__(self, admin: Address, timeout: float = 2.0) -> None:
        self._admin = admin
        self._timeout = timeout  # seconds

    def route(self, endpoint: Address, targets: Sequence[Address]) -> None:
        """See `Gateway`."""
        self._ask({"route": str(endpoint), "targets": list(dict.fromkeys(map(str, targets)))})

    def unroute(self, endpoint: Address) -> None:
        """See `Gateway`."""
        self._ask({"unroute": str(endpoint)})

    def routes(self) -> Routes:
        """See `Gateway`."""
        told = self._ask({"routes": True}).get("routes", {})
        return {_address(endpoint): tuple(map(_address, targets)) for endpoint, targets in told.items()}

    def is_lapsed(self) -> bool:
        """See `Gateway`: it never ends sessions by itself."""
        return False

    def resume(self) -> None:
        """See `Gateway`."""

    def probe(self) -> None:
        """See `Gateway`. Of a program that does not know the question the answer is as good as any other."""
        try:
            self._exchange(b'{"probe": true}\n', min(self._timeout, PROBE))
        except (OSError, ValueError) as error:
            raise Later(f"cannot reach the gateway at {self._admin}: {error}") from error

    def _ask(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            said = self._exchange(json.dumps(request).encode() + b"\n", self._timeout)
        except (OSError, ValueError) as error:
            raise Later(f"cannot reach the gateway at {self._admin}: {error}") from error
        if "done" not in said:
            raise Later(f"cannot change the gateway's routes: {said.get('error', said)}")
        return said

    def _exchange(self, line: bytes, timeout: float) -> Mapping[str, Any]:
        with closing(socket.create_connection((self._admin.host, self._admin.port), timeout)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.sendall(line)
            said: Mapping[str, Any] = json.loads(connection.makefile("rb").readline())
            return said


def _address(text: str) -> Address:
    host, _, port = text.rpartition(":")
    return Address(host.strip("[]"), int(port))
