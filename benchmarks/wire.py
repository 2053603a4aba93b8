"""A client of the AWS query protocol that costs next to nothing: one socket, kept open, requests written by hand."""

import re
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from benchmarks.waiting import CannotMeasure

HOST = "127.0.0.1"
TIMEOUT = 30.0  # seconds
IDLE = 2.0  # seconds after which a connection is not used again: servers hang up on silent clients
ACCOUNT, REGION = "000000000000", "us-east-1"

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CLOSES = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)


def request(action: str, params: Mapping[str, str | int], account: str = ACCOUNT, region: str = REGION) -> bytes:
    """The bytes of an HTTP request for an operation, with a signature that nobody verifies."""
    body = urlencode({"Action": action, "Version": "2015-02-02", **params}).encode()
    scope = f"{account}/20260101/{region}/elasticache/aws4_request"
    head = (
        "POST / HTTP/1.1",
        f"Host: {HOST}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Authorization: AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join((*head, "", "")).encode() + body


@dataclass(slots=True)
class Client:
    """Speaks to one server, as somebody in a region. CannotMeasure for every answer but 200."""

    port: int
    region: str = REGION
    _socket: socket.socket | None = None
    _used: float = 0.0  # on the monotonic clock

    def call(self, action: str, params: Mapping[str, str | int], account: str = ACCOUNT) -> bytes:
        """The body of the answer to an operation."""
        return self.send(request(action, params, account, self.region))

    def send(self, wanted: bytes) -> bytes:
        """The body of the answer to a request that is written already."""
        status, body = self.exchange(wanted)
        if status != 200:
            raise CannotMeasure(f"cannot call the API: {status} {body.decode(errors='replace')}")
        return body

    def exchange(self, wanted: bytes) -> tuple[int, bytes]:
        """Status and body of the answer, whatever they are; connects where the server has closed. OSError."""
        connection = self._connected()
        connection.sendall(wanted)
        head, body = self._answer(connection)
        self._used = time.monotonic()
        if _CLOSES.search(head):
            self.close()
        return int(head.split(None, 2)[1]), body

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _connected(self) -> socket.socket:
        if self._socket and time.monotonic() - self._used > IDLE:
            self.close()
        if self._socket is None:
            self._socket = socket.create_connection((HOST, self.port), TIMEOUT)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._used = time.monotonic()
        return self._socket

    def _answer(self, connection: socket.socket) -> tuple[bytes, bytes]:
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more(connection)
        head, _, body = received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if length is None:
            raise CannotMeasure("cannot read the answer: it does not tell its length")
        parts, missing = [body], int(length[1]) - len(body)
        while missing > 0:
            parts.append(self._more(connection))
            missing -= len(parts[-1])
        return head, b"".join(parts)

    def _more(self, connection: socket.socket) -> bytes:
        if not (chunk := connection.recv(1 << 18)):
            self.close()
            raise CannotMeasure("cannot read the answer: the server hung up")
        return chunk


def told(body: bytes, element: str) -> str:
    """The text of the first element of that name in an answer; CannotMeasure when there is none."""
    found = re.search(f"<{element}>([^<]*)</{element}>", body.decode())
    if found is None:
        raise CannotMeasure(f"cannot read the answer: it has no {element}")
    return found[1]
