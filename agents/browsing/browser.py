"""What a person may ask of the data of a cache. So many ask at a time, and who comes then is told to come again: a node
that hangs holds up nobody else.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Protocol

from cachewright.agents.browsing.connections import Connect, Connections
from cachewright.agents.browsing.memcached.data import MemcachedData
from cachewright.agents.browsing.memcached.items import Items
from cachewright.agents.browsing.redis.data import RedisData
from cachewright.agents.engines.exchange import exchange
from cachewright.agents.engines.redis.acl_rules import Credentials
from cachewright.controlplane.model.browsing import (
    DATABASES,
    Command,
    CommandDoc,
    Edit,
    Entrances,
    Fate,
    KeyPage,
    KeySearch,
    Refusal,
    Silent,
    SlowCommand,
    Value,
    Visitor,
    Window,
)
from cachewright.controlplane.model.cache import Cache, Key
from cachewright.controlplane.model.replies import Reply
from cachewright.controlplane.model.users import Authentication

AT_ONCE = 8  # requests under way


class Data(Protocol):
    """What a cache holds, to somebody. Each method may raise Silent, Denied, Refusal or Conflict."""

    def keys(self, wanted: KeySearch) -> KeyPage:
        """Some keys, as far as there is time."""

    def value(self, wanted: Window) -> Value:
        """A part of what is at a key."""

    def edit(self, wanted: Edit) -> None:
        """Another value of an element."""

    def end(self, wanted: Fate) -> None:
        """The end of a key."""

    def run(self, command: Command) -> Reply:
        """What a node answers to a command that was typed."""

    def docs(self, where: str) -> Sequence[CommandDoc]:
        """What can be typed at a node or an endpoint."""

    def slow(self, where: str) -> Sequence[SlowCommand]:
        """Commands that took long at a node."""


class Browser:
    """Looks and changes, in the thread of whoever asks. Safe to share among threads.

    Every method raises NoSuchTarget when there is no such cache, and whatever those of Data raise.
    """

    def __init__(
        self, find: Callable[[Key], Cache], credentials: Callable[[], Credentials], connect: Connect = exchange
    ) -> None:
        """`find` raises NoSuchTarget; `credentials` are the agent's, and tell what proves who a node is."""
        self._find, self._credentials = find, credentials
        self._connections = Connections(connect, lambda: credentials().authority)
        self._free = BoundedSemaphore(AT_ONCE)

    def entrances(self, cache: Key) -> Entrances:
        """Who may be somebody there."""
        spec = self._find(cache).spec
        users = {user.name: user.authentication is not Authentication.NO_PASSWORD for user in spec.users}
        if not spec.user_group:
            users = {"": spec.auth.required}
        return Entrances(users, 1 if spec.clustered or not spec.replicates else DATABASES)

    def keys(self, visitor: Visitor, wanted: KeySearch) -> KeyPage:
        """See Data."""
        with self._data(visitor) as data:
            return data.keys(wanted)

    def value(self, visitor: Visitor, wanted: Window) -> Value:
        """See Data."""
        with self._data(visitor) as data:
            return data.value(wanted)

    def edit(self, visitor: Visitor, wanted: Edit) -> None:
        """See Data."""
        with self._data(visitor) as data:
            data.edit(wanted)

    def end(self, visitor: Visitor, wanted: Fate) -> None:
        """See Data."""
        with self._data(visitor) as data:
            data.end(wanted)

    def run(self, visitor: Visitor, command: Command) -> Reply:
        """See Data."""
        if not command.line.strip():
            raise Refusal("type a command")
        with self._data(visitor) as data:
            return data.run(command)

    def docs(self, visitor: Visitor, where: str) -> Sequence[CommandDoc]:
        """See Data."""
        with self._data(visitor) as data:
            return data.docs(where)

    def slow(self, visitor: Visitor, where: str) -> Sequence[SlowCommand]:
        """See Data."""
        with self._data(visitor) as data:
            return data.slow(where)

    @contextmanager
    def _data(self, visitor: Visitor) -> Iterator[Data]:
        """What the cache holds, for one of those who may ask at the same time."""
        if not self._free.acquire(blocking=False):
            raise Silent(f"{AT_ONCE} other questions wait for nodes that do not answer; ask again in a moment")
        try:
            yield self._of(self._find(visitor.cache), visitor)
        finally:
            self._free.release()

    def _of(self, cache: Cache, visitor: Visitor) -> Data:
        if cache.spec.replicates:
            return RedisData(cache, visitor, self._connections, self._credentials)
        return MemcachedData(Items(cache, self._connections))
