"""The driver's connections."""

import socket
import threading
from contextlib import closing
from pathlib import Path

from cachewright.agents.engines.redis.acl import Credentials
from cachewright.agents.engines.redis.driver import RedisDriver
from cachewright.agents.planning.links import Reach
from cachewright.controlplane.model.cache import Address

PATIENCE = 5.0  # seconds


def test_forgetting_disturbs_nobody_who_waits_for_an_answer() -> None:
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
        driver.forget(address)
        forgotten.set()
        for thread in threads:
            thread.join()
    assert answers == [True]
