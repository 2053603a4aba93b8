"""Metrics of Redis and Valkey, from INFO.

Source: the user guide, "Metrics for Valkey and Redis OSS", and the list of ElastiCache's metrics in the user guide of
CloudWatch.
"""

from collections.abc import Mapping

from cachewright.controlplane.model.metrics.commands import FAMILIES
from cachewright.controlplane.model.metrics.metric import Family, Kind, Metric, Rows, Unit
from cachewright.controlplane.model.metrics.terms import (
    UPSTREAM_LAG,
    Commands,
    Either,
    Share,
    Sum,
    Term,
    Total,
    Where,
    of,
)

_REDIS = Rows(Family.REDIS)

_USED, _LIMIT = of("used_memory"), of("maxmemory")
_ITEMS = Sum(("used_memory",), ("mem_not_counted_for_evict",))
_ENGINE_THREAD = Either(
    of("used_cpu_sys_main_thread", "used_cpu_user_main_thread"), of("used_cpu_sys", "used_cpu_user")
)

_WRONG_PASSWORDS = Where("total_error_replies", Total("errorstat_WRONGPASS", "count"))

_COUNTED: Mapping[str, Term] = {
    "ActiveDefragHits": of("active_defrag_hits"),
    "AuthenticationFailures": Either(of("acl_access_denied_auth"), _WRONG_PASSWORDS),
    "CacheHits": of("keyspace_hits"),
    "CacheMisses": of("keyspace_misses"),
    "ChannelAuthorizationFailures": of("acl_access_denied_channel"),
    "CommandAuthorizationFailures": of("acl_access_denied_cmd"),
    "DatabaseAuthorizationFailures": of("acl_access_denied_db"),
    "ErrorCount": of("total_error_replies"),
    "Evictions": of("evicted_keys"),
    "KeyAuthorizationFailures": of("acl_access_denied_key"),
    "NewConnections": of("total_connections_received"),
    "ProcessedCommands": of("total_commands_processed"),
    "Reclaimed": of("expired_keys"),
    "ReclaimedFields": of("expired_fields"),
    "RejectedConnections": of("rejected_connections"),
}
_NUMBERS: Mapping[str, Term] = {
    "BlockedConnections": of("blocked_clients"),
    "CurrConnections": of("connected_clients"),
    "CurrItems": Total("db", "keys"),
    "CurrItemsWithVolatileFields": Where("expired_fields", Total("db", "keys_with_volatile_items")),
    "CurrVolatileItems": Total("db", "expires"),
    "IsMaster": of("role"),
    "IsPrimary": of("role"),
    "KeysTracked": of("tracking_total_keys"),
    "PubSubChannels": of("pubsub_channels"),
    "PubSubShardChannels": of("pubsubshard_channels"),
}
_PLAIN: Mapping[str, Term] = {
    "AllocatorFragmentationRatio": of("allocator_frag_ratio"),
    "MasterLinkHealthStatus": of("master_link_status"),
    "MemoryFragmentationRatio": of("mem_fragmentation_ratio"),
    "PrimaryLinkHealthStatus": of("master_link_status"),
    "SaveInProgress": of("rdb_bgsave_in_progress"),
}
_BYTES: Mapping[str, Term] = {
    "AllocatorFragmentationBytes": of("allocator_frag_bytes"),
    "BytesUsedForCache": _USED,
    "UsedMemoryDataset": of("used_memory_dataset"),
}
_FULL: Mapping[str, Term] = {
    "DatabaseCapacityUsageCountedForEvictPercentage": Share(_ITEMS, _LIMIT, 100),
    "DatabaseCapacityUsagePercentage": Share(_USED, _LIMIT, 100),
    "DatabaseMemoryUsageCountedForEvictPercentage": Share(_ITEMS, _LIMIT, 100),
    "DatabaseMemoryUsagePercentage": Share(_USED, _LIMIT, 100),
}
_SHARES: Mapping[str, Term] = {
    "CacheHitRate": Share(of("keyspace_hits"), of("keyspace_hits", "keyspace_misses"), 100),
    "EngineCPUUtilization": Share(_ENGINE_THREAD, of("seconds"), 100),
}
_LATENCIES: Mapping[str, Term] = {name: Share(Commands(name, "usec"), Commands(name, "calls")) for name in FAMILIES}

_NO_TIER = "no node has data tiering here: all that it holds is in memory"
_NO_EXPIRATIONS = "connections of IAM users are ended after their twelve hours, and not counted"
_NO_LOG = "what is durable is a file of the node itself, not a log of other zones that it could lag behind"
_NO_SEARCH = "the engines are without their search modules"

REDIS: tuple[Metric, ...] = (
    *_REDIS.derived(Kind.COUNTER, Unit.COUNT, _COUNTED),
    *_REDIS.derived(Kind.COUNTER, Unit.BYTES, {"ReplicationBytes": of("master_repl_offset")}),
    *_REDIS.derived(Kind.GAUGE, Unit.COUNT, _NUMBERS),
    *_REDIS.derived(Kind.GAUGE, Unit.NONE, _PLAIN),
    *_REDIS.derived(Kind.GAUGE, Unit.BYTES, _BYTES),
    *_REDIS.derived(Kind.GAUGE, Unit.PERCENT, _FULL),
    *_REDIS.derived(Kind.GAUGE, Unit.MILLISECONDS, {"DB0AverageTTL": of("db0.avg_ttl")}),
    *_REDIS.derived(Kind.GAUGE, Unit.SECONDS, {"ReplicationLag": of("master_last_io_seconds_ago")}),
    *_REDIS.derived(Kind.GAUGE, Unit.SECONDS, {"GlobalDatastoreReplicationLag": of(UPSTREAM_LAG)}),
    *_REDIS.derived(Kind.RATE, Unit.PERCENT, _SHARES),
    *_REDIS.derived(Kind.COUNTER, Unit.COUNT, {name: Commands(name, "calls") for name in FAMILIES}),
    *_REDIS.derived(Kind.RATE, Unit.MICROSECONDS, {f"{name}Latency": term for name, term in _LATENCIES.items()}),
    *_REDIS.derived(Kind.RATE, Unit.MICROSECONDS, {"SuccessfulReadRequestLatency": _LATENCIES["GetTypeCmds"]}),
    *_REDIS.derived(Kind.RATE, Unit.MICROSECONDS, {"SuccessfulWriteRequestLatency": _LATENCIES["SetTypeCmds"]}),
    *_REDIS.left_out(Unit.BYTES, "BytesReadFromDisk BytesWrittenToDisk", _NO_TIER),
    *_REDIS.left_out(Unit.COUNT, "NumItemsReadFromDisk NumItemsWrittenToDisk", _NO_TIER),
    *_REDIS.left_out(Unit.COUNT, "IamAuthenticationExpirations", _NO_EXPIRATIONS),
    *_REDIS.left_out(Unit.COUNT, "IamAuthenticationThrottling", "nobody who enters with a token is throttled"),
    *_REDIS.left_out(Unit.SECONDS, "DurabilityLag", _NO_LOG),
    *_REDIS.left_out(Unit.COUNT, "DurabilityBufferExceededErrorCount", _NO_LOG),
    *_REDIS.left_out(Unit.NONE, "TrafficManagementActive", "nothing here manages the traffic of engines"),
    *_REDIS.left_out(Unit.COUNT, "SearchNumberOfIndexes SearchTotalIndexedDocuments", _NO_SEARCH),
    *_REDIS.left_out(Unit.BYTES, "SearchUsedMemoryBytes", _NO_SEARCH),
)
