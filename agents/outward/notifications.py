"""Publishes what is queued: for each topic one notification after the other, beside everything else."""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime

from cachewright.agents.outward.publishers import Publisher, Refused, Unpublished
from cachewright.controlplane.model.cache import Key
from cachewright.controlplane.model.events import Event
from cachewright.controlplane.model.notifications import Notice, Topic
from cachewright.controlplane.store import failures
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.news import News
from cachewright.controlplane.store.transaction import Transaction

TOGETHER = 10  # notifications that are marked as delivered at once: so many at most come twice after a crash
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 8.0  # seconds until a topic is tried again, twice as long each time
LOOK = 5.0  # seconds until the queue is looked at that no commit has told of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pause:
    """A topic that could not be published to is left alone."""

    until: float  # of the monotonic clock
    length: float  # seconds


@dataclass(slots=True, eq=False)
class NotificationSender:
    """At least once, and in order for each topic, so for each cache. A topic has one thread at most, so that one that
    hangs keeps no other.
    """

    store: Store
    publisher: Publisher
    pool: Executor
    clock: Callable[[], datetime]
    monotonic: Callable[[], float]
    holds: Callable[[], bool] = lambda: True  # whether it is this agent's to publish
    _woken: threading.Event = field(default_factory=threading.Event)
    _busy: set[Topic] = field(default_factory=set)
    _pauses: dict[Topic, Pause] = field(default_factory=dict)
    _news: News = field(init=False)

    def __post_init__(self) -> None:
        self._news = News(self.store)

    def wake(self) -> None:
        """Something was queued, or it is the end."""
        self._woken.set()

    def follow(self, stop: threading.Event) -> None:
        """Publish until the end. Unusable when the queue cannot be read."""
        while not stop.is_set():
            self._woken.clear()
            self._woken.wait(self._begin(stop))

    def _begin(self, stop: threading.Event) -> float:
        """Start what is due; how many seconds until something else is, or may be."""
        if not self.holds():
            return LOOK
        now, rest = self.monotonic(), LOOK
        for topic in (topic for topic in self._news.found(self._topics) if topic not in self._busy):
            left = self._pauses[topic].until - now if topic in self._pauses else 0.0
            if left > 0:
                rest = min(rest, left)
                continue
            self._busy.add(topic)
            self.pool.submit(self._send, topic, stop)
        return rest

    def _topics(self) -> Sequence[Topic]:
        with self.store.read() as transaction:
            return list(transaction.notifications.topics())

    def _send(self, topic: Topic, stop: threading.Event) -> None:
        """Everything that is queued for a topic, as far as it takes it."""
        try:
            while (
                not stop.is_set()
                and self.holds()
                and (notices := self._queued(topic))
                and self._published(topic, notices, stop)
            ):
                self._pauses.pop(topic, None)
        except failures.Unusable as failure:
            failures.tell(failure)
            self._pause(topic)
        except Exception:
            log.exception("cannot publish to %s: a bug in Cachewright", topic.arn)
            self._pause(topic)
        finally:
            self._busy.discard(topic)
            self._woken.set()

    def _queued(self, topic: Topic) -> Sequence[Notice]:
        with self.store.read() as transaction:
            return transaction.notifications.queued(topic, TOGETHER)

    def _published(self, topic: Topic, notices: Sequence[Notice], stop: threading.Event) -> bool:
        """Whether something came of it, be it that nothing is queued any more."""
        try:
            self._publish(notices, stop)
        except Refused as refusal:
            self._give_up(topic, str(refusal))
        except Unpublished as error:
            self._postpone(topic, str(error))
            return False
        return True

    def _publish(self, notices: Sequence[Notice], stop: threading.Event) -> None:
        """One after the other; those that arrived are marked, whatever becomes of the others."""
        done: list[Notice] = []
        try:
            for notice in notices:
                if stop.is_set():
                    break
                self.publisher.publish(notice)
                done.append(notice)
        finally:
            if done:
                with self.store.write() as transaction:
                    transaction.notifications.delivered(done)

    def _give_up(self, topic: Topic, reason: str) -> None:
        message = f"Cachewright publishes nothing more to {topic.arn}, which is inactive now: {reason}"
        log.warning("%s", message)
        with self.store.write() as transaction:
            self._tell(transaction, transaction.notifications.refused(topic, reason), message)

    def _postpone(self, topic: Topic, reason: str) -> None:
        """It is said once, to each cache that has the topic."""
        first = topic not in self._pauses
        self._pause(topic)
        if first:
            message = f"Cachewright cannot publish to {topic.arn}, and tries again: {reason}"
            log.warning("%s", message)
            with self.store.write() as transaction:
                self._tell(transaction, transaction.notifications.having(topic), message)

    def _tell(self, transaction: Transaction, keys: Iterable[Key], message: str) -> None:
        for key in keys:
            transaction.events.add(key.account, key.region, [Event(key.kind.value, key.id, message)], self.clock(), key)

    def _pause(self, topic: Topic) -> None:
        before = self._pauses.get(topic)
        length = min(2 * before.length, LONGEST_PAUSE) if before else FIRST_PAUSE
        self._pauses[topic] = Pause(self.monotonic() + length, length)
