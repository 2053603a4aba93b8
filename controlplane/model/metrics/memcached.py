"""Metrics of Memcached, from `stats`.

Source: the user guide, "Metrics for Memcached".
"""

from collections.abc import Mapping

from cachewright.controlplane.model.metrics.metric import Family, Kind, Metric, Rows, Unit
from cachewright.controlplane.model.metrics.terms import Sum, of

_MEMCACHED = Rows(Family.MEMCACHED)

_COUNTED: Mapping[str, str] = {
    "CasBadval": "cas_badval",
    "CasHits": "cas_hits",
    "CasMisses": "cas_misses",
    "CmdFlush": "cmd_flush",
    "CmdGet": "cmd_get",
    "CmdSet": "cmd_set",
    "CmdTouch": "cmd_touch",
    "DecrHits": "decr_hits",
    "DecrMisses": "decr_misses",
    "DeleteHits": "delete_hits",
    "DeleteMisses": "delete_misses",
    "EvictedUnfetched": "evicted_unfetched",
    "Evictions": "evictions",
    "ExpiredUnfetched": "expired_unfetched",
    "GetHits": "get_hits",
    "GetMisses": "get_misses",
    "IncrHits": "incr_hits",
    "IncrMisses": "incr_misses",
    "NewConnections": "total_connections",
    "NewItems": "total_items",
    "Reclaimed": "reclaimed",
    "SlabsMoved": "slabs_moved",
    "TouchHits": "touch_hits",
    "TouchMisses": "touch_misses",
}
_TRAFFIC = {"BytesReadIntoMemcached": of("bytes_read"), "BytesWrittenOutFromMemcached": of("bytes_written")}
_BYTES = {
    "BytesUsedForCacheItems": of("bytes"),
    "BytesUsedForHash": of("hash_bytes"),
    "UnusedMemory": Sum(("limit_maxbytes",), ("bytes",)),
}
_NUMBERS = {"CurrConnections": of("curr_connections"), "CurrItems": of("curr_items")}
_DISCOVERY = "Auto Discovery is answered by the directory; the engine, which would count, hears nothing of it"

MEMCACHED: tuple[Metric, ...] = (
    *_MEMCACHED.derived(Kind.COUNTER, Unit.COUNT, {name: of(figure) for name, figure in _COUNTED.items()}),
    *_MEMCACHED.derived(Kind.COUNTER, Unit.BYTES, _TRAFFIC),
    *_MEMCACHED.derived(Kind.GAUGE, Unit.BYTES, _BYTES),
    *_MEMCACHED.derived(Kind.GAUGE, Unit.COUNT, _NUMBERS),
    *_MEMCACHED.left_out(Unit.COUNT, "CmdConfigGet CmdConfigSet CurrConfig", _DISCOVERY),
)
