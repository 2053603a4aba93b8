"""What pretend engines count: as many hits as misses, one each time that they are asked."""

from cachewright.agents.memory.processes import Process
from cachewright.controlplane.model.metrics.terms import Figures

_NOTHING = """
acl_access_denied_auth acl_access_denied_channel acl_access_denied_cmd acl_access_denied_db acl_access_denied_key
active_defrag_hits allocator_frag_bytes blocked_clients db0.avg_ttl db0.expires db0.keys_with_volatile_items
evicted_keys expired_fields expired_keys mem_not_counted_for_evict pubsub_channels pubsubshard_channels
rdb_bgsave_in_progress rejected_connections total_error_replies tracking_total_keys
"""
_NOTHING_OF_MEMCACHED = """
bytes_read bytes_written cas_badval cas_hits cas_misses cmd_flush cmd_touch decr_hits decr_misses delete_hits
delete_misses evicted_unfetched evictions expired_unfetched hash_bytes incr_hits incr_misses reclaimed slabs_moved
touch_hits touch_misses
"""


def held(process: Process) -> int:
    """The bytes of what was written."""
    return sum(map(len, process.data.values()))


def limit(process: Process) -> int:
    """The bytes that the command line allows; 0: any."""
    words = process.blueprint.command
    return int(words[words.index("--maxmemory") + 1]) if "--maxmemory" in words else 0


def of_redis(process: Process, heard: int) -> Figures:
    """In the words of INFO; `heard` replicas follow it."""
    asked, link = process.asked, {"master_link_status": float(process.linked), "master_last_io_seconds_ago": 0.0}
    link |= {} if process.linked else {"master_link_down_since_seconds": float(asked)}
    return {
        **dict.fromkeys(_NOTHING.split(), 0.0),
        **(link if process.leader else {}),
        "allocator_frag_ratio": 1.0,
        "cmdstat_get.calls": 2 * asked,
        "cmdstat_get.usec": 10 * asked,
        "cmdstat_info.calls": asked,
        "cmdstat_info.usec": 100 * asked,
        "connected_clients": len(process.connections),
        "connected_slaves": heard,
        "db0.keys": len(process.data),
        "keyspace_hits": asked,
        "keyspace_misses": asked,
        "master_repl_offset": process.offset,
        "maxmemory": limit(process),
        "mem_fragmentation_ratio": 1.0,
        "role": 0.0 if process.leader else 1.0,
        "total_commands_processed": 3 * asked,
        "total_connections_received": len(process.connections),
        "used_cpu_sys_main_thread": asked / 1000,
        "used_cpu_user_main_thread": asked / 1000,
        "used_memory": held(process),
        "used_memory_dataset": held(process),
    }


def of_memcached(process: Process) -> Figures:
    """In the words of `stats`."""
    return {
        **dict.fromkeys(_NOTHING_OF_MEMCACHED.split(), 0.0),
        "bytes": held(process),
        "cmd_get": 2 * process.asked,
        "cmd_set": len(process.data),
        "curr_connections": len(process.connections),
        "curr_items": len(process.data),
        "get_hits": process.asked,
        "get_misses": process.asked,
        "limit_maxbytes": process.blueprint.memory,
        "total_connections": len(process.connections),
        "total_items": len(process.data),
    }
