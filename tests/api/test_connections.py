"""Clients that say too much, too little or nothing: what a connection may cost."""

import asyncio
import logging
import os
import resource
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from starlette.types import ASGIApp

from cachewright.controlplane.connections import Limits, limits_for, protocol, tell
from cachewright.controlplane.log_rate import Seldom
from tests.api.test_protocol import FORM, ask, build

LIMITS = Limits(connections=4, head_bytes=8192, head_seconds=1.0, body_seconds=1.0)
WHOLE = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


@contextmanager
def served(app: ASGIApp) -> Iterator[int]:
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", http=protocol(LIMITS)))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with served(build()) as port:
        yield port


def answered(port: int, *parts: bytes) -> bytes:
    """Everything that is said until the server ends the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        for part in parts:
            client.sendall(part)
        said = b""
        try:
            while more := client.recv(65536):
                said += more
        except ConnectionResetError:  # it did not read everything that was sent
            pass
        return said


def ask_health(client: socket.socket, request: bytes) -> None:
    """One request on a connection that stays."""
    client.sendall(request)
    said = b""
    while not said.endswith(b'{"status":"ok"}'):
        more = client.recv(65536)
        assert more
        said += more


def status(said: bytes) -> bytes:
    return said.partition(b"\r\n")[0]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((), b""),
        ((b"G",), b"HTTP/1.1 408 Request Timeout"),
        ((WHOLE[:-2],), b"HTTP/1.1 408 Request Timeout"),
        ((b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nab",), b"HTTP/1.1 408 Request Timeout"),
        ((WHOLE[:-2], b"X: " + b"x" * 10_000), b"HTTP/1.1 431 Request Header Fields Too Large"),
        ((WHOLE[:-2], b"X: x\r\n" * 2_000), b"HTTP/1.1 431 Request Header Fields Too Large"),
        ((b"GET /" + b"x" * 10_000,), b"HTTP/1.1 431 Request Header Fields Too Large"),
    ],
    ids=["nothing", "a byte", "half a head", "half a body", "a long header", "many headers", "a long line"],
)
def test_whoever_goes_beyond_the_limits_is_cut_off(port: int, parts: tuple[bytes, ...], expected: bytes) -> None:
    assert status(answered(port, *parts)) == expected


def test_a_second_request_has_its_time_as_well(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        ask_health(client, WHOLE)
        client.sendall(WHOLE[:10])
        assert client.recv(65536).startswith(b"HTTP/1.1 408 Request Timeout")
        assert client.recv(65536) == b""


def test_what_is_within_the_limits_is_answered(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        for _ in range(20):  # more than the limit for one head, together
            ask_health(client, WHOLE[:-2] + b"X: " + b"x" * 1000 + b"\r\n\r\n")


def test_there_are_no_more_connections_than_allowed() -> None:
    with served(build()) as port:
        held = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(LIMITS.connections)]
        for client in held:
            ask_health(client, WHOLE)
        assert status(answered(port)) == b"HTTP/1.1 503 Service Unavailable"
        for client in held:
            client.close()


def test_a_length_of_many_digits_is_a_length() -> None:
    for length, code in (("0" * 5000, "MissingAction"), ("9" * 5000, "RequestEntityTooLarge")):
        assert ask(build(), "POST", "/", FORM | {"content-length": length}).code == code


def test_files_that_are_used_up_are_told_in_a_line(caplog: pytest.LogCaptureFixture) -> None:
    async def connect() -> None:
        asyncio.get_running_loop().set_exception_handler(tell)
        server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
        clients = [socket.socket() for _ in range(3)]
        with no_more_files():
            for client in clients:
                client.connect(server.sockets[0].getsockname())
            async with asyncio.timeout(10):
                while not caplog.records:
                    await asyncio.sleep(0)
            # Another thread may have closed a file meanwhile. Whoever enters while a server is closed stays half open.
            while entered := asyncio.all_tasks() - {asyncio.current_task()}:
                await asyncio.wait(entered)
            server.close()
        for _ in range(3):  # turns of the loop, in which their connections are closed
            await asyncio.sleep(0)
        for client in clients:
            client.close()
        await server.wait_closed()

    asyncio.run(connect())
    (record,) = caplog.records
    assert record.getMessage().startswith("cannot take more connections: Too many open files; this process may have ")
    assert record.exc_info is None


@contextmanager
def no_more_files() -> Iterator[None]:
    """This process opens none meanwhile."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.dup(0)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_other_faults_of_the_loop_are_told_in_full(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        asyncio.get_running_loop().set_exception_handler(tell)
        asyncio.get_running_loop().call_soon(lambda: 1 // 0)
        await asyncio.sleep(0)  # what was due before goes first

    asyncio.run(fail())
    (record,) = caplog.records
    assert record.exc_info


def test_few_files_make_few_connections() -> None:
    assert [limits_for(files).connections for files in (8, 256, 1 << 20)] == [16, 128, Limits().connections]


def test_a_sentence_is_written_seldom() -> None:
    now = 0.0
    seldom = Seldom(lambda: now, most=2, window=10)

    def written(sentence: str) -> str | None:
        record = logging.LogRecord("x", logging.WARNING, "", 0, sentence, (1,), None)
        return str(record.msg) if seldom.filter(record) else None

    assert [written("a %s") for _ in range(5)] == ["a %s", "a %s", None, None, None]
    assert written("b %s") == "b %s"
    now = 11.0
    assert written("a %s") == "a %s (and 3 more times before)"
    assert written("a %s") == "a %s"
