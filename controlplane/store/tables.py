"""The tables. A change here needs a migration in `migrations/versions`, and `REVISION` in `revision.py` its name."""

from sqlalchemy import (
    BigInteger,
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
    Column("presentation", Text, nullable=False, server_default="{}"),  # what is shown and nobody acts on
    Column("settled", Boolean, nullable=False),  # nothing is left to do, as far as the agent knows
    Column(
        "revision", Integer, nullable=False, server_default="1"
    ),  # of spec and status together: every write of either counts
    Column("owner", String(32), nullable=False, server_default=""),  # the run of an agent that works on it
    Column("lease_until", DateTime(timezone=True)),  # until when nobody else may
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
    Index("events_by_date", "account", "region", "date", "number"),
    Index("events_by_source_type", "account", "region", "source_type", "date", "number"),
    Index("events_by_source", "account", "region", "source", "date", "number"),
    sqlite_autoincrement=True,
)

# What is published to SNS topics, written with the event that it is about.
notifications = Table(
    "notifications",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("account", String(12), nullable=False),
    Column("region", String(32), nullable=False),
    Column("topic", String(512), nullable=False),
    Column("name", String(64), nullable=False),
    Column("source", String(255), nullable=False),
    Column("date", DateTime(timezone=True), nullable=False),
    Column("delivery", String(16), nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Index("notifications_by_delivery", "delivery", "account", "region", "topic", "number"),
    Index("notifications_by_account", "account", "number"),
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

# Snapshots that were begun in the last 24 hours, of a cache cluster or, with no name of one, of a whole group.
snapshots_taken = Table(
    "snapshots_taken",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("account", String(12), nullable=False),
    Column("region", String(32), nullable=False),
    Column("incarnation", String(16), nullable=False),
    Column("cluster", String(64), nullable=False),
    Column("automatic", Boolean, nullable=False),
    Column("date", DateTime(timezone=True), nullable=False),
    Index("snapshots_taken_by_cache", "account", "region", "incarnation"),
)

# The resources that are nothing but a record: a row of `model/nouns.py` says what each noun is.
records = Table(
    "records",
    metadata,
    Column("account", String(12), primary_key=True),
    Column("region", String(32), primary_key=True),
    Column("noun", String(32), primary_key=True),
    Column("id", String(255), primary_key=True),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("document", Text, nullable=False),
)

# Who uses what: derived from every spec in the transaction that writes it.
references = Table(
    "references",
    metadata,
    Column("account", String(12), primary_key=True),
    Column("region", String(32), primary_key=True),
    Column("user_noun", String(32), primary_key=True),
    Column("user_id", String(255), primary_key=True),
    Column("noun", String(32), primary_key=True),
    Column("id", String(255), primary_key=True),
    Index("references_by_used", "account", "region", "noun", "id"),
)

# The parts of an ARN, and a tag of the resource that it names; `number` keeps the order.
tags = Table(
    "tags",
    metadata,
    Column("account", String(12), primary_key=True),
    Column("region", String(32), primary_key=True),
    Column("noun", String(32), primary_key=True),
    Column("id", String(255), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("value", String(256), nullable=False),
    Column("number", Integer, nullable=False),
)

# What has been made of a cache's configuration of a log, and how far each node's log has been delivered. Written by
# whoever delivers, alone.
log_deliveries = Table(
    "log_deliveries",
    metadata,
    Column("incarnation", String(16), primary_key=True),
    Column("type", String(16), primary_key=True),
    Column("document", Text, nullable=False),
)

log_positions = Table(
    "log_positions",
    metadata,
    Column("incarnation", String(16), primary_key=True),
    Column("type", String(16), primary_key=True),
    Column("node", String(96), primary_key=True),
    Column("position", String(64), nullable=False),
)

# What was made of templates: a document of whoever applies them. `revision` counts its writes.
stacks = Table(
    "stacks",
    metadata,
    Column("account", String(12), primary_key=True),
    Column("region", String(32), primary_key=True),
    Column("name", String(128), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("document", Text, nullable=False),
)

# The machines that run nodes: a document of each.
hosts = Table(
    "hosts",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("document", Text, nullable=False),
)

# Which nodes are on which host, or are to be, and how many bytes each takes there.
placements = Table(
    "placements",
    metadata,
    Column("incarnation", String(16), primary_key=True),
    Column("node", String(96), primary_key=True),
    Column("host", String(32), primary_key=True),
    Column("memory", BigInteger, nullable=False),
    Index("placements_by_host", "host", "memory"),
)

# What the installation remembers about itself: its name, its network, where the search for addresses goes on.
facts = Table(
    "facts",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

# What proves who this installation is, where it does not lie in one machine's directory: the authority's key and
# certificate, the agent's password. Nothing but `store/secrets.py` reads it.
secrets = Table(
    "secrets",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

# The processes that work at the database, as long as each says so; see `members.py`.
members = Table(
    "members",
    metadata,
    Column("token", String(32), primary_key=True),
    Column("name", String(32), nullable=False),
    Column("role", String(16), nullable=False),
    Column("host", String(255), nullable=False),
    Column("process", Integer, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("lease_until", DateTime(timezone=True), nullable=False),
)

# What one member at a time does for all: its token.
duties = Table(
    "duties",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("owner", String(32), nullable=False),
)
