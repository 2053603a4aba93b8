"""What requests say about the delivery of logs."""

from typing import Any

import pytest

from tests.api.world import World

COMBINATION, VALUE = "InvalidParameterCombinationException", "InvalidParameterValueException"
SLOW: dict[str, Any] = {
    "LogType": "slow-log",
    "DestinationType": "cloudwatch-logs",
    "DestinationDetails": {"CloudWatchLogsDetails": {"LogGroup": "/my/group"}},
    "LogFormat": "json",
}
ENGINE = SLOW | {
    "LogType": "engine-log",
    "DestinationType": "kinesis-firehose",
    "DestinationDetails": {"KinesisFirehoseDetails": {"DeliveryStream": "my.stream"}},
}

REFUSED = [
    ([SLOW, SLOW], COMBINATION, "LogDeliveryConfigurations has more than one configuration for LogType slow-log."),
    ([SLOW | {"LogType": "command-log"}], VALUE, "Invalid value command-log for LogType. Must be one of: slow-log"),
    ([{"Enabled": False}], VALUE, "Invalid value None for LogType."),
    ([{"LogType": "slow-log"}], VALUE, "Invalid value None for DestinationType. Must be one of: cloudwatch-logs"),
    ([SLOW | {"DestinationType": "s3"}], VALUE, "Invalid value s3 for DestinationType."),
    ([SLOW | {"DestinationType": "kinesis-firehose"}], COMBINATION, "must have KinesisFirehoseDetails alone"),
    ([ENGINE | {"DestinationType": "cloudwatch-logs"}], COMBINATION, "must have CloudWatchLogsDetails alone"),
    (
        [SLOW | {"DestinationDetails": SLOW["DestinationDetails"] | ENGINE["DestinationDetails"]}],
        COMBINATION,
        "must have CloudWatchLogsDetails alone",
    ),
    ([SLOW | {"DestinationDetails": {}}], VALUE, "DestinationDetails must be given"),
    ([SLOW | {"DestinationDetails": {"CloudWatchLogsDetails": {"LogGroup": "a b"}}}], VALUE, "Invalid value a b for"),
    ([SLOW | {"DestinationDetails": {"CloudWatchLogsDetails": {"LogGroup": "a" * 513}}}], VALUE, "for LogGroup."),
    ([ENGINE | {"DestinationDetails": {"KinesisFirehoseDetails": {"DeliveryStream": "a/b"}}}], VALUE, "a/b"),
    ([SLOW | {"LogFormat": "JSON"}], VALUE, "Invalid value JSON for LogFormat. Must be one of: text, json"),
]


@pytest.mark.parametrize(("logs", "shape", "words"), REFUSED)
def test_refused(logs: list[dict[str, Any]], shape: str, words: str) -> None:
    world = World()
    usual = {"CacheNodeType": "cache.t3.micro", "LogDeliveryConfigurations": logs}
    told = world.refusal("CreateCacheCluster", CacheClusterId="c", Engine="redis", **usual)
    assert told[0].startswith(shape.removesuffix("Exception"))
    assert words in told[1]
    group = {"ReplicationGroupId": "g", "ReplicationGroupDescription": "d", "Engine": "valkey"}
    assert world.refusal("CreateReplicationGroup", **group | usual) == told
    world.group("g")
    world.settle("g")
    before = world.cache("g")
    asked = {"ApplyImmediately": True, "LogDeliveryConfigurations": logs}
    assert world.refusal("ModifyReplicationGroup", ReplicationGroupId="g", **asked) == told
    assert world.cache("g") == before


@pytest.mark.parametrize(
    ("engine", "version", "log", "taken"),
    [
        ("redis", "5.0.6", SLOW, False),
        ("redis", "6.0", SLOW, True),
        ("redis", "6.0", ENGINE, False),
        ("redis", "6.2", ENGINE, True),
        ("redis", "7.1", ENGINE, True),
        ("valkey", "8.0", SLOW, True),
        ("valkey", "7.2", ENGINE, True),
        ("memcached", "1.6.22", SLOW, False),
    ],
)
def test_which_engines_have_which_logs(engine: str, version: str, log: dict[str, Any], taken: bool) -> None:
    world = World()
    asked = {"Engine": engine, "EngineVersion": version, "LogDeliveryConfigurations": [log]}
    if engine == "valkey":
        assert world.group("g", **asked)["LogDeliveryConfigurations"]
    elif taken:
        assert world.cluster("c", **asked)["LogDeliveryConfigurations"] == [log | {"Status": "enabling"}]
    else:
        usual = {"CacheClusterId": "c", "CacheNodeType": "cache.t3.micro"}
        shape, words = world.refusal("CreateCacheCluster", **usual | asked)
        assert shape.startswith("InvalidParameterCombination")
        assert words.startswith(f"Log delivery of {log['LogType']} is not supported for engine {engine} version")


def test_a_log_may_be_switched_off_where_it_cannot_be_on() -> None:
    logs = [{"LogType": "slow-log", "Enabled": False}]
    shown = World().cluster("c", Engine="memcached", LogDeliveryConfigurations=logs)
    assert shown["LogDeliveryConfigurations"] == []


def test_a_change_counts_at_once_or_not_at_all() -> None:
    world = World()
    world.group("g")
    world.settle("g")
    asked = {"ReplicationGroupId": "g", "LogDeliveryConfigurations": [SLOW]}
    shape, words = world.refusal("ModifyReplicationGroup", **asked)
    assert shape.startswith("InvalidParameterCombination")
    assert words == "Log delivery configurations can only be modified with ApplyImmediately set to true."
    assert world.shown_group("g")["LogDeliveryConfigurations"] == []


def test_the_format_stays_what_it_was_unless_it_is_said() -> None:
    world = World()
    without = {name: value for name, value in SLOW.items() if name != "LogFormat"}
    world.group("g", LogDeliveryConfigurations=[without, ENGINE])
    assert [one["LogFormat"] for one in world.shown_group("g")["LogDeliveryConfigurations"]] == ["text", "json"]


def test_a_member_leaves_it_to_its_group() -> None:
    world = World()
    world.group("g", LogDeliveryConfigurations=[SLOW])
    world.settle("g")
    shown = world.shown_cluster("g-001")
    assert (shown["ReplicationGroupLogDeliveryEnabled"], shown["LogDeliveryConfigurations"]) == (True, [])
    asked = {"CacheClusterId": "g-001", "ApplyImmediately": True, "LogDeliveryConfigurations": [SLOW]}
    assert world.refusal("ModifyCacheCluster", **asked)[0].startswith("Invalid")


def test_a_group_is_modifying_until_its_logs_are_as_desired() -> None:
    world = World()
    world.group("g", LogDeliveryConfigurations=[SLOW])
    assert world.shown_group("g")["Status"] == "creating"
    world.settle("g")
    shown = world.shown_group("g")
    assert (shown["Status"], shown["PendingModifiedValues"]) == ("modifying", {"LogDeliveryConfigurations": [SLOW]})
