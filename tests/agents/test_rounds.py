"""Many nodes are asked at once, each on a connection that is kept: who hangs keeps nobody else waiting."""

import logging
import socket
import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import pytest

from cachewright.agents.engines.memcached.driver import MemcachedDriver, MemcachedLanguage
from cachewright.agents.engines.redis.acl_rules import AGENT, Credentials
from cachewright.agents.engines.redis.driver import RedisDriver
from cachewright.agents.engines.rounds import Question, Rounds
from cachewright.agents.engines.tls import AUTHORITY
from cachewright.agents.planning.links import Reach
from cachewright.agents.planning.pulse import Inquiry, Pulse
from cachewright.agents.system.certificates import opened
from cachewright.controlplane.model.cache import Address

LIMIT = 5.0  # seconds; whatever takes longer is broken
PONG, ROLE = b"+PONG\r\n", b"*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n"
LEADS = Pulse(leads=True)

Answer = Callable[[bytes], bytes | None]
"""What is answered to what was asked; None: nothing, b"": the connection is ended."""


def answers(asked: bytes) -> bytes:
    """As an engine does that is well."""
    if asked.startswith(b"*3\r\n$4\r\nAUTH"):
        return b"+OK\r\n+OK\r\n"
    return PONG if b"PING" in asked else ROLE


@dataclass
class Engine:
    """Something that listens like one."""

    address: Address
    answer: Answer = answers
    asked: list[bytes] = field(default_factory=list)
    connections: list[socket.socket] = field(default_factory=list)
    pieces: int = 1 << 16  # bytes at a time
    ended: Event = field(default_factory=Event)  # a connection was, by the other end

    def plain(self) -> Inquiry:
        """Whether it answers."""
        return Inquiry(Reach(self.address))

    def thorough(self) -> Inquiry:
        """What it says of itself."""
        return Inquiry(Reach(self.address), thorough=True)

    def serve(self, connection: socket.socket) -> None:
        """Until somebody ends the connection."""
        self.connections.append(connection)
        with suppress(OSError):
            while asked := connection.recv(1 << 16):
                self.asked.append(asked)
                said = self.answer(asked)
                if said == b"":
                    break
                for at in range(0, len(said or b""), self.pieces):
                    connection.sendall((said or b"")[at : at + self.pieces])
        connection.close()
        self.ended.set()


@contextmanager
def listening(answer: Answer = answers, trust: ssl.SSLContext | None = None) -> Iterator[Engine]:
    """An engine."""

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection = door.accept()[0]
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                spoken = trust.wrap_socket(connection, server_side=True) if trust else connection
                Thread(target=engine.serve, args=[spoken], daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as door:
        engine = Engine(Address(*door.getsockname()), answer)
        thread = Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield engine
        finally:
            door.shutdown(socket.SHUT_RDWR)
            thread.join(LIMIT)


@contextmanager
def asking(*engines: Engine, directory: Path = Path()) -> Iterator[RedisDriver]:
    """A driver, which has let go of these engines at the end."""
    driver = RedisDriver(lambda: Credentials("secret", directory / AUTHORITY))
    try:
        yield driver
    finally:
        for engine in engines:
            driver.disconnect(engine.address)


def test_each_says_what_it_was_asked_on_one_connection() -> None:
    with ExitStack() as stack:
        engines = [stack.enter_context(listening()) for _ in range(3)]
        driver = stack.enter_context(asking(*engines))
        for _ in range(3):
            assert driver.pulses([one.plain() for one in engines]) == [Pulse()] * 3
            assert driver.pulses([one.thorough() for one in engines]) == [LEADS] * 3
        assert [len(one.connections) for one in engines] == [1, 1, 1]


def test_who_hangs_is_told_from_who_answers_and_what_it_says_late_is_no_answer() -> None:
    hangs, late = Event(), Event()

    def answer(asked: bytes) -> bytes:
        if hangs.is_set():
            assert late.wait(LIMIT)
        return answers(asked)

    with listening() as well, listening(answer) as hung, asking(well, hung) as driver:
        both = [well.plain(), hung.plain()]
        assert driver.pulses(both) == [Pulse(), Pulse()]
        hangs.set()
        assert driver.pulses(both) == [Pulse(), None]
        assert driver.pulses([well.thorough(), hung.thorough()]) == [LEADS, None]
        hangs.clear()
        late.set()
        assert driver.pulses([well.thorough(), hung.thorough()]) == [LEADS, LEADS]


def test_a_connection_that_has_ended_is_made_again_at_once() -> None:
    """Engines end those that say nothing for a while, and clients may end others'."""
    with listening() as engine, asking(engine) as driver:
        assert driver.pulses([engine.plain()]) == [Pulse()]
        engine.connections[0].shutdown(socket.SHUT_RDWR)
        assert engine.ended.wait(LIMIT)
        assert driver.pulses([engine.plain()]) == [Pulse()]
        engine.answer = lambda _: b""
        assert driver.pulses([engine.plain()]) == [None]
        assert len(engine.connections) == 3


def test_nobody_who_is_not_there_answers() -> None:
    with listening() as engine:
        gone = engine.plain()
    with listening() as other, asking(engine, other) as driver:
        assert driver.pulses([gone, other.plain()]) == [None, Pulse()]


def test_an_answer_that_comes_in_pieces_is_heard_to_its_end() -> None:
    with listening() as engine, asking(engine) as driver:
        engine.pieces = 1
        assert driver.pulses([engine.thorough()]) == [LEADS]


@pytest.mark.parametrize("said", [b"-LOADING it reads\r\n", b"-BUSY it works\r\n", b"HTTP/1.1 400\r\n", b"*x\r\n"])
def test_what_is_no_answer_is_none(said: bytes) -> None:
    with listening(lambda _: said) as engine, asking(engine) as driver:
        assert driver.pulses([engine.plain()]) == [None]
        assert driver.pulses([engine.thorough()]) == [None]


def test_what_nobody_understands_keeps_nobody_from_being_heard(caplog: pytest.LogCaptureFixture) -> None:
    with listening(lambda _: b"*1\r\n$7\r\nnothing\r\n") as odd, listening() as well, asking(odd, well) as driver:
        assert driver.pulses([odd.thorough(), well.thorough()]) == [None, LEADS]
    assert [record.levelno for record in caplog.records if "a bug" in record.message] == [logging.ERROR]


def test_the_agent_logs_in_on_each_connection_once() -> None:
    refusing = Event()

    def answer(asked: bytes) -> bytes:
        return b"-WRONGPASS no\r\n-NOAUTH no\r\n" if b"AUTH" in asked and refusing.is_set() else answers(asked)

    with listening(answer) as engine, asking(engine) as driver:
        entered = Inquiry(Reach(engine.address, login=True))
        refusing.set()
        assert driver.pulses([entered]) == [None], "whoever is not let in asks nothing"
        assert all(b"AUTH" in asked and AGENT.encode() in asked and b"secret" in asked for asked in engine.asked)
        refusing.clear()
        assert [driver.pulses([entered]) for _ in range(3)] == [[Pulse()]] * 3
        assert [b"AUTH" in asked for asked in engine.asked] == [True, True, False, False, False]


def test_an_encrypted_node_is_heard_however_much_it_says(tmp_path: Path) -> None:
    identity = opened(tmp_path, datetime.now(UTC)).issue(["127.0.0.1"], datetime.now(UTC))
    chain = tmp_path / "chain.pem"
    chain.write_bytes(identity.certificate + identity.key)
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trust.load_cert_chain(chain)
    names = b"".join(b"$5\r\n%05d\r\n" % number for number in range(5000))

    def answer(asked: bytes) -> bytes:
        return b"".join((ROLE, b"*5000\r\n", names)) if b"ROLE" in asked else answers(asked)

    with listening(answer, trust) as engine, asking(engine, directory=tmp_path) as driver:
        way = Reach(engine.address, encrypted=True, login=True)
        for _ in range(2):
            (pulse,) = driver.pulses([Inquiry(way, thorough=True)])
            assert pulse and pulse.leads
            assert driver.pulses([Inquiry(way)]) == [Pulse()]
        assert len(engine.connections) == 1


def test_a_node_that_proves_nothing_is_not_believed(tmp_path: Path) -> None:
    opened(tmp_path, datetime.now(UTC))
    with listening() as engine, asking(engine, directory=tmp_path) as driver:
        assert driver.pulses([Inquiry(Reach(engine.address, encrypted=True))]) == [None]


def test_letting_go_ends_the_connection() -> None:
    with listening() as engine, asking() as driver:
        assert driver.pulses([engine.plain()]) == [Pulse()]
        driver.disconnect(engine.address)
        assert engine.ended.wait(LIMIT)


def test_memcached_is_asked_for_its_version() -> None:
    driver = MemcachedDriver(lambda: Credentials("", Path()))
    with (
        listening(lambda _: b"VERSION 1.6.18\r\n") as well,
        listening(lambda _: None) as hung,
        listening(lambda _: b"ERROR\r\n") as odd,
    ):
        said = driver.pulses([one.plain() for one in (well, hung, odd)])
        assert said == [Pulse(), None, None]
        assert well.asked == [b"version\r\n"]
        for one in (well, hung, odd):
            driver.disconnect(one.address)


def test_however_many_wait_for_memcached_that_hangs_each_learns_that_it_does_not_answer() -> None:
    driver, asking = MemcachedDriver(lambda: Credentials("", Path())), 5
    with listening(lambda _: None) as hung, ThreadPoolExecutor(asking) as pool:
        assert list(pool.map(driver.look, [hung.plain().node] * asking)) == [None] * asking
        driver.disconnect(hung.address)


class Confused(MemcachedLanguage):
    """Fails at an answer that nobody thought of."""

    def is_whole(self, heard: bytes, answers: int) -> bool:
        if heard.startswith(b"odd"):
            raise ZeroDivisionError
        return super().is_whole(heard, answers)


def test_a_bug_costs_one_answer_and_no_other(caplog: pytest.LogCaptureFixture) -> None:
    rounds, question = Rounds(Confused(), ssl.create_default_context), Question(b"version\r\n")
    with listening(lambda _: b"odd\r\n") as odd, listening(lambda _: b"VERSION\r\n") as well:
        for _ in range(2):
            asked = [(odd.plain().node, question), (well.plain().node, question)]
            assert rounds.ask(asked) == [None, b"VERSION\r\n"]
        for one in (odd, well):
            rounds.disconnect(one.address)
    assert "a bug in Cachewright" in caplog.text
