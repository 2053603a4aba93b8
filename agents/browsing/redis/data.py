"""What a cache of Redis or Valkey holds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cachewright.agents.browsing.connections import Connections
from cachewright.agents.browsing.places import node_behind, own_door, place
from cachewright.agents.browsing.redis import commands, elements, keys, values
from cachewright.agents.browsing.redis.typed import words_of
from cachewright.agents.browsing.redis.visit import Entry, Visit
from cachewright.agents.engines.redis.acl_rules import AGENT, Credentials
from cachewright.agents.planning.links import reach
from cachewright.controlplane.model.browsing import (
    Command,
    CommandDoc,
    Edit,
    Fate,
    KeyPage,
    KeySearch,
    SlowCommand,
    Value,
    Visitor,
    Window,
)
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.replies import Reply


@dataclass(frozen=True, slots=True)
class RedisData:
    """Implements Data, in a visit for each question."""

    cache: Cache
    visitor: Visitor
    connections: Connections
    credentials: Callable[[], Credentials]  # the agent's own

    def keys(self, wanted: KeySearch) -> KeyPage:
        """See Data."""
        with self._visit() as visit:
            return keys.search(visit, wanted)

    def value(self, wanted: Window) -> Value:
        """See Data."""
        with self._visit() as visit:
            return values.look(visit, wanted)

    def edit(self, wanted: Edit) -> None:
        """See Data."""
        with self._visit() as visit:
            elements.edit(visit, wanted)

    def create(self, wanted: Edit) -> None:
        """See Data."""
        with self._visit() as visit:
            elements.create(visit, wanted)

    def end(self, wanted: Fate) -> None:
        """See Data."""
        with self._visit() as visit:
            elements.end(visit, wanted)

    def run(self, command: Command) -> Reply:
        """See Data."""
        where = place(self.cache, command.place)
        with self._visit() as visit, self._own(visit.until) as own:
            return commands.run(visit, own, where, words_of(command.line))

    def docs(self, where: str) -> Sequence[CommandDoc]:
        """See Data."""
        with self._own() as own:
            return commands.docs(own, node_behind(self.cache, where))

    def slow(self, where: str) -> Sequence[SlowCommand]:
        """See Data."""
        with self._visit() as visit:
            return commands.slow(visit, place(self.cache, where))

    def _visit(self) -> Visit:
        entry = Entry(self.connections, self.visitor.user, self.visitor.password)
        return Visit(self.cache, entry, self.visitor.database)

    def _own(self, until: float = 0.0) -> Visit:
        """As Cachewright itself, to whom nodes tell what they are: never what they hold."""
        known = any(reach(self.cache.status, name).login for name in self.cache.status.nodes)
        login = (AGENT, self.credentials().password) if known else ("", "")
        return Visit(self.cache, Entry(self.connections, *login, own_door), self.visitor.database, until)
