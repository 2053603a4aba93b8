"""Whether a cache is encrypted at rest is desired of its nodes, and no longer only shown"""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    caches = sa.table("caches", *map(sa.column, ("number", "spec", "presentation")))
    for number, *documents in connection.execute(
        sa.select(caches.c.number, caches.c.spec, caches.c.presentation)
    ).all():
        spec, shown = map(json.loads, documents)
        if shown.pop("at_rest_encryption", False):
            values = {"spec": _written(spec | {"at_rest": True}), "presentation": _written(shown)}
            connection.execute(sa.update(caches).where(caches.c.number == number).values(values))


def _written(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
