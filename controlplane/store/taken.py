"""Snapshots that were begun: for AWS's quota of 24 hours, and for those that are taken once a day. A snapshot that is
deleted has been taken all the same.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from cachewright.controlplane.model.automatic import Life, life_of
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.store.cache_rows import utc
from cachewright.controlplane.store.tables import snapshots_taken

WINDOW = timedelta(hours=24)
_TABLE = snapshots_taken.c


@dataclass(frozen=True, slots=True)
class SnapshotsTaken:
    """The beginnings as one transaction sees them. `cluster` is the cache cluster that a snapshot is of; empty for a
    whole group.
    """

    connection: Connection

    def add(self, cache: Cache, cluster: str, date: datetime, *, automatic: bool) -> None:
        """One was begun; those that no longer count are forgotten."""
        account, region, incarnation = life_of(cache)
        row = {"account": account, "region": region, "incarnation": incarnation, "cluster": cluster}
        self.connection.execute(insert(snapshots_taken).values(row | {"automatic": automatic, "date": date}))
        self.connection.execute(delete(snapshots_taken).where(_TABLE.date < date - WINDOW))

    def count(self, cache: Cache, cluster: str, now: datetime) -> int:
        """How many were asked for in the last 24 hours."""
        asked = (_TABLE.cluster == cluster, _TABLE.automatic.is_(False), _TABLE.date > now - WINDOW)
        query = select(func.count()).select_from(snapshots_taken).where(*_own(cache), *asked)
        return int(self.connection.execute(query).scalar_one())

    def last_automatic(self) -> dict[Life, datetime]:
        """When the last automatic one of each cache was begun, as far as it is remembered."""
        life = (_TABLE.account, _TABLE.region, _TABLE.incarnation)
        query = select(*life, func.max(_TABLE.date).label("date")).where(_TABLE.automatic.is_(True)).group_by(*life)
        rows = self.connection.execute(query)
        return {(row.account, row.region, row.incarnation): utc(row.date) for row in rows}


def _own(cache: Cache) -> tuple[ColumnElement[bool], ...]:
    account, region, incarnation = life_of(cache)
    return _TABLE.account == account, _TABLE.region == region, _TABLE.incarnation == incarnation
