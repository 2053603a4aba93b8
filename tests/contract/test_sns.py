"""Topics that moto's server has, and those that it has not."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from cachewright.agents.outward.publishers import Refused
from cachewright.agents.outward.sns import Sns
from cachewright.controlplane.model.notifications import Notice, Notification, Topic
from tests.moto import CREDENTIALS, moto

ACCOUNT, REGION = "123456789012", "us-east-1"  # moto's account


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with moto() as url:
        yield url


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


def client(service: str, url: str) -> Any:
    keys = {name.lower(): value for name, value in CREDENTIALS.items()}
    return boto3.client(service, endpoint_url=url, region_name=REGION, **keys)


def notice(arn: str) -> Notice:
    topic = Topic(ACCOUNT, REGION, arn)
    return Notice(1, topic, Notification.SNAPSHOT_TAKEN, "shop-001", datetime(2026, 1, 1, tzinfo=UTC))


def test_who_subscribes_to_the_topic_gets_the_message(url: str) -> None:
    sns, sqs = client("sns", url), client("sqs", url)
    arn = sns.create_topic(Name="alerts")["TopicArn"]
    queue = sqs.create_queue(QueueName="inbox")["QueueUrl"]
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:{ACCOUNT}:inbox")
    Sns(url).publish(notice(arn))
    (received,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    assert json.loads(received["Body"])["Message"] == '{"ElastiCache:SnapshotComplete": "shop-001"}'


def test_a_topic_that_is_not_there_refuses(url: str) -> None:
    with pytest.raises(Refused, match="does not exist"):
        Sns(url).publish(notice(f"arn:aws:sns:{REGION}:{ACCOUNT}:absent"))
