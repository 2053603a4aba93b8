"""The commands that AWS keeps for itself, each with the version of the build that has it first: engines refuse rules
about what they do not know.

Source: the ElastiCache user guide, "Supported and restricted Valkey and Redis OSS commands" (2026), node-based caches.
What it does not name is kept when it changes roles, membership, slots, persistence or the program itself.
"""

from collections.abc import Mapping

Version = tuple[int, ...]

FIRST: Version = (6, 0)
PARTS_FROM: Version = (7, 0)  # before, a rule can take away whole commands only, and give back parts
_VALKEY_9: Version = (9, 0)  # no Redis of that number is ever run

KEPT: Mapping[str, Version] = {
    **dict.fromkeys(("bgrewriteaof", "bgsave", "config", "debug", "migrate", "replicaof", "save", "slaveof"), FIRST),
    **dict.fromkeys(("shutdown", "sync"), FIRST),
    **dict.fromkeys(("acl|deluser", "acl|load", "acl|save", "acl|setuser"), FIRST),
    **dict.fromkeys(("cluster|addslots", "cluster|bumpepoch", "cluster|delslots", "cluster|failover"), FIRST),
    **dict.fromkeys(("cluster|flushslots", "cluster|forget", "cluster|meet", "cluster|setslot"), FIRST),
    **dict.fromkeys(("cluster|addslotsrange", "cluster|delslotsrange", "cluster|links"), PARTS_FROM),
    # Not in the guide: roles, membership and slots are AWS's to change, and so is the program.
    "failover": (6, 2),
    **dict.fromkeys(("cluster|replicate", "cluster|reset", "cluster|saveconfig", "cluster|set-config-epoch"), FIRST),
    **dict.fromkeys(("cluster|cancelslotmigrations", "cluster|flushslot", "cluster|migrateslots"), _VALKEY_9),
    "cluster|syncslots": _VALKEY_9,
    **dict.fromkeys(("module|load", "module|unload"), FIRST),
    "module|loadex": PARTS_FROM,
}

# What serverless caches keep besides; they are of Redis 7 or Valkey.
# Source: the same page, "Serverless caches".
_BESIDES = """
acl|log client|caching client|getredir client|id client|info client|kill client|list client|no-evict client|pause
client|tracking client|trackinginfo client|unblock client|unpause cluster|count-failure-reports fcall fcall_ro function
keys lastsave latency memory monitor move object pfdebug pfselftest psubscribe pubsub|numpat punsubscribe script|kill
slowlog swapdb wait
"""
KEPT_SERVERLESS: Mapping[str, Version] = {**dict.fromkeys(_BESIDES.split(), PARTS_FROM), "commandlog": (8, 1)}
