"""What happened to a cache, and who asked for what."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest

from cachewright.controlplane.api.recording import RecordedRequests
from cachewright.controlplane.console.bell import Bell
from cachewright.controlplane.console.timeline import Timeline, Wanted, timeline_routes
from cachewright.controlplane.console.timeline_stream import TimelineStream
from cachewright.controlplane.model.events import Event
from cachewright.controlplane.model.faults import Fault
from tests.api.test_protocol import ask, build
from tests.api.world import World


class Seen:
    """A world whose requests are remembered, and its timeline."""

    def __init__(self) -> None:
        self.world = World()
        self.recorded = RecordedRequests(self._ask, lambda: self.world.now)
        self.timeline = Timeline(self.world.store, lambda: self.recorded.requests, lambda: self.world.now)

    def told(self, **query: str) -> tuple[int, Any]:
        app = build(routers=lambda: [timeline_routes(self.timeline)])
        answer = ask(app, "GET", f"/_cachewright/timeline?{urlencode(query)}", {"host": "localhost"})
        return answer.status, json.loads(answer.body)

    def entries(self, cache: str = "") -> list[tuple[str, str, str]]:
        _, told = self.told(**self.place, **({"cache": cache} if cache else {}))
        return [(entry["kind"], entry["source"], entry["error"]) for entry in told["entries"]]

    def event(self, source: str) -> None:
        caller = self.world.caller
        with self.world.store.write() as transaction:
            event = Event("cache-cluster", source, "it happened")
            transaction.events.add(caller.account, caller.region, [event], self.world.now)

    @property
    def place(self) -> dict[str, str]:
        return {"account": self.world.caller.account, "region": self.world.caller.region}

    def _ask(self, operation: str, params: Mapping[str, Any], _: object) -> dict[str, Any]:
        return self.world.ask(operation, **params)


def test_events_and_requests_are_one_list_the_newest_first() -> None:
    seen = Seen()
    seen.event("orders-001")
    seen.world.wait(seconds=1)
    with pytest.raises(Fault):
        seen.recorded("DescribeCacheClusters", {"CacheClusterId": "orders"}, seen.world.caller)
    seen.world.wait(seconds=1)
    seen.event("orders-archive")
    assert seen.entries() == [
        ("event", "orders-archive", ""),
        ("request", "DescribeCacheClusters", "CacheClusterNotFoundFault"),
        ("event", "orders-001", ""),
    ]
    assert [source for _, source, _ in seen.entries("orders")] == ["DescribeCacheClusters", "orders-001"]


def test_others_are_not_told_of() -> None:
    seen, other = Seen(), Seen()
    other.event("orders")
    seen.recorded("DescribeEvents", {}, other.world.caller)
    assert seen.entries() == []


def test_only_what_is_new_is_told_again() -> None:
    seen = Seen()
    wanted = Wanted(**seen.place, cache="orders")
    seen.event("orders-001")
    first, mark = seen.timeline.since(wanted)
    seen.event("others")
    seen.event("orders-001")
    seen.recorded("DescribeEvents", {"SourceIdentifier": "orders"}, seen.world.caller)
    second, after = seen.timeline.since(wanted, mark)
    assert [entry.source for entry in first] == ["orders-001"]
    assert sorted(entry.source for entry in second) == ["DescribeEvents", "orders-001"]
    assert seen.timeline.since(wanted, after)[0] == []


def test_who_follows_is_told_as_it_happens_and_let_go() -> None:
    seen = Seen()
    bell = Bell()
    stream = TimelineStream(seen.timeline, bell)
    seen.recorded.follow(bell.ring)

    async def followed() -> list[str]:
        told = []
        async for event in stream.follow(Wanted(**seen.place)):
            told.append(event)
            if len(told) == 1:
                await asyncio.to_thread(seen.recorded, "DescribeEvents", {}, seen.world.caller)
            else:
                stream.close()
        return told

    first, second = asyncio.run(followed())
    assert first == 'data: {"entries": [], "whole": true}\n\n'
    assert '"source": "DescribeEvents"' in second
    assert '"whole": false' in second


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ({}, "account: Field required; region: Field required"),
        ({"account": "1", "region": "us-east-1"}, "account: String should match pattern"),
        ({"account": "1" * 12, "region": "us-east-1", "cache": "c" * 65}, "cache: String should have at most 64"),
        ({"account": "1" * 12, "region": "us-east-1", "more": "x"}, "more: Extra inputs are not permitted"),
    ],
)
def test_bad_requests(query: dict[str, str], wrong: str) -> None:
    status, told = Seen().told(**query)
    assert status == 400
    assert wrong in told["error"]
