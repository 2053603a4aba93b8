"""The parameters of the two Redis families that are known in full from recorded answers: 2.8 and 5.0.

All others differ from one of these, see `families`.
Source: recorded answers of DescribeEngineDefaultParameters and DescribeCacheParameters.
"""

from cachewright.controlplane.model.parameters.commands import RENAMEABLE
from cachewright.controlplane.model.parameters.parameter import Effect, Modifiable, Parameter, choice, flag, number

UNUSED, NEVER, REBOOT = Modifiable.UNUSED, Modifiable.NEVER, Effect.REBOOT

EVICTION = "volatile-lru,allkeys-lru,volatile-lfu,allkeys-lfu,volatile-random,allkeys-random,volatile-ttl,noeviction"
EVICTION_WITHOUT_LFU = "volatile-lru,allkeys-lru,volatile-random,allkeys-random,volatile-ttl,noeviction"
SYNCS = "always,everysec,no"

REDIS_2_8: tuple[Parameter, ...] = (
    flag("activerehashing", "yes", UNUSED, REBOOT),
    choice("appendfsync", "everysec", SYNCS),
    flag("appendonly", "no"),
    number("client-output-buffer-limit-normal-hard-limit", "0"),
    number("client-output-buffer-limit-normal-soft-limit", "0"),
    number("client-output-buffer-limit-normal-soft-seconds", "0"),
    number("client-output-buffer-limit-pubsub-hard-limit", "33554432"),
    number("client-output-buffer-limit-pubsub-soft-limit", "8388608"),
    number("client-output-buffer-limit-pubsub-soft-seconds", "60"),
    number("client-output-buffer-limit-slave-soft-seconds", "60", "0-", NEVER),
    flag("close-on-slave-write", "yes"),
    number("databases", "16", "1-1200000", UNUSED, REBOOT),
    number("hash-max-ziplist-entries", "512"),
    number("hash-max-ziplist-value", "64"),
    number("list-max-ziplist-entries", "512"),
    number("list-max-ziplist-value", "64"),
    number("lua-time-limit", "5000", "5000", NEVER),
    number("maxclients", "65000", "1-65000", NEVER, REBOOT),
    choice("maxmemory-policy", "volatile-lru", EVICTION_WITHOUT_LFU),
    number("maxmemory-samples", "3", "1-"),
    number("min-slaves-max-lag", "10"),
    number("min-slaves-to-write", "0"),
    choice("notify-keyspace-events", None, ""),
    number("repl-backlog-size", "1048576", "16384-"),
    number("repl-backlog-ttl", "3600"),
    number("repl-timeout", "60", "11-"),
    number("reserved-memory", "0"),
    number("set-max-intset-entries", "512"),
    flag("slave-allow-chaining", "no", NEVER),
    number("slowlog-log-slower-than", "10000", "-"),
    number("slowlog-max-len", "128"),
    number("tcp-keepalive", "0"),
    number("timeout", "0", "0,20-"),
    number("zset-max-ziplist-entries", "128"),
    number("zset-max-ziplist-value", "64"),
)

REDIS_5_0: tuple[Parameter, ...] = (
    flag("activedefrag", "no"),
    number("active-defrag-cycle-max", "75", "1-75"),
    number("active-defrag-cycle-min", "5", "1-75"),
    number("active-defrag-ignore-bytes", "104857600", "1048576-"),
    number("active-defrag-max-scan-fields", "1000", "1-1000000"),
    number("active-defrag-threshold-lower", "10", "1-100"),
    number("active-defrag-threshold-upper", "100", "1-100"),
    flag("activerehashing", "yes", UNUSED, REBOOT),
    choice("appendfsync", "everysec", SYNCS, NEVER),
    flag("appendonly", "no", NEVER),
    number("client-output-buffer-limit-normal-hard-limit", "0"),
    number("client-output-buffer-limit-normal-soft-limit", "0"),
    number("client-output-buffer-limit-normal-soft-seconds", "0"),
    number("client-output-buffer-limit-pubsub-hard-limit", "33554432"),
    number("client-output-buffer-limit-pubsub-soft-limit", "8388608"),
    number("client-output-buffer-limit-pubsub-soft-seconds", "60"),
    number("client-output-buffer-limit-replica-soft-seconds", "60", "0-", NEVER),
    number("client-query-buffer-limit", "1073741824", "1048576-1073741824"),
    flag("close-on-replica-write", "yes"),
    flag("cluster-enabled", "no", UNUSED, REBOOT),
    flag("cluster-require-full-coverage", "no"),
    number("databases", "16", "1-1200000", UNUSED, REBOOT),
    number("hash-max-ziplist-entries", "512"),
    number("hash-max-ziplist-value", "64"),
    number("hll-sparse-max-bytes", "3000", "1-16000"),
    flag("lazyfree-lazy-eviction", "no"),
    flag("lazyfree-lazy-expire", "no"),
    flag("lazyfree-lazy-server-del", "no"),
    number("lfu-decay-time", "1"),
    number("lfu-log-factor", "10", "1-"),
    number("list-compress-depth", "0"),
    number("list-max-ziplist-size", "-2", "-5,-4,-3,-2,-1,1-", NEVER),
    flag("lua-replicate-commands", "yes"),
    number("lua-time-limit", "5000", "5000", NEVER),
    number("maxclients", "65000", "1-65000", NEVER, REBOOT),
    choice("maxmemory-policy", "volatile-lru", EVICTION),
    number("maxmemory-samples", "3", "1-"),
    number("min-replicas-max-lag", "10"),
    number("min-replicas-to-write", "0"),
    choice("notify-keyspace-events", None, ""),
    number("proto-max-bulk-len", "536870912", "1048576-536870912"),
    choice("rename-commands", "", ",".join(RENAMEABLE)),
    number("repl-backlog-size", "1048576", "16384-"),
    number("repl-backlog-ttl", "3600"),
    flag("replica-allow-chaining", "no", NEVER),
    flag("replica-ignore-maxmemory", "yes", NEVER),
    flag("replica-lazy-flush", "no", NEVER),
    number("reserved-memory-percent", "25", "0-100"),
    number("set-max-intset-entries", "512"),
    number("slowlog-log-slower-than", "10000", "-"),
    number("slowlog-max-len", "128"),
    number("stream-node-max-bytes", "4096"),
    number("stream-node-max-entries", "100"),
    number("tcp-keepalive", "300"),
    number("timeout", "0", "0,20-"),
    number("zset-max-ziplist-entries", "128"),
    number("zset-max-ziplist-value", "64"),
)

SINCE: dict[str, str] = {
    "acl-pubsub-default": "6.2.0",
    "close-on-slave-write": "2.8.23",
    "rename-commands": "5.0.3",
}  # parameters that came later than the first version of their family
