"""Topics that moto's server has, and those that it has not."""

import json
from datetime import UTC, datetime

import pytest

from cachewright.agents.outward.publishers import Refused
from cachewright.agents.outward.sns import Sns
from cachewright.controlplane.model.notifications import Notice, Notification, Topic
from tests.contract.cloud import REGION, client, credentials, url

__all__ = ["credentials", "url"]  # fixtures

ACCOUNT = "123456789012"  # moto's


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
