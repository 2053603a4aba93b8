"""What a cluster of Memcached holds."""

from collections.abc import Sequence
from dataclasses import dataclass

from cachewright.agents.browsing.memcached import commands
from cachewright.agents.browsing.memcached.items import Items
from cachewright.agents.browsing.places import place
from cachewright.controlplane.model.browsing import (
    Command,
    CommandDoc,
    Edit,
    Fate,
    KeyPage,
    KeySearch,
    Refusal,
    SlowCommand,
    Value,
    Window,
)
from cachewright.controlplane.model.replies import Line, Reply


@dataclass(frozen=True, slots=True)
class MemcachedData:
    """Implements Data, with an item for each key."""

    items: Items

    def keys(self, wanted: KeySearch) -> KeyPage:
        """See Data."""
        return self.items.search(wanted)

    def value(self, wanted: Window) -> Value:
        """See Data."""
        return self.items.look(wanted)

    def edit(self, wanted: Edit) -> None:
        """See Data."""
        self.items.edit(wanted)

    def create(self, wanted: Edit) -> None:
        """See Data."""
        self.items.create(wanted)

    def end(self, wanted: Fate) -> None:
        """See Data."""
        self.items.end(wanted)

    def run(self, command: Command) -> Reply:
        """See Data. An answer is a list of lines."""
        where = place(self.items.cache, command.place)
        return [Line(line) for line in commands.run(self.items, where, command.line)]

    def docs(self, where: str) -> Sequence[CommandDoc]:  # noqa: ARG002 - every node understands the same
        """See Data."""
        return commands.docs()

    def slow(self, where: str) -> Sequence[SlowCommand]:
        """Refusal."""
        raise Refusal(f"{where} has no slow log: Memcached remembers no commands")
