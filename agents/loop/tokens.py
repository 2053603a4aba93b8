"""Tells the nodes of caches with users of type `iam` which tokens let in now. Nothing happens where there are none."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from queue import Empty, SimpleQueue
from threading import Event

from cachewright.agents.engines.driver import having
from cachewright.agents.planning.iam_tokens import (
    BATCH,
    CONNECTION,
    Entrance,
    ends_connections,
    entrances,
    hashes,
    window,
)
from cachewright.agents.planning.links import reach
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.reconcile.questions import true_of
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.access_keys import AccessKey
from cachewright.controlplane.model.cache import Cache, Key
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.documents import Unreadable

AT_ONCE = 8  # nodes that are told at the same time, while some do not answer

log = logging.getLogger(__name__)


_Name = tuple[Key, str, int, str]  # cache, node, its life, user


@dataclass(frozen=True, slots=True)
class _Door:
    """One user at one life of a node."""

    cache: Cache
    node: str
    entrance: Entrance

    @property
    def name(self) -> _Name:
        """Tells it from all others."""
        return self.cache.key, self.node, self.cache.status.nodes[self.node].life, self.entrance.user


@dataclass(slots=True, eq=False)
class Tokens:
    """Knows which caches have such users from the moment on in which they come to rest. All but `rested` and `wake` is
    for one thread.
    """

    store: Store
    tools: Callable[[], Tools]
    pool: Executor
    clock: Callable[[], datetime]
    keys: Sequence[AccessKey]
    owns: Callable[[Cache], bool] = lambda _: True  # see Claims
    _followed: set[Key] = field(default_factory=set)
    _told: dict[_Name, range] = field(default_factory=dict)
    _news: SimpleQueue[Key | None] = field(default_factory=SimpleQueue)

    def rested(self, cache: Cache) -> None:
        """A cache came to rest: its nodes may have been told its users anew, who have no passwords then."""
        if self.keys and entrances(cache):
            self._news.put(cache.key)

    def wake(self) -> None:
        """Look whether it is the end."""
        self._news.put(None)

    def follow(self, stop: Event) -> None:
        """Tell them, as soon as there are news and then with each batch, until the end."""
        while not stop.is_set():
            with suppress(Empty):
                self._heard(self._news.get(timeout=self._pause() if self._followed else None))
            if not stop.is_set():
                self.tell()

    def tell(self) -> None:
        """Tell every node what has changed of the tokens that let in; whoever cannot be told is told with the next
        batch.
        """
        with suppress(Empty):
            while True:
                self._heard(self._news.get_nowait())
        wanted = window(self.clock())
        doors = [door for cache in self._caches() for door in _doors(cache)]
        true_of(doors, lambda door: self._tell(door, wanted), self.pool, AT_ONCE)

    def _pause(self) -> float:
        """Seconds until the next batch."""
        return BATCH - self.clock().timestamp() % BATCH

    def _heard(self, key: Key | None) -> None:
        if key:
            self._followed.add(key)
            self._forget(key)

    def _forget(self, key: Key) -> None:
        """What its nodes know has to be asked."""
        self._told = {name: known for name, known in self._told.items() if name[0] != key}

    def _caches(self) -> Iterator[Cache]:
        """As they are now: nodes come and go long before a cache rests."""
        for key in sorted(self._followed):
            cache = self._read(key)
            if cache and self.owns(cache) and entrances(cache):
                yield cache
            else:
                self._followed.discard(key)
                self._forget(key)

    def _read(self, key: Key) -> Cache | None:
        with self.store.read() as transaction, suppress(Unreadable):
            return transaction.caches.get(key)
        return None

    def _tell(self, door: _Door, wanted: range) -> bool:
        try:
            told = self._bring_up_to_date(door, wanted)
        except (Later, Never) as verdict:
            log.info("cannot tell %s the tokens of %s: %s", door.node, door.entrance.user, verdict.reason)
            told = False
        if told:
            self._told[door.name] = wanted
        else:
            self._told.pop(door.name, None)
        return told

    def _bring_up_to_date(self, door: _Door, wanted: range) -> bool:
        """Whether the node knows the user; what it knows of the tokens is asked only where it is not known."""
        spec, user = door.cache.spec, door.entrance.user
        acl = having(self.tools().drivers[spec.engine].acl, spec.engine, "logins")
        node = reach(door.cache.status, door.node)
        if (known := self._told.get(door.name)) is not None:
            added, removed = (self._made(door, part) for part in (set(wanted) - set(known), set(known) - set(wanted)))
        elif (there := acl.passwords(node, user)) is not None:
            every = self._made(door, wanted)
            added, removed = [one for one in every if one not in there], sorted(there - set(every))
        else:
            return False
        acl.change_passwords(node, user, added, removed)
        if ends_connections(wanted):
            acl.end_connections(node, user, CONNECTION)
        return True

    def _made(self, door: _Door, seconds: Iterable[int]) -> list[str]:
        return list(hashes(door.entrance, self.keys, sorted(seconds)))


def _doors(cache: Cache) -> Iterator[_Door]:
    for entrance in entrances(cache):
        for node in cache.status.nodes:
            yield _Door(cache, node, entrance)
