"""Records of every noun, references, and tags in tables of their own"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NOUNS = {"cache-cluster": "cluster", "replication-group": "replicationgroup"}


def upgrade() -> None:
    records, references, tags = _records(), _references(), _tags()
    connection = op.get_bind()
    old = sa.table("parameter_groups", *map(sa.column, ("account", "region", "name", "document")))
    for row in connection.execute(sa.select(old)).mappings().all():
        document = json.loads(row["document"])
        place = {"account": row["account"], "region": row["region"], "noun": "parametergroup", "id": row["name"]}
        _insert(connection, tags, _tagged(place, document.pop("tags", [])))
        record = place | {"created_at": datetime.now(UTC), "document": json.dumps(document)}
        _insert(connection, records, [record])
    op.drop_table("parameter_groups")
    caches = sa.table("caches", *map(sa.column, ("number", "account", "region", "kind", "id", "spec")))
    clusters = sa.table("clusters", *map(sa.column, ("cache", "id")))
    for row in connection.execute(sa.select(caches)).mappings().all():
        spec = json.loads(row["spec"])
        members = connection.execute(sa.select(clusters.c.id).where(clusters.c.cache == row["number"])).scalars().all()
        _insert(connection, references, list(_used(dict(row), spec)))
        _insert(connection, tags, list(_cache_tags(dict(row), spec.get("options", {}), members)))
        for name in ("tags", "member_tags"):
            spec.get("options", {}).pop(name, None)
        connection.execute(sa.update(caches).where(caches.c.number == row["number"]).values(spec=json.dumps(spec)))


def _records() -> sa.Table:
    return op.create_table(
        "records",
        sa.Column("account", sa.String(12), primary_key=True),
        sa.Column("region", sa.String(32), primary_key=True),
        sa.Column("noun", sa.String(32), primary_key=True),
        sa.Column("id", sa.String(255), primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    )


def _references() -> sa.Table:
    references = op.create_table(
        "references",
        sa.Column("account", sa.String(12), primary_key=True),
        sa.Column("region", sa.String(32), primary_key=True),
        sa.Column("user_noun", sa.String(32), primary_key=True),
        sa.Column("user_id", sa.String(255), primary_key=True),
        sa.Column("noun", sa.String(32), primary_key=True),
        sa.Column("id", sa.String(255), primary_key=True),
    )
    op.create_index("references_by_used", "references", ["account", "region", "noun", "id"])
    return references


def _tags() -> sa.Table:
    return op.create_table(
        "tags",
        sa.Column("account", sa.String(12), primary_key=True),
        sa.Column("region", sa.String(32), primary_key=True),
        sa.Column("noun", sa.String(32), primary_key=True),
        sa.Column("id", sa.String(255), primary_key=True),
        sa.Column("key", sa.String(128), primary_key=True),
        sa.Column("value", sa.String(256), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
    )


def _used(row: Mapping[str, Any], spec: dict[str, Any]) -> Iterator[dict[str, Any]]:
    user = {"account": row["account"], "region": row["region"], "user_noun": NOUNS[row["kind"]], "user_id": row["id"]}
    groups = {spec["parameter_group"], spec.get("pending", {}).get("parameter_group", "")}
    for group in groups - {""}:
        yield user | {"noun": "parametergroup", "id": group}


def _cache_tags(row: Mapping[str, Any], options: dict[str, Any], members: Sequence[str]) -> Iterator[dict[str, Any]]:
    """A group's tags are those of its members, too, but for members that were tagged by themselves."""
    usual, own = options.get("tags", []), dict(options.get("member_tags", []))
    place = {"account": row["account"], "region": row["region"]}
    if row["kind"] == "replication-group":
        yield from _tagged(place | {"noun": NOUNS[row["kind"]], "id": row["id"]}, usual)
    for member in members:
        yield from _tagged(place | {"noun": "cluster", "id": member}, own.get(member, usual))


def _tagged(place: dict[str, Any], pairs: list[tuple[str, str]]) -> list[dict[str, Any]]:
    return [place | {"key": key, "value": value, "number": number} for number, (key, value) in enumerate(pairs)]


def _insert(connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(sa.insert(table), rows)
