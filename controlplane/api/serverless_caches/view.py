"""A serverless cache as AWS shows it."""

from cachewright.controlplane.api.cache_clusters.view import endpoint
from cachewright.controlplane.api.common.context import Answer
from cachewright.controlplane.api.serverless_caches.integrations import integrations_shown
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.described import endpoints_shown, release_shown, serverless_status
from cachewright.controlplane.model.nouns import resource_of
from cachewright.controlplane.model.serverless import major_version, migration_status
from cachewright.controlplane.model.usage_limits import GIGABYTES, Limit, UsageLimits

_ENDPOINTS = (("Endpoint", "primary"), ("ReaderEndpoint", "reader"))


def serverless_cache(cache: Cache) -> Answer:
    """A serverless cache; its endpoints are left out until it was first available."""
    release, shown, schedule = release_shown(cache), cache.presentation, cache.spec.schedule
    return {
        "ServerlessCacheName": cache.key.id,
        "Description": shown.description,
        "CreateTime": cache.created_at,
        "Status": serverless_status(cache),
        "Engine": release.engine.value,
        "MajorEngineVersion": major_version(release),
        "FullEngineVersion": release.version,
        "StorageEncryptionType": "sse-kms" if shown.kms_key_id else "sse-elasticache",
        "SecurityGroupIds": list(shown.security_group_ids),
        "ARN": resource_of(cache.key).arn,
        "SubnetIds": list(shown.subnet_ids),
        "SnapshotRetentionLimit": schedule.snapshot_retention_limit,
        "NetworkType": cache.spec.network_type,
        "ConnectionType": shown.connection_type,
        **_optional(cache),
        **(_endpoints(cache) if endpoints_shown(cache) else {}),
    }


def _optional(cache: Cache) -> Answer:
    """What AWS leaves out when it was not asked for."""
    found = {
        "KmsKeyId": cache.presentation.kms_key_id,
        "UserGroupId": cache.spec.user_group,
        "DailySnapshotTime": cache.spec.schedule.daily_snapshot_time,
        "CacheUsageLimits": _limits(cache.spec.limits),
        "Migration": _migration(cache),
        "Integrations": integrations_shown(cache.presentation.integrations),
    }
    return {name: value for name, value in found.items() if value}


def _migration(cache: Cache) -> Answer:
    """AWS's MigrationSummary; empty when the cache is not under migration."""
    status, migration = migration_status(cache), cache.spec.migration
    if not status:
        return {}
    mode = {"CutoverMode": "automatic" if migration.automatic else "manual"} if migration else {}
    return {"Status": status, "MigrationEndpoint": endpoint(cache.status.shown("primary")), **mode}


def _limits(limits: UsageLimits) -> Answer:
    storage = _limit(limits.data_storage)
    found = {
        "DataStorage": {**storage, "Unit": GIGABYTES} if storage else {},
        "ECPUPerSecond": _limit(limits.ecpu_per_second),
    }
    return {name: value for name, value in found.items() if value}


def _limit(limit: Limit) -> Answer:
    found = {"Maximum": limit.maximum, "Minimum": limit.minimum}
    return {name: value for name, value in found.items() if value}


def _endpoints(cache: Cache) -> Answer:
    status = cache.status
    return {shown: endpoint(status.shown(name)) for shown, name in _ENDPOINTS if name in status.endpoints}
