"""Questions to many nodes at once, each on a connection that is kept for it: one thread asks all of them, and then
hears whoever answers. Nobody is waited for because somebody else hangs.
"""

import logging
import os
import selectors
import socket
import ssl
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from selectors import EVENT_READ, EVENT_WRITE
from threading import Lock
from typing import Protocol

from cachewright.agents.engines.dial import Dial, dial, outcome
from cachewright.agents.planning.links import Reach
from cachewright.controlplane.model.cache import Address

GATHERED = 0.002  # seconds from the questions until answers are read: many at once cost less than one after the other
SILENCE = 0.1  # seconds in which nobody answers, after which all who have not are silent
OPENING = 0.25  # the same in a round in which connections begin; more would keep the next round waiting
LONGEST = 1.0  # seconds of a round, also if answers come in drops
PIECE = 1 << 16  # bytes that are read at a time

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Question:
    """What is said to a node."""

    words: bytes
    answers: int = 1  # that follow


class Language(Protocol):
    """How nodes of a kind are spoken to."""

    def greeting(self, node: Reach) -> Question | None:
        """What is said first on a connection; None: nothing."""

    def is_welcome(self, heard: bytes) -> bool:
        """Whether the answers to the greeting let the agent in."""

    def is_whole(self, heard: bytes, answers: int) -> bool:
        """Whether this is so many answers, and not the beginning of them."""


@dataclass(slots=True, eq=False)
class _Line:
    """A connection to a node."""

    node: Reach
    connection: socket.socket
    turn: int | None = None  # of the round, whose answer is awaited there
    events: int = 0  # for which the selector waits there
    known: dict[bytes, bytes] = field(default_factory=dict)  # what was answered last, by what had been said


_Talk = Generator[None, None, bytes]  # goes on when its line is ready, until all has been heard


class Rounds:
    """Any thread may ask; one round comes after the other."""

    def __init__(self, language: Language, trust: Callable[[], ssl.SSLContext], dial: Dial = dial) -> None:
        """`trust`: by what encrypted nodes are checked."""
        self._language, self._trust, self._dial = language, trust, dial
        self._lines: dict[Reach, _Line] = {}
        self._talks: dict[int, _Talk] = {}  # of the round, by their turns
        self._patience = SILENCE
        self._selector = selectors.DefaultSelector()
        self._left: SimpleQueue[Address] = SimpleQueue()
        self._lock = Lock()

    def ask(self, questions: Sequence[tuple[Reach, Question]]) -> Sequence[bytes | None]:
        """What each node answers; None for one that does not answer in time."""
        answers: list[bytes | None] = [None] * len(questions)
        with self._lock:
            self._leave()
            self._patience = SILENCE
            for turn, (node, question) in enumerate(questions):
                self._talks[turn] = self._talk(turn, node, question)
                self._advance(turn, node, answers)
            self._hear(answers)
            for turn in self._talks:
                self._close(questions[turn][0])
            self._talks.clear()
            self._leave()
        return answers

    def disconnect(self, address: Address) -> None:
        """Close the connections to it, in a round at its end."""
        self._left.put(address)
        if self._lock.acquire(blocking=False):
            try:
                self._leave()
            finally:
                self._lock.release()

    def _hear(self, answers: list[bytes | None]) -> None:
        until = time.monotonic() + LONGEST
        time.sleep(GATHERED)
        while self._talks and (left := until - time.monotonic()) > 0:
            if not (ready := self._selector.select(min(self._patience, left))):
                return
            for key, _ in ready:
                line: _Line = key.data
                if line.turn is None:
                    self._close(line.node)  # it has ended, or says what nobody has asked
                else:
                    self._advance(line.turn, line.node, answers)

    def _advance(self, turn: int, node: Reach, answers: list[bytes | None]) -> None:
        """Go on until there is something to wait for."""
        try:
            next(self._talks[turn])
        except StopIteration as end:
            del self._talks[turn]
            answers[turn] = end.value
        except OSError as error:
            log.debug("cannot ask %s: %s", node, error)
            self._give_up(turn, node)
        except Exception:  # one bug must not end the probing of all
            log.exception("cannot ask %s: a bug in Cachewright", node)
            self._give_up(turn, node)

    def _give_up(self, turn: int, node: Reach) -> None:
        del self._talks[turn]
        self._close(node)

    def _talk(self, turn: int, node: Reach, question: Question) -> _Talk:
        if line := self._lines.get(node):
            with suppress(OSError):  # a kept connection may have ended
                return (yield from self._exchange(line, turn, question))
            self._close(node)
        self._patience = OPENING
        line = self._lines[node] = _Line(node, self._dial(node.address), turn)
        yield from self._opened(line)
        if greeting := self._language.greeting(node):
            heard = yield from self._exchange(line, turn, greeting)
            if not self._language.is_welcome(heard):
                raise ConnectionError("it does not let the agent in")
        return (yield from self._exchange(line, turn, question))

    def _opened(self, line: _Line) -> Generator[None, None, None]:
        """Connect, and speak TLS where that is spoken."""
        self._await(line, EVENT_WRITE)
        yield
        if code := outcome(line.connection):
            raise OSError(code, os.strerror(code))
        if not line.node.encrypted:
            return
        line.connection = encrypted = self._trust().wrap_socket(
            line.connection, do_handshake_on_connect=False, server_hostname=line.node.address.host
        )
        while True:
            try:
                return encrypted.do_handshake()
            except ssl.SSLWantReadError:
                self._await(line, EVENT_READ)
            except ssl.SSLWantWriteError:
                self._await(line, EVENT_WRITE)
            yield

    def _exchange(self, line: _Line, turn: int, question: Question) -> _Talk:
        """Ask, and hear all of the answers."""
        line.turn = turn
        line.connection.sendall(question.words)
        self._await(line, EVENT_READ)
        known, heard = line.known.get(question.words), b""
        while True:
            yield
            with suppress(BlockingIOError, ssl.SSLWantReadError):
                while part := line.connection.recv(PIECE):
                    heard += part
                    if heard == known or self._language.is_whole(heard, question.answers):
                        line.known[question.words], line.turn = heard, None
                        return heard
                raise ConnectionError("it has ended the connection")

    def _await(self, line: _Line, events: int) -> None:
        if not line.events:
            self._selector.register(line.connection, events, line)
        elif line.events != events:
            self._selector.modify(line.connection, events, line)
        line.events = events

    def _close(self, node: Reach) -> None:
        if line := self._lines.pop(node, None):
            if line.events:
                self._selector.unregister(line.connection)
            line.connection.close()

    def _leave(self) -> None:
        """Close what is not wanted any more."""
        with suppress(Empty):
            while True:
                address = self._left.get_nowait()
                for node in [node for node in self._lines if node.address == address]:
                    self._close(node)
