"""PrepareMigration and StopMigration, and StartMigration and CompleteMigration of serverless caches.

A node in cluster mode follows nobody outside of its cluster. So the nodes leave cluster mode while a migration is
prepared, and enter it again as it is completed. Source: the API reference of the four operations.
"""

from dataclasses import replace

from cachewright.controlplane.api.common.cache_writes import change_spec
from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.migration_sources import check_tls, checked_source
from cachewright.controlplane.api.serverless_caches.lookup import available, busy, found
from cachewright.controlplane.api.serverless_caches.view import serverless_cache
from cachewright.controlplane.model import questions, slots
from cachewright.controlplane.model.cache import Cache, ClusterMode, Spec
from cachewright.controlplane.model.events import SERVERLESS, Event
from cachewright.controlplane.model.faults import Fault, invalid_combination, invalid_value
from cachewright.controlplane.model.serverless import is_cutting_over
from cachewright.controlplane.model.upstreams import Migration


def prepare_migration(context: Context, params: Params) -> Answer:
    """Remember a source, and have the nodes leave cluster mode; the cache goes on with what it has."""
    name = params["ServerlessCacheName"]
    if found(context, name).spec.migration:
        message = f"A migration is already in progress for serverless cache {name}."
        raise Fault("ServerlessCacheAlreadyUnderMigrationFault", message)
    cache = available(context, name)
    _check(params, cache)
    source, check = checked_source(context, cache, params)
    if check.refusal:
        raise invalid_value(f"Data cannot be migrated to serverless cache {cache.key.id}: {check.refusal}.")
    spec = replace(_in_mode(cache.spec, ClusterMode.DISABLED), migration=Migration(source))
    return _written(context, cache, spec, f"Prepared migration to {cache.key.id} from {source}")


def start_migration(context: Context, params: Params) -> Answer:
    """Have the primary follow the source: what the cache held is gone. MigrationHealthFault when that does not fit."""
    cache, migration = _under_migration(context, params)
    available(context, cache.key.id)
    if params.get("CustomerNodeEndpointList"):
        raise invalid_combination("The source of a serverless cache is the endpoint that PrepareMigration was given.")
    if not params.get("ClearTargetCacheData") and (kept := _kept(context, cache, migration)):
        raise invalid_combination(f"ClearTargetCacheData must be true: {kept}.")
    source = migration.source
    if refusal := context.answers.to(questions.source(cache, source)).refusal:
        raise _unhealthy(refusal)
    migration = replace(migration, automatic=bool(params.get("AutoCutover")), stopped=False)
    spec = replace(cache.spec, migration=migration, upstream=source)
    return _written(context, cache, spec, f"Started migration to {cache.key.id} from {source}")


def stop_migration(context: Context, params: Params) -> Answer:
    """Have the primary follow nobody any more; what has come stays, and the migration is open."""
    cache, migration = _under_migration(context, params)
    if cache.spec.upstream is None:
        raise busy()
    spec = replace(cache.spec, upstream=None, migration=replace(migration, automatic=False, stopped=True))
    return _written(context, cache, spec, f"Stopped migration to {cache.key.id} from {migration.source}")


def complete_migration(context: Context, params: Params) -> Answer:
    """Have the cache follow nobody, and its nodes enter cluster mode. MigrationHealthFault when it lacks something that
    the source has, unless by force.
    """
    cache, _ = _under_migration(context, params)
    if not params.get("Force"):
        if cache.spec.upstream is None:
            raise _unhealthy("no data are synchronised; StartMigration begins that")
        if lacks := context.answers.to(questions.unsynced(cache)):
            raise _unhealthy(lacks)
    spec = replace(_in_mode(cache.spec, ClusterMode.COMPATIBLE), upstream=None, migration=None)
    return _written(context, cache, spec, f"Cutover of migration to {cache.key.id} has begun")


def _check(params: Params, cache: Cache) -> None:
    """Fault for what a migration cannot have."""
    check_tls(params)
    if not cache.spec.replicates:
        raise invalid_value("Migration is not supported for engine memcached.")


def _under_migration(context: Context, params: Params) -> tuple[Cache, Migration]:
    cache = found(context, params["ServerlessCacheName"], lock=True)
    if cache.ending or is_cutting_over(cache):
        raise busy()
    if cache.spec.migration is None:
        message = f"Serverless cache {cache.key.id} is not under migration."
        raise Fault("ServerlessCacheNotUnderMigrationFault", message)
    return cache, cache.spec.migration


def _kept(context: Context, cache: Cache, migration: Migration) -> str:
    """Why a cache is not to be emptied unless that is said; empty when it holds nothing."""
    if migration.stopped:
        return "the synchronisation was stopped, and begins anew"
    keys = max((usage.keys for usage in context.answers.to(questions.usage(cache)).values()), default=0)
    return f"serverless cache {cache.key.id} holds {keys} keys" if keys else ""


def _in_mode(spec: Spec, mode: ClusterMode) -> Spec:
    (shard,) = spec.shards
    served = slots.written(slots.EVERY) if mode is not ClusterMode.DISABLED else ""
    return replace(spec, cluster_mode=mode, shards=(replace(shard, slots=served),))


def _written(context: Context, cache: Cache, spec: Spec, message: str) -> Answer:
    written = change_spec(context, cache, spec)
    context.tell(Event(SERVERLESS, cache.key.id, message))
    return {"ServerlessCache": serverless_cache(written)}


def _unhealthy(reason: str) -> Fault:
    return Fault("MigrationHealthFault", f"The migration is not healthy: {reason}.")
