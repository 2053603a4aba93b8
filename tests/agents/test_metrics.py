"""Figures of nodes on the pretend machine: who is asked, who is left out, and what a CloudWatch is put."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from cachewright.agents.outward.metrics.cloudwatch import CONFIG, CloudWatch
from cachewright.agents.outward.metrics.collector import FRESH, Collector
from cachewright.controlplane.console.prometheus import exposition
from cachewright.controlplane.model.cache import Kind
from cachewright.controlplane.model.metrics.own import Seen
from cachewright.controlplane.model.metrics.samples import Collected, Sample
from cachewright.controlplane.model.metrics.table import METRICS, derived
from cachewright.controlplane.model.versions import Engine
from tests.agents.test_global_datastores import pair
from tests.agents.test_slow_regions import slow
from tests.house import House, house
from tests.moto import CREDENTIALS, moto

GLOBAL_LAG = "GlobalDatastoreReplicationLag"  # of secondaries of global datastores alone


@dataclass(slots=True)
class Seconds:
    """A clock that is put forward by hand."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass(slots=True)
class Watch:
    """A house whose nodes are looked at."""

    home: House
    clock: Seconds = field(default_factory=Seconds)
    collector: Collector = field(init=False)

    def __post_init__(self) -> None:
        backend = self.home.backend
        self.collector = Collector(self.home.store, backend.drivers, backend.runtime, "test", self.clock)

    def look(self, later: float = FRESH) -> Collected:
        self.clock.now += later
        return self.collector.collect()

    def of(self, collected: Collected, cluster: str) -> Sample:
        return next(sample for sample in collected.samples if sample.place.cluster == cluster)


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    made = Watch(house(tmp_path))
    yield made
    made.collector.close()


def test_every_node_tells_everything_that_its_engine_has(watch: Watch) -> None:
    watch.home.group("rg", nodes=2)
    watch.home.cluster("mc", Engine="memcached", NumCacheNodes=2)
    watch.look()
    seen = watch.look(60.0)
    assert [(one.place.cluster, one.place.node) for one in seen.samples] == [
        ("mc", "0001"),
        ("mc", "0002"),
        ("rg-001", "0001"),
        ("rg-002", "0001"),
    ]
    told: dict[str, set[str]] = {}
    for sample in seen.samples:
        values = ((row, row.counted(sample.figures, sample.minute)) for row in derived(sample.engine))
        told.setdefault(sample.engine, set()).update(row.name for row, value in values if value is not None)
    assert told[Engine.MEMCACHED] == {row.name for row in derived(Engine.MEMCACHED)}
    missing = {row.name for row in derived(Engine.REDIS)} - told[Engine.REDIS] - {GLOBAL_LAG}
    assert all(name.endswith("Latency") for name in missing), "a latency is that of commands that were called"


def test_a_rate_is_that_of_the_last_minute(watch: Watch) -> None:
    watch.home.cluster("one")
    watch.look()
    for _ in range(8):
        seen = watch.look(10.0)
    counted = watch.of(seen, "one").minute
    assert (counted["keyspace_hits"], counted["seconds"]) == (6.0, 60.0)


def test_whoever_asks_at_once_again_is_told_the_same(watch: Watch) -> None:
    watch.home.cluster("one")
    assert watch.look() is watch.look(FRESH / 2)
    assert watch.look() is not watch.look(FRESH)


def test_roles_are_told_as_they_are_and_a_minute_outlives_a_failover(watch: Watch) -> None:
    watch.home.group("rg", nodes=2)
    before = watch.look()
    assert [one.place.role for one in before.samples] == ["primary", "replica"]
    assert watch.of(before, "rg-002").figures["role"] == 0
    watch.home.call("TestFailover", ReplicationGroupId="rg", NodeGroupId="0001")
    watch.home.settle()
    after = watch.of(watch.look(60.0), "rg-002")
    assert (after.place.role, after.figures["role"]) == ("primary", 1)
    assert after.minute["keyspace_hits"] > 0


def test_who_does_not_answer_is_left_out_and_counted(watch: Watch) -> None:
    cache = watch.home.group("rg", nodes=3)
    address = cache.status.nodes["rg-002.0001"].address.host
    watch.home.machine.processes.at(address).busy = True
    seen = watch.look()
    assert ([one.place.cluster for one in seen.samples], seen.silent) == (["rg-001", "rg-003"], 1)


def test_caches_that_come_or_go_have_nobody_who_could_be_silent(watch: Watch) -> None:
    watch.home.call(
        "CreateCacheCluster", CacheClusterId="new", Engine="redis", CacheNodeType="cache.t3.micro", NumCacheNodes=1
    )
    seen = watch.look()
    assert (seen.samples, seen.silent, dict(seen.phases)) == ((), 0, {"creating": 1})
    watch.home.settle()
    watch.home.call("DeleteCacheCluster", CacheClusterId="new")
    seen = watch.look()
    assert (seen.samples, seen.silent, dict(seen.phases)) == ((), 0, {"deleting": 1})


def test_a_container_engine_that_is_away_leaves_the_engines_own_figures(watch: Watch) -> None:
    watch.home.cluster("one")
    watch.home.machine.away = True
    figures = watch.of(watch.look(), "one").figures
    assert "used_memory" in figures
    assert not [name for name in figures if name.startswith("host_")]


def told(watch: Watch, later: float = 60.0) -> set[str]:
    """The names that a scrape is told."""
    body, _ = exposition(Seen(watch.look(later)), "")
    return {line.split("{")[0] for line in body.decode().splitlines() if line.startswith("elasticache_")}


def test_a_scrape_has_every_metric_that_is_derived_and_no_other(watch: Watch) -> None:
    watch.home.group("rg", nodes=2)
    watch.home.cluster("mc", Engine="memcached", NumCacheNodes=1)
    watch.look()
    names = {name.removeprefix("elasticache_").removesuffix("_total") for name in told(watch)}
    every = {row.name for row in METRICS if row.term}
    assert names <= every
    assert all(name.endswith("Latency") for name in every - names - {GLOBAL_LAG})


def test_only_the_primary_of_a_secondary_region_tells_how_far_it_lags_behind_the_other_one(tmp_path: Path) -> None:
    watch = Watch(pair(tmp_path))
    (lag,) = (row for row in METRICS if row.name == GLOBAL_LAG)

    def seen() -> dict[str, float | None]:
        return {one.place.cluster: lag.value(one.figures) for one in watch.look().samples}

    assert seen() == {"away-001": 0, "away-002": None, "home-001": None, "home-002": None}
    slow(watch.home, 80)
    assert seen()["away-001"] == 0.08
    slow(watch.home, 0)
    assert seen()["away-001"] == 0
    for node in ("home-001.0001", "home-002.0001"):
        watch.home.machine.kill(watch.home.container(node))
    assert (first := seen()["away-001"])
    assert (second := seen()["away-001"])
    assert second > first, "it has received nothing for longer"
    watch.collector.close()


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


def cloudwatch(watch: Watch, endpoint: str) -> CloudWatch:
    now = datetime.now(UTC)  # one moment, which is of one hour
    return CloudWatch(endpoint, watch.collector.collect, lambda: now, CONFIG.merge(PATIENCE))


def test_a_cloudwatch_is_put_what_came_in_each_minute(watch: Watch, credentials: None) -> None:
    watch.home.group("rg", nodes=2)
    with moto() as url:
        client = boto3.client("cloudwatch", endpoint_url=url, region_name="us-east-1")
        client.list_metrics()  # with which moto loads the service: a sender does not wait for so long
        sender = cloudwatch(watch, url)
        sender.send()
        watch.clock.now += 60.0
        sender.send()
        assert (sender.figures.failures, sender.figures.reason) == (0, "")
        node = {"CacheClusterId": "rg-001", "CacheNodeId": "0001"}
        assert read(client, "CacheHits", "Sum", node) == [1.0]
        assert read(client, "CacheHitRate", "Average", {"CacheClusterId": "rg-002"}) == [50.0]
        assert read(client, "IsMaster", "Maximum", node) == [1.0]
        assert read(client, "EngineCPUUtilization", "Average", {"ReplicationGroupId": "rg", "Role": "Primary"})
        assert read(client, "CacheHits", "Sum", {"CacheClusterId": "nobody"}) == []


def read(client: Any, name: str, statistic: str, dimensions: dict[str, str]) -> list[float]:
    """What GetMetricData has of a metric in the last hour."""
    named = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    metric = {"Namespace": "AWS/ElastiCache", "MetricName": name, "Dimensions": named}
    query = {"Id": "one", "MetricStat": {"Metric": metric, "Period": 3600, "Stat": statistic}}
    now = datetime.now(UTC)
    span = {"StartTime": now - timedelta(hours=1), "EndTime": now + timedelta(hours=1)}
    (found,) = client.get_metric_data(MetricDataQueries=[query], **span)["MetricDataResults"]
    return list(found["Values"])


@contextmanager
def answering(answer: bytes | None, asked: threading.Event | None = None) -> Iterator[str]:
    """The URL of whoever takes connections, and answers so; None: never."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=_serve, args=[door, answer, asked or threading.Event()])
        thread.start()
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
        door.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def _serve(door: socket.socket, answer: bytes | None, asked: threading.Event) -> None:
    with ExitStack() as kept:
        while True:
            try:
                connection, _ = door.accept()
            except OSError:
                return
            kept.enter_context(closing(connection))
            connection.recv(1 << 20)
            asked.set()
            if answer is not None:
                connection.sendall(answer)
                connection.close()


REFUSING = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
GARBAGE = b"\x00\xffgarbage\r\n\r\n"
PATIENCE = Config(read_timeout=0.5)


@pytest.mark.parametrize("answer", [REFUSING, GARBAGE], ids=["refuses", "garbage"])
def test_a_cloudwatch_that_takes_nothing_is_told(watch: Watch, credentials: None, answer: bytes) -> None:
    watch.home.cluster("one")
    with answering(answer) as url:
        sender = cloudwatch(watch, url)
        sender.send()
    assert sender.figures.failures == 1
    assert sender.figures.reason.startswith("cannot put metrics of us-east-1: ")


def test_a_cloudwatch_that_hangs_holds_up_nobody_and_is_given_up(watch: Watch, credentials: None) -> None:
    watch.home.cluster("one")
    asked = threading.Event()
    with answering(None, asked) as url:
        sender = cloudwatch(watch, url)
        sending = threading.Thread(target=sender.send)
        sending.start()
        assert asked.wait(10)
        assert watch.look().samples
        assert sending.is_alive()
        sending.join(10)
    assert "timeout" in sender.figures.reason.lower()


def test_a_cloudwatch_that_is_away_is_found_again(watch: Watch, credentials: None) -> None:
    watch.home.cluster("one")
    with socket.create_server(("127.0.0.1", 0)) as door:
        url = f"http://127.0.0.1:{door.getsockname()[1]}"
    sender = cloudwatch(watch, url)
    sender.send()
    assert sender.figures.reason
    with answering(REFUSING.replace(b"400 Bad Request", b"200 OK")) as there:
        again = cloudwatch(watch, there)
        again.figures = sender.figures
        again.send()
    assert (again.figures.reason, again.figures.puts, again.figures.failures) == ("", 1, 1)


def test_without_credentials_the_reason_is_told(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in CREDENTIALS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    watch.home.cluster("one")
    sender = cloudwatch(watch, "http://127.0.0.1:1")
    sender.send()
    assert "credentials" in sender.figures.reason


def test_a_node_that_comes_again_counts_from_nothing(watch: Watch) -> None:
    watch.home.cluster("one")
    for _ in range(5):
        watch.look(60.0)
    watch.home.call("RebootCacheCluster", CacheClusterId="one", CacheNodeIdsToReboot=["0001"])
    watch.home.settle()
    assert watch.home.cache(Kind.CACHE_CLUSTER, "one").status.nodes["one.0001"].reboots == 1
    assert watch.of(watch.look(10.0), "one").minute["keyspace_hits"] == 1
