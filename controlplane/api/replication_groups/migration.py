"""TestMigration, StartMigration, CompleteMigration: the data of a Redis or Valkey of the user's come into a group.
Of serverless caches see `serverless_caches/migration.py`.

Source: the ElastiCache user guide, "Online migration for Valkey or Redis OSS". How a migration goes is told by events;
of their texts that of success is AWS's.
"""

from dataclasses import replace

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.migration_sources import checked_source
from cachewright.controlplane.api.replication_groups import view as group_view
from cachewright.controlplane.api.replication_groups.lookup import found
from cachewright.controlplane.api.replication_groups.members import check_available
from cachewright.controlplane.api.serverless_caches import migration as serverless
from cachewright.controlplane.model import questions
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.changes import with_change
from cachewright.controlplane.model.events import GROUP, Event
from cachewright.controlplane.model.faults import Fault, invalid_combination
from cachewright.controlplane.model.lifecycle import GROUP_STATUS, Phase
from cachewright.controlplane.model.migration import unfit_target


def test_migration(context: Context, params: Params) -> Answer:
    """Whether a migration could begin; the group stays as it is, and an event tells."""
    cache = _target(context, params["ReplicationGroupId"])
    _, check = checked_source(context, cache, params)
    _tell(context, cache, _failed("Test", cache, check.refusal) or f"Test Migration successful for {cache.key.id}")
    return {"ReplicationGroup": group_view.group(cache)}


def start_migration(context: Context, params: Params) -> Answer:
    """Have the group follow a source. With a source that does not fit it stays as it is, and an event tells why."""
    if _is_serverless(params):
        return serverless.start_migration(context, params)
    cache = _target(context, params["ReplicationGroupId"])
    for name in ("AutoCutover", "ClearTargetCacheData"):
        if name in params:
            raise invalid_combination(f"{name} can be given for serverless caches only.")
    upstream, check = checked_source(context, cache, params)
    if failure := _failed("Start", cache, check.refusal):
        _tell(context, cache, failure)
        return {"ReplicationGroup": group_view.group(cache)}
    spec = with_change(cache, replace(cache.spec, upstream=upstream))
    written = context.transaction.caches.write_spec(cache, spec)
    _tell(context, cache, f"Started migration to {cache.key.id} from {upstream}")
    return {"ReplicationGroup": {**group_view.group(written), "Status": GROUP_STATUS[Phase.MODIFYING]}}


def complete_migration(context: Context, params: Params) -> Answer:
    """Have the group follow nobody any more, once it has everything; by force whatever it has."""
    if _is_serverless(params):
        return serverless.complete_migration(context, params)
    cache = found(context, params["ReplicationGroupId"], lock=True)
    if cache.spec.upstream is None or not cache.spec.upstream.migrates:
        raise Fault(
            "ReplicationGroupNotUnderMigrationFault", f"Replication group {cache.key.id} is not under migration."
        )
    if cache.ending:
        check_available(cache)
    if not params.get("Force") and (lacks := context.answers.to(questions.unsynced(cache))):
        _tell(context, cache, f"Complete Migration failed for {cache.key.id}: it is not in sync, {lacks}")
        return {"ReplicationGroup": group_view.group(cache)}
    written = context.transaction.caches.write_spec(cache, with_change(cache, replace(cache.spec, upstream=None)))
    return {"ReplicationGroup": group_view.group(written)}


def _is_serverless(params: Params) -> bool:
    """Whether a request is about a serverless cache, and not about a replication group."""
    group, cache = params.get("ReplicationGroupId"), params.get("ServerlessCacheName")
    if bool(group) == bool(cache):
        raise invalid_combination("Exactly one of ReplicationGroupId and ServerlessCacheName must be given.")
    return bool(cache)


def _target(context: Context, name: str) -> Cache:
    """The group that data shall come into; Fault when it is not as that needs."""
    cache = found(context, name, lock=True)
    if cache.spec.upstream and cache.spec.upstream.migrates:
        raise Fault(
            "ReplicationGroupAlreadyUnderMigrationFault", f"Replication group {name} is already under migration."
        )
    check_available(cache)
    if member := cache.spec.datastore:
        message = f"Replication group {cache.key.id} is part of global replication group {member.datastore}."
        raise Fault("InvalidReplicationGroupStateFault", message)
    if unfit := unfit_target(cache.spec):
        message = f"Data cannot be migrated to replication group {cache.key.id}: {unfit}."
        raise Fault("InvalidReplicationGroupStateFault", message)
    return cache


def _failed(what: str, cache: Cache, refusal: str) -> str:
    return f"{what} Migration failed for {cache.key.id}: {refusal}" if refusal else ""


def _tell(context: Context, cache: Cache, message: str) -> None:
    context.tell(Event(GROUP, cache.key.id, message))
