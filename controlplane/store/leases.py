"""Addresses: handed out once, kept until the cache is gone, and not handed out again soon after."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from cachewright.controlplane.store.facts import Facts
from cachewright.controlplane.store.tables import leases


class Exhausted(Exception):  # noqa: N818
    """A space has no number left."""


@dataclass(frozen=True, slots=True)
class Leases:
    """The leases as one transaction sees them. A lease is a number within a space, owned by a name of a cache."""

    connection: Connection

    def take(self, space: str, numbers: Sequence[int], incarnation: str, name: str) -> int:
        """The number of `name`: the one it has, else the next free one of `numbers`. Exhausted when there is none."""
        mine = select(leases.c.number).where(leases.c.incarnation == incarnation, leases.c.space == space)
        held = self.connection.execute(mine.where(leases.c.name == name)).scalar()
        if held is not None:
            return int(held)
        number = self._next_free(space, numbers)
        row = {"space": space, "number": number, "incarnation": incarnation, "name": name}
        self.connection.execute(insert(leases).values(row))
        Facts(self.connection).write(f"last {space}", str(number))
        return number

    def another(self, space: str, numbers: Sequence[int], incarnation: str, name: str, present: int) -> int:
        """A number beside the `present` one of `name`, that it never had: a name has two at most, and the older one
        goes.
        """
        mine = (leases.c.incarnation == incarnation, leases.c.space == space, leases.c.name.in_(_both(name)))
        self.connection.execute(delete(leases).where(*mine, leases.c.number != present))
        held = self.connection.execute(select(leases.c.name).where(*mine)).scalar()
        return self.take(space, numbers, incarnation, next(one for one in _both(name) if one != held))

    def release(self, incarnation: str, name: str | None = None) -> int:
        """The end of one lease of a cache, or of all; how many ended."""
        query = delete(leases).where(leases.c.incarnation == incarnation)
        return self.connection.execute(query if name is None else query.where(leases.c.name.in_(_both(name)))).rowcount

    def has(self, space: str, incarnation: str, name: str) -> bool:
        """Whether a cache has a lease by that name."""
        query = select(leases.c.number).where(*_one(space, incarnation, name))
        return self.connection.execute(query).first() is not None

    def keep(self, incarnation: str, nodes: Collection[str]) -> int:
        """The end of the leases of all nodes but these; how many ended. Only the name of a node has a dot."""
        mine = (leases.c.incarnation == incarnation, leases.c.name.contains("."))
        kept = [each for node in nodes for each in _both(node)]
        return self.connection.execute(delete(leases).where(*mine, leases.c.name.not_in(kept))).rowcount

    def transfer(self, incarnation: str, candidate: str, name: str | None = None) -> None:
        """One lease of a cache, or all, become those of the cache that was made out of it."""
        query = update(leases).where(leases.c.incarnation == incarnation).values(incarnation=candidate)
        self.connection.execute(query if name is None else query.where(leases.c.name.in_(_both(name))))

    def hand_over(self, space: str, owner: tuple[str, str], heir: tuple[str, str]) -> bool:
        """One lease becomes another one's, each of them an incarnation and a name of it; whether the owner had it."""
        incarnation, name = heir
        query = update(leases).where(*_one(space, *owner)).values(incarnation=incarnation, name=name)
        return bool(self.connection.execute(query).rowcount)

    def _next_free(self, space: str, numbers: Sequence[int]) -> int:
        """Round and round, so that an address that was just given up rests as long as it can."""
        last = int(Facts(self.connection).read(f"last {space}") or numbers[0] - 1)
        start = numbers.index(last) + 1 if last in numbers else 0
        for step in range(len(numbers)):
            number = numbers[(start + step) % len(numbers)]
            here = select(leases.c.number).where(leases.c.space == space, leases.c.number == number)
            if self.connection.execute(here).first() is None:
                return number
        raise Exhausted(f"no free number among the {len(numbers)} for {space}")


def _one(space: str, incarnation: str, name: str) -> tuple[ColumnElement[bool], ...]:
    """The lease of that space by that name."""
    return leases.c.space == space, leases.c.incarnation == incarnation, leases.c.name == name


def _both(name: str) -> tuple[str, str]:
    """Under which names the numbers of one name are kept; no name ends so."""
    return name, f"{name}@"
