"""DNS on this machine: for resolvers that cannot reach the directory's container, as on macOS."""

from collections.abc import Callable
from contextlib import suppress
from socketserver import BaseRequestHandler, StreamRequestHandler, ThreadingTCPServer, ThreadingUDPServer
from threading import Thread
from typing import cast

from cachewright.agents.directory.program.dns import answer, name_in
from cachewright.controlplane.model.hostnames import Naming
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.failures import Unusable, tell

LOCAL = "127.0.0.1"
PATIENCE = 10.0  # seconds that a client has for its next query over TCP

Answering = Callable[[bytes], bytes]


def stored(store: Store, naming: Naming) -> Answering:
    """Answers out of the store, which knows a name as soon as a caller does. Only the caches are read that a name can
    belong to: its first label is a cluster, a group or a group's reader, or its second one is a group.
    """

    def said(query: bytes) -> bytes:
        first, second, *_ = (*name_in(query).split("."), "")
        try:
            with store.read() as transaction:
                caches = transaction.caches.named({first, first.removesuffix("-ro"), second} - {""})
        except Unusable as failure:
            tell(failure)
            return b""  # whoever asked asks again
        names = {name: address for cache in caches for name, address in naming.records(cache).items()}
        return answer(query, names, naming.suffix)

    return said


class NameServer:
    """Answers at a port of 127.0.0.1, over UDP and TCP, until it is stopped. OSError when the port is taken."""

    def __init__(self, port: int, said: Answering) -> None:
        self._udp = _Datagrams((LOCAL, port), _Datagram)
        try:
            self._tcp = _Streams(self._udp.server_address, _Stream)
        except OSError:
            self._udp.server_close()
            raise
        self._udp.said = self._tcp.said = said

    @property
    def port(self) -> int:
        """Where it answers."""
        return int(self._udp.server_address[1])

    def start(self) -> None:
        """Begin to answer."""
        for server in (self._udp, self._tcp):
            Thread(target=server.serve_forever, name="dns", daemon=True).start()

    def stop(self) -> None:
        """End, and give the port back."""
        for server in (self._udp, self._tcp):
            server.shutdown()
            server.server_close()


class _Datagrams(ThreadingUDPServer):
    daemon_threads = True
    said: Answering


class _Streams(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    said: Answering


class _Datagram(BaseRequestHandler):
    def handle(self) -> None:
        query, door = self.request
        if said := cast(_Datagrams, self.server).said(query):
            door.sendto(said, self.client_address)


class _Stream(StreamRequestHandler):
    """Every message has its length before it."""

    timeout = PATIENCE

    def handle(self) -> None:
        with suppress(OSError):  # the client has gone, or says nothing any more
            while said := cast(_Streams, self.server).said(self._query()):
                self.wfile.write(len(said).to_bytes(2) + said)

    def _query(self) -> bytes:
        return self.rfile.read(int.from_bytes(self.rfile.read(2)))
