"""Metrics in Prometheus's format, over HTTP."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from http.client import HTTPConnection
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families as parsed

from cachewright.controlplane.api.counting import CountedRequests
from cachewright.controlplane.app import application
from cachewright.controlplane.console.metrics import metrics_routes
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.hosts import HostSeen
from cachewright.controlplane.model.metrics.durations import Durations
from cachewright.controlplane.model.metrics.own import LoopFigures, Seen, SenderFigures, Source
from cachewright.controlplane.model.metrics.samples import Collected, Place, Sample
from cachewright.controlplane.model.versions import Engine
from cachewright.controlplane.store.failures import Unusable
from cachewright.controlplane.wire.gate import Gate, Guarded, Open
from tests.api.test_protocol import served
from tests.api.test_signed import KEYS, READER, WRITER, dispatch
from tests.house import Anybody

Labels = tuple[tuple[str, str], ...]

PLACE = Place("123456789012", "eu-west-1", 'rg-"001"', "0001", "rg", "0001", "primary")
SEEN = Seen(
    Collected(
        (
            Sample(
                PLACE,
                Engine.VALKEY,
                {"keyspace_hits": 7.0, "used_memory": 9.0},
                {"host_cpu_seconds": 1.0, "host_processor_seconds": 4.0},
            ),
            Sample(Place("1", "eu-west-1", "mc", "0002", "", "", ""), Engine.MEMCACHED, {"curr_items": 3.0}),
        ),
        silent=2,
        phases={"available": 2, "creating": 1},
    ),
    LoopFigures({("cache-cluster", "rests"): Durations().observed(0.004)}, due=5),
    {("DescribeCacheClusters", ""): Durations().observed(0.02), ("CreateUser", "UserAlreadyExistsFault"): Durations()},
    SenderFigures(puts=3, failures=1, reason="no"),
    (
        HostSeen(
            "h1", "a", "10.0.0.1", "tcp://10.0.0.1:2376", 8 << 30, 3 << 30, 3, draining=False, silent="", known=True
        ),
        HostSeen("h2", "b", "10.0.0.2", "tcp://10.0.0.2:2376", 0, 0, 0, draining=True, silent="no route", known=True),
    ),
)


def asked(source: Source, gate: Gate = Open("us-east-1"), **headers: str) -> tuple[int, dict[str, str], str]:  # noqa: B008 - a value
    """Status, headers and body of one scrape."""
    app = application(dispatch, gate, routers=lambda: [metrics_routes(source)])
    with served(app) as port, closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request(
            "GET", "/metrics", headers={name.replace("_", "-"): value for name, value in headers.items()}
        )
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()


@pytest.fixture(scope="module")
def samples() -> dict[tuple[str, Labels], float]:
    """Everything that is told, by name and labels."""
    status, headers, body = asked(lambda: SEEN)
    assert (status, headers["content-type"].split(";")[0]) == (200, "text/plain")
    return {
        (one.name, tuple(sorted(one.labels.items()))): one.value for family in parsed(body) for one in family.samples
    }


def valued(samples: dict[tuple[str, Labels], float], name: str, **labels: str) -> float:
    """The only sample of a name that has these labels."""
    (value,) = [
        value for (found, told), value in samples.items() if found == name and labels.items() <= dict(told).items()
    ]
    return value


def test_metrics_have_cloudwatchs_names_and_labels_of_their_place(samples: dict[tuple[str, Labels], float]) -> None:
    labels = {
        "account": "123456789012",
        "region": "eu-west-1",
        "cluster": 'rg-"001"',
        "node": "0001",
        "group": "rg",
        "shard": "0001",
        "role": "primary",
    }
    assert samples["elasticache_BytesUsedForCache", tuple(sorted(labels.items()))] == 9
    assert valued(samples, "elasticache_CurrItems", cluster="mc", group="", role="") == 3


def test_what_is_counted_is_a_counter_and_what_is_of_a_minute_is_not(samples: dict[tuple[str, Labels], float]) -> None:
    assert valued(samples, "elasticache_CacheHits_total", group="rg") == 7
    assert valued(samples, "elasticache_CPUUtilization", group="rg") == 25


def test_the_control_plane_tells_of_itself(samples: dict[tuple[str, Labels], float]) -> None:
    assert valued(samples, "cachewright_caches", phase="available") == 2
    assert valued(samples, "cachewright_nodes_silent") == 2
    assert valued(samples, "cachewright_reconcile_queue") == 5
    assert valued(samples, "cachewright_reconcile_seconds_count", kind="cache-cluster", result="rests") == 1
    assert valued(samples, "cachewright_api_seconds_bucket", operation="DescribeCacheClusters", le="0.025") == 1
    assert valued(samples, "cachewright_api_seconds_sum", operation="DescribeCacheClusters", error="") == 0.02
    assert valued(samples, "cachewright_cloudwatch_failures_total") == 1
    assert valued(samples, "process_cpu_seconds_total") > 0


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [("up", 1, 0), ("draining", 0, 1), ("nodes", 3, 0), ("memory_promised_bytes", 3 << 30, 0)],
)
def test_every_host_is_told_with_its_zone(
    samples: dict[tuple[str, Labels], float], name: str, first: float, second: float
) -> None:
    assert valued(samples, f"cachewright_host_{name}", host="h1", zone="a") == first
    assert valued(samples, f"cachewright_host_{name}", host="h2", zone="b") == second


def test_the_memory_of_a_host_is_told_where_it_has_a_limit(samples: dict[tuple[str, Labels], float]) -> None:
    of_hosts = {labels: value for (name, labels), value in samples.items() if name == "cachewright_host_memory_bytes"}
    assert of_hosts == {(("host", "h1"), ("zone", "a")): 8 << 30}


def test_without_hosts_nothing_is_told_of_any() -> None:
    _, _, body = asked(Seen)
    assert "cachewright_host" not in body


def test_a_scraper_may_have_openmetrics() -> None:
    _, headers, body = asked(lambda: SEEN, accept="application/openmetrics-text; version=1.0.0")
    assert headers["content-type"].startswith("application/openmetrics-text")
    assert "# TYPE elasticache_CacheHits counter" in body
    assert body.endswith("# EOF\n")


def test_without_a_cloudwatch_nothing_is_told_of_it() -> None:
    _, _, body = asked(Seen)
    assert "cloudwatch" not in body


def test_a_database_that_cannot_be_read_is_told() -> None:
    def away() -> Seen:
        raise Unusable("cannot read the database: it is locked")

    status, _, body = asked(away)
    assert (status, "it is locked" in body) == (503, True)


def test_no_page_of_somebody_else_reads_metrics() -> None:
    status, _, body = asked(lambda: SEEN, origin="http://evil.example")
    assert (status, "elasticache_" in body) == (403, False)


@pytest.mark.parametrize(
    ("shown", "status"),
    [
        ({"authorization": f"Bearer {READER.metrics_token}"}, 200),
        ({"authorization": f"Bearer {WRITER.metrics_token}"}, 200),
        ({"authorization": f"Bearer {WRITER.secret}"}, 403),
        ({}, 403),
    ],
)
def test_where_keys_are_wanted_a_scraper_shows_the_token_of_one(shown: dict[str, str], status: int) -> None:
    gate = Guarded(KEYS, lambda: datetime.now(UTC))
    assert asked(lambda: SEEN, gate, **shown)[0] == status


def test_requests_are_counted_by_operation_and_error() -> None:
    moments: Iterator[float] = iter([0.0, 0.5, 1.0, 1.25, 2.0, 4.0])

    def answer(operation: str, params: Any, _: Any) -> dict[str, Any]:
        if params:
            raise params["error"]
        return {}

    counted = CountedRequests(answer, lambda: next(moments))
    assert counted("DescribeUsers", {}, Anybody()) == {}
    for error in (Fault("UserNotFoundFault", "no"), RuntimeError("a bug")):
        with pytest.raises(type(error)):
            counted("DescribeUsers", {"error": error}, Anybody())
    seconds = {error: durations.seconds for (_, error), durations in counted.requests.items()}
    assert seconds == {"": 0.5, "UserNotFoundFault": 0.25, "InternalFailure": 2.0}
