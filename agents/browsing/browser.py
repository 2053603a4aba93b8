"""What a person may ask of the data of a cache. So many ask at a time, and who comes then is told to come again: a node
that hangs holds up nobody else.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from threading import BoundedSemaphore

from cachewright.agents.browsing.connections import Connect, Connections
from cachewright.agents.browsing.memcached import commands as memcached
from cachewright.agents.browsing.memcached.items import Items
from cachewright.agents.browsing.places import node_behind, own_door, place
from cachewright.agents.browsing.redis import commands, elements, keys, values
from cachewright.agents.browsing.redis.typed import words_of
from cachewright.agents.browsing.redis.visit import Entry, Visit
from cachewright.agents.engines.exchange import exchange
from cachewright.agents.engines.redis.acl_rules import AGENT, Credentials
from cachewright.agents.planning.links import reach
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
from cachewright.controlplane.model.replies import Line, Reply
from cachewright.controlplane.model.users import Authentication

AT_ONCE = 8  # requests under way


class Browser:
    """Looks and changes, in the thread of whoever asks. Safe to share among threads.

    Every method raises NoSuchTarget when there is no such cache, and Silent, Denied, Refusal or Conflict when nodes do
    not do what is asked for.
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
        password = Authentication.NO_PASSWORD
        users = {user.name: user.authentication is not password for user in spec.users}
        if not spec.user_group:
            users = {"": spec.auth.required}
        return Entrances(users, 1 if spec.clustered or not spec.replicates else DATABASES)

    def keys(self, visitor: Visitor, wanted: KeySearch) -> KeyPage:
        """Some keys, as far as there is time."""
        with self._one(visitor) as cache:
            if not cache.spec.replicates:
                return self._items(cache).search(wanted)
            with self._visit(cache, visitor) as visit:
                return keys.search(visit, wanted)

    def value(self, visitor: Visitor, wanted: Window) -> Value:
        """A part of what is at a key."""
        with self._one(visitor) as cache:
            if not cache.spec.replicates:
                return self._items(cache).look(wanted)
            with self._visit(cache, visitor) as visit:
                return values.look(visit, wanted)

    def edit(self, visitor: Visitor, wanted: Edit) -> None:
        """Another value of an element."""
        with self._one(visitor) as cache:
            if not cache.spec.replicates:
                self._items(cache).edit(wanted)
                return
            with self._visit(cache, visitor) as visit:
                elements.edit(visit, wanted)

    def end(self, visitor: Visitor, wanted: Fate) -> None:
        """The end of a key."""
        with self._one(visitor) as cache:
            if not cache.spec.replicates:
                self._items(cache).end(wanted)
                return
            with self._visit(cache, visitor) as visit:
                elements.end(visit, wanted)

    def run(self, visitor: Visitor, command: Command) -> Reply:
        """What a node answers to what was typed."""
        with self._one(visitor) as cache:
            where = place(cache, command.place)
            if not command.line.strip():
                raise Refusal("type a command")
            if not cache.spec.replicates:
                return [Line(line) for line in memcached.run(self._items(cache), where, command.line)]
            with self._visit(cache, visitor) as visit, self._own(cache, visitor.database, visit.until) as own:
                return commands.run(visit, own, where, words_of(command.line))

    def docs(self, visitor: Visitor, where: str) -> Sequence[CommandDoc]:
        """What can be typed there."""
        with self._one(visitor) as cache:
            if not cache.spec.replicates:
                return memcached.docs()
            with self._own(cache) as own:
                return commands.docs(own, node_behind(cache, where))

    def slow(self, visitor: Visitor, where: str) -> Sequence[SlowCommand]:
        """Commands that took long at a node."""
        with self._one(visitor) as cache:
            if not cache.spec.replicates:
                raise Refusal("Memcached has no slow log")
            with self._visit(cache, visitor) as visit:
                return commands.slow(visit, place(cache, where))

    @contextmanager
    def _one(self, visitor: Visitor) -> Iterator[Cache]:
        """The cache, for one of those who may ask at the same time."""
        if not self._free.acquire(blocking=False):
            raise Silent(f"{AT_ONCE} other questions wait for nodes that do not answer; ask again in a moment")
        try:
            yield self._find(visitor.cache)
        finally:
            self._free.release()

    def _items(self, cache: Cache) -> Items:
        return Items(cache, self._connections)

    def _visit(self, cache: Cache, visitor: Visitor) -> Visit:
        return Visit(cache, Entry(self._connections, visitor.user, visitor.password), visitor.database)

    def _own(self, cache: Cache, database: int = 0, until: float = 0.0) -> Visit:
        """As Cachewright itself, to whom nodes tell what they are: never what they hold."""
        known = any(reach(cache.status, name).login for name in cache.status.nodes)
        entry = Entry(self._connections, way=own_door)
        if known:
            entry = replace(entry, user=AGENT, password=self._credentials().password)
        return Visit(cache, entry, database, until)
