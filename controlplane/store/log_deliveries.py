"""What has been made of configurations of logs, and how far each node's log has been delivered."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, insert, select, union

from cachewright.controlplane.model.log_delivery import Delivery, LogType
from cachewright.controlplane.store.documents import Unreadable, from_json, to_json
from cachewright.controlplane.store.tables import log_deliveries, log_positions

_MADE, _REACHED = log_deliveries.c, log_positions.c


@dataclass(frozen=True, slots=True)
class LogDeliveries:
    """The deliveries as one transaction sees them. Caches are named by their incarnations."""

    connection: Connection

    def of(self, incarnations: Collection[str] | None) -> dict[str, dict[LogType, Delivery]]:
        """Those of some caches, or of all, as far as there are any. One that cannot be read is none: it is made once
        more.
        """
        found: dict[str, dict[LogType, Delivery]] = {}
        every = select(log_deliveries)
        query = every if incarnations is None else every.where(_MADE.incarnation.in_(incarnations))
        for row in self.connection.execute(query):
            with suppress(Unreadable):
                found.setdefault(row.incarnation, {})[LogType(row.type)] = from_json(Delivery, row.document)
        return found

    def incarnations(self) -> frozenset[str]:
        """The caches of which something is remembered, be they there or not."""
        every = union(select(_MADE.incarnation), select(_REACHED.incarnation))
        return frozenset(self.connection.execute(every).scalars())

    def write(self, incarnation: str, delivery: Delivery) -> None:
        """What has been made of a configuration, in place of what was known before."""
        kind = delivery.configuration.type
        self.connection.execute(delete(log_deliveries).where(*_made(incarnation, kind)))
        row = {"incarnation": incarnation, "type": kind.value, "document": to_json(delivery)}
        self.connection.execute(insert(log_deliveries).values(row))

    def end(self, incarnation: str, kind: LogType) -> None:
        """A log is not delivered any more, and it is forgotten how far it was."""
        self.connection.execute(delete(log_deliveries).where(*_made(incarnation, kind)))
        self.connection.execute(delete(log_positions).where(*_reached(incarnation, kind)))

    def forget(self, incarnation: str) -> None:
        """The end of a cache."""
        for table in (log_deliveries, log_positions):
            self.connection.execute(delete(table).where(table.c.incarnation == incarnation))

    def positions(self, incarnation: str, kind: LogType) -> Mapping[str, str]:
        """How far each node's log has been delivered, by node; whoever delivers knows what that says."""
        query = select(_REACHED.node, _REACHED.position).where(*_reached(incarnation, kind))
        return {row.node: row.position for row in self.connection.execute(query)}

    def reach(self, incarnation: str, kind: LogType, positions: Mapping[str, str]) -> None:
        """Some nodes' logs have been delivered so far."""
        if not positions:
            return
        moved = (*_reached(incarnation, kind), _REACHED.node.in_(list(positions)))
        self.connection.execute(delete(log_positions).where(*moved))
        own = {"incarnation": incarnation, "type": kind.value}
        rows = [{**own, "node": node, "position": position} for node, position in positions.items()]
        self.connection.execute(insert(log_positions), rows)


def _made(incarnation: str, kind: LogType) -> tuple[ColumnElement[bool], ...]:
    return _MADE.incarnation == incarnation, _MADE.type == kind.value


def _reached(incarnation: str, kind: LogType) -> tuple[ColumnElement[bool], ...]:
    return _REACHED.incarnation == incarnation, _REACHED.type == kind.value
