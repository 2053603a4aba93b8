"""Calls of TestFailover, for AWS's quota of node groups in 24 hours."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select

from cachewright.controlplane.store.tables import test_failovers

WINDOW = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Failovers:
    """The calls as one transaction sees them."""

    connection: Connection

    def add(self, account: str, region: str, node_group: str, date: datetime) -> None:
        """One call on a node group; calls that no longer count are forgotten."""
        row = {"account": account, "region": region, "node_group": node_group, "date": date}
        self.connection.execute(insert(test_failovers).values(row))
        self.connection.execute(delete(test_failovers).where(test_failovers.c.date < date - WINDOW))

    def count_others(self, account: str, region: str, node_group: str, now: datetime) -> int:
        """How many node groups but this one were failed over in the last 24 hours."""
        table = test_failovers.c
        here = (table.account == account, table.region == region, table.date >= now - WINDOW)
        query = select(func.count(func.distinct(table.node_group))).where(*here, table.node_group != node_group)
        return int(self.connection.execute(query).scalar_one())
