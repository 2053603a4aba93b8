"""Revisions and owners of caches, and the secrets of an installation"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("caches", sa.Column("revision", sa.Integer, nullable=False, server_default="1"))
    op.add_column("caches", sa.Column("owner", sa.String(32), nullable=False, server_default=""))
    op.add_column("caches", sa.Column("lease_until", sa.DateTime(timezone=True)))
    op.create_table(
        "secrets",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
