"""DescribeEvents."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from cachewright.controlplane.model.events import CLUSTER, GROUP, Event
from tests.api.world import START, World

INVALID = "InvalidParameterValueException"
COMBINATION = "InvalidParameterCombinationException"
LATER = START + timedelta(days=13)


def told(world: World, *ages: float) -> None:
    """Events of so many minutes ago, each saying when."""
    with world.store.write() as transaction:
        for age in ages:
            source = Event(CLUSTER, "c", f"{age:g}")
            date = world.now - timedelta(minutes=age)
            transaction.events.add(world.caller.account, world.caller.region, [source], date)


def messages(answer: dict[str, Any]) -> list[str]:
    return [event["Message"] for event in answer["Events"]]


def ago(minutes: float) -> datetime:
    return LATER - timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, ["0", "59", "60"]),
        ({"Duration": 59}, ["0", "59"]),
        ({"Duration": 20160}, ["0", "59", "60", "61", "300", "9000"]),
        ({"StartTime": ago(300)}, ["0", "59", "60", "61", "300"]),
        ({"StartTime": ago(300), "EndTime": ago(60)}, ["60", "61", "300"]),
        ({"EndTime": ago(59)}, ["59", "60", "61"]),
        ({"EndTime": ago(59), "Duration": 1}, ["59", "60"]),
        ({"StartTime": ago(300), "Duration": 239}, ["61", "300"]),
        ({"StartTime": ago(10**6)}, ["0", "59", "60", "61", "300", "9000"]),
        ({"StartTime": ago(5), "EndTime": ago(5)}, []),
    ],
)
def test_intervals(params: dict[str, Any], expected: list[str]) -> None:
    world = World(now=LATER)
    told(world, 9000, 300, 61, 60, 59, 0)
    assert messages(world.ask("DescribeEvents", **params)) == expected


@pytest.mark.parametrize(
    ("params", "shape", "message"),
    [
        ({"Duration": 0}, INVALID, "Invalid value 0 for Duration. Must be between 1 and 20160"),
        ({"Duration": 20161}, INVALID, "Invalid value 20161 for Duration. Must be between 1 and 20160"),
        ({"StartTime": ago(1), "EndTime": ago(2)}, COMBINATION, "EndTime must not be before StartTime."),
        (
            {"StartTime": ago(2), "EndTime": ago(1), "Duration": 1},
            COMBINATION,
            "Duration cannot be given with both StartTime and EndTime.",
        ),
        ({"Marker": "eA=="}, INVALID, "Invalid value for Marker."),
        ({"MaxRecords": 10}, INVALID, "Invalid value 10 for MaxRecords. Must be between 20 and 100"),
        (
            {"SourceType": "node"},
            INVALID,
            "Invalid value node for SourceType. Must be one of: cache-cluster, cache-parameter-group,"
            " cache-security-group, cache-subnet-group, replication-group, serverless-cache,"
            " serverless-cache-snapshot, user, user-group",
        ),
    ],
)
def test_refused(params: dict[str, Any], shape: str, message: str) -> None:
    assert World(now=LATER).refusal("DescribeEvents", **params) == (shape, message)


def test_sources() -> None:
    world = World()
    events = [Event(CLUSTER, "a", "1"), Event(GROUP, "a", "2"), Event(CLUSTER, "b", "3")]
    with world.store.write() as transaction:
        transaction.events.add(world.caller.account, world.caller.region, events, START)
    assert messages(world.ask("DescribeEvents", SourceType=CLUSTER)) == ["3", "1"]
    assert messages(world.ask("DescribeEvents", SourceIdentifier="A")) == ["2", "1"]
    assert messages(world.ask("DescribeEvents", SourceIdentifier="a", SourceType=GROUP)) == ["2"]
    assert messages(world.ask("DescribeEvents", SourceIdentifier="unknown")) == []
    assert messages(World().ask("DescribeEvents")) == []
    (newest, *_) = world.ask("DescribeEvents")["Events"]
    assert newest == {"SourceIdentifier": "b", "SourceType": CLUSTER, "Message": "3", "Date": START}


def test_pages_from_the_newest_on_while_more_happens() -> None:
    world = World()
    told(world, *(44 - number for number in range(45)))
    first = world.ask("DescribeEvents", MaxRecords=20)
    world.wait(minutes=1)
    told(world, 0)
    second = world.ask("DescribeEvents", MaxRecords=20, Marker=first["Marker"])
    third = world.ask("DescribeEvents", MaxRecords=20, Marker=second["Marker"])
    pages = [messages(page) for page in (first, second, third)]
    assert [len(page) for page in pages] == [20, 20, 5]
    assert [message for page in pages for message in page] == [str(number) for number in range(45)]
    assert "Marker" not in third
