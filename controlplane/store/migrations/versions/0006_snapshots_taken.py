"""Snapshots that were begun"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "snapshots_taken",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("account", sa.String(12), nullable=False),
        sa.Column("region", sa.String(32), nullable=False),
        sa.Column("incarnation", sa.String(16), nullable=False),
        sa.Column("cluster", sa.String(64), nullable=False),
        sa.Column("automatic", sa.Boolean, nullable=False),
        sa.Column("date", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("snapshots_taken_by_cache", "snapshots_taken", ["account", "region", "incarnation"])
