"""A process among several at one PostgreSQL: says that it is there, knows who else is, and what time it is there."""

import logging
import os
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from threading import Event, Thread
from time import monotonic
from typing import Protocol

from cachewright.controlplane.model.membership import LEASE, MARGIN, RENEWAL, Duty, Role, Standing
from cachewright.controlplane.store.failures import Unusable, tell
from cachewright.controlplane.store.members import Word

GRACE = 3.0  # seconds for the last word
JITTER = timedelta(milliseconds=20)  # by which two looks at the same clock may differ

log = logging.getLogger(__name__)


class Registers(Protocol):
    """Where processes say that they are there. See `Register`."""

    def join(self, token: str, name: str, role: Role, host: str, process: int) -> None:
        """Be a member from now on."""

    def renew(self, token: str) -> Word | None:
        """Be one for longer."""

    def leave(self, token: str) -> None:
        """Be none any more."""

    def close(self) -> None:
        """Say nothing more."""


class Membership:
    """Renews a lease until it is stopped; one that has ended is followed by another, as somebody new. Safe to share
    among threads.
    """

    def __init__(
        self,
        register: Registers,
        role: Role,
        clock: Callable[[], datetime],
        name: str = "",
        timer: Callable[[], float] = monotonic,
    ) -> None:
        """`clock` is this machine's, which somebody may set, and `timer` one that nobody sets, in seconds. Without a
        name it gets one that nobody else has.
        """
        self.name = name or token_hex(8)
        self._register, self._role, self._clock, self._timer = register, role, clock, timer
        self._standing, self._valid_until = Standing(), 0.0
        self._ahead = timedelta()  # of this machine's clock: the database's
        self._followers: tuple[Callable[[], None], ...] = ()
        self._stop, self._changed = Event(), Event()
        self._threads = [
            Thread(target=self._keep, name="membership", daemon=True),
            Thread(target=self._inform, name="news of members", daemon=True),
        ]

    @property
    def standing(self) -> Standing:
        """What was known at the last word; nobody is a member whose lease may be over, by a clock that nobody sets."""
        return self._standing if self._timer() < self._valid_until else Standing()

    def holds(self, duty: Duty) -> bool:
        """Whether this process alone does that."""
        return duty in self.standing.duties

    def now(self) -> datetime:
        """The moment by the database's clock, which all members share."""
        return self._clock() + self._ahead

    def follow(self, follower: Callable[[], None]) -> None:
        """From now on, call `follower` in a thread of its own whenever somebody has come or gone, or a duty moved."""
        self._followers = (*self._followers, follower)

    def start(self) -> None:
        """Join, and go on saying so. Unusable when the database does not take it."""
        self.speak()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Leave."""
        self._stop.set()
        self._changed.set()
        for thread in self._threads:
            if thread.ident:  # it was started
                thread.join(GRACE)
        self._valid_until = 0.0
        self._register.leave(self._standing.token)
        self._register.close()

    def _keep(self) -> None:
        while not self._stop.wait(RENEWAL.total_seconds()):
            before, valid_until = self._standing, self._valid_until
            try:
                self.speak()
            except Unusable as failure:
                tell(failure)
            except Exception:
                log.exception("cannot renew a lease: a bug in Cachewright")
            if self.standing != before or self._timer() >= valid_until:
                self._changed.set()  # also if the lease was in doubt for a moment: nothing was done meanwhile

    def speak(self) -> None:
        """Renew the lease, or begin another one. What is decided on counts from before it was asked for."""
        token, asked, before = self._standing.token, self._timer(), self._clock()
        word = self._register.renew(token) if token else None
        if word is None:
            if token:
                log.warning("the lease of this process was over: others do its work, and it begins anew")
            token, asked, before = token_hex(8), self._timer(), self._clock()
            self._register.join(token, self.name, self._role, socket.gethostname(), os.getpid())
            word = self._register.renew(token)
        if word:
            self._adjust(word, before)
            self._standing = Standing(token, word.members, word.duties)
            self._valid_until = asked + (LEASE - MARGIN).total_seconds()

    def _adjust(self, word: Word, before: datetime) -> None:
        """The database looked at its clock between two looks at this one; the clock goes on evenly while it can."""
        after = self._clock()
        ahead = word.moment.astimezone(UTC) - (before + (after - before) / 2)
        if abs(ahead - self._ahead) > (after - before) / 2 + JITTER:
            self._ahead = ahead

    def _inform(self) -> None:
        """Beside the thread that renews: however long it takes, no lease ends for that."""
        while not self._stop.is_set():
            self._changed.wait()
            self._changed.clear()
            for follower in () if self._stop.is_set() else self._followers:
                try:
                    follower()
                except Unusable as failure:
                    tell(failure)
                    self._changed.set()  # until it was heard
                    self._stop.wait(RENEWAL.total_seconds())
                except Exception:
                    log.exception("cannot tell who is there: a bug in Cachewright")
