"""What a CloudWatch is told, and what nodes have counted in a minute."""

from datetime import UTC, datetime

from botocore.session import Session
from botocore.validate import ParamValidator

from cachewright.agents.outward.metrics.data import MOST, Datum, data, requests
from cachewright.agents.outward.metrics.windows import Windows
from cachewright.controlplane.model.metrics.samples import Place, Sample
from cachewright.controlplane.model.metrics.terms import Figures
from cachewright.controlplane.model.versions import Engine

MEMBER = Place("000000000000", "eu-west-1", "rg-001", "0001", "rg", "0001", "primary")
ALONE = Place("000000000000", "eu-west-1", "mc", "0002", "", "", "")
NOW = datetime(2026, 5, 1, tzinfo=UTC)
BEFORE: Figures = {"keyspace_hits": 1.0, "used_memory": 5.0, "seconds": 0.0, "used_cpu_sys": 0.0, "used_cpu_user": 0.0}
LATER: Figures = {"keyspace_hits": 4.0, "used_memory": 8.0, "seconds": 60.0, "used_cpu_sys": 6.0, "used_cpu_user": 0.0}


def member(figures: Figures) -> Sample:
    return Sample(MEMBER, Engine.VALKEY, figures)


def told(every: list[Datum], name: str) -> list[tuple[dict[str, str], float]]:
    """The dimensions and the value of each datum of that name."""
    return [
        ({one["Name"]: one["Value"] for one in datum["Dimensions"]}, datum["Value"])
        for datum in every
        if datum["MetricName"] == name
    ]


def test_counters_are_told_by_the_minute_and_all_else_as_it_is() -> None:
    every = list(data([member(LATER)], {MEMBER.name: BEFORE}, NOW))
    node = {"CacheClusterId": "rg-001", "CacheNodeId": "0001"}
    assert told(every, "CacheHits") == [({"CacheClusterId": "rg-001"}, 3.0), (node, 3.0)]
    assert [value for _, value in told(every, "BytesUsedForCache")] == [8.0, 8.0]


def test_of_a_node_that_was_not_seen_before_only_the_present_is_told() -> None:
    every = list(data([member(LATER)], {}, NOW))
    assert told(every, "CacheHits") == told(every, "GetTypeCmds") == told(every, "EngineCPUUtilization") == []
    assert told(every, "BytesUsedForCache")


def test_groups_have_some_metrics_of_their_own() -> None:
    every = list(data([member(LATER)], {MEMBER.name: BEFORE}, NOW))
    dimensions = [found for found, _ in told(every, "EngineCPUUtilization")]
    assert dimensions == [
        {"CacheClusterId": "rg-001"},
        {"CacheClusterId": "rg-001", "CacheNodeId": "0001"},
        {"ReplicationGroupId": "rg"},
        {"ReplicationGroupId": "rg", "NodeGroupId": "0001"},
        {"ReplicationGroupId": "rg", "Role": "Primary"},
    ]
    assert {value for _, value in told(every, "EngineCPUUtilization")} == {10.0}


def test_what_stands_alone_is_of_no_group() -> None:
    every = list(data([Sample(ALONE, Engine.MEMCACHED, {"curr_items": 3.0})], {}, NOW))
    assert told(every, "CurrItems") == [
        ({"CacheClusterId": "mc"}, 3.0),
        ({"CacheClusterId": "mc", "CacheNodeId": "0002"}, 3.0),
    ]


def test_requests_are_as_large_as_they_may_be_and_as_aws_wants_them() -> None:
    every = list(data([member(LATER)], {MEMBER.name: BEFORE}, NOW)) * 40
    made = list(requests(every))
    assert [len(one["MetricData"]) for one in made[:-1]] == [MOST] * (len(made) - 1)
    assert [datum for one in made for datum in one["MetricData"]] == every
    shape = Session().get_service_model("cloudwatch").operation_model("PutMetricData").input_shape
    assert ParamValidator().validate(made[-1], shape).generate_report() == ""
    assert list(requests([])) == []


def test_the_first_look_at_a_node_tells_of_no_minute() -> None:
    assert Windows().counted(MEMBER, 0.0, {"a": 1.0}) == {}


def test_a_window_is_a_minute_long_however_often_somebody_looks() -> None:
    windows = Windows()
    moments = [float(moment) for moment in range(0, 300, 5)]
    _, *counted = [windows.counted(MEMBER, moment, {"a": moment}).get("a") for moment in moments]
    assert counted[:3] == [5.0, 10.0, 15.0]
    assert {count for count in counted[12:] if count} == {60.0, 65.0}


def test_who_looks_seldom_is_told_of_the_time_between() -> None:
    windows = Windows()
    windows.counted(MEMBER, 0.0, {"a": 0.0})
    assert windows.counted(MEMBER, 300.0, {"a": 30.0}) == {"a": 30.0}
    assert windows.counted(MEMBER, 600.0, {"a": 31.0}) == {"a": 1.0}


def test_nodes_that_are_no_more_are_forgotten() -> None:
    windows = Windows()
    windows.counted(MEMBER, 0.0, {"a": 5.0})
    windows.forget_others([ALONE])
    assert windows.counted(MEMBER, 60.0, {"a": 6.0}) == {}
