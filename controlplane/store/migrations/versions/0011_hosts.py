"""Hosts, and what nodes take of them"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hosts",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_table(
        "placements",
        sa.Column("incarnation", sa.String(16), primary_key=True),
        sa.Column("node", sa.String(96), primary_key=True),
        sa.Column("host", sa.String(32), primary_key=True),
        sa.Column("memory", sa.BigInteger, nullable=False),
    )
    op.create_index("placements_by_host", "placements", ["host", "memory"])
