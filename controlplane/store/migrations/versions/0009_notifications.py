"""Notifications, and events that are found by source however many there are"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("events_by_date", "events")
    op.create_index("events_by_date", "events", ["account", "region", "date", "number"])
    op.create_index("events_by_source_type", "events", ["account", "region", "source_type", "date", "number"])
    op.create_index("events_by_source", "events", ["account", "region", "source", "date", "number"])
    op.create_table(
        "notifications",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("account", sa.String(12), nullable=False),
        sa.Column("region", sa.String(32), nullable=False),
        sa.Column("topic", sa.String(512), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("source", sa.String(255), nullable=False),
        sa.Column("date", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivery", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text, nullable=False, server_default=""),
        sqlite_autoincrement=True,
    )
    by_delivery = ["delivery", "account", "region", "topic", "number"]
    op.create_index("notifications_by_delivery", "notifications", by_delivery)
    op.create_index("notifications_by_account", "notifications", ["account", "number"])
