"""Moments that were written down, in case the clock was put back or the machine slept meanwhile."""

from dataclasses import replace
from datetime import UTC, datetime

from cachewright.controlplane.model.cache import Cache, NodeStatus

ALWAYS = datetime.min.replace(tzinfo=UTC)  # before anything that is remembered


def bounded(cache: Cache, first: datetime, now: datetime) -> Cache:
    """The same cache, whose nodes have been silent, busy or astray since `first` at the earliest, and `now` at the
    latest: nobody was waited for before, and nothing has begun in the future.
    """
    nodes = {name: _bounded(known, first, now) for name, known in cache.status.nodes.items()}
    return cache if nodes == cache.status.nodes else replace(cache, status=replace(cache.status, nodes=nodes))


def _bounded(known: NodeStatus, first: datetime, now: datetime) -> NodeStatus:
    if not (known.silent_since or known.busy_since or known.astray_since):
        return known

    def between(moment: datetime | None) -> datetime | None:
        return moment and min(max(moment, first), now)

    return replace(
        known,
        silent_since=between(known.silent_since),
        busy_since=between(known.busy_since),
        astray_since=between(known.astray_since),
    )
