"""Sources of migrations that are away, hang, refuse or talk nonsense."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from cachewright.agents.engines.redis import sources
from cachewright.agents.planning.verdicts import Later
from cachewright.controlplane.model.cache import Address

ANSWERS = {
    "protected": (
        b"-DENIED Redis is running in protected mode because protected mode is enabled.\r\n",
        "protected-mode",
    ),
    "password": (b"-NOAUTH Authentication required.\r\n", "it asks for a password"),
    "loading": (b"-LOADING Redis is loading the dataset in memory\r\n", "it is loading its data"),
    "no INFO": (b"-NOPERM this user has no permissions to run the 'info' command\r\n", "it refuses commands"),
    "another protocol": (b"HTTP/1.1 400 Bad Request\r\n\r\n", "it does not answer"),
    "an empty answer": (b"$0\r\n\r\n$0\r\n\r\n*0\r\n", "it does not answer as Redis does"),
}


@contextmanager
def answering(said: bytes) -> Iterator[Address]:
    """Somebody who says the same to everybody, and then waits for the other end."""

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = door.accept()
                with connection:
                    connection.recv(1024)
                    connection.sendall(said)
                    while connection.recv(1024):
                        pass

    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield Address(*door.getsockname())
        door.shutdown(socket.SHUT_RDWR)
    thread.join()


@pytest.mark.parametrize(("said", "words"), ANSWERS.values(), ids=ANSWERS)
def test_what_is_in_the_way_is_told(said: bytes, words: str) -> None:
    with answering(said) as address, pytest.raises(Later, match=words):
        sources.ask(address)


def test_one_that_hangs_is_not_waited_for() -> None:
    with answering(b"") as address, pytest.raises(Later, match="it does not answer within"):
        sources.ask(address)


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        address = Address(*door.getsockname())
    with pytest.raises(Later, match="nobody listens there"):
        sources.ask(address)


def test_an_unknown_name() -> None:
    with pytest.raises(Later, match="nobody knows an address of that name"):
        sources.ask(Address("no-such-host.invalid", 6379))
