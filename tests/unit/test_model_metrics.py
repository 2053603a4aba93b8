"""The table of metrics: every one that CloudWatch has, and what follows from figures."""

from collections import Counter

import pytest
from botocore.session import Session

from cachewright.controlplane.model.metrics.commands import FAMILIES
from cachewright.controlplane.model.metrics.durations import BOUNDS, Durations
from cachewright.controlplane.model.metrics.metric import Family, Kind, Metric, Unit
from cachewright.controlplane.model.metrics.table import METRICS, derived
from cachewright.controlplane.model.metrics.terms import Commands, Either, Share, Sum, Total, Where, of, since
from cachewright.controlplane.model.versions import Engine

# As the user guide of CloudWatch and that of ElastiCache list them.
HOST = """
CPUCreditBalance CPUCreditUsage CPUUtilization FreeableMemory MajorPageFaults NetworkBandwidthInAllowanceExceeded
NetworkBandwidthOutAllowanceExceeded NetworkBaselineMaxUsageInPercentage NetworkBaselineMaxUsageOutPercentage
NetworkBaselineUsageInPercentage NetworkBaselineUsageOutPercentage NetworkBytesIn NetworkBytesOut
NetworkConntrackAllowanceExceeded NetworkLinkLocalAllowanceExceeded NetworkMaxBytesIn NetworkMaxBytesOut
NetworkMaxPacketsIn NetworkMaxPacketsOut NetworkPacketsIn NetworkPacketsOut NetworkPacketsPerSecondAllowanceExceeded
SwapUsage
"""
REDIS = """
ActiveDefragHits AllocatorFragmentationBytes AllocatorFragmentationRatio AuthenticationFailures BlockedConnections
BytesReadFromDisk BytesUsedForCache BytesWrittenToDisk CacheHitRate CacheHits CacheMisses ChannelAuthorizationFailures
ClusterBasedCmds ClusterBasedCmdsLatency CommandAuthorizationFailures CurrConnections CurrItems
CurrItemsWithVolatileFields CurrVolatileItems DB0AverageTTL DatabaseAuthorizationFailures
DatabaseCapacityUsageCountedForEvictPercentage DatabaseCapacityUsagePercentage
DatabaseMemoryUsageCountedForEvictPercentage DatabaseMemoryUsagePercentage DurabilityBufferExceededErrorCount
DurabilityLag EngineCPUUtilization ErrorCount EvalBasedCmds EvalBasedCmdsLatency Evictions GeoSpatialBasedCmds
GeoSpatialBasedCmdsLatency GetTypeCmds GetTypeCmdsLatency GlobalDatastoreReplicationLag HashBasedCmds
HashBasedCmdsLatency HyperLogLogBasedCmds HyperLogLogBasedCmdsLatency IamAuthenticationExpirations
IamAuthenticationThrottling IsMaster IsPrimary JsonBasedCmds JsonBasedCmdsLatency JsonBasedGetCmds
JsonBasedGetCmdsLatency JsonBasedSetCmds JsonBasedSetCmdsLatency KeyAuthorizationFailures KeyBasedCmds
KeyBasedCmdsLatency KeysTracked ListBasedCmds ListBasedCmdsLatency MasterLinkHealthStatus MemoryFragmentationRatio
NewConnections NonKeyTypeCmds NonKeyTypeCmdsLatency NumItemsReadFromDisk NumItemsWrittenToDisk PrimaryLinkHealthStatus
ProcessedCommands PubSubBasedCmds PubSubBasedCmdsLatency PubSubChannels PubSubShardChannels Reclaimed ReclaimedFields
RejectedConnections ReplicationBytes ReplicationLag SaveInProgress SearchBasedCmds SearchBasedCmdsLatency
SearchBasedGetCmds SearchBasedGetCmdsLatency SearchBasedSetCmds SearchBasedSetCmdsLatency SearchNumberOfIndexes
SearchTotalIndexedDocuments SearchUsedMemoryBytes SetBasedCmds SetBasedCmdsLatency SetTypeCmds SetTypeCmdsLatency
SortedSetBasedCmds SortedSetBasedCmdsLatency StreamBasedCmds StreamBasedCmdsLatency StringBasedCmds
StringBasedCmdsLatency SuccessfulReadRequestLatency SuccessfulWriteRequestLatency TrafficManagementActive
UsedMemoryDataset
"""
MEMCACHED = """
BytesReadIntoMemcached BytesUsedForCacheItems BytesUsedForHash BytesWrittenOutFromMemcached CasBadval CasHits CasMisses
CmdConfigGet CmdConfigSet CmdFlush CmdGet CmdSet CmdTouch CurrConfig CurrConnections CurrItems DecrHits DecrMisses
DeleteHits DeleteMisses EvictedUnfetched Evictions ExpiredUnfetched GetHits GetMisses IncrHits IncrMisses NewConnections
NewItems Reclaimed SlabsMoved TouchHits TouchMisses UnusedMemory
"""


def metric(engine: Engine, name: str) -> Metric:
    """A row that nodes of an engine have."""
    return next(row for row in derived(engine) if row.name == name)


@pytest.mark.parametrize(
    ("family", "listed"), [(Family.HOST, HOST), (Family.REDIS, REDIS), (Family.MEMCACHED, MEMCACHED)], ids=str
)
def test_every_metric_has_a_row(family: Family, listed: str) -> None:
    names = Counter(row.name for row in METRICS if row.family is family)
    assert names == Counter(listed.split())


def test_a_row_is_derived_or_says_why_not() -> None:
    assert [row.name for row in METRICS if bool(row.term) == bool(row.reason)] == []


def test_a_name_means_the_same_for_every_engine() -> None:
    meanings = {(row.name, row.unit, row.kind) for row in METRICS}
    assert len(meanings) == len({row.name for row in METRICS})


def test_units_are_cloudwatchs() -> None:
    known = Session().get_service_model("cloudwatch").shape_for("StandardUnit").enum
    assert {unit.value for unit in Unit} <= set(known)


def test_a_sum_needs_all_of_its_figures() -> None:
    assert Sum(("a", "b"), ("c",)).value({"a": 5, "b": 2, "c": 4}) == 3
    assert Sum(("a",), ("c",)).value({"a": 5}) is None


def test_a_total_takes_every_figure_of_its_kind() -> None:
    assert Total("db", "keys").value({"db0.keys": 2, "db11.keys": 3, "db0.expires": 9, "keys": 9}) == 5
    assert Total("db", "keys").value({}) == 0


def test_commands_are_added_up_by_family() -> None:
    said = {"cmdstat_get.calls": 2.0, "cmdstat_set.calls": 3.0, "cmdstat_hget.calls": 5.0, "cmdstat_get.usec": 40.0}
    assert Commands("StringBasedCmds", "calls").value(said) == 5
    assert Commands("GetTypeCmds", "calls").value(said) == 7
    assert Commands("GetTypeCmds", "usec").value(said) == 40


def test_the_other_term_counts_where_the_first_is_not_told() -> None:
    either = Either(of("new"), of("old"))
    assert (either.value({"new": 0, "old": 2}), either.value({"old": 2}), either.value({})) == (0, 2, None)


def test_nothing_is_divided_by_nothing() -> None:
    share = Share(of("a"), of("b"), 100)
    assert (share.value({"a": 1, "b": 4}), share.value({"a": 0, "b": 0}), share.value({"a": 1})) == (25, None, None)


def test_some_terms_are_of_some_builds_alone() -> None:
    where = Where("told", Total("db", "keys"))
    assert (where.value({"told": 0}), where.value({})) == (0, None)


def test_a_counter_that_was_begun_anew_is_all_new() -> None:
    assert since({"a": 5, "b": 2}, {"a": 3, "b": 7}) == {"a": 2, "b": 2}


def test_engines_tell_of_a_command_from_its_first_call_on() -> None:
    assert since({"cmdstat_get.calls": 4}, {"a": 1}) == {"cmdstat_get.calls": 4}


def test_what_was_not_told_before_is_not_taken_for_new() -> None:
    """The machine tells its figures a moment after the engine, and they count from the start."""
    assert since({"host_bytes_in": 9, "a": 1}, {"a": 1}) == {"a": 0}


def test_hits_of_a_minute_and_their_share() -> None:
    before = {
        "keyspace_hits": 100.0,
        "keyspace_misses": 100.0,
        "seconds": 10.0,
        "used_cpu_sys": 1.0,
        "used_cpu_user": 1.0,
    }
    now = {"keyspace_hits": 130.0, "keyspace_misses": 110.0, "seconds": 70.0, "used_cpu_sys": 4.0, "used_cpu_user": 4.0}
    between = since(now, before)
    told = {
        name: metric(Engine.VALKEY, name).counted(now, between)
        for name in ("CacheHits", "CacheHitRate", "EngineCPUUtilization")
    }
    assert told == {"CacheHits": 30, "CacheHitRate": 75, "EngineCPUUtilization": 10}
    assert metric(Engine.VALKEY, "CacheHits").value(now) == 130
    assert metric(Engine.VALKEY, "CacheHits").gauge(now) is None


def test_memory_is_told_as_it_is_now() -> None:
    now = {"used_memory": 50.0, "maxmemory": 200.0, "mem_not_counted_for_evict": 10.0}
    assert metric(Engine.REDIS, "DatabaseMemoryUsagePercentage").value(now) == 25
    assert metric(Engine.REDIS, "DatabaseMemoryUsageCountedForEvictPercentage").value(now) == 20
    assert metric(Engine.REDIS, "BytesUsedForCache").counted(now, {"used_memory": 1.0}) == 50


def test_a_latency_is_that_of_the_calls_of_the_minute() -> None:
    row = metric(Engine.REDIS, "StringBasedCmdsLatency")
    assert (row.kind, row.rate({"cmdstat_get.calls": 4, "cmdstat_get.usec": 10})) == (Kind.RATE, 2.5)
    assert row.rate({"cmdstat_get.calls": 0, "cmdstat_get.usec": 0}) is None


def test_memory_that_memcached_does_not_use() -> None:
    assert metric(Engine.MEMCACHED, "UnusedMemory").value({"limit_maxbytes": 100.0, "bytes": 30.0}) == 70


def test_a_command_is_of_one_kind_of_data() -> None:
    kinds = [FAMILIES[name] for name in FAMILIES if not name.startswith(("GetType", "SetType", "Json", "Search"))]
    assert [name for name, count in Counter(command for kind in kinds for command in kind).items() if count > 1] == []
    assert not FAMILIES["GetTypeCmds"] & FAMILIES["SetTypeCmds"]


def test_durations_are_counted_by_bound() -> None:
    seen = Durations().observed(BOUNDS[0]).observed(0.003).observed(99.0)
    told = dict(seen.cumulative())
    assert (told["0.001"], told["0.0025"], told["0.005"], told["10.0"], told["+Inf"]) == (1, 1, 2, 2, 3)
    assert seen.seconds == pytest.approx(99.004)
