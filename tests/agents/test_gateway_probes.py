"""How a gateway whose kernel forwards is told things, and probed: on one connection, for as long as that serves."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Thread

import pytest

from cachewright.agents.gateway.nftables import NftablesGateway
from cachewright.agents.gateway.program.contact import UNKNOWN
from cachewright.agents.planning.verdicts import Later
from cachewright.controlplane.model.cache import Address

LIMIT = 5.0  # seconds; whatever takes longer is broken
DONE = b'{"done": true}\n'


@dataclass
class Program:
    """Listens as the program of a gateway does."""

    door: socket.socket
    answer: Callable[[], bytes] = lambda: DONE
    told: list[bytes] = field(default_factory=list)
    connections: list[socket.socket] = field(default_factory=list)
    ended: Event = field(default_factory=Event)  # a connection is

    def accept(self) -> None:
        """Until the end."""
        with suppress(OSError):
            while True:
                connection = self.door.accept()[0]
                self.connections.append(connection)
                Thread(target=self.serve, args=[connection], daemon=True).start()

    def serve(self, connection: socket.socket) -> None:
        """Answer every line."""
        with connection, suppress(OSError):
            while line := connection.recv(1000):
                self.told.append(line)
                connection.sendall(self.answer())
        self.ended.set()


@contextmanager
def listening() -> Iterator[tuple[Program, NftablesGateway]]:
    """A program, and who probes it; the last connection is ended by a probe that is not answered."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        program = Program(door)
        thread = Thread(target=program.accept, daemon=True)
        thread.start()
        gateway = NftablesGateway(Address(*door.getsockname()), timeout=0.2)
        try:
            yield program, gateway
        finally:
            program.answer = lambda: b"nonsense\n"
            with pytest.raises(Later):
                gateway.probe()
            door.shutdown(socket.SHUT_RDWR)
            thread.join(LIMIT)


def test_probes_share_a_connection() -> None:
    with listening() as (program, gateway):
        for _ in range(3):
            gateway.probe()
        assert len(program.connections) == 1


def test_one_that_has_ended_is_made_again() -> None:
    """The program ends those on which nothing is said for a while, and with its container."""
    with listening() as (program, gateway):
        gateway.probe()
        program.connections[0].shutdown(socket.SHUT_RDWR)
        assert program.ended.wait(LIMIT)
        gateway.probe()
        assert len(program.connections) == 2


def test_one_on_which_an_answer_is_owed_is_used_no_more() -> None:
    with listening() as (program, gateway):
        released = Event()

        def late() -> bytes:
            assert released.wait(LIMIT)
            return b'{"error": "too late"}\n'

        gateway.probe()
        program.answer = late
        with pytest.raises(Later):
            gateway.probe()
        program.answer = lambda: DONE
        released.set()
        gateway.probe()
        assert len(program.connections) == 2


def test_one_of_an_earlier_release_is_told_one_thing_after_the_other() -> None:
    """It goes on while the control plane becomes another one."""
    first, second, node = (Address(host, 6379) for host in ("10.200.128.1", "10.200.128.2", "10.200.4.0"))

    def answer() -> bytes:
        known = b"change" not in program.told[-1]
        return DONE if known else json.dumps({"error": f"ValueError: {UNKNOWN}"}).encode() + b"\n"

    with listening() as (program, gateway):
        program.answer = answer
        gateway.route({first: [node], second: [node]}, [first])
        gateway.unroute(first)
        assert [json.loads(line) for line in program.told] == [
            {"change": {str(first): [str(node)], str(second): [str(node)]}, "sole": [str(first)]},
            {"route": str(first), "targets": [str(node)]},
            {"route": str(second), "targets": [str(node)]},
            {"change": {str(first): None}},
            {"unroute": str(first)},
        ]


def test_it_is_told_which_endpoints_lead_to_one_at_a_time() -> None:
    """Of those that it is told of, and nothing where there are none."""
    first, second, other, node = (Address(f"10.200.128.{number}", 6379) for number in range(4))
    with listening() as (program, gateway):
        gateway.route({second: [node], first: [node]}, [other, second, first])
        gateway.route({other: [node]}, [first])
        assert [json.loads(line) for line in program.told] == [
            {"change": {str(second): [str(node)], str(first): [str(node)]}, "sole": [str(first), str(second)]},
            {"change": {str(other): [str(node)]}},
        ]
