"""A cache as a row."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, bindparam

from cachewright.controlplane.model.cache import Cache, Key, Kind, Spec, Status
from cachewright.controlplane.model.ownership import Ownership
from cachewright.controlplane.model.presentation import Presentation
from cachewright.controlplane.store.documents import Unreadable, from_json, to_json
from cachewright.controlplane.store.tables import caches


def identity(key: Key) -> dict[str, Any]:
    """The columns of a key."""
    return {"account": key.account, "region": key.region, "kind": key.kind.value, "id": key.id}


def named(key: Key) -> Iterable[Any]:
    """The condition that a row is the cache of that key."""
    return (caches.c[column] == value for column, value in identity(key).items())


def as_read(cache: Cache) -> dict[str, Any]:
    """The values of `AS_READ`."""
    read = {**identity(cache.key), "incarnation": cache.incarnation, "revision": cache.revision}
    return {f"read_{column}": value for column, value in read.items()}


def row_of(cache: Cache) -> dict[str, Any]:
    """The row of a new cache."""
    return {
        **identity(cache.key),
        "incarnation": cache.incarnation,
        "created_at": cache.created_at,
        "generation": cache.generation,
        "deleting": False,
        "spec": to_json(cache.spec),
        "status": to_json(cache.status),
        "presentation": to_json(cache.presentation),
        "settled": False,
    }


def cache_of(row: Row[Any]) -> Cache:
    """The cache in a row; Unreadable when one of its documents is."""
    key = Key(row.account, row.region, Kind(row.kind), row.id)
    try:
        return Cache(
            key=key,
            incarnation=row.incarnation,
            created_at=utc(row.created_at),
            generation=row.generation,
            deleting=row.deleting,
            spec=from_json(Spec, row.spec),
            status=from_json(Status, row.status),
            presentation=from_json(Presentation, row.presentation),
            revision=row.revision,
            ownership=Ownership(row.owner, utc(row.lease_until) if row.lease_until else None),
        )
    except Unreadable as error:
        raise Unreadable(f"cannot read the cache {key}: {error}") from error


def utc(moment: datetime) -> datetime:
    """SQLite forgets the zone; everything is written in UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


# The condition that a row is a cache as it was read; a statement with it is built once.
AS_READ = tuple(
    caches.c[column] == bindparam(f"read_{column}")
    for column in ("account", "region", "kind", "id", "incarnation", "revision")
)
