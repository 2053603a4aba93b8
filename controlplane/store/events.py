"""What happened, for DescribeEvents."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select

from cachewright.controlplane.model.cache import Key
from cachewright.controlplane.model.events import HISTORY, DatedEvent, Event
from cachewright.controlplane.model.snapshots import Due
from cachewright.controlplane.store.cache_rows import utc
from cachewright.controlplane.store.notifications import Notifications
from cachewright.controlplane.store.tables import events

OUTGROWN = 100  # events that one transaction removes at most; each adds fewer


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
    due: set[Due] = field(default_factory=set)

    def add(self, account: str, region: str, told: Iterable[Event], date: datetime, of: Key | None = None) -> None:
        """Events in the order in which they happened; what is older than AWS's history goes. What is to be published
        is queued for the topic of its cache, which is the one `of` that key, or is found by the source.
        """
        told = list(told)
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
            self._forget_old(account, region, date - HISTORY)
            Notifications(self.connection, self.due).queue(account, region, told, date, of)

    def newest(self, query: EventQuery, before: DatedEvent | None, limit: int) -> list[DatedEvent]:
        """Events from the newest to the oldest, those that come behind `before` if given."""
        end = min(query.end, before.date) if before else query.end
        wanted: list[Any] = [
            events.c.account == query.account,
            events.c.region == query.region,
            events.c.date >= query.start,
            events.c.date <= end,
        ]
        if query.source_type:
            wanted.append(events.c.source_type == query.source_type)
        if query.source:
            wanted.append(events.c.source == query.source)
        if before:
            wanted.append(or_(events.c.date < before.date, events.c.number < before.number))
        ordered = select(events).where(*wanted).order_by(events.c.date.desc(), events.c.number.desc())
        rows = self.connection.execute(ordered.limit(limit))
        return [DatedEvent(Event(r.source_type, r.source, r.message), utc(r.date), r.number) for r in rows]

    def _forget_old(self, account: str, region: str, date: datetime) -> None:
        """A few at a time: of very many that become old at once nobody has to wait for the end."""
        old = (events.c.account == account, events.c.region == region, events.c.date < date)
        first = select(events.c.number).where(*old).order_by(events.c.date).limit(OUTGROWN)
        self.connection.execute(delete(events).where(events.c.number.in_(first.scalar_subquery())))
