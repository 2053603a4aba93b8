"""Logs on their way to a destination, on the pretend machine."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cachewright.agents.outward.logs.delivery import LogDelivery
from cachewright.agents.outward.logs.destinations import LogStream, Undeliverable
from cachewright.agents.outward.logs.files import LARGEST, LogFiles
from cachewright.agents.outward.logs.pages import LogPages
from cachewright.agents.planning.log_records import Record, SlowEntry
from cachewright.controlplane.model.cache import Cache, Key, Kind, Node
from cachewright.controlplane.model.drills import Unfit
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.log_delivery import DestinationType, LogConfiguration, LogFormat, LogType
from cachewright.controlplane.model.versions import Engine
from tests.executors import ByHand, Inline
from tests.house import House, house

SLOW = {
    "LogType": "slow-log",
    "DestinationType": "cloudwatch-logs",
    "DestinationDetails": {"CloudWatchLogsDetails": {"LogGroup": "/my/group"}},
    "LogFormat": "text",
}
ENGINE = {
    "LogType": "engine-log",
    "DestinationType": "kinesis-firehose",
    "DestinationDetails": {"KinesisFirehoseDetails": {"DeliveryStream": "stream"}},
    "LogFormat": "text",
}


@dataclass(slots=True)
class Shelf:
    """A destination that keeps everything, as long as it is well."""

    taken: dict[str, list[str]] = field(default_factory=dict)  # by stream
    refusal: str = ""

    def check(self, key: Key, configuration: LogConfiguration) -> None:
        if self.refusal:
            raise Undeliverable(self.refusal)

    def put(self, stream: LogStream, records: Sequence[Record]) -> None:
        if self.refusal:
            raise Undeliverable(self.refusal)
        self.taken.setdefault(stream.name, []).extend(record.text for record in records)


@dataclass(slots=True)
class Post:
    """A house, and whoever delivers its logs."""

    home: House
    shelf: Shelf = field(default_factory=Shelf)
    lane: Callable[[DestinationType], Executor] = lambda _: Inline()
    delivery: LogDelivery = field(init=False)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Another run, which knows only what was written down."""
        destinations = dict.fromkeys(DestinationType, self.shelf)
        parts = (self.home.store, self.home.tools, destinations, self.lane, Inline())
        self.delivery = LogDelivery(*parts, self.home.clock, self.home.clock.monotonic)
        self.delivery.ledger.begin()

    def turn(self, seconds: float = 10.0) -> None:
        """Some time later."""
        self.home.clock.moment += timedelta(seconds=seconds)
        with self.home.store.read() as transaction:
            for cache in transaction.caches.all():
                self.delivery.rested(cache)
        self.delivery.deliver()

    def cluster(self, *logs: Mapping[str, Any], **params: Any) -> None:
        self.home.cluster(LogDeliveryConfigurations=list(logs), **params)
        self.turn()

    def modify(self, *logs: Mapping[str, Any]) -> Mapping[str, Any]:
        asked = {"CacheClusterId": "one", "ApplyImmediately": True, "LogDeliveryConfigurations": list(logs)}
        answer: Mapping[str, Any] = self.home.call("ModifyCacheCluster", **asked)["CacheCluster"]
        self.home.settle()
        return answer

    def shown(self) -> Mapping[str, Any]:
        (found,) = self.home.call("DescribeCacheClusters", CacheClusterId="one")["CacheClusters"]
        return dict(found)

    def statuses(self) -> dict[str, str]:
        return {one["LogType"]: one["Status"] for one in self.shown()["LogDeliveryConfigurations"]}

    def slow(self, identifier: int, name: bytes = b"", node: str = "one.0001", age: float = 0.0) -> None:
        """A command was slow."""
        cache = self.home.cache(Kind.CACHE_CLUSTER, "one")
        process = self.home.machine.processes.at(cache.status.nodes[node].address.host)
        moment = int(self.home.clock.moment.timestamp() - age)
        process.slow.append(SlowEntry(identifier, moment, 10, (b"GET", b"k"), b"10.0.0.9:5", name))

    def say(self, text: bytes, node: str = "one.0001", age: float = 0.0) -> None:
        """An engine says a line."""
        moment = self.home.clock.moment - timedelta(seconds=age)
        self.home.machine.say(self.home.container(node), int(moment.timestamp() * 10**9), text)

    @property
    def slow_ids(self) -> list[str]:
        """Who sent what was delivered of the slow log."""
        return [line.rpartition(",")[2] for line in self.shelf.taken.get("elasticache/redis/one/0001/slow-log", [])]


@pytest.fixture
def post(tmp_path: Path) -> Post:
    return Post(house(tmp_path))


def line(text: str) -> bytes:
    return f"1:M 01 Jan 2026 00:00:00.000 * {text}".encode()


def test_a_log_is_enabled_and_then_active(post: Post) -> None:
    post.home.cluster(LogDeliveryConfigurations=[SLOW])
    shown = post.shown()
    assert shown["LogDeliveryConfigurations"] == [SLOW | {"Status": "enabling"}]
    assert shown["PendingModifiedValues"] == {"LogDeliveryConfigurations": [SLOW]}
    assert shown["CacheClusterStatus"] == "modifying"
    post.turn()
    shown = post.shown()
    assert shown["LogDeliveryConfigurations"] == [SLOW | {"Status": "active"}]
    assert (shown["PendingModifiedValues"], shown["CacheClusterStatus"]) == ({}, "available")


def test_it_is_modified_while_it_runs_and_disabled(post: Post) -> None:
    post.cluster(SLOW)
    containers = post.home.containers()
    answer = post.modify(SLOW | {"LogFormat": "json"}, ENGINE)
    assert [one["Status"] for one in answer["LogDeliveryConfigurations"]] == ["modifying", "enabling"]
    assert answer["CacheClusterStatus"] == "modifying"
    with pytest.raises(Fault, match="not in available state"):
        post.modify(SLOW)
    post.turn()
    assert post.statuses() == {"slow-log": "active", "engine-log": "active"}
    answer = post.modify({"LogType": "slow-log", "Enabled": False})
    assert [one["Status"] for one in answer["LogDeliveryConfigurations"]] == ["disabling", "active"]
    post.turn()
    assert post.statuses() == {"engine-log": "active"}
    assert post.home.containers() == containers


def test_the_same_again_changes_nothing(post: Post) -> None:
    post.cluster(SLOW)
    assert post.modify(SLOW)["LogDeliveryConfigurations"] == [SLOW | {"Status": "active"}]


def test_slow_commands_arrive_once_also_over_a_restart(post: Post) -> None:
    post.cluster(SLOW)
    post.slow(0, b"a")
    post.slow(1, b"b")
    post.turn()
    assert post.shelf.taken == {
        "elasticache/redis/one/0001/slow-log": [
            f"one,0001,{int(post.home.clock.moment.timestamp() - 10)},10,GET ... (1 more arguments),10.0.0.9:5,{name}"
            for name in "ab"
        ]
    }
    post.restart()
    post.slow(2, b"c")
    post.turn()
    post.turn()
    assert post.slow_ids == ["a", "b", "c"]


def test_what_was_slow_before_the_delivery_was_asked_for_is_not_delivered(post: Post) -> None:
    post.home.cluster()
    post.slow(0, b"before")
    post.home.clock.moment += timedelta(seconds=10)
    post.modify(SLOW)
    post.slow(1, b"after")
    post.turn()
    post.turn()
    assert post.slow_ids == ["after"]


def test_ids_of_another_process_count_anew(post: Post) -> None:
    post.cluster(SLOW)
    post.slow(7, b"first")
    post.turn()
    post.home.machine.restart(post.home.container("one.0001"))
    post.home.settle()
    post.slow(0, b"second")
    post.turn()
    post.slow(9, b"third")
    post.turn()
    assert post.slow_ids == ["first", "second", "third"]


def test_a_log_that_was_reset_goes_on(post: Post) -> None:
    post.cluster(SLOW)
    post.slow(7, b"first")
    post.turn()
    cache = post.home.cache(Kind.CACHE_CLUSTER, "one")
    post.home.machine.processes.at(cache.status.nodes["one.0001"].address.host).slow.clear()
    post.turn()
    post.slow(0, b"second")
    post.turn()
    assert post.slow_ids == ["first", "second"]


def test_a_node_that_was_away_tells_later(post: Post) -> None:
    post.cluster(SLOW)
    post.slow(0, b"a")
    post.home.machine.pause(post.home.container("one.0001"))
    post.turn()
    assert (post.slow_ids, post.statuses()) == ([], {"slow-log": "active"})
    post.home.machine.unpause(post.home.container("one.0001"))
    post.turn()
    assert post.slow_ids == ["a"]


def test_what_engines_say_arrives_once_but_for_what_is_no_line(post: Post) -> None:
    post.cluster(ENGINE)
    post.say(line("one"), age=5)
    post.say(b"   a banner", age=4)
    post.say(line("two"), age=3)
    post.turn()
    post.restart()
    post.turn()
    post.say(line("three"))
    post.turn()
    (stream,) = post.shelf.taken
    assert stream == "elasticache/redis/one/0001/engine-log"
    told = [text.rpartition(" * ")[2] for text in post.shelf.taken[stream]]
    assert told == ["one", "two", "three"]
    assert post.shelf.taken[stream][0] == "one/0001:M 01 Jan 2026 00:00:00.000 UTC * one"


def test_a_destination_that_refuses_is_told_and_tried_again(post: Post) -> None:
    post.shelf.refusal = "The log group /my/group does not exist."
    post.cluster(SLOW)
    (shown,) = post.shown()["LogDeliveryConfigurations"]
    assert (shown["Status"], shown["Message"]) == ("error", post.shelf.refusal)
    assert post.shown()["CacheClusterStatus"] == "available"
    post.slow(0, b"a")
    post.turn()
    post.shelf.refusal = ""
    post.turn(seconds=60)
    assert post.statuses() == {"slow-log": "active"}
    post.turn()
    assert post.slow_ids == ["a"]
    assert [text for text in post.home.messages() if "slow-log" in text] == [
        "one: Cachewright cannot deliver the slow-log: The log group /my/group does not exist.",
        "one: Cachewright delivers the slow-log again.",
    ]


def test_a_destination_that_fails_later_loses_nothing(post: Post) -> None:
    post.cluster(SLOW)
    post.shelf.refusal = "away"
    post.slow(0, b"a")
    post.turn()
    assert post.statuses() == {"slow-log": "error"}
    post.slow(1, b"b")
    post.shelf.refusal = ""
    post.turn(seconds=60)
    post.turn()
    assert post.slow_ids == ["a", "b"]


def test_a_destination_that_hangs_keeps_no_other_waiting(post: Post) -> None:
    hanging = ByHand()
    post.lane = lambda kind: hanging if kind is DestinationType.CLOUDWATCH_LOGS else Inline()
    post.restart()
    post.cluster(SLOW, ENGINE)
    for _ in range(5):
        post.turn()
    assert len(hanging.left) == 1
    assert post.statuses() == {"slow-log": "enabling", "engine-log": "active"}
    post.say(line("hello"))
    post.turn()
    assert len(post.shelf.taken["elasticache/redis/one/0001/engine-log"]) == 1


def test_every_member_of_a_group_has_a_stream(post: Post) -> None:
    post.home.group("rg", 2, LogDeliveryConfigurations=[ENGINE])
    post.turn()
    (group,) = post.home.call("DescribeReplicationGroups")["ReplicationGroups"]
    assert group["LogDeliveryConfigurations"] == [ENGINE | {"Status": "active"}]
    for member in post.home.call("DescribeCacheClusters")["CacheClusters"]:
        assert member["ReplicationGroupLogDeliveryEnabled"]
        assert member["LogDeliveryConfigurations"] == []
    post.say(line("hello"), "rg-001.0001")
    post.say(line("hello"), "rg-002.0001")
    post.turn()
    assert set(post.shelf.taken) == {f"elasticache/redis/rg-00{n}/0001/engine-log" for n in (1, 2)}


def test_nothing_is_left_of_a_cache_that_is_deleted(post: Post) -> None:
    post.cluster(SLOW)
    post.slow(0)
    post.turn()
    post.home.call("DeleteCacheCluster", CacheClusterId="one")
    post.home.settle()
    post.turn()
    with post.home.store.read() as transaction:
        assert transaction.log_deliveries.incarnations() == frozenset()
    assert not post.delivery.ledger.followed


def test_what_a_cache_that_went_meanwhile_has_left_is_forgotten_at_the_next_start(post: Post) -> None:
    post.cluster(SLOW)
    post.home.call("DeleteCacheCluster", CacheClusterId="one")
    post.home.settle()
    post.restart()
    with post.home.store.read() as transaction:
        assert transaction.log_deliveries.incarnations() == frozenset()


def test_where_no_log_is_delivered_nothing_is_followed(post: Post) -> None:
    post.cluster()
    assert not post.delivery.ledger.followed


STREAM = LogStream(
    Key("0" * 12, "us-east-1", Kind.CACHE_CLUSTER, "one"),
    Engine.REDIS,
    Node("one", "0001", "us-east-1a"),
    LogConfiguration(LogType.SLOW, DestinationType.FIREHOSE, "../..", LogFormat.TEXT, datetime(2026, 1, 1, tzinfo=UTC)),
)


def test_files_are_bounded_and_no_name_is_a_path(tmp_path: Path) -> None:
    files = LogFiles(tmp_path / "logs")
    path = tmp_path / "logs" / "000000000000" / "us-east-1" / "elasticache" / "redis" / "one" / "0001" / "slow-log.log"
    files.put(STREAM, [Record(0, "a"), Record(1, "b")])
    assert path.read_bytes() == b"a\nb\n"
    for _ in range(3):
        files.put(STREAM, [Record(2, "x" * (LARGEST // 2 + 1))])
    assert sorted(each.name for each in path.parent.iterdir()) == ["slow-log.log", "slow-log.log.1"]
    assert path.stat().st_size <= LARGEST
    strange = replace(STREAM, node=Node("../..", "0001", "us-east-1a"))
    with pytest.raises(AssertionError):
        files.put(strange, [Record(0, "a")])


def test_a_disk_that_takes_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file in its place")
    with pytest.raises(Undeliverable, match="Cannot write to"):
        LogFiles(tmp_path / "logs").put(STREAM, [Record(0, "a")])


def pages(post: Post, kind: Kind, name: str) -> LogPages:
    def find(_target: str, _account: str) -> Cache:
        return post.home.cache(kind, name)

    return LogPages(find, post.home.tools)


def test_a_person_reads_logs_that_are_delivered_nowhere(post: Post) -> None:
    post.cluster()
    reader = pages(post, Kind.CACHE_CLUSTER, "one")
    assert reader.page("one", "", LogType.SLOW, {}).lines == ()
    post.slow(0, b"a")
    post.say(line("one"))
    post.say(b"a banner")
    page = reader.page("one", "", LogType.ENGINE, {})
    assert page.lines == ("one/0001:M 01 Jan 2026 00:00:00.000 UTC * one", "one/0001: a banner")
    post.home.clock.moment += timedelta(seconds=1)
    post.say(line("two"))
    after = {one.node: one.position for one in page.positions}
    assert [text[-3:] for text in reader.page("one", "", LogType.ENGINE, after).lines] == ["two"]
    page = reader.page("one", "", LogType.SLOW, {})
    assert [text.rpartition(",")[2] for text in page.lines] == ["a"]
    after = {one.node: one.position for one in page.positions}
    assert reader.page("one", "", LogType.SLOW, after).lines == ()


def test_a_member_is_read_by_its_name_and_a_silent_one_is_told(post: Post) -> None:
    post.home.group("rg", 2)
    for number in (1, 2):
        post.say(line(str(number)), f"rg-00{number}.0001")
    reader = pages(post, Kind.REPLICATION_GROUP, "rg")
    assert [text[:11] for text in reader.page("RG-002", "", LogType.ENGINE, {}).lines] == ["rg-002/0001"]
    assert len(reader.page("rg", "", LogType.ENGINE, {}).lines) == 2
    post.home.machine.remove(post.home.container("rg-001.0001"))
    page = reader.page("rg", "", LogType.ENGINE, {})
    assert (len(page.lines), len(page.silent)) == (1, 1)


def test_memcached_has_no_slow_log(post: Post) -> None:
    post.home.cluster(Engine="memcached")
    with pytest.raises(Unfit, match="Memcached has none"):
        pages(post, Kind.CACHE_CLUSTER, "one").page("one", "", LogType.SLOW, {})


@pytest.mark.parametrize("ahead", [True, False])
def test_what_a_container_said_before_it_served_its_cache_is_shown_of_its_own_only(post: Post, ahead: bool) -> None:
    post.cluster()
    cache = post.home.cache(Kind.CACHE_CLUSTER, "one")
    created = post.home.clock.moment + timedelta(seconds=1)  # of the node: its cache was there before
    known, name = cache.status.nodes["one.0001"], "ahead" if ahead else ""
    nodes = {"one.0001": replace(known, ahead=name, created_at=created)}
    cache = replace(cache, status=replace(cache.status, nodes=nodes))
    reader = LogPages(lambda _target, _account: cache, post.home.tools)
    post.say(b"before")
    before = () if ahead else ("one/0001: before",)
    page = reader.page("one", "", LogType.ENGINE, {})
    assert page.lines == before
    after = {one.node: one.position for one in page.positions}
    assert reader.page("one", "", LogType.ENGINE, after).lines == ()
    post.home.clock.moment = created + timedelta(seconds=1)
    post.say(b"after")
    assert reader.page("one", "", LogType.ENGINE, {}).lines == (*before, "one/0001: after")
