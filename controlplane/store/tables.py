"""The tables. A change here needs a migration in `migrations/versions`, and `REVISION` its name."""

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

REVISION = "0002"

metadata = MetaData()

caches = Table(
    "caches",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("account", String(12), nullable=False),
    Column("region", String(32), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("id", String(64), nullable=False),
    Column("incarnation", String(16), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("deleting", Boolean, nullable=False),
    Column("spec", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("settled", Boolean, nullable=False),  # nothing is left to do, as far as the agent knows
    UniqueConstraint("account", "region", "kind", "id"),
    Index("caches_settled", "settled"),
)

# AWS's cache clusters: the name of every standalone cluster and of every member of a replication group.
clusters = Table(
    "clusters",
    metadata,
    Column("account", String(12), primary_key=True),
    Column("region", String(32), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("cache", Integer, ForeignKey("caches.number", ondelete="CASCADE"), nullable=False, index=True),
    Column("nodes", Integer, nullable=False),
    Column("standalone", Boolean, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("account", String(12), nullable=False),
    Column("region", String(32), nullable=False),
    Column("source_type", String(32), nullable=False),
    Column("source", String(255), nullable=False),
    Column("message", Text, nullable=False),
    Column("date", DateTime(timezone=True), nullable=False),
    Index("events_by_date", "account", "region", "date"),
    sqlite_autoincrement=True,
)

# Addresses that were told to a caller: a number within a space (node addresses, endpoint addresses, ports).
leases = Table(
    "leases",
    metadata,
    Column("space", String(16), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("incarnation", String(16), nullable=False),
    Column("name", String(96), nullable=False),
    UniqueConstraint("incarnation", "space", "name"),
)

test_failovers = Table(
    "test_failovers",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("account", String(12), nullable=False),
    Column("region", String(32), nullable=False),
    Column("node_group", String(96), nullable=False),
    Column("date", DateTime(timezone=True), nullable=False),
    Index("test_failovers_by_date", "account", "region", "date"),
)

parameter_groups = Table(
    "parameter_groups",
    metadata,
    Column("account", String(12), primary_key=True),
    Column("region", String(32), primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("document", Text, nullable=False),
)

# What the installation remembers about itself: its name, its network, where the search for addresses goes on.
facts = Table(
    "facts",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)
