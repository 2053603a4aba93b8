"""What users are told of a serverless cache: the difference between two reports, in AWS's words where AWS has some.

Source of the texts: the ElastiCache user guide, "Serverless events"; of its nodes AWS says nothing.
"""

from collections.abc import Iterator

from cachewright.agents.planning.members import is_surge
from cachewright.controlplane.model.cache import Cache, Status
from cachewright.controlplane.model.changes import current_change
from cachewright.controlplane.model.events import SERVERLESS, Event
from cachewright.controlplane.model.lifecycle import UNBORN, Phase

_RESTORED = "data was restored from snapshot. Your cache is ready to use."


def serverless_events(cache: Cache, status: Status) -> Iterator[Event]:
    """The events between the report of a serverless cache and the next one, but for the reasons."""
    yield from (Event(SERVERLESS, cache.key.id, words) for words in _words(cache, status))


def _words(cache: Cache, status: Status) -> Iterator[str]:
    name, born = cache.key.id, cache.status.phase in UNBORN and status.phase is Phase.AVAILABLE
    if born:
        yield f"Cache {name} is created and {_RESTORED if cache.spec.seed else 'ready to use.'}"
    if born or _upgraded(cache, status):
        builds = sorted({status.nodes[node.name].build for node in cache.spec.nodes})
        yield f"Cachewright runs {', '.join(builds)} in place of {cache.spec.engine} {cache.spec.release.version}."
    yield from status.notes if born else ()
    yield from _failovers(cache, status)
    if _migrated(cache, status):
        yield f"Complete Migration successful for {name}"
    if cache.deleting and status.phase is Phase.DELETING:
        yield f"Cache {name} was deleted."


def _migrated(cache: Cache, status: Status) -> bool:
    """Whether it has left the source of its data for good, and takes writes as a serverless cache does."""
    return current_change(cache).migrated and not cache.spec.migration and status.generation >= cache.generation


def _upgraded(cache: Cache, status: Status) -> bool:
    return cache.status.version not in ("", status.version)


def _failovers(cache: Cache, status: Status) -> Iterator[str]:
    for shard in cache.spec.shards:
        before, after = cache.status.shards.get(shard.id), status.shards.get(shard.id)
        if not before or not after or is_surge(before.primary) or is_surge(after.primary):
            continue
        if before.primary and before.primary != after.primary:
            yield f"Failover from node {before.primary} to node {after.primary}."
