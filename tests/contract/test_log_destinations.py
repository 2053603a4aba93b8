"""CloudWatch Logs and Firehose, held by moto's server; and what becomes of those that cannot be used."""

import socket
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from cachewright.agents.outward.logs.cloudwatch import CloudWatchLogs
from cachewright.agents.outward.logs.destinations import Destination, LogStream, Undeliverable
from cachewright.agents.outward.logs.firehose import Firehose
from cachewright.agents.planning.log_records import Record
from cachewright.controlplane.model.cache import Key, Kind, Node
from cachewright.controlplane.model.log_delivery import DestinationType, LogConfiguration, LogFormat, LogType
from cachewright.controlplane.model.versions import Engine
from tests.contract.cloud import REGION, client, credentials, url
from tests.e2e.plane import free_port

__all__ = ["credentials", "url"]  # fixtures

KEY = Key("0" * 12, REGION, Kind.REPLICATION_GROUP, "rg")
NOW = int(datetime.now(UTC).timestamp() * 1000)
KINDS = (CloudWatchLogs, Firehose)


def stream(name: str, kind: DestinationType = DestinationType.CLOUDWATCH_LOGS) -> LogStream:
    configuration = LogConfiguration(LogType.SLOW, kind, name, LogFormat.TEXT, datetime(2026, 1, 1, tzinfo=UTC))
    return LogStream(KEY, Engine.VALKEY, Node("rg-001", "0001", "us-east-1a"), configuration)


def test_cloudwatch_takes_records_into_a_stream_that_is_made(url: str) -> None:
    logs = client("logs", url)
    logs.create_log_group(logGroupName="/my/group")
    logs.create_log_group(logGroupName="/my/group-of-another")
    cloudwatch, mine = CloudWatchLogs(url), stream("/my/group")
    cloudwatch.check(KEY, mine.configuration)
    cloudwatch.put(mine, [Record(NOW + 1, "second"), Record(NOW, "first")])
    cloudwatch.put(mine, [Record(NOW + 2, "third \u20ac")])
    (made,) = logs.describe_log_streams(logGroupName="/my/group")["logStreams"]
    assert made["logStreamName"] == "elasticache/valkey/rg-001/0001/slow-log"
    events = logs.get_log_events(logGroupName="/my/group", logStreamName=made["logStreamName"])["events"]
    assert [one["message"] for one in events] == ["first", "second", "third \u20ac"]
    assert [one["timestamp"] for one in events] == [NOW, NOW + 1, NOW + 2]


def test_a_log_group_has_to_be_there(url: str) -> None:
    client("logs", url).create_log_group(logGroupName="absent-but-for-the-end")
    with pytest.raises(Undeliverable, match="The log group absent does not exist"):
        CloudWatchLogs(url).check(KEY, stream("absent").configuration)
    with pytest.raises(Undeliverable, match="log group absent"):
        CloudWatchLogs(url).put(stream("absent"), [Record(NOW, "x")])


def test_firehose_takes_a_line_for_each_record(url: str) -> None:
    bucket, name = "logs-of-caches", "stream"
    client("s3", url).create_bucket(Bucket=bucket)
    destination = {"RoleARN": "arn:aws:iam::000000000000:role/r", "BucketARN": f"arn:aws:s3:::{bucket}"}
    client("firehose", url).create_delivery_stream(
        DeliveryStreamName=name, ExtendedS3DestinationConfiguration=destination
    )
    firehose, mine = Firehose(url), stream(name, DestinationType.FIREHOSE)
    firehose.check(KEY, mine.configuration)
    firehose.put(mine, [Record(NOW, "a"), Record(NOW, "b")])
    (found,) = client("s3", url).list_objects_v2(Bucket=bucket)["Contents"]
    assert client("s3", url).get_object(Bucket=bucket, Key=found["Key"])["Body"].read() == b"a\nb\n"


def test_a_delivery_stream_has_to_be_there(url: str) -> None:
    with pytest.raises(Undeliverable, match="delivery stream absent"):
        Firehose(url).check(KEY, stream("absent").configuration)


class Garbage(BaseHTTPRequestHandler):
    """A web server that is no service of AWS's."""

    def do_POST(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>hello</html>")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def refused(destination: Destination) -> None:
    with pytest.raises(Undeliverable, match="does not answer as it should"):
        destination.check(KEY, stream("mine").configuration)
    with pytest.raises(Undeliverable, match="does not answer as it should"):
        destination.put(stream("mine"), [Record(NOW, "x")])


@pytest.mark.parametrize("kind", KINDS)
def test_garbage_is_no_answer(kind: type[CloudWatchLogs | Firehose]) -> None:
    server = HTTPServer(("127.0.0.1", 0), Garbage)
    Thread(target=server.serve_forever, daemon=True).start()
    refused(kind(f"http://127.0.0.1:{server.server_port}"))
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_is_no_answer(kind: type[CloudWatchLogs | Firehose]) -> None:
    refused(kind(f"http://127.0.0.1:{free_port()}"))


def test_an_endpoint_that_hangs_is_given_up() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        pytest.raises(Undeliverable, match="does not answer as it should"),
    ):
        CloudWatchLogs(f"http://127.0.0.1:{listening.getsockname()[1]}").check(KEY, stream("x").configuration)
