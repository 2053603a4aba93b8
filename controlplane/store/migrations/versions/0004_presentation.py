"""What is shown of a cache and nobody acts on, apart from its spec"""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SCHEDULE = {
    "preferred_maintenance_window": "maintenance_window",
    "snapshot_window": "snapshot_window",
    "snapshot_retention_limit": "snapshot_retention_limit",
    "snapshotting_cluster_id": "snapshotting_cluster_id",
    "auto_minor_version_upgrade": "auto_minor_version_upgrade",
}


def upgrade() -> None:
    op.add_column("caches", sa.Column("presentation", sa.Text, nullable=False, server_default="{}"))
    connection = op.get_bind()
    caches = sa.table("caches", *map(sa.column, ("number", "spec", "presentation")))
    for number, spec in connection.execute(sa.select(caches.c.number, caches.c.spec)).all():
        desired, shown = _parted(json.loads(spec))
        values = {"spec": _written(desired), "presentation": _written(shown)}
        connection.execute(sa.update(caches).where(caches.c.number == number).values(values))


def _parted(spec: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The spec without its options, and those of them that are only shown."""
    options = spec.pop("options", {})
    schedule = {SCHEDULE[name]: value for name, value in options.items() if name in SCHEDULE}
    return spec | ({"schedule": schedule} if schedule else {}), {
        name: value for name, value in options.items() if name not in SCHEDULE
    }


def _written(document: dict[str, Any]) -> str:
    return json.dumps(document, separators=(",", ":"))
