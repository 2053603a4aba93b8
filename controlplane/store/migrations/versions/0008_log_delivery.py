"""What has been made of configurations of logs, and how far they have been delivered"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "log_deliveries",
        sa.Column("incarnation", sa.String(16), primary_key=True),
        sa.Column("type", sa.String(16), primary_key=True),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_table(
        "log_positions",
        sa.Column("incarnation", sa.String(16), primary_key=True),
        sa.Column("type", sa.String(16), primary_key=True),
        sa.Column("node", sa.String(96), primary_key=True),
        sa.Column("position", sa.String(64), nullable=False),
    )
