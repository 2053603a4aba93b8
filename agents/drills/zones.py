"""Availability zones that are down: nothing is launched there until they are up again."""

import json
from collections.abc import Collection, Iterable
from datetime import datetime

from cachewright.controlplane.store.transaction import Transaction

FACT = "zones down"


def zones_down(transaction: Transaction, now: datetime) -> frozenset[str]:
    """The zones that are down. A zone whose time is over is up without anybody doing anything about it."""
    return frozenset(zone for zone, end in _written(transaction).items() if end is None or now < end)


def take_down(transaction: Transaction, zones: Iterable[str], end: datetime | None) -> None:
    """Zones go down until a moment, or until they are brought up; whatever was said of them before does not count."""
    _write(transaction, {**_written(transaction), **dict.fromkeys(zones, end)})


def bring_up(transaction: Transaction, zones: Collection[str]) -> bool:
    """Zones come back; whether anything was said of one."""
    written = _written(transaction)
    _write(transaction, {zone: end for zone, end in written.items() if zone not in zones})
    return any(zone in written for zone in zones)


def forget(transaction: Transaction) -> None:
    """Every zone is up."""
    _write(transaction, {})


def _written(transaction: Transaction) -> dict[str, datetime | None]:
    rows: dict[str, str | None] = json.loads(transaction.facts.read(FACT) or "{}")
    return {zone: datetime.fromisoformat(end) if end else None for zone, end in rows.items()}


def _write(transaction: Transaction, zones: dict[str, datetime | None]) -> None:
    transaction.facts.write(FACT, json.dumps({zone: end.isoformat() if end else None for zone, end in zones.items()}))
