"""A client of one cache of Redis or Valkey for as long as one request takes: it connects where it has to, logs in, and
goes where the nodes of a cluster send it, if that is a node of the same cache.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from cachewright.agents.browsing.connections import Connections
from cachewright.agents.browsing.places import Place, at
from cachewright.agents.browsing.silence import SECONDS, silent
from cachewright.agents.engines.exchange import Exchange, TooLong
from cachewright.agents.engines.redis.session import Session, Words
from cachewright.controlplane.model.browsing import Denied, Refusal
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.replies import Failure, Reply

MOST = 1 << 20  # bytes of an answer
REDIRECTIONS = 4
_TOO_LONG = f"the answer has more than {MOST >> 20} MiB: ask for a smaller part"
_LOGIN = frozenset({"WRONGPASS", "NOAUTH"})


@dataclass(frozen=True, slots=True)
class Entry:
    """How somebody enters: as nobody in particular where there is neither user nor password."""

    connections: Connections
    user: str = ""
    password: str = field(default="", repr=False)
    way: Callable[[Cache, Place], Place] = lambda _, place: place  # where to go instead: Cachewright has its own doors


class Visit:
    """Questions to nodes. Silent, Denied or Refusal where one is not answered."""

    def __init__(self, cache: Cache, entry: Entry, database: int = 0, until: float = 0.0) -> None:
        """`until` is a moment of the monotonic clock; 0: as far away as it may be."""
        self.cache = cache
        self.until = until or time.monotonic() + SECONDS
        self._entry, self._database = entry, database
        self._sessions: dict[str, Session] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def ask(self, place: Place, *words: bytes | str | int) -> Reply:
        """What is answered there, or where that sends us: refusals as they are, but for those of the login."""
        before: tuple[Words, ...] = ()
        reply: Reply = None
        for _ in range(REDIRECTIONS):
            *_, reply = self.ask_all(place, [*before, words])
            if not (isinstance(reply, Failure) and reply.code in ("MOVED", "ASK")):
                break
            place, before = self._led(reply), (("ASKING",),) if reply.code == "ASK" else ()
        return reply

    def ask_all(self, place: Place, questions: Sequence[Words]) -> list[Reply]:
        """What is answered there to each, in order."""
        try:
            replies = self._session(place).ask_all(questions)
        except OSError as error:
            raise silent(place, error) from error
        except TooLong as error:
            raise Refusal(_TOO_LONG) from error
        for reply in replies:
            if isinstance(reply, Failure) and reply.code in _LOGIN:
                raise Denied(reply.text)
        return replies

    def holder(self, place: Place, key: bytes) -> Place:
        """The node that has the slot of a key; Refusal while that is on its way."""
        for _ in range(REDIRECTIONS):
            (reply,) = self.ask_all(place, [("TYPE", key)])
            if not isinstance(reply, Failure):
                return place
            if reply.code != "MOVED":
                raise Refusal(reply.text)
            place = self._led(reply)
        raise Refusal("the slot of this key moves just now; look again in a moment")

    def _led(self, reply: Failure) -> Place:
        host, _, port = reply.text.rpartition(" ")[2].rpartition(":")
        found = at(self.cache, host.strip("[]"), int(port)) if port.isdigit() else None
        if found is None:
            raise Refusal(f"a node sends us elsewhere, which is no node of this cache: {reply.text}")
        return found

    def _session(self, place: Place) -> Session:
        if place.name not in self._sessions:
            self._sessions[place.name] = self._entered(place)
        return self._sessions[place.name]

    def _entered(self, place: Place) -> Session:
        session = Session(self._stack.enter_context(self._connected(place)))
        user, password = self._entry.user, self._entry.password
        if user or password:
            reply = session.ask("AUTH", *([user] if user else []), password)
            if isinstance(reply, Failure):
                raise Denied(reply.text)
        if self.cache.spec.clustered:
            session.ask("READONLY")  # a replica answers for its slots
        elif self._database and isinstance(reply := session.ask("SELECT", self._database), Failure):
            raise (Denied if reply.code in _LOGIN else Refusal)(reply.text)
        return session

    def _connected(self, place: Place) -> AbstractContextManager[Exchange]:
        return self._entry.connections.to(self._entry.way(self.cache, place), self.until, MOST)
