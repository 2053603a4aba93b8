"""The commands of Redis and Valkey, by what they work upon and whether they change it.

Source: COMMAND and COMMAND DOCS of Redis 6.0 to 7.0 and Valkey 8.1 to 9.1, whose groups are the families of metrics;
the names of the modules' commands. Which commands AWS counts as what is said by example only, in "Metrics for Valkey
and Redis OSS" of the user guide.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Family:
    """Commands that are counted together, in lower case."""

    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()

    @property
    def all(self) -> frozenset[str]:
        """Whatever they do."""
        return self.reads | self.writes | self.others


def _family(reads: str = "", writes: str = "", others: str = "") -> Family:
    return Family(frozenset(reads.split()), frozenset(writes.split()), frozenset(others.split()))


STRINGS = _family(
    "bitcount bitfield_ro bitpos get getbit getrange lcs mget stralgo strlen substr",
    """append bitfield bitop decr decrby delifeq getdel getex getset incr incrby incrbyfloat mset msetex msetnx psetex
    set setbit setex setnx setrange""",
)
HASHES = _family(
    "hexists hexpiretime hget hgetall hkeys hlen hmget hpexpiretime hpttl hrandfield hscan hstrlen httl hvals",
    """hdel hexpire hexpireat hgetdel hgetex hincrby hincrbyfloat hmset hpersist hpexpire hpexpireat hset hsetex
    hsetnx""",
)
LISTS = _family(
    "lindex llen lpos lrange",
    """blmove blmpop blpop brpop brpoplpush linsert lmove lmpop lpop lpush lpushx lrem lset ltrim rpop rpoplpush rpush
    rpushx""",
)
SETS = _family(
    "scard sdiff sinter sintercard sismember smembers smismember srandmember sscan sunion",
    "sadd sdiffstore sinterstore smove spop srem sunionstore",
)
SORTED_SETS = _family(
    """zcard zcount zdiff zinter zintercard zlexcount zmscore zrandmember zrange zrangebylex zrangebyscore zrank
    zrevrange zrevrangebylex zrevrangebyscore zrevrank zscan zscore zunion""",
    """bzmpop bzpopmax bzpopmin zadd zdiffstore zincrby zinterstore zmpop zpopmax zpopmin zrangestore zrem
    zremrangebylex zremrangebyrank zremrangebyscore zunionstore""",
)
STREAMS = _family(
    "xinfo xlen xpending xrange xread xrevrange",
    "xack xadd xautoclaim xclaim xdel xgroup xreadgroup xsetid xtrim",
)
GEOSPATIAL = _family(
    "geodist geohash geopos georadius_ro georadiusbymember_ro geosearch",
    "geoadd georadius georadiusbymember geosearchstore",
)
HYPERLOGLOGS = _family("pfcount", "pfadd pfdebug pfmerge", "pfselftest")
KEYS = _family(
    "dump exists expiretime keys object pexpiretime pttl randomkey scan sort_ro touch ttl type",
    """copy del expire expireat migrate move persist pexpire pexpireat rename renamenx restore restore-asking sort
    unlink""",
)
SCRIPTS = _family(others="eval eval_ro evalsha evalsha_ro fcall fcall_ro function script")
PUBSUB = _family(others="psubscribe publish pubsub punsubscribe spublish ssubscribe subscribe sunsubscribe unsubscribe")
CLUSTER = _family(others="asking cluster clusterscan readonly readwrite")
WITHOUT_KEYS = _family(
    others="""acl auth bgrewriteaof bgsave client command commandlog config dbsize debug discard echo exec failover
    flushall flushdb hello info lastsave latency lolwut memory module monitor multi ping psync quit replconf replicaof
    reset role save select shutdown slaveof slowlog swapdb sync time unwatch wait waitaof watch"""
)
JSON = _family(
    """json.arrindex json.arrlen json.debug json.get json.mget json.objkeys json.objlen json.resp json.strlen
    json.type""",
    """json.arrappend json.arrinsert json.arrpop json.arrtrim json.clear json.del json.forget json.merge json.mset
    json.numincrby json.nummultby json.set json.strappend json.toggle""",
)
SEARCH = _family("ft._list ft.aggregate ft.info ft.search", "ft.create ft.dropindex")

_OF_DATA = (STRINGS, HASHES, LISTS, SETS, SORTED_SETS, STREAMS, GEOSPATIAL, HYPERLOGLOGS, KEYS, JSON)

FAMILIES: Mapping[str, frozenset[str]] = {
    "ClusterBasedCmds": CLUSTER.all,
    "EvalBasedCmds": SCRIPTS.all,
    "GeoSpatialBasedCmds": GEOSPATIAL.all,
    "GetTypeCmds": frozenset().union(*(family.reads for family in _OF_DATA)),
    "HashBasedCmds": HASHES.all,
    "HyperLogLogBasedCmds": HYPERLOGLOGS.all,
    "JsonBasedCmds": JSON.all,
    "JsonBasedGetCmds": JSON.reads,
    "JsonBasedSetCmds": JSON.writes,
    "KeyBasedCmds": KEYS.all,
    "ListBasedCmds": LISTS.all,
    "NonKeyTypeCmds": WITHOUT_KEYS.all,
    "PubSubBasedCmds": PUBSUB.all,
    "SearchBasedCmds": SEARCH.all,
    "SearchBasedGetCmds": SEARCH.reads,
    "SearchBasedSetCmds": SEARCH.writes,
    "SetBasedCmds": SETS.all,
    "SetTypeCmds": frozenset().union(*(family.writes for family in _OF_DATA)),
    "SortedSetBasedCmds": SORTED_SETS.all,
    "StreamBasedCmds": STREAMS.all,
    "StringBasedCmds": STRINGS.all,
}
