"""The driver's connections."""

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from cachewright.agents.engines.redis.acl_rules import Credentials
from cachewright.agents.engines.redis.directives import Configuration
from cachewright.agents.engines.redis.driver import RedisDriver
from cachewright.agents.planning.links import Reach
from cachewright.agents.planning.verdicts import Later
from cachewright.controlplane.model.cache import Address

PATIENCE = 5.0  # seconds


def test_disconnecting_disturbs_nobody_who_waits_for_an_answer() -> None:
    asked, forgotten = threading.Event(), threading.Event()

    def serve(door: socket.socket) -> None:
        connection, _ = door.accept()
        with closing(connection):
            connection.recv(1024)
            asked.set()
            assert forgotten.wait(PATIENCE)
            connection.sendall(b"+PONG\r\n")

    with socket.create_server(("127.0.0.1", 0)) as door:
        address = Reach(Address(*door.getsockname()))
        driver, answers = RedisDriver(lambda: Credentials("", Path())), list[bool]()
        threads = [
            threading.Thread(target=serve, args=[door]),
            threading.Thread(target=lambda: answers.append(driver.ping(address))),
        ]
        for thread in threads:
            thread.start()
        assert asked.wait(PATIENCE)
        driver.disconnect(address.address)
        forgotten.set()
        for thread in threads:
            thread.join()
    assert answers == [True]


def test_disconnecting_ends_every_connection_however_it_was_made() -> None:
    opened: list[socket.socket] = []

    def serve(door: socket.socket) -> None:
        for _ in range(2):
            connection, _ = door.accept()
            opened.append(connection)
            connection.recv(1024)
            connection.sendall(b"-ERR as ever\r\n")

    with socket.create_server(("127.0.0.1", 0)) as door:
        address = Address(*door.getsockname())
        driver = RedisDriver(lambda: Credentials("", Path()))
        server = threading.Thread(target=serve, args=[door])
        server.start()
        driver.ping(Reach(address))
        with pytest.raises(Later):
            driver.replication.request_ack(Reach(address), Reach(address))
        server.join(PATIENCE)
        driver.disconnect(address)
        for connection in opened:
            with closing(connection):
                connection.settimeout(PATIENCE)
                while connection.recv(1024):
                    pass
    assert len(opened) == 2


def test_what_is_tried_is_put_back_in_one_go_and_meets_nothing_else() -> None:
    """An engine that answers late has its own values again, and a change that comes meanwhile is not undone."""
    tried, released = threading.Event(), threading.Event()

    def serve(door: socket.socket) -> None:
        connection, _ = door.accept()
        with closing(connection):
            connection.recv(1024)
            connection.sendall(b"*2\r\n$7\r\ntimeout\r\n$1\r\n0\r\n")
            asked = b""
            while asked.count(b"SET") < 2:
                asked += connection.recv(1024)
            tried.set()
            assert released.wait(PATIENCE)
            connection.sendall(b"-ERR it cannot\r\n+OK\r\n")

    with socket.create_server(("127.0.0.1", 0)) as door, ThreadPoolExecutor(2) as pool:
        node = Reach(Address(*door.getsockname()))
        driver, wanted = RedisDriver(lambda: Credentials("", Path())), Configuration({"timeout": "30"}, at_once=True)
        server = pool.submit(serve, door)
        attempt = pool.submit(driver.parameters.try_parameters, node, wanted)
        assert tried.wait(PATIENCE)
        with pytest.raises(Later, match="other values are being tried"):
            driver.parameters.hint_parameters(node, wanted)
        released.set()
        assert attempt.result(PATIENCE) == "it cannot"
        server.result(PATIENCE)
