"""What happened, for DescribeEvents."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from cachewright.controlplane.model.events import HISTORY, DatedEvent, Event
from cachewright.controlplane.store.cache_rows import utc
from cachewright.controlplane.store.tables import events


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Which events to look for: those of a closed interval, of one kind of source or one source if given."""

    account: str
    region: str
    start: datetime
    end: datetime
    source_type: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Events:
    """The events as one transaction sees them."""

    connection: Connection

    def add(self, account: str, region: str, told: Iterable[Event], date: datetime) -> None:
        """Events in the order in which they happened; what is older than AWS's history goes."""
        rows = [
            {
                "account": account,
                "region": region,
                "source_type": event.source_type,
                "source": event.source,
                "message": event.message,
                "date": date,
            }
            for event in told
        ]
        if rows:
            self.connection.execute(insert(events), rows)
            old = (events.c.account == account, events.c.region == region, events.c.date < date - HISTORY)
            self.connection.execute(delete(events).where(*old))

    def newest(self, query: EventQuery, before: int | None, limit: int) -> list[DatedEvent]:
        """Events from the newest to the oldest, those numbered below `before` if given."""
        wanted: list[Any] = [
            events.c.account == query.account,
            events.c.region == query.region,
            events.c.date >= query.start,
            events.c.date <= query.end,
        ]
        if query.source_type:
            wanted.append(events.c.source_type == query.source_type)
        if query.source:
            wanted.append(events.c.source == query.source)
        if before is not None:
            wanted.append(events.c.number < before)
        rows = self.connection.execute(select(events).where(*wanted).order_by(events.c.number.desc()).limit(limit))
        return [DatedEvent(Event(r.source_type, r.source, r.message), utc(r.date), r.number) for r in rows]
